"""What was approved meets what is published: nothing new reaches a township without admission."""

from collections.abc import Collection, Mapping
from datetime import datetime

from server.errors import NotAdmitted
from server.governance.changes import Share, fulfilled, newly_asked, share
from server.governance.journal import move
from server.governance.models.proposal import Proposal
from server.governance.procedure import Stage, Verb
from server.governance.proposing import ADMISSION
from server.people.actor import Actor
from server.people.queries import units_index
from server.responsibility import queries, versions
from server.responsibility.drafting import TOWNSHIP, EntryChange
from server.responsibility.list_types import list_types
from server.texts.catalogue import text

#: So many matters are named in a refusal.
_NAMED = 20


async def require_admitted(version_id: int, *, starts_at: datetime) -> None:
    """Refuse a version that asks of townships what no list and no admission does (invariant 7).

    The first version of a list is what the county starts from. Raises NotAdmitted with matters.
    """
    view = await queries.version(version_id)
    if await queries.version_in_force(view.list_type, at=starts_at, but=version_id) is None:
        return
    in_force = [
        found
        for list_type in list_types()
        if (found := await queries.version_in_force(list_type, at=starts_at, but=version_id))
    ]
    before = _shares(await queries.township_shares(in_force))
    after = _shares(await queries.township_shares([version_id]))
    missing = newly_asked(before, after, await _admissions(view.list_type, starts_at))
    if missing:
        names = await queries.matter_codes([version_id])
        said = [f"{code} {names[code]}" for code in missing[:_NAMED]]
        raise NotAdmitted(matters=text("format.and").join(said), n_matters=len(missing))


def _shares(found: Mapping[str, tuple[bool, bool]]) -> dict[str, Share]:
    return {code: Share(leads, helps) for code, (leads, helps) in found.items()}


async def _admissions(list_type: str, at: datetime) -> dict[str, Share]:
    """Return what approved admissions allow a list to ask of townships, by matter."""
    stages = [Stage.APPROVED.value, Stage.IN_FORCE.value]
    found = await Proposal.filter(
        kind=ADMISSION, list_type=list_type, stage__in=stages, until__gt=at
    ).values_list("matter_code", "change")
    return {
        code: Share(leads=change.get("lead") == TOWNSHIP, helps=change.get("lead") != TOWNSHIP)
        for code, change in found
    }


async def approved(list_type: str) -> list[Proposal]:
    """Return the proposals that wait for the next version of a list, the oldest first."""
    stage = Stage.APPROVED.value
    return await Proposal.filter(list_type=list_type, stage=stage).order_by("id").limit(1000)


async def put_in_force(version_id: int, *, by: Actor, at: datetime) -> Collection[Proposal]:
    """Mark the approved proposals that a version carries out, and until when admissions hold.

    Joins the caller's transaction; returns those that the version leaves out.
    """
    view = await queries.version(version_id)
    waiting = await approved(view.list_type)
    if not waiting:
        return []
    entries = {each.matter_code: each for each in await queries.all_entries(version_id)}
    units, left = await units_index(), list[Proposal]()
    for proposal in waiting:
        change = EntryChange.of_json(proposal.change)
        entry = entries.get(proposal.matter_code)
        if not fulfilled(entry, change, units):
            left.append(proposal)
            continue
        proposal.version_id = version_id
        await move(proposal, Verb.PUBLISH, by=by, at=at, basis=None)
        if proposal.kind == ADMISSION or share(entry) == Share():
            await versions.admit(proposal.matter_code, until=proposal.until)
    return left
