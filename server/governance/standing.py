"""Whom a proposal or a burden waits for, since when, and what somebody may do to it now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.expressions import F
from tortoise.functions import Max

from server.cases.rules.basis import Basis
from server.errors import Problem
from server.governance import burdens, deciding
from server.governance.journal import Row, number, require
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
from server.permissions import Permission, Role
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
    able = possible(PROPOSALS, ProcedureStage(proposal.stage))
    return [verb for verb in able if await _may(verb, proposal, by)]


async def _may(verb: ProcedureVerb, proposal: Proposal, by: Actor) -> bool:
    """Tell whether a verb that the stage allows would be refused to somebody."""
    try:
        if verb is _V.OPINE:
            require(by, "proposal", verb, *by.unit_ids)
            asked = Opinion.filter(proposal_id=proposal.id, round=proposal.round, stance="")
            return await asked.filter(unit_id__in=list(by.unit_ids)).exists()
        if verb in (_V.AMEND, _V.SETTLE, _V.WITHDRAW):
            require(by, "proposal", verb, proposal.unit_id)
        else:
            await deciding.require_deciding(proposal, verb, by)
    except Problem:
        return False
    return True


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
    found = list[tuple[Row, ProcedureVerb]]()
    for verb, stages in _stages(by).items():
        if verb in (_V.ANSWER, _V.RULE):
            for burden in await Burden.filter(stage__in=stages).order_by("due_at", "id"):
                if _may_to_burden(verb, burden, by=by, at=at, basis=basis):
                    found.append((burden, verb))
            continue
        for proposal in await Proposal.filter(stage__in=stages).order_by("due_at", "id"):
            if verb is _V.PUBLISH or await _may(verb, proposal, by):
                found.append((proposal, verb))
    rows = found[:limit]
    since = {
        noun: await _since(noun, [row.id for row, _ in rows if isinstance(row, kind)])
        for noun, kind in (("proposal", Proposal), ("burden", Burden))
    }
    return [
        Turn(
            id=row.id,
            no=number(row),
            title=row.matter_name if isinstance(row, Proposal) else row.title,
            verb=verb,
            unit_id=row.unit_id,
            note=row.reason if isinstance(row, Proposal) else row.text,
            since=since["proposal" if isinstance(row, Proposal) else "burden"].get(
                row.id, row.created_at
            ),
            due_at=row.due_at,
        )
        for row, verb in rows
    ]


def _stages(by: Actor) -> dict[ProcedureVerb, list[str]]:
    """Return what somebody may do at all, and at which stages it waits to be done."""
    found = {
        verb: [stage.value]
        for stage, verb in _NEXT.items()
        if Permission(f"{'burden' if verb in (_V.ANSWER, _V.RULE) else 'proposal'}.{verb}")
        in by.permissions
    }
    if _V.RULE in found:
        # Who does not answer in time is ruled on all the same.
        found[_V.RULE].append(_S.REGISTERED.value)
    if Permission.LIST_MANAGE in by.permissions:
        found[_V.PUBLISH] = [_S.APPROVED.value]
    return found
