"""Who rules on a return, and how: another lead, the same goes on, or a conference."""

import asyncio
from datetime import timedelta

import pytest

from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes.queries import waiting_returns
from server.cases.models.case import Case, Step
from server.cases.models.dispute import Conference, Return
from server.cases.models.task import Task
from server.cases.rules.deadlines import Timer
from server.cases.work import handling
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
    UnknownUnit,
    WrongStage,
)
from tests.casework import Casework, everything, rows_of
from tests.domain.acts.disputes import (
    POWER,
    WATER,
    WORKS,
    clock,
    disputed,
    give_back,
    open_lead,
    rule,
)


async def test_an_upheld_return_gives_the_case_to_the_proper_unit_with_a_clock_of_its_own(county):
    work = Casework(county)
    before = await disputed(work)
    old = await work.tasks(before, "lead")
    at = now() + timedelta(minutes=30)
    case = await rule(work, before, at=at)
    power = work.basis.units.named(POWER)
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
    assert (told.dispatched_by, told.lead, told.reason) == ("ruling", POWER, "属实")
    assert POWER in told.text
    assert WORKS in told.by_list
    marks = {each.name for each in case.timers}
    assert marks == {Timer.ACCEPT_BY_CLOCK, Timer.URGE, Timer.WARN, Timer.SUPERVISE}


async def test_the_new_lead_works_the_case_to_its_end(county):
    work = Casework(county)
    case = await rule(work, await disputed(work), lead="D10", cooperating=("供热公司", WORKS))
    names = {work.basis.units.by_id[t.unit_id].name: t for t in await work.tasks(case)}
    assert names["区供热公司"].part == "cooperating"
    assert case.explanation.cooperating == ("区供热公司", WORKS)
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
