"""Disputes before a conference: docket, statements, a ruling that binds, and its precedent."""

import asyncio
from datetime import timedelta

import pytest

from server.cases.disputes import conferences
from server.cases.door.hindrances import MAX_STATEMENTS
from server.cases.door.journal import Act
from server.cases.door.moving import moving
from server.cases.models.case import Case, Step
from server.cases.models.dispute import Conference, Return, Statement
from server.cases.rules.deadlines import Timer
from server.cases.rules.flow import Verb
from server.clock import now
from server.errors import (
    BadInput,
    ConferenceRunning,
    DecidedByConference,
    InterestedParty,
    NoLead,
    NotFound,
    NotPermitted,
    OffListTownship,
    ReasonMissing,
    ReturnedBefore,
    StatementsUsed,
    UnknownUnit,
    WrongStage,
)
from server.people.actor import SYSTEM
from server.push.models import Message
from server.responsibility.list import precedents
from tests.casework import WALL_HOLE, Casework, everything, rows_of
from tests.domain.acts.disputes import (
    MINUTES,
    POWER,
    WATER,
    WORKS,
    clock,
    convene,
    decide,
    disputed,
    give_back,
    heard,
    in_conference,
    open_lead,
    rule,
    state,
)


async def test_a_dispatcher_puts_a_dispute_on_the_docket_and_no_clock_stops(county):
    work = Casework(county)
    before, at = await disputed(work), now()
    case = await convene(work, before, at=at)
    due = work.basis.calendar.add(at, 3, "work_day").at
    assert (case.stage, case.owner_role, case.stage_due_at) == (
        "in_conference",
        "list_keeper",
        due,
    )
    assert clock(case) == clock(before)
    names = {each.name for each in case.timers}
    assert names == {Timer.DECIDE_LATE, Timer.URGE, Timer.WARN, Timer.SUPERVISE}
    conference = await Conference.get(case_id=case.id)
    assert conference.unit_ids == [work.basis.units.named(name).id for name in (WORKS, POWER)]
    assert (conference.due_at, conference.decided_at) == (due, None)
    told = await heard(county, "convene")
    assert set(told.values()) == {1}
    for who in ("handler_D08", "handler_U01", "township02", "keeper1", "dispatcher2"):
        assert (await work.actor(who)).id in told, who
    assert (await work.actor("resident1")).id not in told


async def test_an_urgent_dispute_does_not_wait_for_monday(county):
    work = Casework(county)
    case = await disputed(work, await work.report("grid0202", matter=WALL_HOLE))
    at = now() + timedelta(minutes=5)
    assert (await convene(work, case, at=at)).stage_due_at == at + timedelta(hours=2)


async def test_the_clock_may_convene_within_an_act_of_its_own(county):
    work = Casework(county)
    case = await disputed(work)
    at = case.stage_due_at
    act = Act(verb=Verb.ESCALATE, by=SYSTEM, at=at)
    async with moving(case.no, act, work.basis) as opened:
        await conferences.convene_now(opened.journal, by=SYSTEM, at=at, basis=work.basis)
    found = await Case.get(id=case.id)
    assert (found.stage, found.version) == ("in_conference", case.version + 2)
    assert (await Conference.get(case_id=case.id)).convened_by_id is None


async def test_only_who_may_convenes_and_only_what_is_disputed(county):
    work = Casework(county)
    fresh, case = await work.report(), await disputed(work)
    before = await everything()
    for of, who, problem in (
        (fresh, "dispatcher1", WrongStage),
        (case, "keeper1", NotFound),  # sees what is on the docket only
        (case, "leader1", NotPermitted),
        (case, "handler_D08", NotPermitted),
        (case, "resident1", NotPermitted),
    ):
        with pytest.raises(problem):
            await convene(work, of, who=who)
    assert await everything() == before


async def test_the_units_in_dispute_state_their_case_and_nobody_else(county):
    work = Casework(county)
    case = await disputed(work)
    await state(work, case, "设施移交过")
    await state(work, case, "没有移交", who="handler_U01")
    case = await convene(work, case)
    await state(work, case, "见移交清单")
    said = await Statement.filter(case_id=case.id).order_by("id")
    names = [work.basis.units.by_id[each.unit_id].name for each in said]
    assert names == [WORKS, POWER, WORKS]
    assert [each.text for each in said] == ["设施移交过", "没有移交", "见移交清单"]
    before = await everything()
    for who, words, problem in (
        ("township02", "我们配合", NotPermitted),
        ("handler_D10", "路过", NotFound),
        ("dispatcher1", "我看", NotPermitted),
        ("resident1", "快修", NotPermitted),
        ("handler_D08", " ", ReasonMissing),
    ):
        with pytest.raises(problem):
            await state(work, case, words, who=who)
    assert await everything() == before
    for _ in range(MAX_STATEMENTS - 2):
        await state(work, case)
    before = await everything()
    with pytest.raises(StatementsUsed):
        await state(work, case)
    assert await everything() == before


async def test_the_keeper_decides_for_another_lead_and_that_binds(county):
    work = Casework(county)
    before = await in_conference(work)
    at = now() + timedelta(minutes=30)
    case = await decide(work, before, lead="D10", cooperating=("供热公司",), limit=1, at=at)
    water = work.basis.units.named(WATER)
    assert (case.stage, case.lead_id) == ("dispatched", water.id)
    assert clock(case) == clock(before)
    [lead] = await open_lead(work, case)
    assert (lead.unit_id, lead.dispatched_at) == (water.id, at)
    assert lead.due_at == work.basis.calendar.add(at, 1, case.urgency).at
    [old] = [task for task in await work.tasks(case, "lead") if task.id != lead.id]
    assert (old.refunded, old.due_at) == (True, None)
    given = await Return.get(case_id=case.id)
    assert (given.upheld, given.ruled_at, given.ruling) == (True, at, MINUTES)
    conference = await Conference.get(case_id=case.id)
    assert (conference.decided_at, conference.lead_id, conference.minutes) == (
        at,
        water.id,
        MINUTES,
    )
    assert conference.decided_by_id == (await work.actor("keeper1")).id
    told = case.explanation
    assert (told.dispatched_by, told.lead, told.reason) == ("conference", WATER, MINUTES)
    assert WORKS in told.by_list
    before = await everything()
    with pytest.raises(DecidedByConference):
        await give_back(work, lead)
    [heat] = [
        task
        for task in await work.tasks(case, "cooperating")
        if work.basis.units.by_id[task.unit_id].name == "区供热公司"
    ]
    with pytest.raises(DecidedByConference):
        await give_back(work, heat)
    assert await everything() == before


async def test_who_returned_it_wrongly_goes_on_with_the_clock_it_had(county):
    work = Casework(county)
    start = await work.handling()
    case = await decide(work, await in_conference(work, start), lead=WORKS)
    [task] = await work.tasks(case, "lead")
    assert (case.stage, task.stage, task.due_at) == ("dispatched", "pending", start.due_at)
    assert (task.refunded, task.accepted_at, case.accepted_at) == (False, None, None)
    assert task.accept_due_at == task.wake_at == case.stage_due_at
    assert clock(case) == clock(start)
    assert (await Return.get(case_id=case.id)).upheld is False
    with pytest.raises(ReturnedBefore):
        await give_back(work, task)
    assert (await work.handling(case)).stage == "handling"


async def test_after_two_returns_the_first_lead_may_be_held_to_it(county):
    work = Casework(county)
    case = await rule(work, await disputed(work), lead=WATER)
    case = await disputed(work, case, proper_unit=WORKS)
    assert case.stage == "in_conference"
    case = await decide(work, case, lead=WORKS)
    tasks = await work.tasks(case, "lead")
    assert [task.stage for task in tasks] == ["returned", "returned", "pending"]
    assert tasks[2].unit_id == tasks[0].unit_id
    assert [row.upheld for row in await Return.filter(case_id=case.id).order_by("id")] == [
        True,
        True,
    ]
    with pytest.raises(ReturnedBefore):
        await give_back(work, tasks[2])


async def test_a_conference_may_decline_the_case_with_where_to_go(county):
    work = Casework(county)
    case = await in_conference(work)
    before = await everything()
    for about in (
        {"declined": True},
        {"declined": True, "where_to_go": " "},
        {"declined": True, "where_to_go": "物业", "lead": POWER},
        {"declined": True, "where_to_go": "物业", "limit": 2},
    ):
        with pytest.raises(BadInput):
            await decide(work, case, **about)
    assert await everything() == before
    case = await decide(work, case, declined=True, where_to_go="小区物业", minutes="属小区内部")
    assert (case.stage, case.owner_role, case.stage_due_at) == ("declined", "", None)
    assert case.timers == ()
    stages = [task.stage for task in await work.tasks(case)]
    assert stages == ["returned", "waived", "waived"]
    told = await heard(county, "decide")
    assert set(told.values()) == {1}
    for who in ("resident1", "handler_D08", "handler_U01", "township02"):
        assert (await work.actor(who)).id in told, who
    words = await Message.get(
        account_id=(await work.actor("resident1")).id, event__endswith=":decide"
    )
    assert "小区物业" in words.text
    assert "属小区内部" not in words.text
    [precedent] = await precedents.page(limit=9)
    assert (precedent.lead_id, precedent.text) == (None, "属小区内部")


async def test_a_leader_decides_only_what_the_conference_did_not(county):
    work = Casework(county)
    case = await in_conference(work)
    before = await everything()
    with pytest.raises(ConferenceRunning) as running:
        await decide(work, case, who="leader1", lead=POWER)
    assert "月" in running.value.facts["until"]
    assert await everything() == before
    found = await decide(work, case, who="leader1", lead=POWER, at=case.stage_due_at)
    assert found.stage == "dispatched"
    late = await in_conference(work)
    at = late.stage_due_at + timedelta(days=1)
    assert (await decide(work, late, lead=POWER, at=at)).stage == "dispatched"


async def test_a_decision_that_cannot_be_is_refused_and_nothing_changes(county):
    work = Casework(county)
    dispute, case = await disputed(work), await in_conference(work)
    keeper = await work.actor("keeper1")
    before = await everything()
    for of, about, problem in (
        (dispute, {"who": "leader1", "lead": POWER}, WrongStage),
        (dispute, {"lead": POWER}, NotFound),
        (case, {"who": "dispatcher1", "lead": POWER}, NotPermitted),
        (case, {"who": "handler_U01", "lead": WORKS}, NotPermitted),
        (case, {"who": "resident2", "lead": WORKS}, NotFound),
        (case, {"minutes": " ", "lead": POWER}, ReasonMissing),
        (case, {}, NoLead),
        (case, {"lead": "没有的局"}, UnknownUnit),
        (case, {"lead": POWER, "cooperating": ("没有的局",)}, UnknownUnit),
        (case, {"lead": "T02"}, OffListTownship),
    ):
        with pytest.raises(problem):
            await decide(work, of, **about)
    assert await everything() == before
    for unit in (WORKS, POWER):
        await rows_of(
            "UPDATE account SET unit_id = (SELECT id FROM unit WHERE name = $1) WHERE id = $2",
            unit,
            keeper.id,
        )
        work._actors.clear()
        before = await everything()
        with pytest.raises(InterestedParty):
            await decide(work, case, lead=WATER)
        assert await everything() == before


async def test_two_decisions_at_once_are_one(county):
    work = Casework(county)
    case = await in_conference(work)
    answers = await asyncio.gather(
        decide(work, case, lead=POWER), decide(work, case, lead=WATER), return_exceptions=True
    )
    assert [type(each) for each in answers if isinstance(each, Exception)] == [WrongStage]
    assert await Step.filter(case_id=case.id, verb="decide").count() == 1
    assert len(await precedents.page(limit=9)) == 1
