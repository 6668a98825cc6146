"""Proposing to change a list (准入、调整、退出), and what its proposer does until review."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tortoise.transactions import in_transaction

from server.cases.rules.basis import Basis
from server.errors import AdmissionNeeded, BadInput, NotPermitted
from server.governance.changes import TownshipDuty, concerned, fulfilled, held, share
from server.governance.journal import locked_proposal, move, require
from server.governance.models.proposal import Opinion, Proposal
from server.governance.procedure import ProcedureVerb
from server.governance.queries import ProposalView
from server.people.actor import Actor
from server.people.units import UnitKind
from server.responsibility.changing.drafting import EntryChange, applied
from server.responsibility.list import precedents
from server.responsibility.list.fields import NEEDED, EntryView
from server.responsibility.list.list_types import list_type

ADMISSION: Final = "admission"
#: What goes to the townships with a matter (权随责走、费随事转); an admission names every one.
SUPPORT: Final = ("flow", "funds", "staff")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProposal:
    """A proposal as somebody makes it; `matter` is '' for one that is not in the catalogue.

    An admission gives flow, funds and staff, and until when it holds; `suggestion` is the
    precedent's that it takes up.
    """

    kind: str
    list_type: str
    matter: str
    ground: str
    reason: str
    change: EntryChange
    flow: str = ""
    funds: str = ""
    staff: str = ""
    until: datetime | None = None
    suggestion: int | None = None

    @property
    def support(self) -> dict[str, str]:
        """What goes to the townships with the matter."""
        return {name: getattr(self, name) for name in SUPPORT if getattr(self, name)}


async def propose(new: NewProposal, *, by: Actor, at: datetime, basis: Basis) -> Proposal:
    """Propose a change of a list and ask those whom it concerns for their written opinions.

    Raises NotPermitted (an admission is a department's), NotFound, BadInput naming what is
    missing, AdmissionNeeded for an adjustment that asks more of townships than the lists do.
    """
    if by.unit_id is None:
        raise NotPermitted(permission="proposal.propose")
    require(by, "proposal", ProcedureVerb.PROPOSE, by.unit_id)
    if new.kind == ADMISSION and basis.units.by_id[by.unit_id].kind is not UnitKind.DEPARTMENT:
        raise NotPermitted(permission="proposal.propose")
    before = proposed_on(new, at, basis)
    _require_whole(new, before, at=at, basis=basis)
    async with in_transaction():
        proposal = Proposal(
            kind=new.kind,
            stage="",
            list_type=new.list_type,
            matter_code=new.matter,
            matter_name=new.change.texts.get("name") or (before.name if before else ""),
            unit_id=by.unit_id,
            by_id=by.id,
            ground=new.ground,
            reason=new.reason,
            change=new.change.as_json(),
            support=new.support,
            until=new.until,
            created_at=at,
        )
        await proposal.save()
        if not new.matter:
            # A code of its own, so that it can be found before any list names it.
            proposal.matter_code = f"A-{proposal.id:04d}"
        if new.suggestion is not None:
            await precedents.take_up(new.suggestion)
        way = await _ask(proposal, before, basis)
        await move(
            proposal, ProcedureVerb.PROPOSE, by=by, at=at, basis=basis, words=new.reason, way=way
        )
    return proposal


async def amend(
    proposal_id: int, new: NewProposal, words: str, *, by: Actor, at: datetime, basis: Basis
) -> Proposal:
    """Change what was objected to or sent back, and ask again; kind and matter stay.

    Raises as `propose`, and WrongProcedureStage.
    """
    async with in_transaction():
        proposal = await locked_proposal(proposal_id)
        require(by, "proposal", ProcedureVerb.AMEND, proposal.unit_id)
        if (new.kind, new.list_type) != (proposal.kind, proposal.list_type):
            raise BadInput([{"pointer": "/kind", "reason": "not_here"}])
        # A matter that is new has no code in the form, and got one of its own.
        new = replace(new, matter=new.matter or proposal.matter_code)
        if new.matter != proposal.matter_code:
            raise BadInput([{"pointer": "/matter", "reason": "not_here"}])
        before = proposed_on(new, at, basis)
        _require_whole(new, before, at=at, basis=basis)
        proposal.change, proposal.support = new.change.as_json(), new.support
        proposal.until, proposal.round = new.until, proposal.round + 1
        proposal.matter_name = new.change.texts.get("name") or proposal.matter_name
        way = await _ask(proposal, before, basis)
        await move(proposal, ProcedureVerb.AMEND, by=by, at=at, basis=basis, words=words, way=way)
    return proposal


async def settle(
    proposal_id: int, words: str, *, by: Actor, at: datetime, basis: Basis
) -> Proposal:
    """Report how the objections were talked over (协商意见), and send it to review as it is."""
    return await _as_proposer(proposal_id, ProcedureVerb.SETTLE, words, by=by, at=at, basis=basis)


async def withdraw(
    proposal_id: int, words: str, *, by: Actor, at: datetime, basis: Basis
) -> Proposal:
    """Give a proposal up that was not approved yet."""
    return await _as_proposer(
        proposal_id, ProcedureVerb.WITHDRAW, words, by=by, at=at, basis=basis
    )


async def _as_proposer(
    proposal_id: int, verb: ProcedureVerb, words: str, *, by: Actor, at: datetime, basis: Basis
) -> Proposal:
    async with in_transaction():
        proposal = await locked_proposal(proposal_id)
        require(by, "proposal", verb, proposal.unit_id)
        await move(proposal, verb, by=by, at=at, basis=basis, words=words)
    return proposal


def proposed_on(of: NewProposal | ProposalView, at: datetime, basis: Basis) -> EntryView | None:
    """Return the matter's entry in the list that is to be changed; None where there is none."""
    list_type(of.list_type)
    matter = of.matter if isinstance(of, NewProposal) else of.matter_code
    if not matter:
        return None
    versions = [
        each for each in basis.lists.at(at).versions if each.version.list_type == of.list_type
    ]
    return next((each.entries.get(matter) for each in versions), None)


def _require_whole(
    new: NewProposal, before: EntryView | None, *, at: datetime, basis: Basis
) -> None:
    """Refuse a proposal that leaves open what its kind must say, or that would change nothing."""
    missing = _missing(new, before, at)
    if missing:
        raise BadInput([{"pointer": each, "reason": "missing"} for each in missing])
    after = applied(before, new.change, basis.units)
    if new.kind == ADMISSION:
        asked = share(after, basis.units)
        if asked == TownshipDuty():
            raise BadInput([{"pointer": "/change/township_duties", "reason": "missing"}])
        # What townships have anyway when the term is over, its end would take away.
        if not asked.exceeds(_held(new, new.until or at, basis)):
            raise BadInput([{"pointer": "/change", "reason": "no_admission"}])
        return
    if fulfilled(before, new.change, basis.units):
        raise BadInput([{"pointer": "/change", "reason": "no_change"}])
    if share(after, basis.units).exceeds(_held(new, at, basis)):
        raise AdmissionNeeded(matter=new.change.texts.get("name") or new.matter)
    if new.kind == "exit" and not share(before, basis.units).exceeds(share(after, basis.units)):
        raise BadInput([{"pointer": "/change/lead", "reason": "no_exit"}])


def _missing(new: NewProposal, before: EntryView | None, at: datetime) -> list[str]:
    """Return what a proposal leaves open, as pointers into the form."""
    if new.kind != ADMISSION or new.change.removed:
        # What is there already may be changed in part.
        return [] if before is not None else ["/matter"]
    open_ = [f"/change/{name}" for name in NEEDED if not _given(new, before, name)]
    open_ += [f"/{name}" for name in SUPPORT if not getattr(new, name).strip()]
    return open_ if new.until is not None and new.until > at else [*open_, "/until"]


def _given(new: NewProposal, before: EntryView | None, name: str) -> bool:
    said = new.change.as_json().get(name)
    return said not in (None, "") or (said is None and before is not None)


def _held(new: NewProposal, at: datetime, basis: Basis) -> TownshipDuty:
    """Return what the lists in force at an instant ask of townships for what is proposed."""
    lists = {each.version.list_type: each.entries for each in basis.lists.at(at).versions}
    return held(new.matter, new.list_type, lists, basis.units)


async def _ask(proposal: Proposal, before: EntryView | None, basis: Basis) -> str:
    """Owe the opinions of a round, and return which way it goes; a proposer is not asked."""
    change = EntryChange.of_json(proposal.change)
    asked = [u for u in concerned(before, change, basis.units) if u != proposal.unit_id]
    await Opinion.bulk_create(
        [Opinion(proposal_id=proposal.id, round=proposal.round, unit_id=unit) for unit in asked]
    )
    return "" if asked else "nobody_asked"
