"""Who gets the case: the lead's task, the cooperating units' tasks, and their clocks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from server.cases.dispatch import processes
from server.cases.dispatch.processes import Assignment
from server.cases.door.journal import Act
from server.cases.door.moving import moving
from server.cases.door.recusal_rules import finding_of, require_apart
from server.cases.door.schedule import set_due, take_turn
from server.cases.models.case import Case
from server.cases.models.task import Call, Task
from server.cases.rules import deadlines
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Verb
from server.db import insert
from server.errors import (
    BadInput,
    CalendarMissing,
    CaseNotReady,
    NoLead,
    OffListTownship,
    ReasonMissing,
)
from server.people.actor import Actor
from server.responsibility.list.entries import Finding, StepShare
from server.texts.catalogue import text

#: How much of a limit in hours is a day of it; others count days.
_A_DAY: Final = {"urgent_hour": 24, "work_hour": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A decision: who leads, within which limit, in which order of steps.

    `duties` are those of every unit that is given a part, the lead's first.
    """

    lead_id: int
    duties: Mapping[int, str]
    limit: int
    urgency: str
    steps: tuple[StepShare, ...] = ()


def by_list(finding: Finding) -> Dispatch:
    """Return the dispatch that the responsibility list itself decides."""
    if finding.lead_unit_id is None or finding.entry is None or finding.limit is None:
        raise NoLead(n_leads=0)
    lead = {finding.lead_unit_id: finding.entry.lead_duties}
    return Dispatch(
        lead_id=finding.lead_unit_id,
        duties=lead | dict(finding.cooperating) | lead,
        limit=finding.limit,
        urgency=finding.urgency,
        steps=finding.steps,
    )


def countable(decision: Dispatch, *, at: datetime, basis: Basis) -> bool:
    """Tell whether the calendar reaches far enough for the deadline of a decision made now."""
    try:
        basis.calendar.add(at, decision.limit, decision.urgency)
    except CalendarMissing:
        return False
    return True


def settle(
    case: Case,
    decision: Dispatch,
    *,
    by: Actor,
    at: datetime,
    basis: Basis,
    called: bool = False,
) -> None:
    """Write a dispatch decision into the case: lead, limit, deadline with its reason.

    Handling counts from now, not from acceptance. A call is signed for like an urgent matter,
    whatever its limit counts.
    """
    due = basis.calendar.add(at, decision.limit, decision.urgency)
    if case.dispatched_at is None and case.due_at is not None and case.due_at < due.at:
        due = replace(due, at=case.due_at, why=case.due_why)  # of a case merged into this one
    case.lead_id = decision.lead_id
    case.first_unit_id = case.first_unit_id or decision.lead_id
    case.limit, case.urgency = decision.limit, decision.urgency
    set_due(case, due, start=at, basis=basis)
    case.dispatched_at, case.dispatched_by_id = at, by.id
    case.waits_for = []
    take_turn(case, at=at, basis=basis, called=called)
    processes.begin(case, decision.steps, decision.duties, at=at, basis=basis, called=called)


async def create_tasks(
    case: Case, decision: Dispatch, *, at: datetime, basis: Basis, call: Call | None = None
) -> None:
    """Give every unit of the decision its task; call inside the case's transaction."""
    await insert(*tasks(case, decision, at=at, basis=basis, call=call))


def tasks(
    case: Case, decision: Dispatch, *, at: datetime, basis: Basis, call: Call | None = None
) -> list[Task]:
    """Return the rows that give every unit of the decision its task, due with the case."""
    given = assign(case, decision, call, due_at=case.due_at, at=at, basis=basis)
    return processes.tasks_of(case, given, at=at, basis=basis)


def assign(
    case: Case,
    decision: Dispatch,
    call: Call | None,
    *,
    due_at: datetime | None,
    at: datetime,
    basis: Basis,
) -> list[Assignment]:
    """Return what every unit of a decision is asked to do, and by when, the lead first.

    Where a process gives the order, its units have the steps that are open.
    """
    accept_due_at = deadlines.clock_due(
        deadlines.K3,
        at,
        urgent=case.urgency == deadlines.URGENT or call is not None,
        calendar=basis.calendar,
        policy=basis.policy,
    )
    arrive_due_at = _coming(call, at=at, basis=basis) if call else None
    call_id = call.id if call else None
    in_order = {step.unit_id for step in decision.steps} - {decision.lead_id}
    whole = [
        Assignment(
            unit_id=unit_id,
            part=Part.LEAD if unit_id == decision.lead_id else Part.COOPERATING,
            duties=duties,
            accept_due_at=accept_due_at,
            due_at=due_at,
            arrive_due_at=arrive_due_at,
            call_id=call_id,
        )
        for unit_id, duties in decision.duties.items()
        if unit_id not in in_order
    ]
    first = processes.opened(case) if decision.steps else []
    return whole + processes.of_steps(
        first, accept_due_at=accept_due_at, arrive_due_at=arrive_due_at, call_id=call_id
    )


def _coming(call: Call, *, at: datetime, basis: Basis) -> datetime | None:
    """Return by when units come that a call is about from now on.

    Where it was made before and its time is over, only an emergency still counts its minutes.
    """
    emergency = call.reason == "emergency"
    if call.created_at < at and call.asked_at <= at:
        soon = at + timedelta(minutes=basis.policy.k4_emergency_minutes)
        return soon if emergency else None
    return deadlines.arrival_due(call.asked_at, at=at, emergency=emergency, policy=basis.policy)


def first_steps(case: Case, basis: Basis) -> str:
    """Return as words which steps of its process a case begins with; empty without one."""
    return processes.words(processes.opened(case), case, basis)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a dispatcher chose: nothing (the list decides), or units and, off the list, a limit."""

    lead: str = ""
    cooperating: tuple[str, ...] = ()
    limit: int | None = None
    urgency: str = ""
    note: str = ""

    def helpers(self, basis: Basis) -> list[int]:
        """Return the units that were named to cooperate; raises UnknownUnit."""
        return [basis.units.to_act(name).id for name in self.cooperating]


def by_person(case: Case, choice: Choice, basis: Basis) -> Dispatch:
    """Return what a person decided, filled up from the list where they were silent.

    Named units alone cooperate; where none is named, those of the list do, its own lead among
    them if another leads. Duties are the list's for every unit it names.
    Raises UnknownUnit, NoLead, UnitRecused, OffListTownship (invariant 7), CaseNotReady, and
    BadInput for a limit beyond what is usual off the list.
    """
    finding = _finding(case, basis)
    listed = by_list(finding) if finding is not None and finding.lead_unit_id else None
    if choice.lead:
        lead_id = basis.units.to_act(choice.lead).id
    elif listed is not None:
        lead_id = listed.lead_id
    else:
        raise NoLead(n_leads=0)
    helpers = choice.helpers(basis) or (listed.duties if listed else ())
    limit = choice.limit or (finding.limit if finding else None)
    urgency = choice.urgency or (finding.urgency if finding else "")
    decision = decide(case, lead_id, helpers, limit, urgency, basis)
    own = bool(choice.lead or choice.cooperating)
    return replace(decision, steps=listed.steps if listed and not own else ())


def decide(
    case: Case, lead_id: int, helpers: Iterable[int], limit: int | None, urgency: str, basis: Basis
) -> Dispatch:
    """Return what it means that certain units lead and cooperate; duties are the list's.

    Raises UnitRecused, OffListTownship (invariant 7), CaseNotReady, and BadInput for a limit
    beyond what is usual off the list.
    """
    finding = _finding(case, basis)
    listed = by_list(finding) if finding is not None and finding.lead_unit_id else None
    units = dict.fromkeys([lead_id, *helpers])
    require_apart(units, case, basis)
    _refuse_townships(units, listed, case, basis)
    if limit is None or not urgency:
        raise CaseNotReady(missing="limit")
    if finding is None and limit > basis.policy.off_list_max_days * _A_DAY.get(urgency, 1):
        raise BadInput([{"pointer": "/limit", "reason": "less_than_equal"}])
    duties = {unit_id: listed.duties.get(unit_id, "") if listed else "" for unit_id in units}
    return Dispatch(lead_id=lead_id, duties=duties, limit=limit, urgency=urgency)


def _refuse_townships(
    chosen: Iterable[int], listed: Dispatch | None, case: Case, basis: Basis
) -> None:
    """Refuse that a township leads, as the first of the units, but where the list has it lead.

    Off the list it may not cooperate either; a village is as a township.
    """
    by_list = listed.lead_id if listed else None
    for position, unit_id in enumerate(chosen):
        unit = basis.units.by_id[unit_id]
        allowed = unit_id == by_list if position == 0 else not case.off_list
        if unit.kind in ("township", "village") and not allowed:
            raise OffListTownship(unit=unit.name)


def overrides(case: Case, choice: Choice, decision: Dispatch, basis: Basis) -> bool:
    """Tell whether a person decided against the list: another lead, another limit."""
    finding = _finding(case, basis)
    if finding is None or finding.lead_unit_id is None:
        return False
    listed = by_list(finding)
    same = (listed.lead_id, listed.limit, listed.urgency)
    return (decision.lead_id, decision.limit, decision.urgency) != same


def _finding(case: Case, basis: Basis) -> Finding | None:
    """Look the case's matter up in the list in force at its receipt; None off the list."""
    if not case.matter_code or case.off_list:
        return None
    return finding_of(case, basis)


def explain_choice(case: Case, choice: Choice, decision: Dispatch, basis: Basis) -> None:
    """Keep with the case who decided; what the list had said stays beside a person's choice."""
    if choice.lead or choice.cooperating:
        explain_units(case, decision.duties, basis)
    else:
        case.explanation = replace(case.explanation, dispatched_by="list")


def explain_units(case: Case, unit_ids: Iterable[int], basis: Basis) -> None:
    """Keep with the case which units a person chose, the lead first, beside what the list said."""
    lead, *others = (basis.units.by_id[unit_id] for unit_id in unit_ids)
    cooperating = tuple(unit.name for unit in others)
    helpers = text("explanation.and").join(cooperating)
    sentence = text("explanation.by_person", lead=lead.name)
    if helpers:
        sentence += text("explanation.cooperating", cooperating=helpers)
    case.explanation = replace(
        case.explanation,
        dispatched_by="person",
        lead=lead.name,
        lead_unit_id=lead.id,
        cooperating=cooperating,
        by_list=case.explanation.text or None,
        text=sentence,
    )


async def dispatch(no: str, choice: Choice, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Give a filed case to its units (派遣); against the list only with a reason."""
    act = Act(verb=Verb.DISPATCH, by=by, at=at, note=choice.note)
    async with moving(no, act, basis) as opened:
        case = opened.case
        decision = by_person(case, choice, basis)
        if not choice.note.strip() and overrides(case, choice, decision, basis):
            raise ReasonMissing(verb=Verb.DISPATCH)
        settle(case, decision, by=by, at=at, basis=basis)
        explain_choice(case, choice, decision, basis)
        await create_tasks(case, decision, at=at, basis=basis)
        opened.tell(steps=first_steps(case, basis))
    return case
