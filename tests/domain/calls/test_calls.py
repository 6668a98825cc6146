"""Calls: who may call whom to where and when, and what becomes of it."""

from datetime import timedelta

import pytest

from server.cases.calls import calling
from server.cases.dispatch.dispatching import Choice
from server.cases.models.case import Case, Follower, Step
from server.cases.models.task import Call
from server.clock import now
from server.errors import (
    BadInput,
    BadPosition,
    CallInPast,
    CallPlaceMissing,
    CallWithoutUnits,
    NoLead,
    NoRequest,
    NotFound,
    NotPermitted,
    OffListTownship,
    UnknownMatter,
    UnknownUnit,
    WrongStage,
)
from server.push.models import Message
from tests.casework import PLACES, WALL, WALL_HOLE, Casework, everything, position
from tests.domain.acts.calls import ENFORCEMENT, new_call


async def call(work, who="township02", **changes):
    by = await work.actor(who)
    made = await calling.call(new_call(**changes), by=by, at=now(), basis=work.basis)
    return await Case.get(id=made.id)


def places(work, level):
    return work.basis.places.at(now()).rows(level)


async def test_a_township_calls_the_units_of_the_list_to_a_place_at_a_time(county):
    work = Casework(county)
    asked_at = now() + timedelta(hours=2)
    case = await call(work, asked_at=asked_at)
    assert case.stage == "dispatched"
    assert work.basis.units.by_id[case.lead_id].name == ENFORCEMENT
    tasks = await work.tasks(case)
    made = await Call.get(case_id=case.id)
    by = await work.actor("township02")
    assert (made.by_id, made.caller_unit_id, made.reason) == (
        by.id,
        by.unit_id,
        "joint_enforcement",
    )
    for task in tasks:
        assert task.call_id == made.id
        assert task.arrive_due_at == asked_at
        assert task.accept_due_at - task.dispatched_at == timedelta(minutes=30)
    step = await Step.get(case_id=case.id)
    assert (step.verb, step.reason, step.source) == ("call", "joint_enforcement", "")
    [follower] = await Follower.filter(case_id=case.id)
    assert follower.account_id == by.id
    await county.deliver()
    officer = await work.actor("handler_D02")
    [said] = await Message.filter(account_id=officer.id)
    assert "荣华里3号楼" in said.text
    assert "荣华街道" in said.text


async def test_in_an_emergency_units_come_within_half_an_hour(county):
    work = Casework(county)
    case = await call(work, reason="emergency")
    for task in await work.tasks(case):
        assert task.arrive_due_at - task.dispatched_at == timedelta(minutes=30)


async def test_units_may_be_named_off_the_list_with_a_limit(county):
    work = Casework(county)
    choice = Choice(lead=ENFORCEMENT, cooperating=("区公安分局",), limit=1, urgency="work_day")
    case = await call(
        work,
        matter="",
        choice=choice,
        text="占道",
        position=None,
        place_code=((await work.actor("township02")).township_code),
    )
    assert (case.off_list, case.title) == (True, "镇街吹哨事项")
    assert len(await work.tasks(case)) == 2


async def test_a_filed_case_may_be_called_for(county):
    work = Casework(county)
    filed = await work.filed()
    choice = Choice(lead=ENFORCEMENT, limit=24, urgency="urgent_hour")
    case = await call(work, no=filed.no, choice=choice)
    assert (case.id, case.stage) == (filed.id, "dispatched")
    assert await Call.filter(case_id=case.id).count() == 1
    over = await work.closed()
    before = await everything()
    with pytest.raises(WrongStage):
        await call(work, no=over.no)
    assert await everything() == before


async def test_a_call_that_cannot_be_is_refused_and_changes_nothing(county):
    work = Casework(county)
    home = (await work.actor("township02")).township_code
    elsewhere = next(row.code for row in places(work, "township") if row.code != home)
    off = {"matter": "", "choice": Choice(lead="荣华街道", limit=1, urgency="work_day")}
    filed_elsewhere = await work.report(matter=WALL_HOLE, position=None)
    before = await everything()
    for who, changes, problem in (
        ("township02", {"place_text": "  "}, CallPlaceMissing),
        ("township02", {"position": None}, CallPlaceMissing),
        ("township02", {"position": position(PLACES["outside"])}, CallPlaceMissing),
        ("township02", {"asked_at": now() - timedelta(minutes=6)}, CallInPast),
        ("township02", {"position": None, "place_code": elsewhere}, NotPermitted),
        ("township02", {"position": None, "place_code": "999"}, BadInput),
        ("township02", {"position": position((WALL[1], WALL[0]))}, BadPosition),
        ("township02", {"matter": "ZZ-999"}, UnknownMatter),
        ("township02", {"matter": ""}, CallWithoutUnits),
        ("township02", {"matter": "", "choice": Choice(cooperating=(ENFORCEMENT,))}, NoLead),
        ("township02", {"request": 1}, NoRequest),
        ("township02", {"choice": Choice(lead="没有这个局")}, UnknownUnit),
        ("township02", off, OffListTownship),
        ("township02", {"no": filed_elsewhere.no}, NotFound),
        ("township02", {"no": "000000-00000000"}, NotFound),
        ("township04", {}, NotPermitted),
        ("resident1", {}, NotPermitted),
        ("grid0202", {}, NotPermitted),
        ("acceptor1", {}, NotPermitted),
        ("handler_D02", {}, NotPermitted),
    ):
        with pytest.raises(problem):
            await call(work, who, **changes)
    assert await everything() == before


async def test_a_duty_leader_calls_in_the_own_township_and_a_department_anywhere(county):
    work = Casework(county)
    assert (await call(work, "duty02")).stage == "dispatched"
    case = await call(work, "head_D14", choice=Choice(lead=ENFORCEMENT))
    assert (await Call.get(case_id=case.id)).caller_unit_id == (
        await work.actor("head_D14")
    ).unit_id
    with pytest.raises(NotPermitted):
        await call(work, "duty04")


async def test_the_caller_hears_how_it_goes_on(county):
    work = Casework(county)
    case = await work.handling(await call(work))
    await county.deliver()
    caller = await work.actor("township02")
    kinds = (
        await Message.filter(account_id=caller.id).order_by("seq").values_list("kind", flat=True)
    )
    assert kinds == ["case.accept"]  # of the call itself the caller knows
    neighbour = await work.actor("duty02")  # of the calling unit, not the caller
    kinds = await Message.filter(account_id=neighbour.id, no=case.no).values_list(
        "kind", flat=True
    )
    assert "case.accept" in kinds
