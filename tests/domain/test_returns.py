"""Tasks that units give back: in time, once, on a ground; and who rules on it, and how."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from server.cases import access, dispatching, handling, returns
from server.cases.calls import NewCall, call
from server.cases.deadlines import Timer
from server.cases.dispatching import Choice
from server.cases.disputes import waiting_returns
from server.cases.models.case import Case, Step
from server.cases.models.dispute import Conference, Return
from server.cases.models.task import Task
from server.cases.returns import Claim, Ruling
from server.cases.turns import alarms
from server.clock import now
from server.errors import (
    BadInput,
    InterestedParty,
    NoReturn,
    NotFound,
    NotPermitted,
    OffListTownship,
    ProperUnit,
    ReasonMissing,
    ReturnedBefore,
    ReturnLate,
    UnknownUnit,
    WrongStage,
    WrongTaskStage,
)
from server.permissions import Permission
from server.push.models import Message
from tests.casework import PLACES, WALL_HOLE, Casework, everything, position, rows_of

WORKS, POWER, WATER = "区住房和城乡建设局", "区供电公司", "区城乡水务局"
CLAIM = Claim(ground="not_on_list", reason="是供电设施", proper_unit=POWER)
CLOCK = ("due_at", "due_why", "limit", "urgency", "received_at")


def clock(case) -> dict:
    return {name: getattr(case, name) for name in CLOCK}


async def give_back(work, task, *, at=None, who=None, **changes):
    by = await work.actor(who or work.officer_of(task.unit_id))
    return await returns.give_back(
        task.id, replace(CLAIM, **changes), by=by, at=at or now(), basis=work.basis
    )


async def disputed(work, case=None, **changes):
    """A case whose lead has returned it."""
    case = case or await work.report()
    [task] = await open_lead(work, case)
    await give_back(work, task, **changes)
    return await Case.get(id=case.id)


async def open_lead(work, case):
    return [task for task in await work.tasks(case, "lead") if task.stage not in ("returned",)]


async def rule(work, case, upheld=True, *, who="dispatcher1", at=None, reason="属实", **choice):
    return_id = choice.pop("return_id", None)
    ruling = Ruling(upheld=upheld, reason=reason, return_id=return_id, choice=Choice(**choice))
    by = await work.actor(who)
    await returns.rule(case.no, ruling, by=by, at=at or now(), basis=work.basis)
    return await Case.get(id=case.id)


async def heard(county, verb):
    """Who has how many messages about a verb, by account."""
    await county.deliver()
    rows = await Message.filter(event__endswith=f":{verb}").values_list("account_id", flat=True)
    return {account: rows.count(account) for account in rows}


async def test_a_leads_return_makes_the_case_disputed_and_stops_no_clock(county):
    work = Casework(county)
    case = await work.report()
    marks = [alarm for alarm in alarms(case) if alarm[0] is not Timer.ACCEPT_BY_CLOCK]
    at = now() + timedelta(minutes=5)
    found = await disputed(work, case, at=at)
    assert (found.stage, found.owner_role) == ("disputed", "dispatcher")
    assert clock(found) == clock(case)
    due = work.basis.calendar.add(at, 1, "work_day").at
    assert found.stage_due_at == due
    assert sorted(alarms(found)) == sorted([*marks, (Timer.CONVENE, due)])
    given = await Return.get(case_id=case.id)
    task = await Task.get(id=given.task_id)
    assert (task.stage, task.wake_at, task.due_at, task.refunded) == (
        "returned",
        None,
        case.due_at,
        False,
    )
    assert (given.part, given.task_stage, given.ground, given.due_at) == (
        "lead",
        "pending",
        "not_on_list",
        due,
    )
    assert (given.upheld, given.ruled_at, given.by_id) == (
        None,
        None,
        (await work.lead(case))[1].id,
    )
    step = await Step.get(case_id=case.id, verb="return")
    assert (step.source, step.target, step.reason) == ("dispatched", "disputed", "是供电设施")


async def test_a_return_after_signing_remembers_where_the_task_stood(county):
    work = Casework(county)
    case = await disputed(work, await work.handling())
    assert (await Return.get(case_id=case.id)).task_stage == "accepted"
    assert case.stage == "disputed"


async def test_an_urgent_return_is_ruled_on_within_minutes_also_at_night(county):
    work = Casework(county)
    case = await work.report("grid0202", matter=WALL_HOLE)
    at = now() + timedelta(minutes=1)
    case = await disputed(work, case, at=at, proper_unit="D08")
    assert case.stage_due_at == at + timedelta(minutes=30)
    assert (await Return.get(case_id=case.id)).due_at == case.stage_due_at


async def test_a_cooperating_return_touches_only_its_own_task(county):
    work = Casework(county)
    case = await work.handling()
    [power, town] = await work.tasks(case, "cooperating")
    await give_back(work, power, proper_unit=WATER)
    found = await Case.get(id=case.id)
    assert (found.stage, found.stage_due_at) == ("handling", case.stage_due_at)
    given = await Return.get(case_id=case.id)
    assert set(alarms(found)) == {*alarms(case), (Timer.RULE_LATE, given.due_at)}
    assert (await Task.get(id=power.id)).stage == "returned"
    assert (await Task.get(id=town.id)).stage == town.stage
    assert given.part == "cooperating"
    # The case goes on: nobody waits for the ruling.
    officer = await work.actor(work.officer_of(town.unit_id))
    await handling.accept(town.id, by=officer, at=now(), basis=work.basis)
    await handling.done(town.id, "好", by=officer, at=now(), basis=work.basis)
    assert (await work.resolve(found)).stage == "checking"


async def test_what_a_return_must_say_is_refused_otherwise_and_nothing_changes(county):
    work = Casework(county)
    case = await work.report()
    lead, _ = await work.lead(case)
    gone = work.basis.units.by_name(WATER)
    before = await everything()
    for changes, problem in (
        ({"proper_unit": "没有的局"}, UnknownUnit),
        ({"proper_unit": " "}, ProperUnit),
        ({"proper_unit": WORKS}, ProperUnit),
        ({"proper_unit": "住建局"}, ProperUnit),
        ({"proper_unit": "D08"}, ProperUnit),
        ({"reason": " "}, ReasonMissing),
        ({"who": "handler_D01"}, NotFound),
        ({"who": "resident1"}, NotFound),
        ({"who": "township02"}, NotPermitted),
        ({"who": "dispatcher1"}, NotPermitted),
        ({"at": case.dispatched_at + timedelta(days=60)}, ReturnLate),
    ):
        with pytest.raises(problem):
            await give_back(work, lead, **changes)
    await rows_of("UPDATE unit SET active = false WHERE id = $1", gone.id)
    await county.parts.knowledge.refresh()
    with pytest.raises(UnknownUnit):
        await give_back(work, lead, proper_unit=WATER)
    await rows_of("UPDATE unit SET active = true WHERE id = $1", gone.id)
    assert await everything() == before


async def test_the_time_to_return_is_counted_in_work_hours_from_the_tasks_dispatch(county):
    work = Casework(county)
    case = await work.report()
    lead, _ = await work.lead(case)
    until = work.basis.calendar.add(lead.dispatched_at, 4, "work_hour").at
    with pytest.raises(ReturnLate) as late:
        await give_back(work, lead, at=until + timedelta(seconds=1))
    assert "月" in late.value.facts["until"]
    await give_back(work, lead, at=until)
    assert (await Case.get(id=case.id)).stage == "disputed"


async def test_a_unit_returns_a_case_once(county):
    work = Casework(county)
    case = await disputed(work)
    [task] = await work.tasks(case, "lead")
    before = await everything()
    with pytest.raises(WrongTaskStage):
        await give_back(work, task)
    assert await everything() == before
    await rule(work, case, upheld=False)
    before = await everything()
    with pytest.raises(ReturnedBefore):
        await give_back(work, task)
    assert await everything() == before


async def test_an_upheld_return_gives_the_case_to_the_proper_unit_with_a_clock_of_its_own(county):
    work = Casework(county)
    before = await disputed(work)
    old = await work.tasks(before, "lead")
    at = now() + timedelta(minutes=30)
    case = await rule(work, before, at=at)
    power = work.basis.units.by_name(POWER)
    assert (case.stage, case.lead_id, case.accepted_at) == ("dispatched", power.id, None)
    assert clock(case) == clock(before)  # invariant 6
    [returned, lead] = await work.tasks(case, "lead")
    assert (returned.id, returned.stage, returned.refunded, returned.due_at) == (
        old[0].id,
        "returned",
        True,
        None,
    )
    due = work.basis.calendar.add(at, case.limit, case.urgency).at
    assert (lead.stage, lead.unit_id, lead.dispatched_at, lead.due_at) == (
        "pending",
        power.id,
        at,
        due,
    )
    assert lead.due_at > case.due_at
    assert lead.accept_due_at == lead.wake_at == case.stage_due_at
    # It cooperated before: that part is over, and the township's stays.
    parts = {
        (task.unit_id == power.id): task.stage for task in await work.tasks(case, "cooperating")
    }
    assert parts == {True: "waived", False: "pending"}
    given = await Return.get(case_id=case.id)
    assert (given.upheld, given.ruled_at, given.ruling) == (True, at, "属实")
    assert given.ruled_by_id == (await work.actor("dispatcher1")).id
    told = case.explanation
    assert (told["dispatched_by"], told["lead"], told["reason"]) == ("ruling", POWER, "属实")
    assert POWER in told["text"]
    assert WORKS in told["by_list"]
    marks = {name for name, _ in alarms(case)}
    assert marks == {Timer.ACCEPT_BY_CLOCK, Timer.URGE, Timer.WARN, Timer.SUPERVISE}


async def test_the_new_lead_works_the_case_to_its_end(county):
    work = Casework(county)
    case = await rule(work, await disputed(work), lead="D10", cooperating=("供热公司", WORKS))
    names = {work.basis.units.by_id[t.unit_id].name: t for t in await work.tasks(case)}
    assert names["区供热公司"].part == "cooperating"
    assert case.explanation["cooperating"] == ["区供热公司", WORKS]
    helpers = [t for t in await work.tasks(case, "cooperating") if t.stage == "pending"]
    assert len(helpers) == 4  # the power company, the township, and the two named
    water = next(t for t in await work.tasks(case, "lead") if t.stage == "pending")
    officer = await work.actor("handler_D10")
    await handling.accept(water.id, by=officer, at=now(), basis=work.basis)
    await work.helped(case)
    photo = await work.photo("handler_D10")
    await handling.resolve(water.id, "好", (photo,), by=officer, at=now(), basis=work.basis)
    assert (await Case.get(id=case.id)).stage == "checking"


@pytest.mark.parametrize(("signed", "stage"), [(False, "dispatched"), (True, "handling")])
async def test_a_refused_return_lets_the_same_lead_go_on_where_it_was(county, signed, stage):
    work = Casework(county)
    start = await (work.handling() if signed else work.report())
    before = await disputed(work, start)
    at = now() + timedelta(minutes=30)
    case = await rule(work, before, upheld=False, at=at, reason="清单写明")
    assert (case.stage, case.lead_id) == (stage, before.lead_id)
    assert clock(case) == clock(before)
    [task] = await work.tasks(case, "lead")
    assert (task.stage, task.due_at, task.refunded) == (
        "accepted" if signed else "pending",
        start.due_at,
        False,
    )
    if signed:
        assert (case.stage_due_at, case.accepted_at) == (case.due_at, start.accepted_at)
    else:
        assert task.accept_due_at == task.wake_at == case.stage_due_at > at
    assert (await Return.get(case_id=case.id)).upheld is False
    step = await Step.get(case_id=case.id, verb="rule")
    assert step.way == ("refuse" if signed else "refuse_pending")


@pytest.mark.parametrize("upheld", [True, False])
async def test_a_cooperating_units_return_is_ruled_on_while_the_case_goes_on(county, upheld):
    work = Casework(county)
    case = await work.handling()
    [power, _] = await work.tasks(case, "cooperating")
    await give_back(work, power, proper_unit=WATER)
    found = await rule(work, case, upheld)
    task = await Task.get(id=power.id)
    assert (found.stage, found.lead_id, found.timers) == ("handling", case.lead_id, case.timers)
    if upheld:
        assert (task.stage, task.refunded, task.due_at) == ("returned", True, None)
    else:
        assert (task.stage, task.refunded, task.due_at) == ("pending", False, case.due_at)
        assert task.wake_at == task.accept_due_at


async def test_another_unit_may_be_chosen_to_cooperate_instead(county):
    work = Casework(county)
    case = await work.handling()
    [power, _] = await work.tasks(case, "cooperating")
    await give_back(work, power, proper_unit=WATER)
    before = await everything()
    for choice, problem in (
        ({"lead": WATER}, BadInput),
        ({"cooperating": (POWER,)}, ProperUnit),
        ({"cooperating": ("没有的局",)}, UnknownUnit),
    ):
        with pytest.raises(problem):
            await rule(work, case, **choice)
    assert await everything() == before
    await rule(work, case, cooperating=(WATER, "T02"))
    units = [t.unit_id for t in await work.tasks(case, "cooperating") if t.stage != "returned"]
    assert {work.basis.units.by_id[each].code for each in units} == {"T02", "D10"}
    assert len(units) == 2


async def test_nobody_rules_who_has_a_part_in_it(county):
    work = Casework(county)
    filed = await work.filed()
    by = await work.actor("dispatcher1")
    choice = Choice(lead=WORKS, limit=2, urgency="work_day", note="就近")
    await dispatching.dispatch(filed.no, choice, by=by, at=now(), basis=work.basis)
    case = await disputed(work, await Case.get(id=filed.id))
    for unit in (WORKS, POWER):  # who returned it, and whom it named
        await rows_of(
            "UPDATE account SET unit_id = (SELECT id FROM unit WHERE name = $1)"
            " WHERE username = 'dispatcher2'",
            unit,
        )
        work._actors.clear()
        before = await everything()
        for who in ("dispatcher1", "dispatcher2"):
            with pytest.raises(InterestedParty):
                await rule(work, case, who=who)
        assert await everything() == before
        assert await waiting_returns(await work.actor("dispatcher1"), limit=9) == []
        assert await waiting_returns(await work.actor("dispatcher2"), limit=9) == []
    await rows_of("UPDATE account SET unit_id = NULL WHERE username = 'dispatcher2'")
    work._actors.clear()
    [(given, of)] = await waiting_returns(await work.actor("dispatcher2"), limit=9)
    assert (of.no, given.case_id) == (case.no, case.id)
    assert (await rule(work, case, who="dispatcher2")).stage == "dispatched"
    assert await waiting_returns(await work.actor("dispatcher2"), limit=9) == []


async def test_a_ruling_that_cannot_be_is_refused_and_nothing_changes(county):
    work = Casework(county)
    fresh, case = await work.report(), await disputed(work)
    off = await work.filed()
    by = await work.actor("dispatcher2")
    choice = Choice(lead=WORKS, limit=2, urgency="work_day", note="就近")
    await dispatching.dispatch(off.no, choice, by=by, at=now(), basis=work.basis)
    off = await disputed(work, await Case.get(id=off.id), proper_unit="T02")
    before = await everything()
    for of, about, problem in (
        (fresh, {}, NoReturn),
        (case, {"return_id": 10**9}, NoReturn),
        (case, {"who": "resident1"}, NotPermitted),
        (case, {"who": "resident2"}, NotFound),
        (case, {"who": "leader1"}, NotPermitted),
        (case, {"who": "handler_D08"}, NotPermitted),
        (case, {"reason": " "}, ReasonMissing),
        (case, {"lead": "没有的局"}, UnknownUnit),
        (case, {"lead": WORKS}, ProperUnit),
        (case, {"lead": "D08"}, ProperUnit),
        (case, {"lead": "T04"}, OffListTownship),
        (case, {"lead": "T02"}, OffListTownship),  # by the list it only cooperates
        (case, {"cooperating": ("没有的局",)}, UnknownUnit),
        (case, {"upheld": False, "lead": WATER}, BadInput),
        (case, {"upheld": False, "cooperating": (WATER,)}, BadInput),
        (case, {"upheld": False, "limit": 3}, BadInput),
        (off, {}, OffListTownship),  # the proper unit that it names is a township
        (off, {"lead": WATER, "cooperating": ("T02",)}, OffListTownship),
    ):
        with pytest.raises(problem):
            await rule(work, of, **about)
    assert await everything() == before


async def test_where_several_returns_wait_the_ruling_says_which(county):
    work = Casework(county)
    case = await work.report()
    for task in await work.tasks(case):
        unit = work.basis.units.by_id[task.unit_id]
        if unit.name != POWER:
            await give_back(work, task, who=work.officer_of(unit.id))
    case = await Case.get(id=case.id)
    before = await everything()
    with pytest.raises(BadInput):
        await rule(work, case)
    assert await everything() == before
    waiting = await Return.filter(case_id=case.id).order_by("id")
    assert [each.part for each in waiting] == ["lead", "cooperating"]
    case = await rule(work, case, upheld=False, return_id=waiting[1].id)
    assert case.stage == "disputed"
    case = await rule(work, case, return_id=waiting[0].id)
    assert case.stage == "dispatched"


async def test_two_dispatchers_at_once_rule_once(county):
    work = Casework(county)
    case = await disputed(work)
    answers = await asyncio.gather(
        rule(work, case, who="dispatcher1"),
        rule(work, case, upheld=False, who="dispatcher2"),
        return_exceptions=True,
    )
    lost = [each for each in answers if isinstance(each, Exception)]
    assert [type(each) for each in lost] == [NoReturn]
    assert lost[0].status == 409
    assert await Step.filter(case_id=case.id, verb="rule").count() == 1
    leads = [t for t in await work.tasks(case, "lead") if t.stage != "returned"]
    assert len(leads) == 1


async def test_the_second_leads_return_goes_to_a_conference_at_once(county):
    work = Casework(county)
    case = await rule(work, await disputed(work), lead=WATER)
    [water] = await open_lead(work, case)
    found = await disputed(work, case, proper_unit="D13")
    assert (found.stage, found.owner_role) == ("in_conference", "list_keeper")
    assert clock(found) == clock(case)
    steps = await Step.filter(case_id=case.id).order_by("-version").limit(2)
    assert [step.verb for step in steps] == ["convene", "return"]
    assert steps[0].by_id is None
    conference = await Conference.get(case_id=case.id)
    names = [work.basis.units.by_id[each].name for each in conference.unit_ids]
    assert names == [WORKS, POWER, WATER, "区工业和信息化局"]
    assert conference.due_at == found.stage_due_at
    assert (await Task.get(id=water.id)).stage == "returned"
    with pytest.raises(WrongStage):
        await rule(work, found)


async def test_who_returned_a_case_and_whom_it_named_still_see_it(county):
    work = Casework(county)
    case = await disputed(work, proper_unit="D13")
    for who in ("handler_D08", "handler_D13"):
        assert await access.may(await work.actor(who), Permission.CASE_READ, case), who
    await rule(work, case, lead=WATER)
    for who in ("handler_D08", "handler_D13", "handler_D10"):
        assert await access.may(await work.actor(who), Permission.CASE_READ, case), who
    assert not await access.may(await work.actor("handler_D14"), Permission.CASE_READ, case)


async def test_everybody_concerned_hears_of_each_act_once(county):
    work = Casework(county)
    case = await disputed(work, proper_unit="D13")
    ids = {name: (await work.actor(name)).id for name in NAMES}
    told = await heard(county, "return")
    assert set(told.values()) == {1}
    assert ids["handler_D08"] not in told  # it did it
    for name in ("resident1", "handler_D13", "handler_U01", "township02", "dispatcher1"):
        assert ids[name] in told, name
    follower = await Message.get(account_id=ids["resident1"], event__endswith=":return")
    assert "供电设施" not in follower.text
    proper = await Message.get(account_id=ids["handler_D13"], event__endswith=":return")
    assert "供电设施" in proper.text
    asked = await Message.get(account_id=ids["dispatcher1"], event__endswith=":return")
    assert "裁定" in asked.text
    await rule(work, case, lead=WATER, reason="管网图不符")
    told = await heard(county, "rule")
    assert set(told.values()) == {1}
    for name in ("resident1", "handler_D08", "handler_D13", "handler_D10", "township02"):
        assert ids[name] in told, name
    follower = await Message.get(account_id=ids["resident1"], event__endswith=":rule")
    assert WATER in follower.text
    assert "管网图不符" not in follower.text
    returning = await Message.get(account_id=ids["handler_D08"], event__endswith=":rule")
    assert "管网图不符" in returning.text


NAMES = (
    *("resident1", "handler_D08", "handler_D13", "handler_D10", "handler_U01"),
    *("township02", "dispatcher1"),
)


async def test_a_dispatcher_who_follows_the_case_hears_of_its_return_once(county):
    work = Casework(county)
    await disputed(work, await work.report("dispatcher1"))
    told = await heard(county, "return")
    assert told[(await work.actor("dispatcher1")).id] == 1


async def test_the_new_lead_of_a_call_is_to_come_while_the_time_asked_for_lies_ahead(county):
    work = Casework(county)
    by, at = await work.actor("township04"), now()
    for hours, reason in ((3, "joint_enforcement"), (1, "joint_enforcement"), (1, "emergency")):
        new = NewCall(
            reason=reason,
            place_text="村口",
            asked_at=at + timedelta(hours=hours),
            matter="HJ-001",
            position=position(PLACES["workshops"]),
            choice=Choice(),
        )
        case = await call(new, by=by, at=at, basis=work.basis)
        case = await disputed(work, await Case.get(id=case.id), proper_unit="D08", at=at)
        ruled_at = at + timedelta(hours=2)
        case = await rule(work, case, at=ruled_at)
        [lead] = await open_lead(work, case)
        soon = timedelta(minutes=30)
        assert lead.accept_due_at == case.stage_due_at == ruled_at + soon
        expected = {3: new.asked_at, 1: ruled_at + soon if reason == "emergency" else None}
        assert lead.arrive_due_at == expected[hours]
        assert lead.call_id is not None


async def test_the_lead_waives_a_cooperating_task_with_a_reason(county):
    work = Casework(county)
    case = await work.handling()
    lead, by = await work.lead(case)
    [power, town] = await work.tasks(case, "cooperating")

    async def waive(task, who="handler_D08", reason="不需要断电"):
        by = await work.actor(who)
        return await handling.waive(task.id, reason, by=by, at=now(), basis=work.basis)

    before = await everything()
    for task, who, reason, problem in (
        (power, "handler_D08", " ", ReasonMissing),
        (power, "handler_U01", "不想做", NotPermitted),
        (power, "township02", "不需要", NotPermitted),
        (power, "dispatcher1", "不需要", NotPermitted),
        (power, "handler_D01", "不需要", NotFound),
        (power, "resident1", "不需要", NotFound),
        (lead, "handler_D08", "不做了", WrongStage),
    ):
        with pytest.raises(problem):
            await waive(task, who, reason)
    with pytest.raises(NotFound):  # for this verb only
        await handling.accept(power.id, by=by, at=now(), basis=work.basis)
    assert await everything() == before
    task, _ = await waive(power)
    assert (task.stage, task.wake_at) == ("waived", None)
    told = await heard(county, "waive")
    assert (await work.actor("handler_U01")).id in told
    assert by.id not in told
    assert set(told.values()) == {1}
    with pytest.raises(WrongTaskStage):
        await waive(power)
    await waive(town)
    assert (await work.resolve(case)).stage == "checking"


async def test_a_department_waives_its_own_stations_part_and_the_station_hears(county):
    work = Casework(county)
    case = await work.filed()
    by = await work.actor("dispatcher1")
    choice = Choice(
        lead="区公安分局", cooperating=("荣华派出所",), limit=2, urgency="work_day", note="就近"
    )
    await dispatching.dispatch(case.no, choice, by=by, at=now(), basis=work.basis)
    [task] = await work.tasks(case, "cooperating")
    police = await work.actor("handler_D01")
    await handling.waive(task.id, "由局里办", by=police, at=now(), basis=work.basis)
    told = await heard(county, "waive")
    assert (await work.actor("handler_S2a")).id in told
    assert police.id not in told


async def test_how_returns_were_ruled_on_can_be_counted(county):
    work = Casework(county)
    await rule(work, await disputed(work))
    await rule(work, await disputed(work), upheld=False)
    await disputed(work)
    rows = await rows_of("SELECT upheld, count(*) AS n FROM case_return GROUP BY 1 ORDER BY 1")
    assert [(row["upheld"], row["n"]) for row in rows] == [(False, 1), (True, 1), (None, 1)]
    assert await Task.filter(refunded=True).count() == 1


async def test_cooperating_units_go_on_while_it_is_disputed_who_leads(county):
    work = Casework(county)
    case = await disputed(work)
    [power, town] = await work.tasks(case, "cooperating")
    officer = await work.actor(work.officer_of(town.unit_id))
    await handling.accept(town.id, by=officer, at=now(), basis=work.basis)
    await handling.done(town.id, "已配合", by=officer, at=now(), basis=work.basis)
    await give_back(work, power, proper_unit=WATER)
    assert (await Case.get(id=case.id)).stage == "disputed"


async def test_a_unit_held_to_its_task_is_seen_when_it_is_overdue(county):
    work = Casework(county)
    case = await disputed(work, await work.handling())
    by = await work.actor("dispatcher1")
    ruling = Ruling(upheld=False, reason="清单写明")
    await returns.rule(case.no, ruling, by=by, at=now(), basis=work.basis)
    [task] = await open_lead(work, case)
    assert task.stage == "accepted"
    assert task.wake_at == task.due_at


async def test_who_dispatched_earlier_is_not_shown_what_they_may_not_rule_on(county):
    work = Casework(county)
    filed = await work.filed()
    choice = Choice(lead=WORKS, limit=2, urgency="work_day")
    by = await work.actor("dispatcher1")
    await dispatching.dispatch(filed.no, choice, by=by, at=now(), basis=work.basis)
    case = await disputed(work, await Case.get(id=filed.id), proper_unit=POWER)
    # Another has had it since; the history says who sent it first.
    await Case.filter(id=case.id).update(dispatched_by_id=(await work.actor("leader1")).id)
    assert await waiting_returns(by, limit=9) == []
    with pytest.raises(InterestedParty):
        await rule(work, case)
    [(given, _)] = await waiting_returns(await work.actor("dispatcher2"), limit=9)
    assert given.case_id == case.id
