"""A pause asked for and granted: every clock stands, and runs on with what was left."""

from datetime import timedelta

from server.cases.disputes import returns
from server.cases.disputes.returns import Claim, Ruling
from server.cases.models.case import Case, Step
from server.cases.models.steering import Request
from server.cases.models.task import Task
from server.cases.reading import queries
from server.cases.reading.queries import Narrowing
from server.cases.rules.deadlines import Timer
from server.cases.work import requests
from server.clock import now
from server.errors import (
    NotPermitted,
)
from server.outbox.models import Delivery
from server.people.queries import holders
from server.permissions import Role
from tests.domain.acts.work import (
    DAY,
    answer,
    ask,
    at_of,
    head,
    helping_township,
    pause_until,
    refused,
)


async def test_a_pause_asked_for_and_granted_stops_every_clock_and_resumes_by_itself(work):
    case = await work.handling()
    at = now()
    until = at + 30 * DAY
    await ask(work, case, pause_until(until), at=at)
    waiting = await Case.get(id=case.id)
    assert (waiting.stage, waiting.due_at) == ("handling", case.due_at)
    [told] = await Delivery.filter(stream=f"case:{case.no}", kind="attention.needed")
    assert told.facts["followers"] == await holders(Role.DISPATCHER)
    assert "挂账至" in told.facts["facts"]["request"]

    paused = await answer(work, requests.suspend, case, at=at)
    assert (paused.stage, paused.suspended_until, paused.n_suspend) == ("suspended", until, 1)
    assert [each.name for each in paused.timers] == [Timer.RESUME]
    left = work.basis.calendar.left(at, case.due_at, case.urgency)
    assert abs(paused.paused_s - left.total_seconds()) <= 1
    assert all(task.wake_at is None for task in await work.tasks(case))
    step = await Step.get(case_id=case.id, verb="suspend")
    assert step.reason == "冬季无法施工"
    # While it stands still nothing is late, however long.
    assert not await work.until(until - timedelta(minutes=1))
    late = await queries.cards(
        await work.actor("leader1"),
        Narrowing(overdue=True),
        limit=10,
        before_id=None,
        at=until - timedelta(minutes=1),
    )
    assert late == []

    assert (await work.until(until))["resume"] == 1
    back = await Case.get(id=case.id)
    assert (back.stage, back.suspended_until, back.paused_s) == ("handling", None, None)
    assert abs(work.basis.calendar.left(until, back.due_at, case.urgency) - left) < 2 * DAY / 86400
    assert "挂账" in back.due_why
    for name in ("urge", "warn", "supervise"):
        before = work.basis.calendar.left(at, at_of(case, name), case.urgency)
        after = work.basis.calendar.left(until, at_of(back, name), case.urgency)
        assert abs(after - before) <= timedelta(seconds=1)
    lead, _ = await work.lead(case)
    assert abs(lead.due_at - back.due_at) <= timedelta(seconds=1)
    assert lead.wake_at == lead.due_at
    request = await Request.get(case_id=case.id)
    assert request.granted is True
    assert request.terms.resumed_at


async def test_a_mark_that_came_before_a_pause_does_not_come_again(work):
    case = await work.handling()
    at = at_of(case, "urge") + timedelta(minutes=1)
    await work.until(at)
    await ask(work, case, pause_until(at + 3 * DAY), at=at)
    await answer(work, requests.suspend, case, at=at)
    await work.until(at + 3 * DAY)
    back = await Case.get(id=case.id)
    assert [each.name for each in back.timers] == [Timer.WARN, Timer.SUPERVISE]
    await work.until(back.due_at)
    assert await Step.filter(case_id=case.id, verb="urge").count() == 1


async def test_what_was_overdue_before_a_pause_is_overdue_after_it(work):
    case = await work.handling()
    at = case.due_at + timedelta(hours=2)
    await ask(work, case, pause_until(at + 3 * DAY), at=at)
    paused = await answer(work, requests.suspend, case, at=at)  # the clock has not come to it yet
    assert paused.overdue_at == case.due_at
    assert paused.paused_s == 0
    await work.until(at + 3 * DAY)
    back = await Case.get(id=case.id)
    assert (back.due_at, back.overdue_at) == (case.due_at, case.due_at)
    assert not {each.name for each in back.timers} & {Timer.URGE, Timer.WARN}


async def test_a_returned_task_that_is_put_back_during_a_pause_stands_still_with_its_case(work):
    case = await work.handling()
    [power, _] = await work.tasks(case, "cooperating")
    claim = Claim(ground="not_on_list", reason="不归我", proper_unit="区城乡水务局")
    officer = await work.actor(work.officer_of(power.unit_id))
    await returns.give_back(power.id, claim, by=officer, at=now(), basis=work.basis)
    at = now() + timedelta(hours=1)
    await ask(work, case, pause_until(at + 30 * DAY), at=at)
    await answer(work, requests.suspend, case, at=at)
    ruling, by = Ruling(upheld=False, reason="归你"), await work.actor("dispatcher1")
    await returns.rule(case.no, ruling, by=by, at=at + DAY, basis=work.basis)
    held = await Task.get(id=power.id)
    assert (held.stage, held.wake_at, held.due_at) == ("pending", None, power.due_at)
    back = at + 2 * DAY
    await answer(work, requests.resume, case, at=back)
    after = await Task.get(id=power.id)
    left = work.basis.calendar.left(at, power.due_at, case.urgency)
    used = work.basis.calendar.left(back, after.due_at, case.urgency)
    assert abs(used - left) < timedelta(seconds=2)
    assert back < after.wake_at == min(after.accept_due_at, after.due_at)


async def test_the_head_or_a_dispatcher_ends_a_pause_early_and_no_other_unit(work):
    case = await work.handling()
    at = now()
    await ask(work, case, pause_until(at + 30 * DAY), at=at)
    paused = await answer(work, requests.suspend, case, at=at)
    _, stranger = await helping_township(work, case)
    await refused(NotPermitted, requests.resume(case.no, by=stranger, at=at, basis=work.basis))
    officer = await work.actor(work.officer_of(case.lead_id))
    await refused(NotPermitted, requests.resume(case.no, by=officer, at=at, basis=work.basis))
    back = await answer(work, requests.resume, paused, by=await head(work, case), at=at + DAY)
    assert back.stage == "handling"
    assert not (await work.until(at + 31 * DAY))["resume"]
