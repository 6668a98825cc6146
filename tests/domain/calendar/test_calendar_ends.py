"""A year without a calendar: nothing is lost, nothing is guessed, and what is set stays set."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.calendar import commands
from server.calendar.working import WorkingCalendar
from server.cases.clocks import timing
from server.cases.intake import reporting, screening
from server.cases.models.case import Case, Step
from server.cases.work import requests
from server.clock import now
from server.settings import Settings
from tests.casework import ROAD_DAMAGE, new_report, rows_of
from tests.domain.acts.work import answer, ask, pause_until


def without(work, days: int = 0):
    """What the county knows, with a calendar that ends so many days from now."""
    settings = Settings.read()
    last = now().astimezone(settings.zone).date() + timedelta(days=days)
    known = work.basis.calendar
    held = {day: known.day(day) for day in (last - timedelta(days=n) for n in range(200))}
    return replace(work.basis, calendar=WorkingCalendar(held, settings.work_spans, settings.zone))


async def taken_on(work, basis) -> Case:
    by = await work.actor("resident1")
    new = new_report(matter=ROAD_DAMAGE, photos=(await work.photo("resident1"),))
    taken = await reporting.report(new, by=by, at=now(), basis=basis)
    assert taken.created
    return await Case.get(no=taken.body["no"])


@pytest.mark.parametrize("days", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (-1, 3))])
async def test_a_report_is_taken_on_and_waits_for_the_calendar(work, days):
    case = await taken_on(work, without(work, days))
    assert (case.stage, case.waits_for) == ("filed", ["calendar"])
    assert (case.owner_role, case.due_at) == ("dispatcher", None)
    assert case.stage_due_at is not None
    assert case.wake_at == case.stage_due_at


async def test_the_clock_sends_it_on_as_soon_as_the_year_is_there(work):
    basis = without(work)
    case = await taken_on(work, basis)
    assert await work.until(case.wake_at, basis) == {"dispatch_late": 1}
    told = await Case.get(id=case.id)
    assert told.stage == "filed"
    assert await work.until(told.wake_at) == {"dispatch_late": 1}
    sent = await Case.get(id=case.id)
    assert (sent.stage, sent.waits_for) == ("dispatched", [])
    assert sent.due_at == work.basis.calendar.add(told.wake_at, 7, "work_day").at
    assert await Step.filter(case_id=case.id, verb="escalate").count() == 1


async def test_the_acceptor_files_what_the_calendar_does_not_reach(work):
    case = await work.submitted()
    by = await work.actor("acceptor1")
    after = await screening.file(case.no, matter=ROAD_DAMAGE, by=by, at=now(), basis=without(work))
    assert (after.stage, after.waits_for) == ("filed", ["calendar"])


async def test_a_year_without_a_calendar_stops_no_timer_that_only_reminds(work):
    basis = without(work)
    filed, submitted = await work.filed(), await work.submitted()
    at = max(filed.wake_at, submitted.wake_at) + timedelta(days=400)
    fired = await work.until(at, basis)
    assert fired["dispatch_late"]
    assert fired["file_by_clock"]
    for case in (filed, submitted):
        after = await Case.get(id=case.id)
        assert after.wake_at > at


@pytest.mark.slow
async def test_a_pause_that_ends_beyond_the_calendar_waits_for_it_and_stops_nobody(work):
    case = await work.handling(await work.report(matter=ROAD_DAMAGE))
    at = now()
    until = at + timedelta(days=30)
    await ask(work, case, pause_until(until), at=at)
    await answer(work, requests.suspend, case, at=at)
    other = await work.filed()
    basis = without(work)
    done = await timing.fire(at=until, basis=basis)
    assert (done.n_failed, done.by_name["dispatch_late"]) == (1, 1)
    assert (await Case.get(id=other.id)).wake_at > until
    waiting = await Case.get(id=case.id)
    assert (waiting.stage, waiting.wake_at > until) == ("suspended", True)
    await work.until(waiting.wake_at)
    assert (await Case.get(id=case.id)).stage == "handling"


async def test_no_edit_of_the_calendar_moves_what_is_set(work):
    case = await work.handling(await work.report(matter=ROAD_DAMAGE))
    at = now()
    before = (case.due_at, case.due_why, case.stage_due_at, case.timers)
    assert await rows_of("UPDATE calendar_day SET is_work = false RETURNING day")
    await work.county.parts.knowledge.refresh()
    after = await Case.get(id=case.id)
    assert (after.due_at, after.due_why, after.stage_due_at, after.timers) == before
    assert not await work.until(at)
    # What was left of a paused clock is stored as time and runs by the calendar of its own day.
    assert await rows_of("UPDATE calendar_day SET is_work = true RETURNING day")
    await work.county.parts.knowledge.refresh()
    await ask(work, case, pause_until(at + timedelta(days=2)), at=at)
    paused = await answer(work, requests.suspend, case, at=at)
    left = timedelta(seconds=paused.paused_s)
    await commands.load_csv(
        b"day,is_work,name\n"
        + "\n".join(f"{(at + timedelta(days=n)).date()},0,x" for n in range(1, 20)).encode()
    )
    await work.county.parts.knowledge.refresh()
    assert (await Case.get(id=case.id)).paused_s == paused.paused_s
    await work.until(at + timedelta(days=2))
    back = await Case.get(id=case.id)
    calendar = work.basis.calendar
    assert calendar.left(at + timedelta(days=2), back.due_at, "work_day") == left
    assert back.due_at > at + timedelta(days=19)
