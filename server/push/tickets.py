"""One-time tickets for opening a live socket, since a browser sends no header with one."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from tortoise import Tortoise

from server.errors import NotPermitted
from server.people.sign_in.sessions import present
from server.push.models import LiveTicket

VALID_FOR: Final = timedelta(seconds=60)
_TAKE: Final = "DELETE FROM live_ticket WHERE hash = $1 RETURNING account_id, family, expires_at"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose socket a ticket opens, and of which sign-in."""

    account_id: int
    family: UUID


async def issue(bearer: Bearer, *, at: datetime) -> str:
    """Return a ticket that opens one socket within a minute; only its hash is kept."""
    ticket = secrets.token_urlsafe(32)
    issued = LiveTicket(
        hash=_hash(ticket),
        account_id=bearer.account_id,
        family=bearer.family,
        expires_at=at + VALID_FOR,
    )
    await issued.save()
    return ticket


async def redeem(ticket: str, *, at: datetime) -> Bearer:
    """Use a ticket up and return whose it was.

    Raises NotPermitted if it is wrong, late or used before, or its sign-in is over by now.
    """
    rows = await Tortoise.get_connection("default").execute_query_dict(_TAKE, [_hash(ticket)])
    if not rows or rows[0]["expires_at"] <= at:
        raise NotPermitted
    bearer = Bearer(int(rows[0]["account_id"]), rows[0]["family"])
    if bearer.family not in await present([bearer.family], at=at):
        raise NotPermitted
    return bearer


async def prune(*, at: datetime) -> None:
    """Delete the tickets that nobody used in time."""
    await LiveTicket.filter(expires_at__lte=at).delete()


def _hash(ticket: str) -> str:
    return sha256(ticket.encode(errors="surrogateescape")).hexdigest()
