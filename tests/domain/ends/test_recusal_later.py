"""What becomes of a case that turns out to complain of a unit: at whatever stage, for whomever."""

from datetime import timedelta
from uuid import uuid4

import pytest

from server.cases.calls import calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import conferences, returns
from server.cases.disputes.conferences import Decision
from server.cases.disputes.returns import Claim
from server.cases.ends import closing, merging
from server.cases.intake import screening
from server.cases.models.case import Case, Follower
from server.cases.models.dispute import Conference, Return
from server.cases.models.task import Check, Task
from server.cases.reading import queries
from server.cases.work.suspending import days_suspended
from server.clock import now
from server.errors import (
    AlreadyDone,
    NotFound,
    NotPermitted,
    ReasonMissing,
    UnknownUnit,
)
from server.people import reorganising
from server.push.models import Message
from server.responsibility.list.models import Precedent
from tests.casework import WALL_HOLE, Casework, everything, rows_of
from tests.domain.acts.ends import (
    DEPARTMENT,
    POWER,
    STATION,
    TOWNSHIP,
    WORKS,
    dispatched,
    list_lead,
    mark,
    people_of,
    sees,
    unit_id,
)


async def test_what_was_merged_shares_the_complaint_until_it_is_taken_out_again(county):
    work = Casework(county)
    by = await work.actor("acceptor1")
    twin, one = await work.handling(), await work.handling()
    lead = work.basis.units.by_id[one.lead_id]
    officer = work.officer_of(lead.id)
    await merging.merge(twin.no, one.no, "同一件", by=by, at=now(), basis=work.basis)
    await mark(work, one, lead.name)
    twin = await Case.get(id=twin.id)
    assert not await sees(work, officer, twin)
    await merging.unmerge(twin.no, "是两件事", by=by, at=now(), basis=work.basis)
    twin = await Case.get(id=twin.id)
    assert (twin.stage, twin.lead_id, twin.about_unit_id) == ("handling", lead.id, None)
    assert await sees(work, officer, twin)


async def test_a_case_at_work_is_taken_away_from_the_unit_that_it_turns_out_to_be_about(county):
    work = Casework(county)
    case = await work.handling(await work.report())
    lead = work.basis.units.by_id[case.lead_id]
    officer = await work.actor(work.officer_of(lead.id))
    await closing.follow(case.no, by=officer, at=now())
    await work.ask(case, "extend")
    case = await mark(work, case, lead.name)
    assert (case.stage, case.waits_for, case.lead_id) == ("filed", ["recusal"], None)
    assert {task.stage for task in await work.tasks(case)} == {"waived"}
    assert not await sees(work, work.officer_of(lead.id), case)
    assert not await Follower.filter(case_id=case.id, account_id=officer.id).exists()
    await county.deliver()
    told = await Message.filter(kind="case.recuse").values_list("account_id", flat=True)
    assert told
    assert not set(told) & await people_of(lead.name, work)
    other = WORKS if lead.name != WORKS else POWER
    case = await work.closed(await dispatched(work, case, other))
    assert case.lead_id == unit_id(work, other)
    by = await work.actor("resident1")
    await closing.redo(case.no, "没解决", by=by, at=now(), basis=work.basis)
    case = await Case.get(id=case.id)
    assert (case.stage, case.lead_id) == ("handling", unit_id(work, other))


async def test_what_the_unit_has_handled_already_is_handled_again_by_its_superior(county):
    work = Casework(county)
    case = await work.file(await work.report(about_unit=WORKS))
    case = await work.checking(await dispatched(work, case, STATION))
    case = await mark(work, case, STATION, who="dispatcher2")
    assert (case.stage, case.cycle) == ("dispatched", 2)
    assert case.lead_id == unit_id(work, DEPARTMENT)
    assert (case.handled_at, case.handled_by_id) == (None, None)
    case = await work.closed(case)
    assert case.lead_id == unit_id(work, DEPARTMENT)


@pytest.mark.parametrize("stage", ["disputed", "in_conference", "suspended"])
async def test_it_is_taken_away_also_while_it_is_disputed_or_rests(county, stage):
    work = Casework(county)
    case = await work.at(stage)
    lead = work.basis.units.by_id[case.lead_id]
    case = await mark(work, case, lead.name)
    assert (case.stage, case.lead_id) == ("filed", None)
    assert not await Return.filter(case_id=case.id, upheld__isnull=True).exists()
    assert not await Conference.filter(case_id=case.id, decided_at__isnull=True).exists()
    other = WORKS if lead.name != WORKS else POWER
    case = await work.closed(await dispatched(work, case, other))
    assert case.lead_id == unit_id(work, other)


async def test_a_check_that_one_of_its_people_was_given_goes_to_somebody_else(county):
    work = Casework(county)
    case = await work.checking(await work.report(matter=WALL_HOLE))
    check = await Check.get(case_id=case.id)
    assert check.assignee_id in await people_of(TOWNSHIP, work)
    case = await mark(work, case, TOWNSHIP)
    check = await Check.get(case_id=case.id, cycle=case.cycle)
    assert case.stage == "checking"
    assert check.assignee_id not in await people_of(TOWNSHIP, work)
    assert case.owner_role == ("grid_worker" if check.assignee_id else "acceptor")


async def test_a_cooperating_unit_leaves_and_the_lead_that_somebody_named_goes_on(county):
    work = Casework(county)
    case = await dispatched(
        work, await work.filed(), WORKS, cooperating=(POWER,), limit=2, urgency="work_day"
    )
    case = await work.handling(case)
    [helper] = await work.tasks(case, "cooperating")
    case = await mark(work, case, POWER)
    assert case.stage == "handling"
    assert (await Task.get(id=helper.id)).stage == "waived"
    assert await sees(work, work.officer_of(case.lead_id), case)
    assert not await sees(work, work.officer_of(helper.unit_id), case)


async def test_what_was_named_wrongly_goes_by_the_list_again(county):
    work = Casework(county)
    lead = await list_lead(work)
    case = await work.file(await work.report(about_unit=lead))
    case = await mark(work, case, "", who="dispatcher1", reason="只是提到了它")
    assert (case.stage, case.about_unit_id, case.waits_for) == ("dispatched", None, [])
    assert case.lead_id == unit_id(work, lead)
    assert "回避" not in case.explanation["text"]
    await county.deliver()
    assert await sees(work, work.officer_of(case.lead_id), case)


async def test_naming_needs_a_reason_a_known_unit_something_new_and_somebody_who_may(county):
    work = Casework(county)
    case = await work.report(about_unit=STATION)
    before = await everything()
    for unit, more, refusal in (
        (STATION, {}, AlreadyDone),
        ("没有这个局", {}, UnknownUnit),
        (WORKS, {"reason": " "}, ReasonMissing),
        (WORKS, {"who": "township02"}, NotPermitted),
        (WORKS, {"who": "handler_S2a"}, NotFound),
        (WORKS, {"who": "resident1"}, NotPermitted),
    ):
        with pytest.raises(refusal):
            await mark(work, case, unit, **more)
    with pytest.raises(UnknownUnit):
        await work.report(about_unit="没有这个局", photos=())
    assert await everything() == before


async def test_after_units_merged_a_dispatcher_takes_the_complaint_away_from_the_new_one(county):
    work = Casework(county)
    case = await work.file(await work.report(about_unit=DEPARTMENT))
    case = await work.handling(await dispatched(work, case, WORKS))
    about, lead = unit_id(work, DEPARTMENT), case.lead_id
    admin = await work.actor("admin1")
    await reorganising.merge(about, lead, "编发〔2026〕9号", by=admin, at=now())
    await county.parts.knowledge.refresh()
    merged = Casework(county)
    assert not await sees(merged, "handler_D08", case)
    case = await mark(merged, case, DEPARTMENT, who="dispatcher1")
    assert (case.stage, case.lead_id, case.waits_for) == ("filed", None, ["recusal"])


async def test_whom_the_list_alone_chose_leads_no_complaint_about_another_unit(county):
    work = Casework(county)
    case = await mark(work, await work.handling(), STATION)
    assert (case.stage, case.lead_id) == ("dispatched", unit_id(work, DEPARTMENT))
    other = await mark(work, await work.handling(), POWER)
    assert (other.stage, other.waits_for) == ("filed", ["recusal"])


async def test_who_led_and_was_let_go_of_helps_when_it_is_called(county):
    work = Casework(county)
    case = await work.handling()
    old = work.basis.units.by_id[case.lead_id]
    case = await work.handling(await mark(work, case, STATION))
    room = await work.actor("township02")
    call = NewCall(
        reason="emergency", place_text="路口", no=case.no, choice=Choice(cooperating=(old.name,))
    )
    await calling.call(call, by=room, at=now(), basis=work.basis)
    tasks = {(task.unit_id, task.part, task.stage) for task in await work.tasks(case)}
    assert (old.id, "cooperating", "pending") in tasks
    assert (case.lead_id, "lead", "accepted") in tasks


async def test_a_conference_on_a_complaint_is_no_precedent(county):
    work = Casework(county)
    case = await dispatched(work, await work.file(await work.report(about_unit=WORKS)), POWER)
    task, by = await work.lead(case)
    claim = Claim(ground="not_on_list", reason="不归我们", proper_unit="区综合行政执法局")
    await returns.give_back(task.id, claim, by=by, at=now(), basis=work.basis)
    dispatcher, keeper = await work.actor("dispatcher2"), await work.actor("keeper1")
    await conferences.convene(case.no, by=dispatcher, at=now(), basis=work.basis)
    decision = Decision(minutes="投诉属实", choice=Choice(lead="区综合行政执法局"))
    await conferences.decide(case.no, decision, by=keeper, at=now(), basis=work.basis)
    assert not await Precedent.all().exists()


async def test_who_followed_a_case_that_was_merged_reads_none_of_it_when_it_is_about_them(county):
    work = Casework(county)
    one, twin = await work.handling(), await work.handling()
    lead = work.basis.units.by_id[one.lead_id]
    officer = await work.actor(work.officer_of(lead.id))
    stranger = await work.actor("resident3")
    for case in (one, twin):
        await closing.follow(case.no, by=officer, at=now())
        await closing.follow(case.no, by=stranger, at=now())
    by = await work.actor("acceptor1")
    await merging.merge(twin.no, one.no, "同一件", by=by, at=now(), basis=work.basis)
    await mark(work, one, lead.name)
    for who in (officer, stranger):
        assert await queries.mine(who, limit=10, before_id=None) == []
        for case in (one, twin):
            with pytest.raises(NotFound):
                await queries.report_for(who, case.no)
    reporter = await work.actor("resident1")
    assert len(await queries.mine(reporter, limit=10, before_id=None)) == 2


async def test_who_followed_before_units_merged_reads_nothing_afterwards(county):
    work = Casework(county)
    case = await dispatched(work, await work.file(await work.report(about_unit=DEPARTMENT)), WORKS)
    inside = await work.actor("handler_D08")
    await closing.follow(case.no, by=inside, at=now())
    assert [each.no for each in await queries.mine(inside, limit=9, before_id=None)] == [case.no]
    about, lead = unit_id(work, DEPARTMENT), unit_id(work, WORKS)
    admin = await work.actor("admin1")
    await reorganising.merge(about, lead, "编发〔2026〕9号", by=admin, at=now())
    inside = await county.actor("handler_D08")
    assert await queries.mine(inside, limit=9, before_id=None) == []
    with pytest.raises(NotFound):
        await queries.report_for(inside, case.no)


async def test_the_key_of_an_old_call_shows_nothing_any_more(county):
    work = Casework(county)
    case = await work.handling()
    room = await work.actor("township02")
    call = NewCall(reason="emergency", place_text="路口", no=case.no, choice=Choice(), key=uuid4())
    assert (await calling.call(call, by=room, at=now(), basis=work.basis)).no == case.no
    await mark(work, case, TOWNSHIP)
    with pytest.raises(NotFound):
        await calling.call(call, by=room, at=now(), basis=work.basis)


async def test_a_unit_that_swallowed_its_superior_is_not_its_own_judge(county):
    work = Casework(county)
    department, station = unit_id(work, DEPARTMENT), unit_id(work, "荣华派出所")
    works, admin = unit_id(work, WORKS), await work.actor("admin1")
    await rows_of("UPDATE unit SET parent_id = $1 WHERE id = $2", works, department)
    await reorganising.merge(works, department, "编发〔2026〕1号", by=admin, at=now())
    await county.parts.knowledge.refresh()
    assert work.basis.units.by_id[department].parent_id is None
    case = await Casework(county).report(about_unit=DEPARTMENT)
    assert case.waits_for == ["recusal"]
    below = await Casework(county).report(about_unit="荣华派出所")
    assert (below.lead_id, station) == (department, below.about_unit_id)
    await rows_of("UPDATE unit SET parent_id = $1 WHERE id = $2", department, unit_id(work, POWER))
    await rows_of("UPDATE unit SET kind = 'department' WHERE id = $1", unit_id(work, POWER))
    await reorganising.merge(
        unit_id(work, POWER), department, "编发〔2026〕2号", by=admin, at=now()
    )
    await county.parts.knowledge.refresh()
    case = await Casework(county).report(about_unit=POWER)
    assert case.waits_for == ["recusal"]


async def test_a_complaint_about_the_desks_own_unit_is_for_leaders_to_file_and_dispatch(county):
    work = Casework(county)
    centre = "区社会治理综合服务中心"
    await rows_of(
        "UPDATE account SET unit_id = $1 WHERE id IN (SELECT account_id FROM account_grant"
        " WHERE role IN ('acceptor', 'dispatcher'))",
        unit_id(work, centre),
    )
    await rows_of("DELETE FROM roster_shift")
    case = await work.report(about_unit=centre)
    leader = await work.actor("leader1")
    await work.until(case.stage_due_at + timedelta(minutes=1))
    await county.deliver(at=now() + timedelta(days=2))
    heard = await Message.filter(no=case.no, kind__contains="escalat").values_list(
        "account_id", flat=True
    )
    assert leader.id in heard
    assert not set(heard) & await people_of(centre, work)
    await screening.file(case.no, by=leader, at=now(), basis=work.basis)
    plain = await work.filed("resident2")
    choice = Choice(lead=WORKS, limit=2, urgency="work_day")
    with pytest.raises(NotPermitted):
        await dispatching.dispatch(plain.no, choice, by=leader, at=now(), basis=work.basis)
    await dispatching.dispatch(
        case.no, Choice(lead="区信访局"), by=leader, at=now(), basis=work.basis
    )
    assert (await Case.get(id=case.id)).stage == "dispatched"


async def test_a_call_does_not_decide_who_leads_a_complaint(county):
    work = Casework(county)
    case = await work.file(await work.report(about_unit=WORKS))
    room = await work.actor("township02")
    call = NewCall(
        reason="emergency", place_text="路口", no=case.no, choice=Choice(lead=POWER), key=uuid4()
    )
    with pytest.raises(NotPermitted):
        await calling.call(call, by=room, at=now(), basis=work.basis)


async def test_after_the_end_the_unit_ceases_to_read_and_a_redo_goes_elsewhere(county):
    work = Casework(county)
    case = await work.closed()
    lead = work.basis.units.by_id[case.lead_id]
    assert await sees(work, work.officer_of(lead.id), case)
    case = await mark(work, case, lead.name)
    assert case.stage == "closed"
    assert not await sees(work, work.officer_of(lead.id), case)
    assert case.no not in {each.no for each in await queries.closed(None, limit=9, before_id=None)}
    by = await work.actor("resident1")
    await closing.redo(case.no, "又灭了", by=by, at=now(), basis=work.basis)
    case = await Case.get(id=case.id)
    assert (case.stage, case.lead_id, case.waits_for) == ("filed", None, ["recusal"])


async def test_what_a_conference_declined_is_never_filed_to_the_unit_again(county):
    work = Casework(county)
    case = await work.in_conference()
    lead = work.basis.units.by_id[case.lead_id]
    keeper, by = await work.actor("keeper1"), await work.actor("resident1")
    decision = Decision(minutes="不予受理", declined=True, where_to_go="法院")
    await conferences.decide(case.no, decision, by=keeper, at=now(), basis=work.basis)
    await screening.object_to(case.no, "就是他们", by=by, at=now(), basis=work.basis)
    case = await mark(work, case, lead.name)
    assert (case.stage, case.about_unit_id) == ("submitted", lead.id)


async def test_units_that_stay_hear_that_one_keeps_out(county):
    work = Casework(county)
    case = await dispatched(
        work, await work.filed(), WORKS, cooperating=(POWER,), limit=2, urgency="work_day"
    )
    await mark(work, await work.handling(case), POWER)
    await county.deliver()
    told = await Message.filter(kind="case.recuse").values_list("account_id", "text")
    people = await people_of(WORKS, work)
    assert {who for who, _ in told} >= people
    assert not {who for who, _ in told} & await people_of(POWER, work)
    assert all(POWER not in words for _, words in told)


async def test_what_the_unit_returned_and_rested_does_not_count_against_the_next(county):
    work = Casework(county)
    case = await work.disputed()
    lead = work.basis.units.by_id[case.lead_id]
    case = await mark(work, case, lead.name)
    other = WORKS if lead.name != WORKS else POWER
    case = await dispatched(work, case, other)
    task, by = await work.lead(case)
    claim = Claim(ground="not_on_list", reason="不归我们", proper_unit="区综合行政执法局")
    await returns.give_back(task.id, claim, by=by, at=now(), basis=work.basis)
    case = await Case.get(id=case.id)
    assert case.stage == "disputed", "its first return goes to a dispatcher"
    rested = await work.suspended()
    lead = work.basis.units.by_id[rested.lead_id]
    rested = await mark(work, rested, lead.name)
    assert (rested.suspended_until, rested.paused_s) == (None, None)
    assert await days_suspended(rested) < timedelta(hours=1)
