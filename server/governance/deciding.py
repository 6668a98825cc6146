"""Opinions on a proposal, its review by the offices that keep the list, and its approval."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from tortoise.transactions import in_transaction

from server.cases.rules.basis import Basis
from server.errors import (
    AlreadyDone,
    BadInput,
    NotPermitted,
    ProcedureConflict,
    ReasonMissing,
)
from server.governance.journal import locked_proposal, move, require
from server.governance.models.proposal import Event, Opinion, Proposal
from server.governance.procedure import PROPOSALS, ProcedureStage, ProcedureVerb, edge
from server.people.actor import Actor

#: S0: the office that manages posts and the office of justice, each on its own.
N_OFFICES: Final = 2


async def opine(
    proposal_id: int,
    words: str,
    *,
    agrees: bool,
    unit_id: int | None = None,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Proposal:
    """Give a unit's written opinion; with the last it goes on to review, or to be settled.

    The unit is one's own, a station of it, or one merged into it. Raises NotPermitted for a unit
    that was not asked, AlreadyDone for a second opinion in a round, ReasonMissing for an objection
    without words.
    """
    async with in_transaction():
        proposal = await locked_proposal(proposal_id)
        mine = unit_id or by.unit_id or 0
        require(by, "proposal", ProcedureVerb.OPINE, mine)
        edge(PROPOSALS, ProcedureStage(proposal.stage), ProcedureVerb.OPINE)
        round_ = Opinion.filter(proposal_id=proposal.id, round=proposal.round)
        house = by.unit_ids.intersection(basis.units.house(mine)) if mine in by.unit_ids else ()
        asked = {each.unit_id: each for each in await round_.filter(unit_id__in=list(house))}
        # Its own, or else one that was asked of a unit merged with it and is still owed.
        owed = sorted(asked.values(), key=lambda each: (bool(each.stance), each.unit_id))
        opinion = asked.get(mine) or next(iter(owed), None)
        if opinion is None:
            raise NotPermitted(permission="proposal.opine")
        if opinion.stance:
            raise AlreadyDone()
        if not agrees and not words.strip():
            raise ReasonMissing(verb=ProcedureVerb.OPINE)
        opinion.stance, opinion.text = "agree" if agrees else "object", words
        opinion.by_id, opinion.at = by.id, at
        await opinion.save()
        stances = {str(s) for (s,) in await round_.values_list("stance")}
        way = "" if "" in stances else "disagreed" if "object" in stances else "agreed"
        await move(proposal, ProcedureVerb.OPINE, by=by, at=at, basis=basis, words=words, way=way)
    return proposal


async def review(
    proposal_id: int, words: str, *, by: Actor, at: datetime, basis: Basis
) -> Proposal:
    """Pass a proposal as one of the offices that keep the list; the second sends it to approval.

    Raises NotPermitted for who belongs to no office, ProcedureConflict for who proposed it,
    AlreadyDone when one's office has passed it.
    """
    async with in_transaction():
        proposal = await locked_proposal(proposal_id)
        passed = await require_deciding(proposal, ProcedureVerb.REVIEW, by)
        way = "last" if len(passed) + 1 >= N_OFFICES else ""
        await move(proposal, ProcedureVerb.REVIEW, by=by, at=at, basis=basis, words=words, way=way)
    return proposal


async def send_back(
    proposal_id: int, words: str, *, by: Actor, at: datetime, basis: Basis
) -> Proposal:
    """Send a proposal back to who proposed it, to be amended or talked over again."""
    async with in_transaction():
        proposal = await locked_proposal(proposal_id)
        await require_deciding(proposal, ProcedureVerb.SEND_BACK, by)
        await move(proposal, ProcedureVerb.SEND_BACK, by=by, at=at, basis=basis, words=words)
    return proposal


async def refuse(
    proposal_id: int, words: str, *, by: Actor, at: datetime, basis: Basis
) -> Proposal:
    """Turn a proposal down, as an office that reviews it or a leader who would approve it."""
    async with in_transaction():
        proposal = await locked_proposal(proposal_id)
        await require_deciding(proposal, ProcedureVerb.REFUSE, by)
        await move(proposal, ProcedureVerb.REFUSE, by=by, at=at, basis=basis, words=words)
    return proposal


async def approve(
    proposal_id: int, words: str, *, by: Actor, at: datetime, basis: Basis
) -> Proposal:
    """Approve a reviewed proposal; it comes into force with the next version of its list.

    Raises ProcedureConflict for who proposed or reviewed it, BadInput when its term is over.
    """
    async with in_transaction():
        proposal = await locked_proposal(proposal_id)
        await require_deciding(proposal, ProcedureVerb.APPROVE, by)
        if proposal.until is not None and proposal.until <= at:
            raise BadInput([{"pointer": "/until", "reason": "past"}])
        await move(proposal, ProcedureVerb.APPROVE, by=by, at=at, basis=basis, words=words)
    return proposal


async def require_deciding(proposal: Proposal, verb: ProcedureVerb, by: Actor) -> set[int]:
    """Refuse who may not decide; return the offices that have passed it in this review."""
    events = await Event.filter(noun="proposal", noun_id=proposal.id).order_by("seq")
    return require_deciding_after(events, proposal, verb, by)


def require_deciding_after(
    events: Iterable[Event], proposal: Proposal, verb: ProcedureVerb, by: Actor
) -> set[int]:
    """Refuse who may not decide after what has happened to a proposal, oldest first.

    Returns the offices that have passed it in this review. Who refuses at the last station is who
    would approve there.
    """
    approves = verb is ProcedureVerb.APPROVE or (
        verb is ProcedureVerb.REFUSE and proposal.stage == ProcedureStage.APPROVAL
    )
    asks = {ProcedureVerb.REFUSE: ProcedureVerb.APPROVE if approves else ProcedureVerb.REVIEW}
    require(by, "proposal", asks.get(verb, verb))
    if not approves and by.unit_id is None:
        raise NotPermitted(permission=f"proposal.{verb}")
    passed = dict[int, int]()
    for event in events:
        if event.verb == ProcedureVerb.REVIEW and event.unit_id is not None:
            passed[event.unit_id] = event.by_id or 0
        elif event.target == ProcedureStage.REVIEW:
            passed.clear()
    took_part = {proposal.by_id} | (set(passed.values()) if approves else set())
    if by.persons & took_part:
        raise ProcedureConflict()
    if verb is ProcedureVerb.REVIEW and by.unit_id in passed:
        raise AlreadyDone()
    return set(passed)
