"""Putting lists and boundaries into force: one transaction each, by whom the grants name."""

from datetime import datetime

from tortoise.transactions import in_transaction

from server.errors import NotPermitted
from server.people.actor import SYSTEM, Actor
from server.permissions import GRANTS, Permission
from server.places import commands as places
from server.responsibility import versions


async def publish_list(version_id: int, *, starts_at: datetime, by: Actor, at: datetime) -> None:
    """Put a reviewed version of a list into force from an instant.

    Raises NotPermitted, NotFound, VersionState, DatesOutOfOrder, UnknownUnit, Duplicate.
    """
    _require(by, Permission.LIST_PUBLISH)
    async with in_transaction():
        await versions.publish(version_id, starts_at=starts_at, by=by, at=at)


async def publish_places(
    generation_id: int, *, starts_at: datetime, by: Actor, at: datetime
) -> None:
    """Put a draft generation of boundaries into force from an instant.

    Raises NotPermitted, NotFound, VersionState, Duplicate.
    """
    _require(by, Permission.PLACE_PUBLISH)
    async with in_transaction():
        await places.publish(generation_id, starts_at=starts_at, at=at)


def _require(by: Actor, permission: Permission) -> None:
    if by is not SYSTEM and not any(permission in GRANTS[role] for role in by.roles):
        raise NotPermitted(permission=permission.value)
