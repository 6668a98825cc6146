"""What the clock does: each timer once, at any hour, also when it comes late."""

import asyncio
import itertools
from contextvars import Context
from datetime import UTC, datetime, timedelta

import pytest
from tortoise.transactions import in_transaction

from server.cases import calls, deadlines, handling, intake, timing
from server.cases.calls import NewCall
from server.cases.deadlines import OWNERS, Timer
from server.cases.dispatching import Choice
from server.cases.flow import Stage
from server.cases.models.case import Case, Step
from server.cases.models.dispute import Conference, Return
from server.cases.models.steering import Instruction, Request
from server.cases.models.task import Check, Task, Verification
from server.cases.turns import alarms, schedule
from server.clock import now
from server.outbox.models import Delivery
from server.people.queries import holders, members
from server.permissions import Role
from server.texts.catalogue import text
from tests.casework import (
    ILLEGAL_BUILDING,
    STREET_LAMP,
    WALL_HOLE,
    Casework,
    everything,
    new_report,
    position,
    rows_of,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def work(county):
    return Casework(county)


def due(case, timer) -> datetime:
    return dict(alarms(case))[Timer(timer)]


async def again(case) -> Case:
    return await Case.get(id=case.id)


async def acts(case, after=0) -> list[tuple[str, str]]:
    rows = await Step.filter(case_id=case.id, version__gt=after).order_by("version")
    return [(row.verb, row.by_role) for row in rows]


async def heard(case, code: str) -> list[int]:
    """Whom an escalation with these words was for; told once."""
    what = text(f"escalation.{code}", unit="")
    rows = await Delivery.filter(stream=f"case:{case.no}", kind="attention.needed").order_by("id")
    found = [row.facts for row in rows if str(row.facts["facts"].get("what", "")).endswith(what)]
    persons = [person for facts in found for person in facts["followers"]]
    assert len(persons) == len(set(persons)) or code in REPEATED
    return persons


async def stepping_in(case, role: Role) -> list[int]:
    """Who holds a role, and the duty leader of the township, who stands in round the clock."""
    return await holders(role) + await holders(Role.DUTY_LEADER, case.township_code)


REPEATED = {"still_late", "rule_late", "dispatch_late", "decide_late", "check_late", "arrive_late"}


async def test_an_overrun_k1_tells_the_dispatchers_and_the_duty_leader_and_moves_nothing(work):
    case = await work.submitted()
    at = due(case, "file_late")
    assert not await work.until(at - MINUTE)
    assert await work.until(at) == {"file_late": 1}
    after = await again(case)
    assert (after.stage, after.owner_role) == ("submitted", "acceptor")
    assert after.wake_at == due(case, "file_by_clock")
    expected = await holders(Role.DISPATCHER)
    expected += await holders(Role.DUTY_LEADER, case.township_code)
    assert await heard(case, "file_late") == expected
    assert not await work.until(at + MINUTE)


async def test_twice_k1_files_the_case_and_the_list_dispatches_it(work):
    case = await work.submitted()
    at = due(case, "file_by_clock")
    assert await work.until(at) == {"file_late": 1, "file_by_clock": 1}
    after = await again(case)
    assert after.stage == "dispatched"
    assert after.filed_by_id is None
    assert after.filed_at == after.dispatched_at == at
    assert after.lead_id
    assert len(await work.tasks(case, "lead")) == 1
    assert after.due_at
    assert after.waits_for == []
    assert await acts(case, after=case.version) == [
        ("escalate", "system"),
        ("file", "system"),
        ("dispatch", "system"),
    ]
    assert await heard(case, "file_by_clock")
    [told] = [
        row.facts
        for row in await Delivery.filter(stream=f"case:{case.no}", kind="case.moved")
        if row.facts["verb"] == "dispatch"
    ]
    tasks = await work.tasks(case)
    assert told["units"] == sorted(task.unit_id for task in tasks)
    assert told["followers"]


async def test_a_process_that_the_clock_dispatches_is_told_to_those_whose_step_is_open(work):
    case = await work.report(matter=ILLEGAL_BUILDING)
    assert case.stage == "submitted"
    await work.until(due(case, "file_by_clock"))
    told = [
        row.facts
        for row in await Delivery.filter(stream=f"case:{case.no}", kind="case.moved")
        if row.facts["verb"] == "dispatch"
    ]
    tasks = await work.tasks(case)
    assert any(task.position for task in tasks)
    assert [each["units"] for each in told] == [sorted(task.unit_id for task in tasks)]
    assert told[0]["facts"]["steps"]


async def test_a_report_without_a_matter_is_filed_with_the_one_that_its_words_suggest(work):
    case = await work.report(matter="", text="路灯不亮")
    assert case.suggestion["matters"]
    await work.until(due(case, "file_by_clock"))
    after = await again(case)
    assert after.matter_code == case.suggestion["matters"][0]["code"] == STREET_LAMP
    assert after.stage == "dispatched"


async def test_what_suggests_nothing_or_lies_nowhere_certain_waits_for_the_dispatcher(work):
    silent = await work.report(matter="", text="")
    nowhere = await work.report(matter=STREET_LAMP, position=None)
    await work.until(max(due(case, "file_by_clock") for case in (silent, nowhere)))
    for case, waits in ((silent, ["no_matter"]), (nowhere, ["no_position"])):
        after = await again(case)
        assert (after.stage, after.owner_role) == ("filed", "dispatcher")
        assert after.waits_for == waits
        assert after.wake_at is not None


async def test_an_overrun_k2_tells_the_leaders_again_and_again(work):
    case = await work.filed()
    first = due(case, "dispatch_late")
    assert first == case.stage_due_at
    at = first
    for n in range(3):
        assert await work.until(at) == {"dispatch_late": 1}
        after = await again(case)
        assert (after.stage, after.owner_role, after.stage_due_at) == (
            "filed",
            "dispatcher",
            first,
        )
        assert after.wake_at > at
        at = after.wake_at
        assert await heard(case, "dispatch_late") == await holders(Role.LEADER) * (n + 1)


async def test_after_an_outage_nothing_comes_in_a_burst(work):
    case = await work.filed()
    at = due(case, "dispatch_late") + timedelta(days=20)
    assert await work.until(at) == {"dispatch_late": 1}
    assert (await again(case)).wake_at > at


async def test_a_verification_that_nobody_makes_goes_back_to_the_acceptor(work):
    case = await work.submitted()
    worker = await work.actor("grid0101")
    at = now()
    case.stage, case.version = "verifying", case.version + 1
    schedule(case, [(Timer.VERIFY_LAPSED, at + 15 * MINUTE)])
    await case.save()
    await Step.create(
        case_id=case.id,
        version=case.version,
        verb="verify",
        source="submitted",
        target="verifying",
        by_role="acceptor",
        at=at,
    )
    asked = await Verification.create(
        case_id=case.id, assignee_id=worker.id, given_at=at, due_at=at + 15 * MINUTE
    )
    assert await work.until(at + 15 * MINUTE) == {"verify_lapsed": 1}
    after = await again(case)
    assert (after.stage, after.owner_role) == ("submitted", "acceptor")
    assert after.wake_at
    assert after.wake_at > at
    asked = await Verification.get(id=asked.id)
    assert asked.done_at == at + 15 * MINUTE
    assert asked.found is None
    assert await heard(case, "verify_lapsed") == await stepping_in(case, Role.ACCEPTOR)


async def test_who_does_not_sign_has_signed_by_silence_as_of_the_deadline(work):
    case = await work.report()
    at = due(case, "accept_by_clock")
    late = at + timedelta(hours=3)
    assert dict(await work.until(late))["accept_by_clock"] == 1
    after = await again(case)
    lead, _ = await work.lead(case)
    assert after.stage == "handling"
    assert after.accepted_at == lead.accepted_at == at
    assert lead.accepted_by_clock
    assert lead.accepted_by_id is None
    assert lead.stage == "accepted"
    [signed] = await Step.filter(case_id=case.id, verb="accept", task_id=lead.id)
    assert (signed.by_id, signed.at, signed.unit_id) == (None, late, None)
    assert await heard(case, "accept_by_clock") == await holders(Role.LEADER)
    helpers = await work.tasks(case, "cooperating")
    assert helpers
    for task in helpers:
        assert (task.stage, task.accepted_by_clock, task.accepted_at) == (
            "accepted",
            True,
            task.accept_due_at,
        )
    # Nobody is asked to sign twice, and nothing of it is due any more.
    assert after.due_at == case.due_at
    assert "accept_by_clock" not in {each["name"] for each in after.timers}


async def test_the_unit_and_those_who_follow_hear_that_it_was_signed_by_silence(county, work):
    case = await work.report()
    at = due(case, "accept_by_clock")
    await work.until(at)
    await county.deliver(at)
    _lead, by = await work.lead(case)
    follower = await work.actor("resident1")
    for account in (by.id, follower.id):
        [said] = await rows_of(
            "SELECT text FROM inbox_message WHERE account_id = $1 AND event LIKE '%:accept'",
            account,
        )
        assert "超时自动签收" in said["text"]


async def test_half_of_the_time_urges_four_fifths_warn_and_all_of_it_is_a_fact(county, work):
    case = await work.handling()
    half, most, whole = (due(case, name) for name in ("urge", "warn", "supervise"))
    assert whole == case.due_at
    start = case.dispatched_at
    assert half - start == (whole - start) * 0.5
    assert (await work.until(half))["urge"] == 1
    assert await work.until(most) == {"warn": 1}
    assert await heard(case, "warn") == await holders(Role.LEADER)
    assert (await again(case)).overdue_at is None
    later = whole + timedelta(hours=7)
    assert (await work.until(later))["supervise"] == 1
    after = await again(case)
    assert after.overdue_at == whole
    assert all(task.overdue_at == whole for task in await work.tasks(case))
    assert await heard(case, "supervise") == await holders(Role.LEADER)
    assert [verb for verb, _ in await acts(case, after=case.version)].count("urge") == 1
    assert [name for name, _ in alarms(after)] == [Timer.STILL_LATE]
    await county.deliver(later)
    lead = await members([after.lead_id])
    [said] = await rows_of(
        "SELECT count(*) AS n FROM inbox_message"
        " WHERE account_id = $1 AND event LIKE '%:supervise'",
        lead[0],
    )
    assert said["n"] == 1


async def test_who_resolves_late_while_the_clock_was_down_is_overdue_all_the_same(work):
    case = await work.handling()
    await work.helped(case)
    lead, by = await work.lead(case)
    photo = await work.photo(work.officer_of(lead.unit_id))
    at = case.due_at + timedelta(hours=1)
    await handling.resolve(lead.id, "好了", (photo,), by=by, at=at, basis=work.basis)
    after = await again(case)
    assert (after.stage, after.overdue_at) == ("checking", case.due_at)
    assert (await Task.get(id=lead.id)).overdue_at == lead.due_at
    fired = await work.until(at + MINUTE)
    assert "supervise" not in fired


async def test_a_return_without_a_ruling_goes_before_a_conference_by_itself(work):
    case = await work.handling()
    lead, _ = await work.lead(case)
    other = (await work.tasks(case, "cooperating"))[0].unit_id
    at = now()
    await Return.create(
        case_id=case.id,
        task_id=lead.id,
        unit_id=lead.unit_id,
        part="lead",
        task_stage="accepted",
        ground="not_on_list",
        reason="不归我们",
        proper_unit_id=other,
        by_id=1,
        at=at,
        due_at=at + MINUTE,
    )
    case.stage = "disputed"
    schedule(case, [*alarms(case), (Timer.CONVENE, at + MINUTE)])
    await case.save()
    assert (await work.until(at + MINUTE))["convene"] == 1
    after = await again(case)
    assert after.stage == "in_conference"
    held = await Conference.get(case_id=case.id)
    assert held.unit_ids == [lead.unit_id, other]
    assert held.convened_by_id is None
    assert held.due_at == after.stage_due_at
    assert await heard(case, "convene") == await holders(Role.LEADER)
    # The case's own clock ran on.
    assert after.due_at == case.due_at
    assert due(after, "supervise") == case.due_at

    late = due(after, "decide_late")
    for n in range(2):
        assert (await work.until(late))["decide_late"] == 1
        after = await again(case)
        assert (after.stage, after.owner_role) == ("in_conference", "leader")
        assert (await heard(case, "decide_late")).count((await holders(Role.LEADER))[0]) == n + 1
        assert due(after, "decide_late") > late
        late = due(after, "decide_late")
    assert await Conference.filter(case_id=case.id).count() == 1


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
    assert await heard(case, "check_late") == await stepping_in(case, Role.ACCEPTOR)

    for n in range(2):
        at = due(after, "check_late")
        assert (await work.until(at)) == {"check_late": 1}
        after = await again(case)
        assert (after.stage, after.owner_role) == ("checking", "acceptor")
        persons = (await heard(case, "check_late"))[len(await stepping_in(case, Role.ACCEPTOR)) :]
        assert persons == await holders(Role.LEADER) * (n + 1)
    # By the documents somebody may still do it.
    await work.check(after)


async def test_a_checked_case_that_nobody_closes_is_told_to_the_leaders(work):
    case = await work.checking()
    await work.check(case)
    await work.until(due(await again(case), "check_late"))
    assert await heard(case, "check_late") == await holders(Role.LEADER)
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
    schedule(case, [*alarms(case), (Timer.REPLY_LATE, at)])
    await case.save()
    assert (await work.until(at))["reply_late"] == 1
    assert await heard(case, "reply_late") == [leader.id]
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
    case = await calls.call(new, by=by, at=now(), basis=work.basis)
    lead, officer = await work.lead(case)
    await handling.accept(lead.id, by=officer, at=now(), basis=work.basis)
    assert (await Task.get(id=lead.id)).wake_at == asked_at
    await work.until(asked_at + MINUTE)
    lead = await Task.get(id=lead.id)
    assert lead.late_at == asked_at
    assert lead.arrived_in_time is False
    assert lead.stage == "accepted"
    persons = await heard(case, "arrive_late")
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


async def five(work) -> list[Case]:
    return [
        await work.filed(),
        await work.submitted(),
        await work.report(),
        await work.handling(),
        await work.closed(),
    ]


async def test_two_workers_at_once_do_each_thing_once(work):
    cases = [await work.filed() for _ in range(12)]
    at = max(due(case, "dispatch_late") for case in cases)
    done = await asyncio.gather(*(timing.fire(at=at, basis=work.basis, limit=5) for _ in range(6)))
    await work.until(at)
    for case in cases:
        assert [verb for verb, _ in await acts(case)].count("escalate") == 1
        assert len(await heard(case, "dispatch_late")) == len(await holders(Role.LEADER))
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
    assert len(await heard(bad, "dispatch_late")) == len(await holders(Role.LEADER))


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
    taken = await intake.report(report, by=by, at=at, basis=work.basis)
    case = await Case.get(no=taken.body["no"])
    assert case.stage == "dispatched"
    assert due(case, "accept_by_clock") == at + timedelta(minutes=30)
    assert case.due_at - at <= timedelta(hours=48)
    await work.until(at + timedelta(minutes=30))
    case = await again(case)
    assert case.stage == "handling"
    moments = [when for name, when in alarms(case)]
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
