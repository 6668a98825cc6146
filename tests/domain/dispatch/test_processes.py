"""Matters with a process (一件事): its order, its clocks, who hears of what, when it is over."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tortoise.transactions import in_transaction

from server.cases.calls import calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch import dispatching, processes
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import returns
from server.cases.door.journal import Journal
from server.cases.intake import reporting, screening
from server.cases.models.case import Case, Step
from server.cases.models.task import Task
from server.cases.work import handling
from server.clock import now
from server.errors import NotFound, NotPermitted, StepNotOpen, StepsOpen, WrongTaskStage
from server.push.models import Message
from server.responsibility.list.entries import StepShare
from tests.casework import Casework, everything, new_report

#: 违法建设 in 荣华街道: 镇街, 自然资源局, then 执法局 (the lead) and 住建局 side by side, …
BUILDING = "CJ-001"
TOWNSHIP, LAND, LEAD, HOUSING, POLICE = (
    "荣华街道",
    "区自然资源局",
    "区综合行政执法局",
    "区住房和城乡建设局",
    "区公安分局",
)
LABOUR = "MS-011"  # 拖欠农民工工资: the lead has two steps of its own


async def begun(work, matter=BUILDING) -> Case:
    """A case with a process, dispatched by the list at once: a grid worker reported it."""
    case = await work.report("grid0202", matter=matter)
    assert case.stage == "dispatched"
    return case


async def states(case) -> list[tuple[int, str]]:
    found = await processes.standings(await Case.get(id=case.id))
    return [(each.position, each.state) for each in found]


async def units_at_work(work, case) -> list[str]:
    tasks = [task for task in await work.tasks(case) if task.stage != "done"]
    return [work.basis.units.by_id[task.unit_id].name for task in tasks]


async def finish(work, case, at=None) -> None:
    """Let every cooperating unit that has a task now sign for it and finish it."""
    for task in await work.tasks(case, "cooperating"):
        by, moment = await work.actor(work.officer_of(task.unit_id)), at or now()
        if task.stage == "pending":
            await handling.accept(task.id, by=by, at=moment, basis=work.basis)
        if task.stage in ("pending", "accepted"):
            await handling.done(task.id, "好了", by=by, at=moment, basis=work.basis)


async def complete(work, case, position, at=None):
    task, by = await work.lead(case)
    return await processes.complete(
        task.id, position, "办了", by=by, at=at or now(), basis=work.basis
    )


async def test_only_the_first_step_begins_with_a_clock_of_its_own(county):
    work = Casework(county)
    case = await begun(work)
    lead, first = await work.tasks(case)
    assert (lead.part, lead.position, lead.step, lead.due_at) == ("lead", None, "", case.due_at)
    assert (first.part, first.position) == ("cooperating", 1)
    assert first.step == "现场核实、拍照，劝停在建行为"
    assert await units_at_work(work, case) == [LEAD, TOWNSHIP]
    due = work.basis.calendar.add(case.dispatched_at, 4, "work_hour").at
    assert first.due_at == due < case.due_at
    assert first.duties
    assert await states(case) == [
        (1, "open"),
        *((position, "waiting") for position in (2, 3, 3, 4, 4, 5)),
    ]


async def test_a_step_that_is_over_opens_the_next_in_the_same_transaction(county):
    work = Casework(county)
    case = await work.handling(await begun(work))
    at = now() + timedelta(hours=1)
    await finish(work, case, at)
    assert await units_at_work(work, case) == [LEAD, LAND]
    task = (await work.tasks(case, "cooperating"))[-1]
    assert (task.position, task.dispatched_at, task.stage) == (2, at, "pending")
    assert task.due_at == work.basis.calendar.add(at, 2, "work_day").at
    expected = work.basis.calendar.add(at, 2, "work_hour").at
    assert task.accept_due_at == task.wake_at == expected
    assert (await Case.get(id=case.id)).due_at == case.due_at
    await finish(work, case)
    # Side by side: the lead's own step, and another unit's.
    assert await units_at_work(work, case) == [LEAD, HOUSING]
    assert (await states(case))[:4] == [(1, "done"), (2, "done"), (3, "open"), (3, "open")]
    await finish(work, case)
    assert (await states(case))[2:5] == [(3, "open"), (3, "done"), (4, "waiting")]
    await complete(work, case, 3)
    assert (await states(case))[2:6] == [(3, "done"), (3, "done"), (4, "open"), (4, "open")]
    assert await units_at_work(work, case) == [LEAD, POLICE]
    step = await Step.filter(case_id=case.id, verb="progress").get()
    assert (step.note, step.facts["step"]) == ("办了", "立案，下达停建、限期拆除决定")


async def test_who_is_newly_given_work_hears_of_it_exactly_once_and_nobody_of_what_was(county):
    work = Casework(county)
    case = await work.handling(await begun(work))
    await finish(work, case)
    await county.deliver()
    land = await work.actor("handler_D15")
    told = await Message.filter(account_id=land.id, no=case.no).order_by("seq")
    assert [each.kind for each in told] == ["work.dispatch"]
    assert "出具规划许可和用地核查意见" in told[0].text
    assert LAND in told[0].text
    lead = await work.actor("handler_D02")
    kinds = (
        await Message.filter(account_id=lead.id, no=case.no)
        .order_by("seq")
        .values_list("kind", flat=True)
    )
    assert kinds == ["case.dispatch", "case.done"]
    housing = await work.actor("handler_D08")
    assert await Message.filter(account_id=housing.id).count() == 0
    await finish(work, case)
    await county.deliver()
    # The lead's own turn is told to the lead, with the step that begins.
    mine = await Message.filter(account_id=lead.id, kind="work.dispatch").get()
    assert "立案，下达停建、限期拆除决定" in mine.text
    assert await Message.filter(account_id=housing.id, kind="work.dispatch").count() == 1
    assert await Message.filter(account_id=land.id, kind="work.dispatch").count() == 1


async def test_the_first_message_names_the_step_that_begins(county):
    work = Casework(county)
    case = await begun(work)
    await county.deliver()
    township = await work.actor("township02")
    told = await Message.filter(account_id=township.id, no=case.no).get()
    assert "荣华街道：现场核实、拍照，劝停在建行为" in told.text


async def test_a_case_is_resolved_only_when_every_step_is_over(county):
    work = Casework(county)
    case = await work.handling(await begun(work, LABOUR))
    lead, by = await work.lead(case)
    photo = await work.photo(work.officer_of(lead.unit_id))
    await finish(work, case)
    before = await everything()
    with pytest.raises(StepsOpen) as refused:
        await handling.resolve(lead.id, "好了", (photo,), by=by, at=now(), basis=work.basis)
    assert "区人力资源和社会保障局：立案调查，核实欠薪" in refused.value.facts["steps"]
    assert "区司法局" in refused.value.facts["steps"]
    assert await everything() == before
    await work.helped(case)
    assert {state for _, state in await states(case)} == {"done"}
    assert (await work.resolve(case)).stage == "checking"


async def test_a_step_is_marked_only_by_the_lead_and_only_when_its_turn_has_come(county):
    work = Casework(county)
    case = await begun(work, LABOUR)
    task, by = await work.lead(case)
    [helper] = await work.tasks(case, "cooperating")
    officer = await work.actor(work.officer_of(helper.unit_id))
    await handling.accept(helper.id, by=officer, at=now(), basis=work.basis)

    async def mark(task_id, position, who):
        await processes.complete(task_id, position, "办", by=who, at=now(), basis=work.basis)

    before = await everything()
    with pytest.raises(WrongTaskStage):
        await mark(task.id, 2, by)  # not signed for
    with pytest.raises(StepNotOpen):
        await mark(helper.id, 1, officer)  # a unit's step is its task
    for username, problem in (
        ("handler_D01", NotFound),
        ("township02", NotPermitted),
        ("resident1", NotFound),
    ):
        with pytest.raises(problem):
            await mark(task.id, 2, await work.actor(username))
    assert await everything() == before
    await work.handling(case)
    before = await everything()
    for position in (1, 2, 4, 9):
        with pytest.raises(StepNotOpen) as refused:
            await mark(task.id, position, by)
        assert refused.value.facts["steps"] == ""
    assert await everything() == before
    await finish(work, case)
    before = await everything()
    with pytest.raises(StepNotOpen) as refused:
        await mark(task.id, 4, by)
    assert "立案调查" in refused.value.facts["steps"]
    assert await everything() == before
    await mark(task.id, 2, by)
    before = await everything()
    with pytest.raises(StepNotOpen):
        await mark(task.id, 2, by)
    assert await everything() == before


async def test_a_step_without_a_process_is_refused(county):
    work = Casework(county)
    case = await work.handling()
    before = await everything()
    with pytest.raises(StepNotOpen):
        await complete(work, case, 1)
    assert await everything() == before


async def test_a_step_that_the_lead_waives_is_over_and_opens_the_next(county):
    work = Casework(county)
    case = await work.handling(await begun(work))
    [task] = await work.tasks(case, "cooperating")
    _, by = await work.lead(case)
    await handling.waive(task.id, "牵头单位已核实", by=by, at=now(), basis=work.basis)
    assert (await states(case))[:2] == [(1, "waived"), (2, "open")]
    assert await units_at_work(work, case) == [LEAD, TOWNSHIP, LAND]
    await county.deliver()
    land = await work.actor("handler_D15")
    told = await Message.filter(account_id=land.id, no=case.no).values_list("kind", flat=True)
    assert told == ["work.dispatch"]


@pytest.mark.parametrize("upheld", [True, False])
async def test_a_step_that_is_returned_is_over_only_when_the_return_is_upheld(county, upheld):
    work = Casework(county)
    case = await work.handling(await begun(work))
    await finish(work, case)
    task = (await work.tasks(case, "cooperating"))[-1]
    by = await work.actor(work.officer_of(task.unit_id))
    claim = returns.Claim(ground="not_on_list", reason="不是我们的", proper_unit=HOUSING)
    await returns.give_back(task.id, claim, by=by, at=now(), basis=work.basis)
    assert (await states(case))[1:3] == [(2, "open"), (3, "waiting")]
    ruling = returns.Ruling(upheld=upheld, reason="看过了")
    dispatcher = await work.actor("dispatcher1")
    await returns.rule(case.no, ruling, by=dispatcher, at=now(), basis=work.basis)
    expected = [(2, "waived"), (3, "open")] if upheld else [(2, "open"), (3, "waiting")]
    assert (await states(case))[1:3] == expected
    if not upheld:
        await finish(work, case)
        assert (await states(case))[1:3] == [(2, "done"), (3, "open")]


async def test_looking_again_opens_nothing_twice(county):
    work = Casework(county)
    case = await work.handling(await begun(work))
    await finish(work, case)
    before = await Task.filter(case_id=case.id).count()
    async with in_transaction():
        locked = await Case.filter(id=case.id).select_for_update().get()
        journal = Journal(locked, work.basis)
        await processes.advance(locked, journal, at=now(), basis=work.basis)
        assert await journal.rows() == []
    assert await Task.filter(case_id=case.id).count() == before


async def test_of_a_call_every_units_first_step_is_open_so_that_all_come_together(county):
    work = Casework(county)
    asked_at = now() + timedelta(hours=2)
    by = await work.actor("township02")
    new = NewCall(
        reason="joint_enforcement",
        place_text="工地门口",
        asked_at=asked_at,
        matter=BUILDING,
        place_code=by.township_code,
        choice=Choice(),
    )
    case = await calling.call(new, by=by, at=now(), basis=work.basis)
    tasks = await work.tasks(case)
    assert {task.arrive_due_at for task in tasks} == {asked_at}
    assert await units_at_work(work, case) == [LEAD, TOWNSHIP, LAND, HOUSING, POLICE]
    assert [task.position for task in tasks] == [None, 1, 2, 3, 4]
    assert await states(case) == [
        *((1, "open"), (2, "open"), (3, "waiting"), (3, "open")),
        *((4, "waiting"), (4, "open"), (5, "waiting")),
    ]
    case = await work.handling(case)
    await work.helped(case)
    last = (await work.tasks(case))[-1]
    assert (last.position, last.call_id, last.arrive_due_at) == (5, None, None)
    assert (await work.resolve(case)).stage == "checking"


async def test_who_chooses_other_units_chooses_other_than_the_process(county):
    work = Casework(county)
    case = await work.filed()
    dispatcher = await work.actor("dispatcher1")
    await Case.filter(id=case.id).update(matter_code=BUILDING, off_list=False)
    choice = Choice(lead=POLICE, cooperating=(HOUSING,), limit=2, urgency="work_day", note="急")
    await dispatching.dispatch(case.no, choice, by=dispatcher, at=now(), basis=work.basis)
    assert await units_at_work(work, case) == [POLICE, HOUSING]
    assert await states(case) == []
    other = await work.filed("resident2")
    await Case.filter(id=other.id).update(matter_code=BUILDING, off_list=False)
    await dispatching.dispatch(other.no, Choice(), by=dispatcher, at=now(), basis=work.basis)
    assert await units_at_work(work, other) == [LEAD, TOWNSHIP]


async def test_an_acceptor_who_files_such_a_matter_opens_its_process(county):
    work = Casework(county)
    case = await work.submitted()
    by = await work.actor("acceptor1")
    await screening.file(case.no, by=by, at=now(), basis=work.basis)
    assert await units_at_work(work, case) == [LEAD, TOWNSHIP]
    assert (await states(case))[0] == (1, "open")


async def test_the_process_is_that_of_the_dispatch_whatever_becomes_of_the_list(county):
    work = Casework(county)
    case = await work.handling(await begun(work))
    kept = (await Case.get(id=case.id)).explanation.process
    # Nothing of the list is asked any more: a basis without lists carries it to its end.
    bare = replace(work.basis, lists=None)
    work.county.parts.knowledge._basis = bare
    await work.helped(case)
    assert {state for _, state in await states(case)} == {"done"}
    now_kept = (await Case.get(id=case.id)).explanation.process
    assert [each.step for each in now_kept] == [each.step for each in kept]


async def test_units_that_cooperate_without_a_step_have_their_task_at_once(county):
    work = Casework(county)
    case = await work.report("grid0202", matter="AQ-002")
    assert await units_at_work(work, case) == ["区商务和投资促进局", "区交通运输局", TOWNSHIP]
    tasks = await work.tasks(case)
    assert [task.position for task in tasks] == [None, None, 1]
    assert tasks[1].due_at == case.due_at


async def test_a_process_may_name_units_that_do_not_cooperate_and_steps_nobody_can_do(county):
    work = Casework(county)
    case = await work.filed()
    units = {unit.name: unit.id for unit in work.basis.units.all()}
    lead, other = units[LEAD], units["区司法局"]
    decision = dispatching.Dispatch(
        lead_id=lead,
        duties={lead: ""},
        limit=3,
        urgency="work_day",
        steps=(
            StepShare(1, other, "先看法律"),
            StepShare(2, None, "没有单位的环节", 1, "work_day"),
            StepShare(2, lead, "牵头自己的环节", 1, "work_day"),
        ),
    )
    at = now()
    by = await work.actor("dispatcher1")
    dispatching.settle(case, decision, by=by, at=at, basis=work.basis)
    rows = dispatching.tasks(case, decision, at=at, basis=work.basis)
    assert [(task.unit_id, task.due_at) for task in rows] == [
        (lead, case.due_at),
        (other, case.due_at),
    ]
    assert [each.unit_id for each in case.explanation.process] == [other, None, None]


async def test_a_matter_reported_again_has_a_process_of_its_own(county):
    work = Casework(county)
    first, second = await begun(work), await begun(work)
    await work.handling(first)
    await finish(work, first)
    assert (await states(second))[:2] == [(1, "open"), (2, "waiting")]
    assert await Task.filter(case_id=second.id).count() == 2


async def test_a_receipt_sent_again_opens_nothing_twice(county):
    work = Casework(county)
    by = await work.actor("grid0202")
    photo = await work.photo("grid0202")
    new = new_report(matter=BUILDING, photos=(photo,))
    for _ in range(2):
        await reporting.report(new, by=by, at=now(), basis=work.basis)
    [case] = await Case.filter(matter_code=BUILDING)
    assert await Task.filter(case_id=case.id).count() == 2


@pytest.mark.parametrize("signed", ["by_person", "by_clock"])
async def test_a_step_of_who_leads_by_now_does_not_hold_the_process_up(county, signed):
    work = Casework(county)
    case = await begun(work)
    [lead, first] = await work.tasks(case)
    # As after a ruling that makes the unit of the open step the lead: its step was waived.
    await Task.filter(id=first.id).update(stage="waived", wake_at=None)
    assert (await states(case))[:2] == [(1, "waived"), (2, "waiting")]
    if signed == "by_clock":
        await work.until(lead.accept_due_at)
    else:
        await work.handling(case)
    assert (await Case.get(id=case.id)).stage == "handling"
    assert (await states(case))[:2] == [(1, "waived"), (2, "open")]
    assert await units_at_work(work, case) == [LEAD, TOWNSHIP, LAND]
