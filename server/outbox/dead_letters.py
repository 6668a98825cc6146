"""Deliveries that were given up: shown to people, and owed again at their word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise import Tortoise

from server.errors import NotFound
from server.outbox.models import Delivery

_BY_RECEIVER: Final = """
SELECT receiver, count(*) FILTER (WHERE due_at IS NULL) AS n_dead,
       count(due_at) AS n_owed, min(recorded_at) FILTER (WHERE due_at IS NOT NULL) AS since
FROM outbox_delivery GROUP BY receiver
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One delivery as an operator sees it: never its facts, which may be about people."""

    id: int
    receiver: str
    kind: str
    stream: str
    recorded_at: datetime
    due_at: datetime | None
    attempts: int
    last_error: str


async def dead(*, limit: int, after: int = 0) -> Sequence[Letter]:
    """Deliveries given up, oldest first, with ids above `after`."""
    return await _letters(limit, after, given_up=True)


async def waiting(*, limit: int, after: int = 0) -> Sequence[Letter]:
    """Deliveries still owed, oldest first, with ids above `after`."""
    return await _letters(limit, after, given_up=False)


async def replay(delivery_id: int, *, at: datetime) -> None:
    """Owe a given-up delivery again from `at`, with all its attempts; NotFound if it is none."""
    again = Delivery.filter(id=delivery_id, due_at__isnull=True)
    if not await again.update(due_at=at, attempts=0):
        raise NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Owing:
    """How many deliveries were given up, how many are owed, and since when the first of those."""

    n_dead: int
    n_owed: int
    since: datetime | None


async def owing() -> Owing:
    """Return how much is owed and how much was given up."""
    first = await Delivery.filter(due_at__isnull=False).order_by("id").first()
    return Owing(
        n_dead=await Delivery.filter(due_at__isnull=True).count(),
        n_owed=await Delivery.filter(due_at__isnull=False).count(),
        since=first.recorded_at if first else None,
    )


async def owing_by_receiver() -> Mapping[str, Owing]:
    """Return the same of each receiver that is owed something or was given up on."""
    rows = await Tortoise.get_connection("default").execute_query_dict(_BY_RECEIVER)
    return {
        row["receiver"]: Owing(n_dead=row["n_dead"], n_owed=row["n_owed"], since=row["since"])
        for row in rows
    }


async def _letters(limit: int, after: int, *, given_up: bool) -> Sequence[Letter]:
    rows = Delivery.filter(id__gt=after, due_at__isnull=given_up).order_by("id").limit(limit)
    return [
        Letter(
            id=row.id,
            receiver=row.receiver,
            kind=row.kind,
            stream=row.stream,
            recorded_at=row.recorded_at,
            due_at=row.due_at,
            attempts=row.attempts,
            last_error=row.last_error,
        )
        for row in await rows
    ]
