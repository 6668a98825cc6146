"""What the clock does after the work: checks, archiving, answers and arrivals."""

from datetime import timedelta

from server.cases.calls import calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch.dispatching import Choice
from server.cases.door.schedule import schedule
from server.cases.models.steering import Instruction, Request
from server.cases.models.task import Check, Task
from server.cases.rules.deadlines import Alarm, Timer
from server.cases.work import handling
from server.clock import now
from server.outbox.models import Delivery
from server.people.queries import holders
from server.permissions import Role
from tests.casework import (
    STREET_LAMP,
    position,
    rows_of,
)
from tests.domain.acts.clocks import MINUTE, again, alerted, due, stepping_in


async def test_a_check_goes_to_the_next_person_then_the_acceptor_then_leaders_hear(work):
    case = await work.checking()
    first = await Check.get(case_id=case.id)
    assert first.assignee_id
    at = due(case, "check_late")
    await work.until(at)
    second = await Check.get(case_id=case.id)
    assert second.assignee_id not in (None, first.assignee_id)
    assert second.passed_over == [first.assignee_id]
    assert second.due_at > at
    rows = await Delivery.filter(stream=f"case:{case.no}", kind="work.assigned").order_by("id")
    assert [row.facts["followers"] for row in rows] == [[first.assignee_id], [second.assignee_id]]
    assert rows[0].facts["version"] != rows[1].facts["version"]

    after = await again(case)
    at = due(after, "check_late")
    await work.until(at)
    third = await Check.get(case_id=case.id)
    assert third.assignee_id is None
    assert third.passed_over == [first.assignee_id, second.assignee_id]
    after = await again(case)
    assert (after.stage, after.owner_role) == ("checking", "acceptor")
    assert await alerted(case, "check_late") == await stepping_in(case, Role.ACCEPTOR)

    for n in range(2):
        at = due(after, "check_late")
        assert (await work.until(at)) == {"check_late": 1}
        after = await again(case)
        assert (after.stage, after.owner_role) == ("checking", "acceptor")
        persons = (await alerted(case, "check_late"))[
            len(await stepping_in(case, Role.ACCEPTOR)) :
        ]
        assert persons == await holders(Role.LEADER) * (n + 1)
    # By the documents somebody may still do it.
    await work.check(after)


async def test_a_checked_case_that_nobody_closes_is_told_to_the_leaders(work):
    case = await work.checking()
    await work.check(case)
    await work.until(due(await again(case), "check_late"))
    assert await alerted(case, "check_late") == await holders(Role.LEADER)
    check = await Check.get(case_id=case.id)
    assert check.done_at
    assert check.passed_over == []


async def test_seven_days_after_closing_a_case_is_archived(work):
    case = await work.closed()
    assert not await work.until(case.closed_at + timedelta(days=7) - MINUTE)
    assert await work.until(case.closed_at + timedelta(days=7)) == {"archive": 1}
    after = await again(case)
    assert (after.stage, after.owner_role, after.wake_at) == ("archived", "", None)


async def test_a_case_is_not_archived_while_not_solved_waits_for_its_answer(work):
    case = await work.closed()
    by = await work.actor("resident1")
    at = case.closed_at + timedelta(days=7)
    asked = await Request.create(
        case_id=case.id, what="redo", by_id=by.id, at=at, reason="还是没修好"
    )
    await work.until(at)
    after = await again(case)
    assert after.stage == "closed"
    assert after.wake_at == at + timedelta(days=1)
    asked.granted = False
    await asked.save()
    await work.until(after.wake_at)
    assert (await again(case)).stage == "archived"


async def test_an_instruction_without_an_answer_is_told_to_the_leader_who_gave_it(work):
    case = await work.handling()
    leader = await work.actor("leader1")
    at = now() + MINUTE
    await Instruction.create(
        case_id=case.id, by_id=leader.id, at=now(), text="请说明", reply_due_at=at
    )
    schedule(case, [*case.timers, Alarm(Timer.REPLY_LATE, at)])
    await case.save()
    assert (await work.until(at))["reply_late"] == 1
    assert await alerted(case, "reply_late") == [leader.id]
    assert (await again(case)).stage == "handling"


async def test_who_is_not_there_at_the_time_asked_is_late_whatever_comes_later(county, work):
    code = (await work.report()).township_code
    [row] = await rows_of(
        "SELECT username FROM account a JOIN account_grant g ON g.account_id = a.id"
        " WHERE role = 'township' AND place_code = $1 LIMIT 1",
        code,
    )
    by = await work.actor(row["username"])
    asked_at = now() + timedelta(hours=2)
    new = NewCall(
        reason="joint_enforcement",
        place_text="市场门口",
        asked_at=asked_at,
        matter=STREET_LAMP,
        position=position(),
        choice=Choice(),
    )
    case = await calling.call(new, by=by, at=now(), basis=work.basis)
    lead, officer = await work.lead(case)
    await handling.accept(lead.id, by=officer, at=now(), basis=work.basis)
    assert (await Task.get(id=lead.id)).wake_at == asked_at
    await work.until(asked_at + MINUTE)
    lead = await Task.get(id=lead.id)
    assert lead.late_at == asked_at
    assert lead.arrived_in_time is False
    assert lead.stage == "accepted"
    persons = await alerted(case, "arrive_late")
    assert by.id in persons
    assert set(await holders(Role.LEADER)) <= set(persons)
    spot = handling.Spot(lon=117.0, lat=34.0)
    late = asked_at + 30 * MINUTE
    await handling.check_in(lead.id, spot, by=officer, at=late, basis=work.basis)
    await handling.confirm(lead.id, by=by, at=late, basis=work.basis)
    lead = await Task.get(id=lead.id)
    assert (lead.stage, lead.arrived_in_time, lead.late_at) == ("arrived", False, asked_at)


async def test_who_came_in_time_is_never_late(work):
    case = await work.report()
    lead, officer = await work.lead(case)
    await handling.accept(lead.id, by=officer, at=now(), basis=work.basis)
    lead = await Task.get(id=lead.id)
    assert lead.wake_at == lead.due_at  # nobody asked it to come
    await work.until(case.due_at + timedelta(days=3))
    lead = await Task.get(id=lead.id)
    assert lead.late_at is None
    assert lead.overdue_at == lead.due_at
    assert lead.wake_at is None


# Robustness.
