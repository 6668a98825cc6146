"""The only way by which a proposal or a burden moves: stage, clock, history, messages."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from server.cases.door.access import reaches
from server.cases.door.briefing import moment
from server.cases.rules.basis import Basis
from server.cases.rules.masking import masked
from server.errors import NotFound, NotPermitted, ReasonMissing
from server.events import GovernanceMoved
from server.governance.models.burden import Burden
from server.governance.models.proposal import Event, Opinion, Proposal
from server.governance.procedure import (
    BURDENS,
    OWNERS,
    PROPOSALS,
    ProcedureAudience,
    ProcedureStage,
    ProcedureVerb,
    edge,
)
from server.outbox.record import record
from server.people.actor import SYSTEM, Actor
from server.people.queries import holders, units_index
from server.permissions import Permission, Reach, Role
from server.settings import Policy

Row = Proposal | Burden

#: In how many work days a stage's turn is over.
_WORK_DAYS: Final[Mapping[ProcedureStage, Callable[[Policy], int]]] = {
    ProcedureStage.OPINIONS: lambda p: p.opinions_work_days,
    ProcedureStage.SETTLING: lambda p: p.settling_work_days,
    ProcedureStage.REVIEW: lambda p: p.review_work_days,
    ProcedureStage.APPROVAL: lambda p: p.approval_work_days,
    ProcedureStage.APPROVED: lambda p: p.publication_work_days,
    ProcedureStage.REGISTERED: lambda p: p.answer_work_days,
    ProcedureStage.ANSWERED: lambda p: p.ruling_work_days,
}
#: How the numbers of proposals begin, by kind; a burden's with B.
_PREFIXES: Final = {"admission": "A", "adjustment": "J", "exit": "E"}


def noun_of(row: Row) -> str:
    """Return what a row is: the head of its permissions and of its messages."""
    return "proposal" if isinstance(row, Proposal) else "burden"


def number(row: Row) -> str:
    """Return the number by which people call it."""
    return f"{_PREFIXES[row.kind] if isinstance(row, Proposal) else 'B'}-{row.id}"


def require(by: Actor, noun: str, verb: ProcedureVerb, *unit_ids: int) -> None:
    """Refuse with NotPermitted unless the actor may do a verb for one of these units."""
    found = reaches(by, Permission(f"{noun}.{verb}"))
    if Reach.EVERYWHERE in found or (found and by.unit_ids.intersection(unit_ids)):
        return
    raise NotPermitted(permission=f"{noun}.{verb}")


async def locked_proposal(proposal_id: int) -> Proposal:
    """Return a proposal that nobody else can change until the transaction ends, or NotFound."""
    found = await Proposal.filter(id=proposal_id).select_for_update().get_or_none()
    if found is None:
        raise NotFound(kind="proposal", id=proposal_id)
    return found


async def locked_burden(burden_id: int) -> Burden:
    """Return a burden that nobody else can change until the transaction ends, or NotFound."""
    found = await Burden.filter(id=burden_id).select_for_update().get_or_none()
    if found is None:
        raise NotFound(kind="burden", id=burden_id)
    return found


async def move(
    row: Row,
    verb: ProcedureVerb,
    *,
    by: Actor,
    at: datetime,
    basis: Basis | None,
    words: str = "",
    way: str = "",
) -> None:
    """Take a locked row, or a new one without a stage, along an edge of its table.

    Saves it, appends to its history and owes the messages; without a basis only to a stage at
    which no clock runs. Raises WrongProcedureStage, ReasonMissing.
    """
    source = ProcedureStage(row.stage) if row.stage else None
    taken = edge(PROPOSALS if isinstance(row, Proposal) else BURDENS, source, verb, way)
    if taken.reason and not words.strip():
        raise ReasonMissing(verb=verb)
    row.stage, row.reminded_at = taken.target.value, None
    until = moment(row.due_at, basis.zone) if basis else ""
    if taken.target is not source:
        row.due_at, until = _clock(taken.target, at, basis)
    await row.save()
    seq = await _append(row, verb, source, by=by, at=at, words=words)
    if taken.told:
        facts = {"reason": words, "until": until}
        await _tell(row, taken.target.value, taken.told, seq, by=by, at=at, facts=facts)


def _clock(
    stage: ProcedureStage, at: datetime, basis: Basis | None
) -> tuple[datetime | None, str]:
    """Return until when it is whose turn, as an instant and in words."""
    if stage not in OWNERS:
        return None, ""
    if basis is None:
        raise ValueError(f"no clock for {stage} without a basis")
    due = basis.calendar.add(at, _WORK_DAYS[stage](basis.policy), "work_day").at
    return due, moment(due, basis.zone)


async def remind(row: Row, *, at: datetime, basis: Basis) -> None:
    """Remind those whose turn it is, and leaders, that a row is over its time."""
    stage = ProcedureStage(row.stage)
    row.reminded_at = at
    await row.save(update_fields=["reminded_at"])
    seq = await _append(row, ProcedureVerb.REMIND, stage, by=SYSTEM, at=at)
    facts = {"until": moment(row.due_at, basis.zone)}
    await _tell(
        row, "late", OWNERS[stage] | ProcedureAudience.LEADERS, seq, by=SYSTEM, at=at, facts=facts
    )


async def _append(
    row: Row,
    verb: ProcedureVerb,
    source: ProcedureStage | None,
    *,
    by: Actor,
    at: datetime,
    words: str = "",
) -> int:
    noun = noun_of(row)
    seq = await Event.filter(noun=noun, noun_id=row.id).count() + 1
    await Event.create(
        noun=noun,
        noun_id=row.id,
        seq=seq,
        verb=verb.value,
        source=source or "",
        target=row.stage,
        by_id=by.id,
        unit_id=by.unit_id,
        at=at,
        text=words,
    )
    return seq


async def _tell(
    row: Row,
    what: str,
    told: ProcedureAudience,
    seq: int,
    *,
    by: Actor,
    at: datetime,
    facts: dict[str, str],
) -> None:
    units = {row.unit_id} if ProcedureAudience.PROPOSER in told else set[int]()
    if ProcedureAudience.CONSULTED in told:
        units |= await _asked(row)
    persons = await holders(Role.LIST_KEEPER) if ProcedureAudience.KEEPERS in told else []
    persons += await holders(Role.LEADER) if ProcedureAudience.LEADERS in told else []
    known = await units_index()
    title = row.matter_name if isinstance(row, Proposal) else masked(row.title, offices=True)
    acting = {heir.id for each in units if (heir := known.acting(each)) is not None}
    await record(
        GovernanceMoved(
            stream=f"{noun_of(row)}:{row.id}",
            at=at,
            no=number(row),
            version=seq,
            verb=f"{noun_of(row)}_{what}",
            stage=row.stage,
            followers=tuple(dict.fromkeys(each for each in persons if each != by.id)),
            units=tuple(sorted(acting - {by.unit_id or 0})),
            facts={"title": title, "unit": known.by_id[row.unit_id].name}
            | {name: masked(each, offices=True) for name, each in facts.items()},
        )
    )


async def _asked(row: Row) -> set[int]:
    """Return who is asked: who owes an opinion still, or all of the round once it is over."""
    if isinstance(row, Burden):
        return {row.against_id}
    found = Opinion.filter(proposal_id=row.id, round=row.round)
    if row.stage == ProcedureStage.OPINIONS:
        found = found.filter(stance="")
    return {int(unit_id) for (unit_id,) in await found.values_list("unit_id")}
