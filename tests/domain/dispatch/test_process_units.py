"""Whose process it is: by the list, by a person, of a call, of another lead, reported again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.cases.calls import calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.intake import reporting, screening
from server.cases.models.case import Case
from server.cases.models.task import Task
from server.clock import now
from server.responsibility.list.entries import StepShare
from tests.casework import Casework, new_report
from tests.domain.acts.processes import (
    BUILDING,
    HOUSING,
    LAND,
    LEAD,
    POLICE,
    TOWNSHIP,
    begun,
    finish,
    states,
    units_at_work,
)


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
