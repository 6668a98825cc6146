"""A case in other hands: the new unit's clock begins anew, the case's own runs on unchanged."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from server.cases.dispatch.dispatching import Choice, Dispatch, by_person, explain_choice, tasks
from server.cases.door.expiry import lapse_with_lead
from server.cases.door.journal import Journal
from server.cases.door.recusal_rules import finding_of
from server.cases.door.schedule import plan_task, take_turn
from server.cases.models.case import Case
from server.cases.models.dispute import Return
from server.cases.models.task import Call, Task
from server.cases.rules import deadlines
from server.cases.rules.basis import Basis
from server.cases.rules.flow import TASK_OPEN, Part, Stage, TaskStage
from server.db import insert
from server.errors import OffListTownship
from server.people.actor import Actor
from server.people.units import UnitKind, UnitView
from server.texts.catalogue import text

_OPEN: Final = [stage.value for stage in TASK_OPEN]


def lead_named(written: str, case: Case, basis: Basis) -> UnitView:
    """Return the unit that is to lead; a township only where the list itself has it lead.

    Raises UnknownUnit, OffListTownship.
    """
    unit = basis.units.to_act(written)
    if unit.kind in (UnitKind.TOWNSHIP, UnitKind.VILLAGE) and (
        case.off_list or unit.id != finding_of(case, basis).lead_unit_id
    ):
        raise OffListTownship(unit=unit.name)
    return unit


def chosen(case: Case, lead: UnitView, choice: Choice, basis: Basis) -> Dispatch:
    """Return who is to lead from now on and which units are to cooperate besides those at work.

    The limit is the case's unless the choice has another. Raises UnknownUnit, OffListTownship.
    """
    helpers = [basis.units.to_act(name) for name in choice.cooperating]
    decision = by_person(
        case,
        replace(
            choice,
            lead=lead.name,
            cooperating=tuple(unit.name for unit in helpers),
            limit=choice.limit or case.limit,
            urgency=choice.urgency or case.urgency,
        ),
        basis,
    )
    named = {lead.id, *(unit.id for unit in helpers)}
    return replace(
        decision, assignments=tuple(each for each in decision.assignments if each.unit_id in named)
    )


def helpers_of(decision: Dispatch) -> Dispatch:
    """Return a decision without its lead: who cooperates besides."""
    helpers = tuple(each for each in decision.assignments if each.part is Part.COOPERATING)
    return replace(decision, assignments=helpers)


async def hand_over(
    journal: Journal, decision: Dispatch, *, old: Task, by: Actor, at: datetime, basis: Basis
) -> None:
    """Give a case to another lead than the `old` task's, with a unit clock of its own from now."""
    case = journal.case
    await lapse_with_lead(journal, old.unit_id, at=at)
    await _end_other_part(case, decision.lead_id, by=by, at=at)
    case.lead_id, case.dispatched_by_id, case.accepted_at = decision.lead_id, by.id, None
    call = await Call.get(id=old.call_id) if old.call_id is not None else None
    take_turn(case, at=at, basis=basis, called=call is not None)
    await give(case, decision, call=call, at=at, basis=basis)


async def give(
    case: Case, decision: Dispatch, *, call: Call | None = None, at: datetime, basis: Basis
) -> None:
    """Give the units of a decision their tasks, due by their own limit from now.

    A unit that cooperates already, or waits for the ruling on its return, gets no second task.
    """
    at_work = Task.filter(case_id=case.id, stage__in=_OPEN)
    waiting = Return.filter(case_id=case.id, upheld__isnull=True)
    busy = {int(unit_id) for (unit_id,) in await at_work.values_list("unit_id")}
    busy |= {int(unit_id) for (unit_id,) in await waiting.values_list("unit_id")}
    due = deadlines.handling_due(at, decision.limit, decision.urgency, calendar=basis.calendar)
    fresh = replace(
        decision,
        urgency=case.urgency,
        assignments=tuple(
            each
            for each in decision.assignments
            if each.part is Part.LEAD or each.unit_id not in busy
        ),
    )
    given = tasks(
        case,
        fresh,
        at=at,
        basis=basis,
        call=call,
        emergency=call is not None and call.reason == "emergency",
    )
    soon = timedelta(minutes=basis.policy.k4_emergency_minutes)
    for task in given:
        task.due_at = due.at
        # The time asked for is over: only an emergency still counts the minutes from now.
        if call is not None and call.asked_at <= at:
            task.arrive_due_at = at + soon if call.reason == "emergency" else None
    await insert(*given)


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
    explain_choice(case, Choice(lead=lead), decision, basis)
    sentence = text(f"explanation.by_{how}", lead=lead)
    helpers = text("explanation.and").join(case.explanation.cooperating)
    if helpers:
        sentence += text("explanation.cooperating", cooperating=helpers)
    case.explanation = replace(
        case.explanation, dispatched_by=how, reason=reason, by_list=said, text=sentence
    )
