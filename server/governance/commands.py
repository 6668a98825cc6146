"""Putting lists and boundaries into force: one transaction each, by whom the grants name."""

from datetime import datetime

from tortoise.transactions import in_transaction

from server.cases.reading.open_cases import waiting
from server.cases.rules.basis import Basis
from server.errors import NotPermitted, OpenCasesLeft
from server.governance import admitted
from server.people.actor import SYSTEM, Actor
from server.permissions import Permission
from server.places import commands as places
from server.responsibility.list import queries, versions
from server.responsibility.list.list_types import list_types
from server.texts.catalogue import text


async def publish_list(
    version_id: int,
    *,
    starts_at: datetime,
    by: Actor,
    at: datetime,
    leave_open: bool = False,
    leave_proposals: bool = False,
    order: str = "",
) -> None:
    """Put a reviewed version of a list into force, and with it the proposals it carries out.

    `leave_open` publishes although it drops matters whose open cases no unit has,
    `leave_proposals` although it does not say what was approved; `order` is the number of a
    superior's decision, which stands for the admissions that are missing and is kept with the
    version. Raises NotPermitted, NotFound, VersionState, DatesOutOfOrder, UnknownUnit, Duplicate,
    NotAdmitted, ProposalsLeft, OpenCasesLeft.
    """
    _require(by, Permission.LIST_PUBLISH)
    async with in_transaction():
        await versions.publish(version_id, starts_at=starts_at, by=by, at=at, order=order)
        await admitted.put_in_force(
            version_id,
            starts_at=starts_at,
            by=by,
            at=at,
            order=order,
            leave_proposals=leave_proposals,
        )
        dropped = await dropped_matters(version_id, at=starts_at)
        left = await waiting(dropped) if dropped and not leave_open else {}
        if left:
            named = text("format.and").join(f"{code} {dropped[code]}" for code in left)
            raise OpenCasesLeft(matters=named, n_cases=left)


async def take_list_back(version_id: int, *, by: Actor, at: datetime, basis: Basis) -> None:
    """Make a draft again of a version not in force yet; what it carried out waits again.

    Raises NotPermitted, NotFound, VersionState, DatesOutOfOrder.
    """
    _require(by, Permission.LIST_PUBLISH)
    async with in_transaction():
        await versions.take_back(version_id, at=at)
        await admitted.take_back(version_id, by=by, at=at, basis=basis)


async def dropped_matters(version_id: int, *, at: datetime) -> dict[str, str]:
    """Return the matters that no list names any more once a version is in force, by code."""
    view = await queries.version(version_id)
    before = await queries.version_in_force(view.list_type, at=at, but=version_id)
    if before is None:
        return {}
    others = [
        other
        for list_type in list_types()
        if list_type != view.list_type
        and (other := await queries.version_in_force(list_type, at=at)) is not None
    ]
    kept = await queries.matter_codes([version_id, *others])
    was = await queries.matter_codes([before])
    return {code: name for code, name in was.items() if code not in kept}


async def publish_places(
    generation_id: int,
    *,
    starts_at: datetime,
    by: Actor,
    at: datetime,
    drop_places: bool = False,
) -> None:
    """Put a draft generation of boundaries into force from an instant.

    `drop_places` publishes although a county or a level of the one before is not in it. Raises
    NotPermitted, NotFound, VersionState, PlacesRefused, Duplicate, PlacesDropped.
    """
    _require(by, Permission.PLACE_PUBLISH)
    async with in_transaction():
        await places.publish(generation_id, starts_at=starts_at, at=at, drop_places=drop_places)


def _require(by: Actor, permission: Permission) -> None:
    if by is not SYSTEM and permission not in by.permissions:
        raise NotPermitted(permission=permission.value)
