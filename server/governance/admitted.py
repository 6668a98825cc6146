"""What was approved meets what is published: nothing new reaches a township without admission."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from server.cases.rules.basis import Basis
from server.errors import NotAdmitted, NotPermitted, ProposalsLeft
from server.governance.changes import Lists, TownshipDuty, fulfilled, held, share
from server.governance.journal import move, number
from server.governance.models.proposal import Proposal
from server.governance.procedure import ProcedureStage, ProcedureVerb
from server.governance.proposing import ADMISSION
from server.people.actor import Actor
from server.people.queries import units_index
from server.people.units import Units
from server.permissions import Permission
from server.responsibility.changing.drafting import EntryChange, draft, unit_id
from server.responsibility.list import queries, versions
from server.responsibility.list.fields import EntryView
from server.responsibility.list.list_types import list_types
from server.texts.catalogue import text

#: So many matters or proposals are named in a refusal.
_NAMED = 20

Entries = Mapping[str, EntryView]


async def put_in_force(
    version_id: int,
    *,
    starts_at: datetime,
    by: Actor,
    at: datetime,
    order: str = "",
    leave_proposals: bool = False,
) -> None:
    """Hold a version against the lists in force and what was approved; write the terms it has.

    Refuses what asks of townships what no list and no admission does (invariant 7), unless there
    is an `order`, and what leaves approved proposals out, unless they may be left. The first list
    of all is what the county starts from. Joins the caller's transaction. Raises NotAdmitted with
    matters, ProposalsLeft with proposals.
    """
    view, units = await queries.version(version_id), await units_index()
    entries, lists = await _entries(version_id), await _in_force(version_id, at=starts_at)
    more = [
        code
        for code, entry in entries.items()
        if lists and share(entry, units).exceeds(held(code, view.list_type, lists, units))
    ]
    admissions = await _admissions(view.list_type, starts_at)
    admitted = {
        code: until
        for code in more
        if code in admissions and (until := _until(admissions[code], entries[code], units))
    }
    if not order:
        _require_none([f"{c} {entries[c].name}" for c in sorted(more) if c not in admitted])
    terms = _kept(entries, lists.get(view.list_type, {}), units) | admitted
    left = list[Proposal]()
    waiting = await approved(view.list_type)
    changes = combined(waiting)
    for proposal in waiting:
        code, admission = proposal.matter_code, proposal.kind == ADMISSION
        whole = fulfilled(entries.get(code), changes[code], units)
        if not whole:
            left.append(proposal)
        if whole or (admission and code in admitted):
            proposal.version_id = version_id
            await move(proposal, ProcedureVerb.PUBLISH, by=by, at=at, basis=None)
        if whole and proposal.until is not None:
            terms[code] = proposal.until
    if left and not leave_proposals:
        said = [f"{number(each)} {each.matter_name}" for each in left[:_NAMED]]
        raise ProposalsLeft(proposals=text("format.and").join(said), n_proposals=len(left))
    await versions.admit(version_id, terms)


async def take_back(version_id: int, *, by: Actor, at: datetime, basis: Basis) -> None:
    """Let the proposals that a version put into force wait for another; joins the transaction."""
    view = await queries.version(version_id)
    words = text("procedure.taken_back", label=view.label)
    carried = Proposal.filter(version_id=version_id, stage=ProcedureStage.IN_FORCE.value)
    for proposal in await carried.order_by("id").select_for_update():
        proposal.version_id = None
        await move(proposal, ProcedureVerb.TAKE_BACK, by=by, at=at, basis=basis, words=words)


async def approved(list_type: str) -> list[Proposal]:
    """Return the proposals that wait for the next version of a list, the oldest first."""
    stage = ProcedureStage.APPROVED.value
    return await Proposal.filter(list_type=list_type, stage=stage).order_by("id").limit(1000)


def combined(waiting: Iterable[Proposal]) -> dict[str, EntryChange]:
    """Return what proposals change together, by matter; where they differ the later holds."""
    found = dict[str, EntryChange]()
    for each in waiting:
        change = EntryChange.of_json(each.change)
        before = found.get(each.matter_code)
        found[each.matter_code] = before.then(change) if before else change
    return found


def _require_none(missing: list[str]) -> None:
    if missing:
        said = text("format.and").join(missing[:_NAMED])
        raise NotAdmitted(matters=said, n_matters=len(missing))


def _kept(entries: Entries, before: Entries, units: Units) -> dict[str, datetime]:
    """Return the terms that go on: of matters that ask no more of townships than before."""
    return {
        code: was.township_until
        for code, was in before.items()
        if was.township_until is not None
        and code in entries
        and not share(entries[code], units).exceeds(share(was, units))
    }


def _until(admission: Proposal, entry: EntryView, units: Units) -> datetime | None:
    """Return until when an admission allows what an entry asks; None where it does not."""
    lead = admission.change.get("lead")
    leads = lead is not None and units.local(unit_id(lead, units))
    beyond = share(entry, units).exceeds(TownshipDuty(leads=leads, helps=not leads))
    return None if beyond else admission.until


async def _admissions(list_type: str, at: datetime) -> dict[str, Proposal]:
    """Return the admissions to a list that hold at an instant, the latest of each matter."""
    stages = [ProcedureStage.APPROVED.value, ProcedureStage.IN_FORCE.value]
    found = Proposal.filter(kind=ADMISSION, list_type=list_type, stage__in=stages, until__gt=at)
    return {each.matter_code: each for each in await found.order_by("id")}


async def _in_force(version_id: int, *, at: datetime) -> Lists:
    """Return the entries of the lists in force at an instant, leaving a version out."""
    return {
        list_type: await _entries(found)
        for list_type in list_types()
        if (found := await queries.version_in_force(list_type, at=at, but=version_id))
    }


async def _entries(version_id: int) -> Entries:
    return {each.matter_code: each for each in await queries.all_entries(version_id)}


async def draft_next(
    list_type: str, *, label: str, by: Actor, at: datetime, basis: Basis
) -> tuple[int, list[int]]:
    """Write the draft of a list's next version; return its id and the proposals it carries out.

    Where two proposals for one matter differ the later holds. Raises NotPermitted, and NotFound
    for a list of which no version is in force.
    """
    if Permission.LIST_MANAGE not in by.permissions:
        raise NotPermitted(permission=Permission.LIST_MANAGE.value)
    waiting = await approved(list_type)
    version = await draft(
        list_type, combined(waiting), label=label, units=basis.units, by=by, at=at
    )
    return version.id, [each.id for each in waiting]
