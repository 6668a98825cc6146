"""Matters with a process (一件事): its order, its clocks, who hears of what, when it is over."""

from datetime import timedelta

import pytest
from tortoise.transactions import in_transaction

from server.cases.dispatch import processes
from server.cases.disputes import returns
from server.cases.door.journal import Journal
from server.cases.models.case import Case, Step
from server.cases.models.task import Task
from server.cases.work import handling
from server.clock import now
from server.errors import NotFound, NotPermitted, StepNotOpen, StepsOpen, WrongTaskStage
from server.push.models import Message
from tests.casework import Casework, everything
from tests.domain.acts.processes import (
    HOUSING,
    LABOUR,
    LAND,
    LEAD,
    POLICE,
    TOWNSHIP,
    begun,
    complete,
    finish,
    states,
    units_at_work,
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
