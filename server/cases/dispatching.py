"""Who gets the case: the lead's task, the cooperating units' tasks, and their clocks."""

from dataclasses import dataclass
from datetime import datetime

from server.cases import deadlines
from server.cases.basis import Basis
from server.cases.briefing import facts_of
from server.cases.door import moving
from server.cases.flow import Part, Stage, TaskStage, Verb
from server.cases.journal import Act
from server.cases.models.case import Case
from server.cases.models.task import Call, Task
from server.db import insert
from server.errors import CaseNotReady, NoLead, OffListTownship, UnknownUnit
from server.people.actor import Actor
from server.responsibility.entries import Finding
from server.texts.catalogue import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one unit is asked to do."""

    unit_id: int
    part: Part
    duties: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A decision: who leads, who cooperates, within which limit, and on whose authority."""

    shares: tuple[Share, ...]
    limit: int
    urgency: str

    @property
    def lead_id(self) -> int:
        """The one lead unit."""
        leads = [share.unit_id for share in self.shares if share.part is Part.LEAD]
        if len(leads) != 1:
            raise NoLead(n_leads=len(leads))
        return leads[0]


def by_list(finding: Finding) -> Dispatch:
    """Return the dispatch that the responsibility list itself decides."""
    if finding.lead_unit_id is None or finding.entry is None or finding.limit is None:
        raise NoLead(n_leads=0)
    lead = Share(unit_id=finding.lead_unit_id, part=Part.LEAD, duties=finding.entry.lead_duties)
    others = {
        unit_id: Share(unit_id=unit_id, part=Part.COOPERATING, duties=duties)
        for unit_id, duties in finding.cooperating
        if unit_id != finding.lead_unit_id
    }
    return Dispatch(shares=(lead, *others.values()), limit=finding.limit, urgency=finding.urgency)


def settle(case: Case, decision: Dispatch, *, by: Actor, at: datetime, basis: Basis) -> None:
    """Write a dispatch decision into the case: lead, limit, deadline with its reason."""
    due = deadlines.handling_due(at, decision.limit, decision.urgency, calendar=basis.calendar)
    case.lead_id = decision.lead_id
    case.limit, case.urgency = decision.limit, decision.urgency
    case.due_at, case.due_why = due.at, due.why
    case.dispatched_at, case.dispatched_by_id = at, by.id
    case.waits_for = []
    take_turn(case, at=at, basis=basis)


def take_turn(case: Case, *, at: datetime, basis: Basis) -> None:
    """Set whose turn the present stage is and until when."""
    turn = deadlines.turn(
        Stage(case.stage),
        at=at,
        urgent=case.urgency == deadlines.URGENT,
        due_at=case.due_at,
        calendar=basis.calendar,
        policy=basis.policy,
    )
    case.owner_role, case.stage_due_at = turn.owner, turn.due_at


async def create_tasks(
    case: Case,
    decision: Dispatch,
    *,
    at: datetime,
    basis: Basis,
    call: Call | None = None,
    emergency: bool = False,
) -> None:
    """Give every unit of the decision its task; call inside the case's transaction."""
    await insert(*tasks(case, decision, at=at, basis=basis, call=call, emergency=emergency))


def tasks(
    case: Case,
    decision: Dispatch,
    *,
    at: datetime,
    basis: Basis,
    call: Call | None = None,
    emergency: bool = False,
) -> list[Task]:
    """Return the rows that give every unit of the decision its task."""
    urgent = decision.urgency == deadlines.URGENT or call is not None
    accept_due = deadlines.acceptance_due(
        at, urgent=urgent, calendar=basis.calendar, policy=basis.policy
    )
    arrive_due = None
    if call is not None:
        arrive_due = deadlines.arrival_due(
            call.asked_at, at=at, emergency=emergency, policy=basis.policy
        )
    return [
        Task(
            case_id=case.id,
            unit_id=share.unit_id,
            call_id=call.id if call else None,
            part=share.part.value,
            stage=TaskStage.PENDING.value,
            duties=share.duties,
            dispatched_at=at,
            accept_due_at=accept_due,
            arrive_due_at=arrive_due,
            due_at=case.due_at,
        )
        for share in decision.shares
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a dispatcher chose: nothing (the list decides), or units and, off the list, a limit."""

    lead: str = ""
    cooperating: tuple[str, ...] = ()
    limit: int | None = None
    urgency: str = ""
    note: str = ""


def by_person(case: Case, choice: Choice, basis: Basis) -> Dispatch:
    """Return what a dispatcher decided, filled up from the list where they were silent.

    Raises UnknownUnit, NoLead, OffListTownship (invariant 7) and CaseNotReady.
    """
    finding = _finding(case, basis)
    if not choice.lead:
        if finding is None:
            raise NoLead(n_leads=0)
        return by_list(finding)
    lead = basis.units.by_name(choice.lead)
    if lead is None:
        raise UnknownUnit(name=choice.lead)
    if lead.kind == "township" and (finding is None or finding.lead_unit_id != lead.id):
        raise OffListTownship(unit=lead.name)
    helpers = [
        Share(unit_id=unit_id, part=Part.COOPERATING)
        for unit_id in _helpers(case, choice, basis)
        if unit_id != lead.id
    ]
    shares = [Share(unit_id=lead.id, part=Part.LEAD), *helpers]
    limit = choice.limit or (finding.limit if finding else None)
    urgency = choice.urgency or (finding.urgency if finding else "")
    if limit is None or not urgency:
        raise CaseNotReady(missing="limit")
    return Dispatch(shares=tuple(dict.fromkeys(shares)), limit=limit, urgency=urgency)


def _helpers(case: Case, choice: Choice, basis: Basis) -> list[int]:
    found = []
    for name in choice.cooperating:
        unit = basis.units.by_name(name)
        if unit is None:
            raise UnknownUnit(name=name)
        if unit.kind == "township" and case.off_list:
            raise OffListTownship(unit=unit.name)
        found.append(unit.id)
    return found


def _finding(case: Case, basis: Basis) -> Finding | None:
    """Look the case's matter up in the list in force at its receipt; None off the list."""
    if not case.matter_code or case.off_list:
        return None
    finding = basis.lists.at(case.received_at).lookup(case.matter_code, case.township_code)
    return finding if finding.lead_unit_id is not None else None


def explain_choice(case: Case, choice: Choice, decision: Dispatch, basis: Basis) -> None:
    """Keep with the case who decided; what the list had said stays beside a person's choice."""
    if not choice.lead:
        case.explanation = case.explanation | {"dispatched_by": "list"}
        return
    names = {share.unit_id: basis.units.by_id[share.unit_id].name for share in decision.shares}
    lead = names.pop(decision.lead_id)
    helpers = text("explanation.and").join(names.values())
    sentence = text("explanation.by_person", lead=lead)
    if helpers:
        sentence += text("explanation.cooperating", cooperating=helpers)
    case.explanation = case.explanation | {
        "dispatched_by": "person",
        "lead": lead,
        "lead_unit_id": decision.lead_id,
        "cooperating": list(names.values()),
        "by_list": case.explanation.get("text"),
        "text": sentence,
    }


async def dispatch(no: str, choice: Choice, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Give a filed case to its lead and cooperating units (派遣)."""
    act = Act(verb=Verb.DISPATCH, by=by, at=at, note=choice.note)
    async with moving(no, act) as opened:
        case = opened.case
        decision = by_person(case, choice, basis)
        settle(case, decision, by=by, at=at, basis=basis)
        explain_choice(case, choice, decision, basis)
        await create_tasks(case, decision, at=at, basis=basis)
        act.facts.update(facts_of(case, basis.units, basis.zone))
    return case
