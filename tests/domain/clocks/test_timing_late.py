"""The clock that comes late, twice, or to cases in other hands."""

import asyncio
import itertools
from contextvars import Context
from datetime import UTC, datetime, timedelta

from tortoise.transactions import in_transaction

from server.cases.clocks import timing
from server.cases.intake import reporting
from server.cases.models.case import Case, Step
from server.cases.rules import deadlines
from server.cases.rules.deadlines import OWNERS, Timer
from server.cases.rules.flow import Stage
from server.clock import now
from server.people.queries import holders
from server.permissions import Role
from tests.casework import (
    WALL_HOLE,
    everything,
    new_report,
    rows_of,
)
from tests.domain.acts.clocks import MINUTE, acts, again, alerted, due, five


async def test_two_workers_at_once_do_each_thing_once(work):
    cases = [await work.filed() for _ in range(12)]
    at = max(due(case, "dispatch_late") for case in cases)
    done = await asyncio.gather(*(timing.fire(at=at, basis=work.basis, limit=5) for _ in range(6)))
    await work.until(at)
    for case in cases:
        assert [verb for verb, _ in await acts(case)].count("escalate") == 1
        assert len(await alerted(case, "dispatch_late")) == len(await holders(Role.LEADER))
    assert sum(each.n_cases for each in done) <= 12


async def test_one_bad_case_waits_and_holds_nobody_up(work, monkeypatch):
    cases = [await work.filed() for _ in range(4)]
    at = max(due(case, "dispatch_late") for case in cases) + timedelta(hours=1)
    bad = cases[1]
    handler = timing.TIMERS[Timer.DISPATCH_LATE]

    async def failing(woken, when):
        await handler(woken, when)
        if woken.case.id == bad.id:
            raise ZeroDivisionError

    monkeypatch.setitem(timing.TIMERS, Timer.DISPATCH_LATE, failing)
    before = await Step.filter(case_id=bad.id).count()
    done = await timing.fire(at=at, basis=work.basis)
    assert (done.n_cases, done.n_failed, done.by_name) == (4, 1, {"dispatch_late": 3})
    assert await Step.filter(case_id=bad.id).count() == before
    waits = await again(bad)
    assert waits.wake_at - at == at - due(bad, "dispatch_late")
    assert due(waits, "dispatch_late") == due(bad, "dispatch_late")
    assert not (await timing.fire(at=at, basis=work.basis)).n_cases
    monkeypatch.undo()
    await work.until(waits.wake_at)
    assert len(await alerted(bad, "dispatch_late")) == len(await holders(Role.LEADER))


async def test_a_case_in_other_hands_is_left_to_those(work):
    mine, other = await work.filed(), await work.filed()
    at = max(due(case, "dispatch_late") for case in (mine, other))
    async with in_transaction():
        await Case.filter(id=other.id).select_for_update().get()
        done = await asyncio.create_task(_alone(at, work))
    assert done.n_cases == 1
    assert (await work.until(at))["dispatch_late"] == 1


async def _alone(at, work):
    return await asyncio.create_task(timing.fire(at=at, basis=work.basis), context=Context())


async def test_a_clock_that_jumps_forth_and_back_does_nothing_twice(work):
    case = await work.handling()
    ahead = due(case, "warn") + MINUTE
    await work.until(ahead)
    steps = await acts(case)
    for at in (now(), ahead, now() - timedelta(days=1), ahead):
        assert not await work.until(at)
    assert await acts(case) == steps


async def test_everything_at_once_after_a_month_down_leaves_nothing_due_and_history_whole(work):
    cases = await five(work)
    at = now() + timedelta(days=30)
    await work.until(at)
    assert (await timing.backlog(at)).n_due == 0
    for case in cases:
        after = await again(case)
        steps = await Step.filter(case_id=case.id).order_by("version")
        assert [step.version for step in steps] == list(range(1, len(steps) + 1))
        assert steps[-1].target == after.stage
        assert all(one.target == other.source for one, other in itertools.pairwise(steps))
        if after.stage not in ("archived",):
            assert after.owner_role
            assert after.stage_due_at


async def test_what_changed_nothing_is_told_to_nobody(work):
    await five(work)
    before = await everything()
    assert not (await timing.fire(at=now() - timedelta(days=1), basis=work.basis)).n_cases
    assert await everything() == before


# At night and on holidays.

NATIONAL_DAY = datetime(2026, 10, 1, 19, 0, tzinfo=UTC)  # the 2nd, three in the morning


async def test_an_urgent_matter_runs_round_the_clock_in_the_middle_of_national_day(work):
    at = NATIONAL_DAY
    by = await work.actor("resident1")
    photo = await work.photo("resident1")
    await rows_of("UPDATE place_generation SET starts_at = $1", at - timedelta(days=1))
    await rows_of("UPDATE list_version SET starts_at = $1", at - timedelta(days=1))
    await work.county.parts.knowledge.refresh()
    report = new_report(matter=WALL_HOLE, photos=(photo,), captured_at=at)
    taken = await reporting.report(report, by=by, at=at, basis=work.basis)
    case = await Case.get(no=taken.body["no"])
    assert case.stage == "dispatched"
    assert due(case, "accept_by_clock") == at + timedelta(minutes=30)
    assert case.due_at - at <= timedelta(hours=48)
    await work.until(at + timedelta(minutes=30))
    case = await again(case)
    assert case.stage == "handling"
    moments = [each.at for each in case.timers]
    assert all(when - at <= timedelta(hours=48) for when in moments)
    await work.until(case.due_at)
    assert (await again(case)).overdue_at == case.due_at


async def test_no_stage_of_an_urgent_matter_waits_for_monday(work):
    for stage in OWNERS:
        if stage in (Stage.SUSPENDED, Stage.CLOSED, Stage.DISPUTED, Stage.IN_CONFERENCE):
            continue  # till a date; days for everybody; K8 and K9 belong to the tests of returns
        found = deadlines.turn(
            stage,
            at=NATIONAL_DAY,
            urgent=True,
            due_at=NATIONAL_DAY + timedelta(hours=2),
            calendar=work.basis.calendar,
            policy=work.basis.policy,
        )
        assert found.due_at - NATIONAL_DAY <= timedelta(hours=12), stage
