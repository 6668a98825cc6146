"""A case in other hands: the new unit's clock begins anew, the case's own runs on unchanged."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from server.cases.dispatch.dispatching import Choice, assign, decide, explain_units
from server.cases.dispatch.processes import Assignment, tasks_of
from server.cases.door.expiry import lapse_with_lead
from server.cases.door.journal import Journal
from server.cases.door.schedule import plan_task, take_turn
from server.cases.models.case import Case
from server.cases.models.dispute import Return
from server.cases.models.task import Call, Task
from server.cases.rules import deadlines
from server.cases.rules.basis import Basis
from server.cases.rules.flow import TASK_OPEN, Part, Stage, TaskStage
from server.db import insert
from server.people.actor import Actor
from server.texts.catalogue import text

_OPEN: Final = [stage.value for stage in TASK_OPEN]


async def chosen(
    case: Case,
    lead_id: int,
    choice: Choice,
    *,
    call_id: int | None = None,
    at: datetime,
    basis: Basis,
) -> list[Assignment]:
    """Return who is to do what by when once a unit leads, the lead first: ids and moments alone.

    The limit is the case's unless the choice has another; a call that the old lead was to follow
    goes on to all. Raises UnknownUnit, CalendarMissing, and what `decide` raises.
    """
    limit, urgency = choice.limit or case.limit, choice.urgency or case.urgency
    decision = decide(case, lead_id, choice.helpers(basis), limit, urgency, basis)
    call = await Call.get(id=call_id) if call_id is not None else None
    due_at = basis.calendar.add(at, decision.limit, decision.urgency).at
    return assign(case, decision, call, due_at=due_at, at=at, basis=basis)


async def change_lead(
    journal: Journal,
    assignments: Sequence[Assignment],
    *,
    old_id: int,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> None:
    """Give a case to another lead, whom the first assignment names, with a clock of its own."""
    case, lead = journal.case, assignments[0]
    await lapse_with_lead(journal, old_id, at=at)
    await _end_other_part(case, basis.units.house(lead.unit_id), by=by, at=at)
    case.lead_id, case.dispatched_by_id, case.accepted_at = lead.unit_id, by.id, None
    take_turn(case, at=at, basis=basis, called=lead.call_id is not None)
    await hand_out(case, assignments, at=at, basis=basis)


async def hand_out(
    case: Case, assignments: Iterable[Assignment], *, at: datetime, basis: Basis
) -> None:
    """Give units their tasks, due by their own limit from now.

    A unit that cooperates already, or waits for the ruling on its return, gets no second task.
    """
    at_work = Task.filter(case_id=case.id, stage__in=_OPEN)
    waiting = Return.filter(case_id=case.id, upheld__isnull=True)
    busy = {int(unit_id) for (unit_id,) in await at_work.values_list("unit_id")}
    busy |= {int(unit_id) for (unit_id,) in await waiting.values_list("unit_id")}
    busy = {each for unit_id in busy for each in basis.units.house(unit_id)}
    fresh = [each for each in assignments if each.part is Part.LEAD or each.unit_id not in busy]
    await insert(*tasks_of(case, fresh, at=at, basis=basis))


async def _end_other_part(case: Case, house: Collection[int], *, by: Actor, at: datetime) -> None:
    """End what the new lead had to do as a cooperating unit: it has one open task."""
    helping = Task.filter(case_id=case.id, unit_id__in=house, part=Part.COOPERATING.value)
    await helping.filter(stage__in=_OPEN).update(stage=TaskStage.WAIVED.value, wake_at=None)
    waiting = await Return.filter(case_id=case.id, unit_id__in=house, upheld__isnull=True).first()
    if waiting is not None:
        await settle_return(waiting, upheld=True, ruling="", by=by, at=at)


async def settle_return(
    given: Return, *, upheld: bool, ruling: str, by: Actor, at: datetime
) -> None:
    """Write down how a return was ruled on; the clock of an upheld one is refunded."""
    given.upheld, given.ruling = upheld, ruling
    given.ruled_at, given.ruled_by_id = at, by.id
    await given.save()
    if upheld:
        await Task.filter(id=given.task_id).update(refunded=True, due_at=None, wake_at=None)


async def put_back(
    case: Case, task: Task, stage: TaskStage, *, at: datetime, basis: Basis
) -> None:
    """Let a unit go on with a task it had returned, its clock as it was.

    One that was not signed for gets the usual time to sign.
    """
    task.stage = stage.value
    if stage is TaskStage.PENDING:
        task.accept_due_at = deadlines.clock_due(
            deadlines.K3,
            at,
            urgent=case.urgency == deadlines.URGENT or task.call_id is not None,
            calendar=basis.calendar,
            policy=basis.policy,
        )
        task.accepted_at = task.accepted_by_id = None
    plan_task(task)
    if case.stage == Stage.SUSPENDED:
        task.wake_at = None  # its clock stands with the case's
    await task.save()


def explain_who(
    case: Case, assignments: Sequence[Assignment], *, how: str, reason: str, basis: Basis
) -> None:
    """Keep with the case that a ruling or a conference (`how`) decided who leads, and why."""
    said = case.explanation.by_list or case.explanation.text or None
    lead = basis.units.by_id[assignments[0].unit_id].name
    explain_units(case, [each.unit_id for each in assignments], basis)
    sentence = text(f"explanation.by_{how}", lead=lead)
    helpers = text("explanation.and").join(case.explanation.cooperating)
    if helpers:
        sentence += text("explanation.cooperating", cooperating=helpers)
    case.explanation = replace(
        case.explanation, dispatched_by=how, reason=reason, by_list=said, text=sentence
    )
