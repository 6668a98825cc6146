"""Small things settled where they were found, without a unit being sent for (就地处理)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.cases.door.access import reaches
from server.cases.door.evidence import attach, fresh, require_own
from server.cases.door.expiry import waive_open
from server.cases.door.journal import Act, Entry, Journal
from server.cases.door.moving import Open, moving
from server.cases.door.schedule import set_due
from server.cases.models.case import Attachment, Case
from server.cases.rules import deadlines
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Verb
from server.cases.rules.shown import Purpose
from server.cases.work.checking import give_check
from server.errors import CaseNotReady, NotPermitted
from server.people.actor import Actor
from server.people.queries import members
from server.permissions import Permission, Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """What was done on the spot, with photos taken after it."""

    result: str
    photos: tuple[UUID, ...]


async def self_handle(
    no: str,
    handled: Handled,
    before: tuple[UUID, ...] = (),
    *,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Case:
    """Settle a case on the spot; its open tasks end, and somebody else looks at the place.

    `before` are photos of the actor's own; the report's serve where there are none. Raises
    NoSelfHandling where the list does not allow it, CaseNotReady for a result or photo missing,
    UnknownPhoto, PhotoNotReady.
    """
    act = Act(verb=Verb.SELF_HANDLE, by=by, at=at, note=handled.result)
    async with moving(no, act, basis) as opened:
        case = opened.case
        await _attach(opened, handled, before)
        await waive_open(opened.journal)
        conclude(case, opened.entry, at=at, basis=basis)
        await tell_room(opened.journal, opened.entry, basis)
        await give_check(case, opened.journal, at=at, basis=basis)
    return case


async def require_handled(
    handled: Handled, before: Sequence[UUID], *, by: Actor, township: str
) -> None:
    """Refuse what a reporter may not, or not so, have settled already when reporting it.

    Raises NotPermitted, CaseNotReady, UnknownPhoto, PhotoNotReady.
    """
    found = reaches(by, Permission.CASE_SELF_HANDLE)
    at_home = Reach.OWN_TOWNSHIP in found and bool(township) and by.township_code == township
    if Reach.OWN_REPORTS_AND_GRIDS not in found and not at_home:
        raise NotPermitted(verb=Verb.SELF_HANDLE)
    _require_whole(handled, before, set())
    await require_own((*before, *handled.photos), by=by, readable=True)


def conclude(case: Case, entry: Entry, *, at: datetime, basis: Basis) -> None:
    """Write into a case what was done on the spot, by whose unit, due the same day.

    A township that settled it is its lead, whose people then neither check nor close it; a grid
    worker settles it for nobody.
    """
    by = entry.act.by
    unit = basis.units.by_id.get(by.unit_id) if by.unit_id else None
    unit = unit or basis.units.township_unit(case.township_code)
    case.lead_id = None if _for_nobody(by) else by.unit_id
    case.first_unit_id = case.first_unit_id or (unit.id if unit else None)
    if case.due_at is None:
        day = deadlines.same_day(case.received_at, basis.zone)
        set_due(case, day, start=case.received_at, basis=basis)
    case.filed_at = case.filed_at or at
    case.waits_for = []
    case.self_handled, case.result = True, entry.act.note
    case.handled_at, case.handled_by_id = at, by.id
    if _for_nobody(by):
        entry.step.unit_id = None
    entry.tell(unit=unit.name if unit else "", result=entry.act.note)


def _for_nobody(by: Actor) -> bool:
    """Tell whether somebody settles what lies in their grids, and not for their unit."""
    return Reach.OWN_REPORTS_AND_GRIDS in reaches(by, Permission.CASE_SELF_HANDLE)


async def tell_room(journal: Journal, entry: Entry, basis: Basis) -> None:
    """Let the township's command room know what its grid worker settled; it can wait till morning.

    A township that settles something itself knows.
    """
    room = basis.units.township_unit(journal.case.township_code)
    if room is not None and _for_nobody(entry.act.by):
        calling = await members([room.id], Permission.CASE_CALL)
        journal.call_attention(entry, calling, quiet=True)


async def _attach(opened: Open, handled: Handled, before: tuple[UUID, ...]) -> None:
    case, by = opened.case, opened.entry.act.by
    held = Attachment.filter(case_id=case.id).exclude(purpose=Purpose.AFTER)
    known = {photo for (photo,) in await held.values_list("photo_id")}
    _require_whole(handled, before, known)
    if not await fresh(case, handled.photos, purpose=Purpose.AFTER):
        raise CaseNotReady(missing="photo_after")
    await require_own(before, by=by, readable=True)
    await attach(opened, before, purpose=Purpose.BEFORE)
    await attach(opened, handled.photos, purpose=Purpose.AFTER)


def _require_whole(handled: Handled, before: Sequence[UUID], known: set[UUID]) -> None:
    """Refuse with CaseNotReady unless there are a result and different photos before and after."""
    if not handled.result.strip():
        raise CaseNotReady(missing="result")
    earlier = known.union(before)
    if not earlier:
        raise CaseNotReady(missing="photo_before")
    if not handled.photos or earlier.intersection(handled.photos):
        raise CaseNotReady(missing="photo_after")
