"""A complaint about a unit: it neither reads nor handles it; its superior leads, or another."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from tortoise import Tortoise

from server.cases.calls import call_requests, calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import returns
from server.cases.disputes.returns import Claim
from server.cases.door.access import covered
from server.cases.ends import closing, merging
from server.cases.models.case import Case
from server.cases.models.task import Check
from server.cases.reading import boards, queries, similar, watch_list
from server.cases.reading.boards import BoardFilter
from server.cases.reading.nearby import nearby
from server.cases.work import handling, on_the_spot, steering
from server.cases.work.on_the_spot import Handled
from server.clock import now
from server.errors import (
    ComplaintApart,
    NoSelfHandling,
    NotFound,
    UnitRecused,
)
from server.people.queries import unit_and_below
from server.permissions import Permission
from server.push.models import Message
from tests.casework import (
    ROAD_DAMAGE,
    STAIRS_BLOCKED,
    WALL,
    WALL_HOLE,
    Casework,
    everything,
)
from tests.domain.acts.ends import (
    DEPARTMENT,
    POWER,
    STATION,
    TOWNSHIP,
    WORKS,
    dispatched,
    list_lead,
    people_of,
    sees,
    unit_id,
)

SMALL_ADS = "CJ-006"


async def test_a_complaint_about_a_station_goes_to_its_department_alone(county):
    work = Casework(county)
    case = await work.report(matter=ROAD_DAMAGE, about_unit=STATION)
    assert (case.stage, case.about_unit_id) == ("dispatched", unit_id(work, STATION))
    assert case.lead_id == unit_id(work, DEPARTMENT)
    assert [task.unit_id for task in await work.tasks(case)] == [case.lead_id]
    assert case.explanation.text.startswith(f"本件投诉{STATION}，该单位回避")
    assert DEPARTMENT in case.explanation.text
    assert await sees(work, "handler_D01", case)
    assert not await sees(work, "handler_S2a", case)
    assert await sees(work, "township02", case)


async def test_where_no_superior_is_the_dispatcher_names_who_leads_and_never_the_unit(county):
    work = Casework(county)
    lead = await list_lead(work)
    case = await work.report(about_unit=lead)
    assert (case.stage, case.waits_for) == ("submitted", ["recusal"])
    case = await Case.get(id=(await work.file(case)).id)
    assert (case.stage, case.waits_for) == ("filed", ["recusal"])
    before = await everything()
    for choice in ({"lead": lead}, {"lead": WORKS, "cooperating": (lead,)}):
        with pytest.raises(UnitRecused):
            await dispatched(work, case, **choice)
    assert await everything() == before
    other = WORKS if lead != WORKS else POWER
    case = await dispatched(work, case, other)
    assert case.stage == "dispatched"
    assert (case.limit, case.urgency) == (2, "natural_day")  # the list's own
    assert [task.unit_id for task in await work.tasks(case)] == [unit_id(work, other)]
    assert lead in case.explanation.by_list


async def test_a_station_keeps_out_of_a_complaint_about_its_department_too(county):
    work = Casework(county)
    case = await work.file(await work.report(about_unit=DEPARTMENT))
    with pytest.raises(UnitRecused):
        await dispatched(work, case, STATION)
    case = await dispatched(work, case, WORKS)
    for who in ("handler_D01", "head_D01", "handler_S2a"):
        assert not await sees(work, who, case)


async def test_a_townships_people_hear_and_see_nothing_of_a_complaint_about_it(county):
    work = Casework(county)
    case = await work.file(await work.report(matter=STAIRS_BLOCKED, about_unit=TOWNSHIP))
    case = await dispatched(work, case, WORKS)
    for who in ("township02", "duty02", "grid0201", "grid0202", "grid0203", "grid0204"):
        assert not await sees(work, who, case)
        by = await work.actor(who)
        condition = covered(replace(by, on_shift=True), Permission.CASE_DISPATCH)
        assert condition is None or not await Case.filter(condition, id=case.id).exists()
    case = await work.closed(case)
    check = await Check.get(case_id=case.id)
    assert check.assignee_id is not None
    assert check.assignee_id not in await people_of(TOWNSHIP, work)
    await county.deliver(at=now() + timedelta(days=3))
    heard = set(await Message.filter(no=case.no).values_list("account_id"))
    heard = {account for (account,) in heard}
    assert heard, "somebody hears of it"
    assert not heard & await people_of(TOWNSHIP, work)


async def test_every_list_and_board_leaves_the_complaint_out(county):
    """Also where a unit came by a task without being named: it took another over."""
    work = Casework(county)
    case = await work.handling(await work.report())
    lead = work.basis.units.by_id[case.lead_id]
    officer = await work.actor(work.officer_of(lead.id))
    leader = await work.actor("leader1")
    await steering.watch(case.no, by=leader, at=now())
    await steering.instruct(case.no, "快办", by=leader, at=now(), basis=work.basis)
    await Case.filter(id=case.id).update(about_unit_id=lead.id)
    inside = replace(leader, unit_and_above=officer.unit_and_above)
    assert await boards.task_board(officer, BoardFilter(), limit=10) == []
    assert await watch_list.instructions(officer, limit=10, before_id=None) == []
    assert await watch_list.watched(inside, limit=10, before_id=None) == []
    assert len(await watch_list.watched(leader, limit=10, before_id=None)) == 1
    task, _ = await work.lead(case)
    with pytest.raises(NotFound):
        await queries.task_for(officer, task.id)
    with pytest.raises(NotFound):
        await handling.progress(task.id, "在办", by=officer, at=now(), basis=work.basis)


async def test_who_reported_a_complaint_about_the_own_unit_follows_it_and_no_more(county):
    work = Casework(county)
    case = await work.report("grid0202", about_unit=TOWNSHIP)
    assert case.first_unit_id is None
    by = await work.actor("grid0202")
    assert (await queries.report_for(by, case.no)).no == case.no
    with pytest.raises(NotFound):
        await queries.case_for(by, case.no)
    case = await dispatched(work, await work.file(case), WORKS)
    await county.deliver()
    heard = await Message.filter(account_id=by.id, no=case.no).count()
    assert heard
    call = NewCall(reason="emergency", place_text="路口", no=case.no, choice=Choice(), key=uuid4())
    with pytest.raises(UnitRecused):
        await call_requests.ask(call, by=by, at=now(), basis=work.basis)


async def test_nobody_nearby_sees_or_follows_a_complaint_and_it_is_never_public(county):
    work = Casework(county)
    plain, case = await work.report(), await work.report(about_unit=STATION)
    stranger = await work.actor("resident2")
    near = await nearby(*WALL, by=stranger, at=now(), basis=work.basis)
    assert [each.no for each in near] == [plain.no]
    await closing.follow(plain.no, by=stranger, at=now())
    with pytest.raises(NotFound):
        await closing.follow(case.no, by=stranger, at=now())
    await work.closed(case)
    shown = await queries.closed(None, limit=50, before_id=None)
    assert case.no not in {each.no for each in shown}


async def test_it_is_never_settled_on_the_spot(county):
    work = Casework(county)
    by = await work.actor("grid0202")
    settled = Handled(result="处理了", photos=(await work.photo("grid0202"),))
    with pytest.raises(NoSelfHandling):
        await work.report("grid0202", matter=SMALL_ADS, about_unit=WORKS, handled=settled)
    case = await work.report(matter=SMALL_ADS, about_unit=WORKS)
    with pytest.raises(NoSelfHandling):
        await on_the_spot.self_handle(case.no, settled, by=by, at=now(), basis=work.basis)


async def test_only_complaints_about_the_same_unit_become_one_case(county):
    work = Casework(county)
    by = await work.actor("acceptor1")
    one, twin = [await work.report(about_unit=STATION) for _ in range(2)]
    plain = await work.report()
    found = await similar.similar(one, by=by, basis=work.basis, limit=10)
    assert {each.case.no for each in found} == {twin.no}
    with pytest.raises(ComplaintApart):
        await merging.merge(plain.no, one.no, "同一件", by=by, at=now(), basis=work.basis)
    await merging.merge(twin.no, one.no, "同一件", by=by, at=now(), basis=work.basis)
    assert not await sees(work, "handler_S2a", await Case.get(id=twin.id))


async def test_neither_a_call_nor_a_return_brings_the_unit_in(county):
    work = Casework(county)
    lead = await list_lead(work)
    case = await dispatched(work, await work.file(await work.report(about_unit=lead)), POWER)
    before = await everything()
    caller = await work.actor("township02")
    call = NewCall(
        reason="emergency", place_text="路口", no=case.no, choice=Choice(cooperating=(lead,))
    )
    with pytest.raises(UnitRecused):
        await calling.call(call, by=caller, at=now(), basis=work.basis)
    task, by = await work.lead(case)
    claim = Claim(ground="not_on_list", reason="不归我们", proper_unit=lead)
    with pytest.raises(UnitRecused):
        await returns.give_back(task.id, claim, by=by, at=now(), basis=work.basis)
    assert await everything() == before


async def test_an_urgent_complaint_is_filed_at_once_and_waits_for_the_dispatcher_alone(county):
    work = Casework(county)
    lead = await list_lead(work, WALL_HOLE)
    case = await work.report(matter=WALL_HOLE, about_unit=lead)
    assert (case.stage, case.waits_for, case.owner_role) == ("filed", ["recusal"], "dispatcher")


async def test_the_house_of_a_unit_is_the_same_seen_from_above_and_from_below(county):
    work = Casework(county)
    people = await Tortoise.get_connection("default").execute_query_dict(
        "SELECT id, unit_id FROM account WHERE unit_id IS NOT NULL"
    )
    for name in (STATION, DEPARTMENT, TOWNSHIP, WORKS):
        about = unit_id(work, name)
        below = await unit_and_below(about)
        for row in people:
            by = await work.actor_by_id(row["id"])
            inside = work.basis.units.within(row["unit_id"], about)
            assert (about in by.unit_and_above) == inside == (row["id"] in below.account_ids)
