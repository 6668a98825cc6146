"""Whom a proposal or a burden waits for, since when, and what somebody may do to it now."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.expressions import F, Q
from tortoise.functions import Max

from server.cases.door.access import reaches
from server.cases.rules.basis import Basis
from server.errors import Problem, WrongProcedureStage
from server.governance import burdens, deciding
from server.governance.journal import Row, noun_of, number, require
from server.governance.models.burden import Burden
from server.governance.models.proposal import Event, Opinion, Proposal
from server.governance.procedure import (
    BURDENS,
    OWNERS,
    PROPOSALS,
    ProcedureAudience,
    ProcedureStage,
    ProcedureVerb,
    possible,
)
from server.governance.queries import ProposalView
from server.people.actor import Actor
from server.permissions import Permission, Reach, Role
from server.texts.catalogue import text

_S, _V = ProcedureStage, ProcedureVerb
#: What a stage waits for; an opinion that is owed is asked for by itself.
_NEXT: Final = {
    _S.SETTLING: _V.AMEND,
    _S.REVIEW: _V.REVIEW,
    _S.APPROVAL: _V.APPROVE,
    _S.REGISTERED: _V.ANSWER,
    _S.ANSWERED: _V.RULE,
}
#: So many of what is most urgent are looked at for what waits for one person.
_LOOKED_AT: Final = 500
_OFFICES: Final = {
    ProcedureAudience.KEEPERS: Role.LIST_KEEPER,
    ProcedureAudience.LEADERS: Role.LEADER,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when something stands where it does, and who is waited for, by their names."""

    since: datetime
    awaited: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Something whose turn is somebody's, and what is to be done."""

    id: int
    no: str
    title: str
    verb: ProcedureVerb
    unit_id: int
    note: str
    since: datetime
    due_at: datetime | None


async def standings(rows: Sequence[ProposalView], basis: Basis) -> Mapping[int, Standing]:
    """Return where proposals stand, by their ids."""
    since = await _since("proposal", [row.id for row in rows])
    asked = Opinion.filter(proposal_id__in=[row.id for row in rows], stance="")
    owing = defaultdict[tuple[int, int], list[str]](list)
    for each in await asked.order_by("id"):
        owing[each.proposal_id, each.round].append(basis.units.by_id[each.unit_id].name)
    return {
        row.id: Standing(
            since.get(row.id, row.created_at), _awaited(row, owing[row.id, row.round], basis)
        )
        for row in rows
    }


def _awaited(row: ProposalView, owing: list[str], basis: Basis) -> tuple[str, ...]:
    owner = OWNERS.get(ProcedureStage(row.stage))
    if owner is ProcedureAudience.CONSULTED:
        return tuple(owing)
    if owner is ProcedureAudience.PROPOSER:
        return (basis.units.by_id[row.unit_id].name,)
    return (text(f"role.{_OFFICES[owner]}"),) if owner is not None else ()


async def _since(noun: str, ids: Sequence[int]) -> Mapping[int, datetime]:
    """Return when things last came to another stage."""
    moved = Event.filter(noun=noun, noun_id__in=list(ids)).exclude(source=F("target"))
    rows = moved.annotate(last=Max("at")).group_by("noun_id").values_list("noun_id", "last")
    return dict(await rows)


async def open_to(by: Actor, proposal_id: int) -> list[ProcedureVerb]:
    """Return what somebody may do to a proposal as it stands, a draft that carries it out too."""
    proposal = await Proposal.get(id=proposal_id)
    if proposal.stage == _S.APPROVED and Permission.LIST_MANAGE in by.permissions:
        return [_V.PUBLISH]
    known = await _known([proposal], by)
    able = possible(PROPOSALS, ProcedureStage(proposal.stage))
    return [verb for verb in able if _may(verb, proposal, known, by)]


@dataclass(frozen=True, slots=True)
class _Known:
    """What has happened to proposals, and on which of them somebody's units owe an opinion."""

    events: Mapping[int, Sequence[Event]]
    owing: frozenset[tuple[int, int]]


async def _known(proposals: Sequence[Proposal], by: Actor) -> _Known:
    ids = [each.id for each in proposals]
    if not ids:
        return _Known({}, frozenset())
    events = defaultdict[int, list[Event]](list)
    for event in await Event.filter(noun="proposal", noun_id__in=ids).order_by("noun_id", "seq"):
        events[event.noun_id].append(event)
    asked = Opinion.filter(proposal_id__in=ids, unit_id__in=list(by.unit_ids), stance="")
    rounds = await asked.values_list("proposal_id", "round")
    return _Known(events, frozenset((int(one), int(round_)) for one, round_ in rounds))


def _may(verb: ProcedureVerb, proposal: Proposal, known: _Known, by: Actor) -> bool:
    """Tell whether a verb that the stage allows would not be refused to somebody."""
    try:
        if verb is _V.OPINE:
            require(by, "proposal", verb, *by.unit_ids)
            return (proposal.id, proposal.round) in known.owing
        if verb in (_V.AMEND, _V.SETTLE, _V.WITHDRAW):
            require(by, "proposal", verb, proposal.unit_id)
        elif verb is not _V.PUBLISH:
            events = known.events.get(proposal.id, ())
            deciding.require_deciding_after(events, proposal, verb, by)
    except Problem:
        return False
    return True


@asynccontextmanager
async def fitting(
    noun: str, noun_id: int, *, by: Actor, at: datetime, basis: Basis
) -> AsyncIterator[None]:
    """Say of what a proposal's or burden's stage forbids only what this person may do instead."""
    try:
        yield
    except WrongProcedureStage as refused:
        if noun == "burden":
            able = await burden_open_to(by, noun_id, at=at, basis=basis)
        else:
            able = await open_to(by, noun_id)
        stage, verb = refused.facts["stage"], refused.facts["verb"]
        raise WrongProcedureStage(stage=stage, verb=verb, possible=able) from refused


async def burden_open_to(
    by: Actor, burden_id: int, *, at: datetime, basis: Basis
) -> list[ProcedureVerb]:
    """Return what somebody may do to an objection as it stands."""
    burden = await Burden.get(id=burden_id)
    able = possible(BURDENS, ProcedureStage(burden.stage))
    return [verb for verb in able if _may_to_burden(verb, burden, by=by, at=at, basis=basis)]


def _may_to_burden(
    verb: ProcedureVerb, burden: Burden, *, by: Actor, at: datetime, basis: Basis
) -> bool:
    try:
        if verb is _V.RULE:
            burdens.require_ruling(burden, by=by, at=at, basis=basis)
        else:
            unit_id = burden.against_id if verb is _V.ANSWER else burden.unit_id
            require(by, "burden", verb, unit_id)
    except Problem:
        return False
    return True


async def turns(by: Actor, *, at: datetime, basis: Basis, limit: int) -> list[Turn]:
    """Return what waits for somebody besides opinions, the most urgent first, at most so much."""
    found = [*await _proposals_for(by), *await _burdens_for(by, at=at, basis=basis)]
    rows = sorted(found, key=lambda each: (each[0].due_at or at, number(each[0])))[:limit]
    since = {
        noun: await _since(noun, [row.id for row, _ in rows if noun_of(row) == noun])
        for noun in {noun_of(row) for row, _ in rows}
    }
    return [
        Turn(
            id=row.id,
            no=number(row),
            title=row.matter_name if isinstance(row, Proposal) else row.title,
            verb=verb,
            unit_id=row.unit_id,
            note=row.reason if isinstance(row, Proposal) else row.text,
            since=since[noun_of(row)].get(row.id, row.created_at),
            due_at=row.due_at,
        )
        for row, verb in rows
    ]


async def _proposals_for(by: Actor) -> list[tuple[Row, ProcedureVerb]]:
    next_ = _next("proposal", (_S.SETTLING, _S.REVIEW, _S.APPROVAL), by)
    if Permission.LIST_MANAGE in by.permissions:
        next_[_S.APPROVED] = _V.PUBLISH
    if not next_:
        return []
    waiting = Q(stage__in=list(next_))
    if _S.SETTLING in next_ and Reach.EVERYWHERE not in reaches(by, Permission.PROPOSAL_AMEND):
        others = [stage for stage in next_ if stage is not _S.SETTLING]
        waiting = Q(stage__in=others) | Q(stage=_S.SETTLING, unit_id__in=list(by.unit_ids))
    # By the index on `due_at`: what waits for somebody has one.
    rows = Proposal.filter(waiting, due_at__isnull=False).order_by("due_at").limit(_LOOKED_AT)
    proposals = await rows
    known = await _known(proposals, by)
    verbs = [(row, next_[ProcedureStage(row.stage)]) for row in proposals]
    return [(row, verb) for row, verb in verbs if _may(verb, row, known, by)]


async def _burdens_for(
    by: Actor, *, at: datetime, basis: Basis
) -> list[tuple[Row, ProcedureVerb]]:
    next_ = _next("burden", (_S.REGISTERED, _S.ANSWERED), by)
    if not next_:
        return []
    rows = Burden.filter(due_at__isnull=False).order_by("due_at").limit(_LOOKED_AT)
    if _S.ANSWERED not in next_:
        rows = rows.filter(against_id__in=list(by.unit_ids))
    # Who does not answer in time is ruled on all the same.
    return [
        (row, verb)
        for row in await rows
        for verb in (_V.ANSWER, _V.RULE)
        if (verb is _V.RULE or row.stage == _S.REGISTERED)
        and _may_to_burden(verb, row, by=by, at=at, basis=basis)
    ]


def _next(
    noun: str, stages: Sequence[ProcedureStage], by: Actor
) -> dict[ProcedureStage, ProcedureVerb]:
    """Return what is to be done next at these stages by whoever has its permission."""
    return {
        stage: _NEXT[stage]
        for stage in stages
        if Permission(f"{noun}.{_NEXT[stage]}") in by.permissions
    }
