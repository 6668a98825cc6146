"""Tasks that units give back: in time, once, on a ground; and who rules on it, and how."""

from datetime import timedelta

import pytest

from server.cases.calls.calling import NewCall, call
from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import returns
from server.cases.disputes.queries import waiting_returns
from server.cases.disputes.returns import Ruling
from server.cases.door import access
from server.cases.models.case import Case, Step
from server.cases.models.dispute import Return
from server.cases.models.task import Task
from server.cases.rules.deadlines import Alarm, Timer
from server.cases.work import handling
from server.clock import now
from server.errors import (
    InterestedParty,
    NotFound,
    NotPermitted,
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
from tests.domain.acts.disputes import (
    POWER,
    WATER,
    WORKS,
    clock,
    disputed,
    give_back,
    heard,
    open_lead,
    rule,
)


async def test_a_leads_return_makes_the_case_disputed_and_stops_no_clock(county):
    work = Casework(county)
    case = await work.report()
    marks = [alarm for alarm in case.timers if alarm.name is not Timer.ACCEPT_BY_CLOCK]
    at = now() + timedelta(minutes=5)
    found = await disputed(work, case, at=at)
    assert (found.stage, found.owner_role) == ("disputed", "dispatcher")
    assert clock(found) == clock(case)
    due = work.basis.calendar.add(at, 1, "work_day").at
    assert found.stage_due_at == due
    assert set(found.timers) == {*marks, Alarm(Timer.CONVENE, due)}
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
    assert set(found.timers) == {*case.timers, Alarm(Timer.RULE_LATE, given.due_at)}
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
    gone = work.basis.units.named(WATER)
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
    assert await everything() == before
    await rows_of("UPDATE unit SET active = false WHERE id = $1", gone.id)
    await county.parts.knowledge.refresh()
    before = await everything()
    with pytest.raises(UnknownUnit):
        await give_back(work, lead, proper_unit=WATER)
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
