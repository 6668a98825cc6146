"""The next version of a list with everything that was approved for it."""

from datetime import datetime

from server.cases.rules.basis import Basis
from server.errors import NotPermitted
from server.governance.admitted import approved, combined
from server.people.actor import Actor
from server.permissions import Permission
from server.responsibility.changing import drafting


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
    version = await drafting.draft(
        list_type, combined(waiting), label=label, units=basis.units, by=by, at=at
    )
    return version.id, [each.id for each in waiting]
