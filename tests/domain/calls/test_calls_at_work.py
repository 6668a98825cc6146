"""Calls on a case at work: its lead stays, units come, others join; teams; who came how far."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from server.cases.calls import calling
from server.cases.dispatch.dispatching import Choice
from server.cases.models.case import Case, Step
from server.cases.models.task import Call, Task
from server.cases.work import handling
from server.cases.work.handling import Spot
from server.clock import now
from server.errors import (
    BadPosition,
    CallInPast,
    CallLead,
    CallPlaceMissing,
    CallWithoutUnits,
    InterestedParty,
    KeyReused,
    NoRequest,
    NotFound,
    NotPermitted,
    OffListTownship,
    UnknownUnit,
    WrongTaskStage,
)
from server.people.duty import teams
from server.push.models import Message
from tests.casework import PLACES, WALL, WALL_HOLE, Casework, everything, position
from tests.domain.acts.calls import ENFORCEMENT, new_call

FIRE = "区消防救援大队"
POLICE = "区公安分局"
HOME = ("荣华派出所", "荣华市场监督管理所")
HERE = Spot(lon=WALL[0], lat=WALL[1])


async def call(work, case, who="township02", **changes):
    given = {"no": case.no, "matter": "", "position": None} | changes
    by = await work.actor(who)
    made = await calling.call(new_call(**given), by=by, at=now(), basis=work.basis)
    return await Case.get(id=made.id)


async def task_of(work, case, unit):
    [task] = await Task.filter(case_id=case.id, unit_id=work.basis.units.named(unit).id)
    return task


async def test_a_call_on_a_case_in_handling_brings_its_units_and_others_and_keeps_the_lead(county):
    work = Casework(county)
    case = await work.handling(await work.report(matter=WALL_HOLE))
    before = {task.unit_id: task for task in await work.tasks(case)}
    await county.deliver()
    asked_at = now() + timedelta(hours=3)
    choice = Choice(lead=ENFORCEMENT, cooperating=(POLICE, FIRE))
    after = await call(work, case, choice=choice, asked_at=asked_at)
    assert (after.stage, after.lead_id, after.due_at) == ("handling", case.lead_id, case.due_at)
    assert after.timers == case.timers
    made = await Call.get(case_id=case.id)
    for unit in (ENFORCEMENT, POLICE, FIRE):
        task = await task_of(work, case, unit)
        assert (task.call_id, task.arrive_due_at) == (made.id, asked_at), unit
    lead = await task_of(work, case, ENFORCEMENT)
    assert (lead.id, lead.part, lead.stage) == (before[lead.unit_id].id, "lead", "accepted")
    assert lead.wake_at == asked_at
    fresh = await task_of(work, case, FIRE)
    assert (fresh.part, fresh.stage) == ("cooperating", "pending")
    assert fresh.wake_at == fresh.accept_due_at == fresh.dispatched_at + timedelta(minutes=30)
    others = set(before) - {lead.unit_id, work.basis.units.named(POLICE).id}
    assert others
    for unit_id in others:
        [task] = await Task.filter(case_id=case.id, unit_id=unit_id)
        assert (task.call_id, task.arrive_due_at) == (None, None)
    step = await Step.filter(case_id=case.id).order_by("-version").first()
    assert (step.verb, step.way, step.reason) == ("call", "join", "joint_enforcement")
    await county.deliver()
    officer = await work.actor("handler_D07")
    [said] = await Message.filter(account_id=officer.id, no=case.no)
    assert all(unit in said.text for unit in (ENFORCEMENT, POLICE, FIRE, "荣华街道"))
    reporter = await work.actor("resident1")
    assert await Message.filter(account_id=reporter.id, no=case.no, kind="case.call").count() == 1


async def test_a_call_that_names_nobody_is_for_everybody_else_at_work(county):
    work = Casework(county)
    case = await work.handling()
    [helper, *_] = await work.tasks(case, "cooperating")
    by = await work.actor(work.officer_of(helper.unit_id))
    await handling.accept(helper.id, by=by, at=now(), basis=work.basis)
    await handling.done(helper.id, "好了", by=by, at=now(), basis=work.basis)
    await call(work, case)
    room = await work.actor("township02")
    for task in await work.tasks(case):
        stays = task.id == helper.id or task.unit_id == room.unit_id
        assert (task.call_id is None) == stays
        assert task.stage == ("done" if task.id == helper.id else task.stage)


async def test_a_lead_that_has_not_signed_signs_as_for_a_call(county):
    work = Casework(county)
    case = await work.report()
    asked = await call(work, case)
    lead, _ = await work.lead(case)
    half_an_hour = timedelta(minutes=30)
    step = await Step.filter(case_id=case.id).order_by("-version").first()
    assert (
        lead.accept_due_at == asked.stage_due_at == min(case.stage_due_at, step.at + half_an_hour)
    )
    assert asked.stage == "dispatched"
    assert [each.name for each in asked.timers].count("accept_by_clock") == 1
    again = await call(work, case)  # a second call never gives more time
    assert again.stage_due_at == asked.stage_due_at


async def test_who_is_to_come_does_not_set_the_time_for_it(county):
    """Neither by calling itself, nor by a call of its own to all that are at work."""
    work = Casework(county)
    case = await work.handling()
    await call(work, case)
    lead, _ = await work.lead(case)
    unit = work.basis.units.by_id[lead.unit_id]
    later = now() + timedelta(days=3)
    for choice in (Choice(lead=unit.name), Choice(cooperating=(unit.name,))):
        with pytest.raises(InterestedParty):
            await call(work, case, f"head_{unit.code}", choice=choice, asked_at=later)
    await call(work, case, f"head_{unit.code}", choice=Choice(), asked_at=later)
    assert (await Task.get(id=lead.id)).arrive_due_at == lead.arrive_due_at


async def test_another_callers_later_time_puts_nothing_off_and_a_missed_one_is_kept(county):
    work = Casework(county)
    case = await work.handling()
    await call(work, case)
    lead, _ = await work.lead(case)
    helper = (await work.tasks(case, "cooperating"))[0]
    named = Choice(lead=work.basis.units.by_id[lead.unit_id].name)
    other = f"head_{work.basis.units.by_id[helper.unit_id].code}"
    await call(work, case, other, choice=named, asked_at=now() + timedelta(days=3))
    assert (await Task.get(id=lead.id)).arrive_due_at == lead.arrive_due_at
    await work.until(lead.arrive_due_at + timedelta(minutes=1))
    assert (await Task.get(id=lead.id)).late_at == lead.arrive_due_at
    after, room = lead.arrive_due_at + timedelta(hours=1), await work.actor("township02")
    more = new_call(
        no=case.no, matter="", position=None, choice=named, asked_at=after + timedelta(days=1)
    )
    await calling.call(more, by=room, at=after, basis=work.basis)
    task = await Task.get(id=lead.id)
    assert task.late_at is None
    assert [each.late_at for each in task.earlier_calls] == [None, lead.arrive_due_at]


async def test_a_unit_called_again_is_to_come_again(county):
    work = Casework(county)
    case = await work.handling(await work.report(matter=WALL_HOLE))
    await call(work, case, choice=Choice(cooperating=(POLICE,)))
    by = await work.actor("handler_D01")
    task = await task_of(work, case, POLICE)
    accepted = await handling.accept(task.id, by=by, at=now(), basis=work.basis)
    assert accepted.wake_at == accepted.arrive_due_at
    came = await handling.check_in(task.id, HERE, by=by, at=now(), basis=work.basis)
    assert (came.stage, came.arrived_in_time, came.wake_at) == ("arrived", True, came.due_at)
    first = task.call_id
    later = now() + timedelta(hours=9)
    for name, finish in (("arrived", False), ("done", True)):
        if finish:
            await handling.check_in(task.id, HERE, by=by, at=now(), basis=work.basis)
            await handling.done(task.id, "好了", by=by, at=now(), basis=work.basis)
        assert (await Task.get(id=task.id)).stage == name
        await call(work, case, choice=Choice(cooperating=(POLICE,)), asked_at=later)
        again = await task_of(work, case, POLICE)
        assert (again.stage, again.arrived_at, again.done_at) == ("accepted", None, None)
        assert (again.arrive_due_at, again.wake_at, again.arrival) == (later, later, "")
        assert again.call_id != first
    # Waived before, it has its part again, as one who has not signed yet.
    await Task.filter(id=task.id).update(stage="waived")
    await call(work, case, choice=Choice(cooperating=(POLICE,)))
    again = await task_of(work, case, POLICE)
    assert (again.stage, again.wake_at) == ("pending", again.accept_due_at)


async def test_the_team_that_is_resident_comes_and_who_is_on_call_only_by_name(county):
    work = Casework(county)
    case = await work.handling(await work.report(matter=WALL_HOLE))
    await call(work, case, team=True)
    called = {task.unit_id for task in await work.tasks(case) if task.call_id}
    assert called == {work.basis.units.named(unit).id for unit in HOME}
    # With a new call, it comes besides those of the list.
    by = await work.actor("duty02")
    made = await calling.call(new_call(team=True), by=by, at=now(), basis=work.basis)
    names = {work.basis.units.by_id[t.unit_id].name for t in await work.tasks(made)}
    assert {*HOME, ENFORCEMENT, POLICE} <= names
    assert FIRE not in names
    made = await calling.call(
        new_call(team=True, choice=Choice(cooperating=(FIRE,))),
        by=by,
        at=now(),
        basis=work.basis,
    )
    names = {work.basis.units.by_id[t.unit_id].name for t in await work.tasks(made)}
    assert names == {*HOME, ENFORCEMENT, FIRE}


async def test_without_a_time_units_come_the_same_day(county):
    work, zone = Casework(county), county.basis.zone
    noon = datetime(2026, 3, 3, 12, tzinfo=zone)
    late = datetime(2026, 3, 3, 23, 50, tzinfo=zone)
    by = await work.actor("township02")
    for at, reason, due in (
        (noon, "joint_enforcement", datetime(2026, 3, 3, 23, 59, tzinfo=zone)),
        (late, "joint_enforcement", late + timedelta(minutes=30)),
        (noon, "emergency", noon + timedelta(minutes=30)),
    ):
        case = await work.handling(await work.report(matter=WALL_HOLE))
        new = new_call(no=case.no, position=None, asked_at=None, reason=reason)
        await calling.call(new, by=by, at=at, basis=work.basis)
        lead, _ = await work.lead(case)
        assert lead.arrive_due_at == due, (at, reason)


async def test_who_reports_in_far_from_the_place_is_shown_to_the_township_not_refused(county):
    work = Casework(county)
    case = await work.handling(await work.report(matter=WALL_HOLE))
    await call(work, case, choice=Choice(lead=ENFORCEMENT, cooperating=(POLICE,)))
    await county.deliver()
    task = await task_of(work, case, POLICE)
    by = await work.actor("handler_D01")
    await handling.accept(task.id, by=by, at=now(), basis=work.basis)
    far = Spot(lon=WALL[0], lat=WALL[1] + 0.01)
    came = await handling.check_in(task.id, far, by=by, at=now(), basis=work.basis)
    assert (came.stage, came.arrived_in_time) == ("arrived", True)
    lead, officer = await work.lead(case)
    near = Spot(lon=WALL[0], lat=WALL[1] + 0.004)
    await handling.check_in(lead.id, near, by=officer, at=now(), basis=work.basis)
    steps = await Step.filter(case_id=case.id, verb="check_in").order_by("version")
    assert [(1105 < s.facts["distance_m"] < 1115, bool(s.facts["far"])) for s in steps] == [
        (True, True),
        (False, False),
    ]
    await county.deliver()
    room = await work.actor("township02")
    said = [m.text for m in await Message.filter(account_id=room.id, no=case.no).order_by("seq")]
    told = [words for words in said if "报到" in words and "已到现场" in words]
    assert ["约11" in words for words in told] == [True, False]


async def test_the_place_of_a_call_may_be_another_than_the_case_lies_at(county):
    work = Casework(county)
    case = await work.handling(await work.report(matter=WALL_HOLE))
    meeting = (WALL[0] + 0.001, WALL[1])
    await call(work, case, position=position(meeting))
    made = await Call.get(case_id=case.id)
    assert (made.lon, made.lat) == pytest.approx(meeting, abs=1e-6)


async def test_the_same_call_twice_at_once_is_made_once(county):
    work = Casework(county)
    case = await work.handling(await work.report(matter=WALL_HOLE))
    by, key = await work.actor("township02"), uuid4()
    for new in (
        new_call(key=key, no=case.no, choice=Choice(cooperating=(FIRE,))),
        new_call(key=uuid4()),
    ):
        made = await asyncio.gather(
            *(calling.call(new, by=by, at=now(), basis=work.basis) for _ in range(3))
        )
        assert len({each.id for each in made}) == 1
        assert await Call.filter(by_id=by.id, key=new.key).count() == 1
    assert await Task.filter(unit_id=work.basis.units.named(FIRE).id).count() == 1
    await county.deliver()
    officer = await work.actor("handler_D07")
    assert await Message.filter(account_id=officer.id, no=case.no).count() == 1
    before = await everything()
    other = new_call(key=key, no=case.no, choice=Choice(cooperating=(POLICE,)))
    with pytest.raises(KeyReused):
        await calling.call(other, by=by, at=now(), basis=work.basis)
    assert await everything() == before


async def test_a_call_on_a_case_at_work_that_cannot_be_is_refused_and_changes_nothing(county):
    work = Casework(county)
    case = await work.handling(await work.report(matter=WALL_HOLE))
    police = await task_of(work, case, POLICE)
    await Task.filter(id=police.id).update(stage="returned")
    off = Choice(lead=ENFORCEMENT, limit=2, urgency="work_day")
    listless = await call(work, await work.filed(), choice=off)
    workshops = await work.handling(
        await work.report("grid0101", matter="HJ-001", position=position(PLACES["workshops"]))
    )
    there = work.basis.units.township_unit(workshops.township_code)
    room = f"township{there.code[1:]}"
    for member in await teams.teams(workshops.township_code):
        await teams.remove(workshops.township_code, member.unit_id, by=await work.actor("admin1"))
    before = await everything()
    for on, who, changes, problem in (
        (case, "township02", {"choice": Choice(lead=POLICE)}, CallLead),
        (case, "township02", {"choice": Choice(cooperating=("没有这个局",))}, UnknownUnit),
        (case, "township02", {"choice": Choice(cooperating=(POLICE,))}, WrongTaskStage),
        (case, "township02", {"choice": off}, CallLead),
        (case, "township02", {"place_text": " "}, CallPlaceMissing),
        (case, "township02", {"position": position(PLACES["outside"])}, CallPlaceMissing),
        (case, "township02", {"position": position((WALL[1], WALL[0]))}, BadPosition),
        (case, "township02", {"asked_at": now() - timedelta(minutes=6)}, CallInPast),
        (case, "township02", {"request": 999}, NoRequest),
        (case, "head_D02", {"team": True}, NotPermitted),
        (case, "handler_D02", {}, NotPermitted),
        (case, "grid0202", {}, NotPermitted),
        (case, "township04", {}, NotFound),
        (listless, "township02", {"choice": Choice(cooperating=("荣华街道",))}, OffListTownship),
        (workshops, room, {"team": True}, CallWithoutUnits),
    ):
        with pytest.raises(problem):
            await call(work, on, who, **changes)
    assert await everything() == before
