"""What the clock does: each timer once, at any hour, also when it comes late."""

from datetime import timedelta

from server.cases.door.schedule import schedule
from server.cases.models.case import Follower, Step
from server.cases.models.dispute import Conference, Return
from server.cases.models.task import Task, Verification
from server.cases.rules.deadlines import Alarm, Timer
from server.cases.work import handling
from server.clock import now
from server.outbox.models import Delivery
from server.people.queries import holders, members
from server.permissions import Role
from tests.casework import (
    ILLEGAL_BUILDING,
    ROAD_DAMAGE,
    STREET_LAMP,
    rows_of,
)
from tests.domain.acts.clocks import MINUTE, acts, again, alerted, due, stepping_in
from tests.domain.acts.ends import STATION


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
    assert await alerted(case, "file_late") == expected
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
    assert await alerted(case, "file_by_clock")
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
    assert case.suggestion.matters
    await work.until(due(case, "file_by_clock"))
    after = await again(case)
    assert after.matter_code == case.suggestion.matters[0].code == STREET_LAMP
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
        assert await alerted(case, "dispatch_late") == await holders(Role.LEADER) * (n + 1)


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
    schedule(case, [Alarm(Timer.VERIFY_LAPSED, at + 15 * MINUTE)])
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
    assert await alerted(case, "verify_lapsed") == await stepping_in(case, Role.ACCEPTOR)


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
    assert await alerted(case, "accept_by_clock") == await holders(Role.LEADER)
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
    assert "accept_by_clock" not in {each.name for each in after.timers}


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
        assert "签收超时，已提醒该单位和督办人员" in said["text"]
        assert "正在处理" not in said["text"]


async def test_half_of_the_time_urges_four_fifths_warn_and_all_of_it_is_a_fact(county, work):
    case = await work.handling()
    half, most, whole = (due(case, name) for name in ("urge", "warn", "supervise"))
    assert whole == case.due_at
    start = case.dispatched_at
    assert half - start == (whole - start) * 0.5
    assert (await work.until(half))["urge"] == 1
    assert await work.until(most) == {"warn": 1}
    assert await alerted(case, "warn") == await holders(Role.LEADER)
    assert (await again(case)).overdue_at is None
    later = whole + timedelta(hours=7)
    assert (await work.until(later))["supervise"] == 1
    after = await again(case)
    assert after.overdue_at == whole
    assert all(task.overdue_at == whole for task in await work.tasks(case))
    assert await alerted(case, "supervise") == await holders(Role.LEADER)
    assert [verb for verb, _ in await acts(case, after=case.version)].count("urge") == 1
    assert [each.name for each in after.timers] == [Timer.STILL_LATE]
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
    schedule(case, [*case.timers, Alarm(Timer.CONVENE, at + MINUTE)])
    await case.save()
    assert (await work.until(at + MINUTE))["convene"] == 1
    after = await again(case)
    assert after.stage == "in_conference"
    held = await Conference.get(case_id=case.id)
    assert held.unit_ids == [lead.unit_id, other]
    assert held.convened_by_id is None
    assert held.due_at == after.stage_due_at
    assert await alerted(case, "convene") == await holders(Role.LEADER)
    # The case's own clock ran on.
    assert after.due_at == case.due_at
    assert due(after, "supervise") == case.due_at

    late = due(after, "decide_late")
    for n in range(2):
        assert (await work.until(late))["decide_late"] == 1
        after = await again(case)
        assert (after.stage, after.owner_role) == ("in_conference", "leader")
        assert (await alerted(case, "decide_late")).count((await holders(Role.LEADER))[0]) == n + 1
        assert due(after, "decide_late") > late
        late = due(after, "decide_late")
    assert await Conference.filter(case_id=case.id).count() == 1


async def test_who_keeps_out_of_a_complaint_hears_nothing_by_the_clock_either(work):
    insider = await work.actor("handler_S2a")
    case = await work.report(matter=ROAD_DAMAGE, about_unit=STATION)
    await Follower.create(case_id=case.id, account_id=insider.id, since=now(), reporter=False)
    assert await work.until(now() + timedelta(days=4))
    told = await Delivery.filter(stream=f"case:{case.no}", kind="case.moved").order_by("id")
    by_clock = [each.facts["followers"] for each in told if each.facts["verb"] == "accept"]
    assert by_clock == [[(await work.actor("resident1")).id]]
