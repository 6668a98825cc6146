"""A case in other hands: the new unit's clock begins anew, the case's own runs on unchanged."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from server.cases.dispatch.dispatching import (
    Choice,
    Dispatch,
    decide,
    explain_units,
    summon,
    tasks_by,
)
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


def chosen(case: Case, lead_id: int, choice: Choice, basis: Basis) -> Dispatch:
    """Return what it means that a unit leads from now on, with the units named to cooperate.

    The limit is the case's unless the choice has another. Raises UnknownUnit, and what `decide`
    raises.
    """
    limit, urgency = choice.limit or case.limit, choice.urgency or case.urgency
    return decide(case, lead_id, choice.helpers(basis), limit, urgency, basis)


def helpers_of(decision: Dispatch) -> Dispatch:
    """Return a decision without its lead: who cooperates besides."""
    helpers = tuple(each for each in decision.assignments if each.part is Part.COOPERATING)
    return replace(decision, assignments=helpers)


async def change_lead(
    journal: Journal, decision: Dispatch, *, old: Task, by: Actor, at: datetime, basis: Basis
) -> None:
    """Give a case to another lead than the `old` task's, with a unit clock of its own from now."""
    case = journal.case
    await lapse_with_lead(journal, old.unit_id, at=at)
    await _end_other_part(case, decision.lead_id, by=by, at=at)
    case.lead_id, case.dispatched_by_id, case.accepted_at = decision.lead_id, by.id, None
    call = await Call.get(id=old.call_id) if old.call_id is not None else None
    take_turn(case, at=at, basis=basis, called=call is not None)
    await hand_out(case, decision, call=call, at=at, basis=basis)


async def hand_out(
    case: Case, decision: Dispatch, *, call: Call | None = None, at: datetime, basis: Basis
) -> None:
    """Give the units of a decision their tasks, due by their own limit from now.

    A unit that cooperates already, or waits for the ruling on its return, gets no second task.
    """
    at_work = Task.filter(case_id=case.id, stage__in=_OPEN)
    waiting = Return.filter(case_id=case.id, upheld__isnull=True)
    busy = {int(unit_id) for (unit_id,) in await at_work.values_list("unit_id")}
    busy |= {int(unit_id) for (unit_id,) in await waiting.values_list("unit_id")}
    fresh = replace(
        decision,
        assignments=tuple(
            each
            for each in decision.assignments
            if each.part is Part.LEAD or each.unit_id not in busy
        ),
    )
    due = deadlines.handling_due(at, decision.limit, decision.urgency, calendar=basis.calendar)
    emergency = call is not None and call.reason == "emergency"
    urgent = case.urgency == deadlines.URGENT
    summons = summon(due.at, call, urgent=urgent, emergency=emergency, at=at, basis=basis)
    if call is not None and call.asked_at <= at:
        # The time asked for is over: only an emergency still counts the minutes from now.
        soon = at + timedelta(minutes=basis.policy.k4_emergency_minutes)
        summons = replace(summons, arrive_due_at=soon if emergency else None)
    await insert(*tasks_by(case, fresh, summons, at=at, basis=basis))


async def _end_other_part(case: Case, unit_id: int, *, by: Actor, at: datetime) -> None:
    """End what the new lead had to do as a cooperating unit: it has one open task."""
    helping = Task.filter(case_id=case.id, unit_id=unit_id, part=Part.COOPERATING.value)
    await helping.filter(stage__in=_OPEN).update(stage=TaskStage.WAIVED.value, wake_at=None)
    waiting = await Return.filter(case_id=case.id, unit_id=unit_id, upheld__isnull=True).first()
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


def explain_who(case: Case, decision: Dispatch, *, how: str, reason: str, basis: Basis) -> None:
    """Keep with the case that a ruling or a conference (`how`) decided who leads, and why."""
    said = case.explanation.by_list or case.explanation.text or None
    lead = basis.units.by_id[decision.lead_id].name
    explain_units(case, decision, basis)
    sentence = text(f"explanation.by_{how}", lead=lead)
    helpers = text("explanation.and").join(case.explanation.cooperating)
    if helpers:
        sentence += text("explanation.cooperating", cooperating=helpers)
    case.explanation = replace(
        case.explanation, dispatched_by=how, reason=reason, by_list=said, text=sentence
    )
