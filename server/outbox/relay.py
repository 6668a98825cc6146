"""Paying what is owed: claim what is due, hand it over, try again with patience.

Of one receiver and stream only the oldest delivery can be claimed, so order holds however many
relays there are; one that was given up no longer stands in the way of those after it.
"""

import asyncio
import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final

import asyncpg
import structlog
from tortoise import Tortoise
from tortoise.exceptions import DBConnectionError
from tortoise.transactions import in_transaction

from server.outbox.receivers import Inside, Outside, Owed, Receiver

_log: Final = structlog.get_logger(__name__)

# Between ten attempts lie 76 hours at least: a weekend without its receiver loses nothing.
PATIENCE: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=8),
    timedelta(hours=24),
    timedelta(hours=40),
)
_INSIDE_SECONDS: Final = 60
# The database gone in the midst of it is no failure of the delivery: nothing happened.
_DATABASE_AWAY: Final = (
    DBConnectionError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)
_ERROR_LENGTH: Final = 500

# Most looks find nothing, and to find that out no transaction is opened.
_ANY: Final = """
SELECT EXISTS (SELECT FROM outbox_delivery WHERE receiver = $1 AND due_at <= $2) AS due
"""
_HEADS: Final = """
WITH head AS MATERIALIZED (
  SELECT d.id FROM outbox_delivery d
  WHERE d.receiver = $1 AND d.due_at <= $2 AND NOT EXISTS (
    SELECT FROM outbox_delivery e
    WHERE e.receiver = d.receiver AND e.stream = d.stream AND e.id < d.id
      AND e.due_at IS NOT NULL)
  ORDER BY d.due_at, d.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED)
"""
_ONE: Final = """
WITH head AS MATERIALIZED (
  SELECT id FROM outbox_delivery WHERE id = $1 AND due_at <= $2 FOR UPDATE SKIP LOCKED)
"""
# What is acknowledged is gone with the transaction that took it, and there again if that fails.
_TAKEN: Final = """
DELETE FROM outbox_delivery WHERE id = ANY(ARRAY(SELECT id FROM head))
RETURNING id, kind, stream, facts, attempts
"""
_LEASED: Final = """
UPDATE outbox_delivery SET due_at = $4, attempts = attempts + 1
WHERE id = ANY(ARRAY(SELECT id FROM head))
RETURNING id, kind, stream, facts, attempts
"""
_SETTLED: Final = "DELETE FROM outbox_delivery WHERE id = $1"
_FAILED: Final = """
UPDATE outbox_delivery SET due_at = $2, attempts = $3, last_error = $4
WHERE id = $1 AND attempts = $5
"""


async def pay_to(name: str, receiver: Receiver, *, at: datetime, limit: int = 100) -> int:
    """Try what is due to one receiver, up to `limit`; return how many were tried.

    Fewer than `limit` means that no more was due. A receiver may fail in any way: its delivery
    stays owed. Failures of the database are raised.
    """
    tried = 0
    while tried < limit:
        if isinstance(receiver, Inside):
            n = await _pay_inside(name, receiver, at=at, limit=limit - tried)
        else:
            n = await _pay_outside(name, receiver, at=at, limit=limit - tried)
        if not n:
            break
        tried += n
    return tried


def wait_after(attempts: int, *, luck: float) -> timedelta | None:
    """How long to wait after so many failed attempts, `luck` in [0, 1); None: give up.

    A fifth at most is added by luck, so that what failed together does not return together.
    """
    if attempts > len(PATIENCE):
        return None
    return PATIENCE[attempts - 1] * (1 + 0.2 * luck)


def stop_if_cancelled() -> None:
    """Raise CancelledError if this task was told to end; call it where failures are survived.

    A rollback that fails while a task is being cancelled replaces the cancellation, and whoever
    survives that failure would run on for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _pay_inside(name: str, receiver: Inside, *, at: datetime, limit: int) -> int:
    batch: Sequence[Owed] = ()
    if not await _is_due(name, at=at):
        return 0
    try:
        async with asyncio.timeout(_INSIDE_SECONDS), in_transaction():
            batch = await _rows(_HEADS + _TAKEN, [name, at, min(limit, receiver.batch)])
            done = await receiver.take(batch) if batch else None
    except _DATABASE_AWAY:
        raise
    except Exception as error:
        stop_if_cancelled()
        if not batch:
            raise
        if len(batch) == 1:
            await _note_failure(name, batch[0], error, at=at, attempts=batch[0].attempts + 1)
        else:
            # One of them is bad and must not hold up the others.
            for owed in batch:
                await _pay_one_inside(name, receiver, owed, at=at)
    else:
        if batch and receiver.then:
            await receiver.then(done)
    return len(batch)


async def _pay_one_inside(name: str, receiver: Inside, owed: Owed, *, at: datetime) -> None:
    try:
        async with asyncio.timeout(_INSIDE_SECONDS), in_transaction():
            # Another relay may have had it since the batch failed: then there is nothing.
            again = await _rows(_ONE + _TAKEN, [owed.id, at])
            done = await receiver.take(again) if again else None
    except _DATABASE_AWAY:
        raise
    except Exception as error:
        stop_if_cancelled()
        await _note_failure(name, owed, error, at=at, attempts=owed.attempts + 1)
    else:
        if again and receiver.then:
            await receiver.then(done)


async def _pay_outside(name: str, receiver: Outside, *, at: datetime, limit: int) -> int:
    # Longer than the effect may take: who dies meanwhile has merely failed an attempt.
    until = at + receiver.within + timedelta(seconds=10)
    batch = await _rows(_HEADS + _LEASED, [name, at, min(limit, receiver.at_once), until])
    async with asyncio.TaskGroup() as group:
        for owed in batch:
            group.create_task(_pay_one_outside(name, receiver, owed, at=at))
    return len(batch)


async def _pay_one_outside(name: str, receiver: Outside, owed: Owed, *, at: datetime) -> None:
    attempts = owed.attempts  # the lease has counted this one
    if attempts > len(PATIENCE) + 1:
        died = RuntimeError("every attempt ended without an answer")
        return await _note_failure(name, owed, died, at=at, attempts=attempts)
    try:
        async with asyncio.timeout(receiver.within.total_seconds()):
            await receiver.take(owed)
    except Exception as error:
        stop_if_cancelled()
        await _note_failure(name, owed, error, at=at, attempts=attempts)
    else:
        await _execute(_SETTLED, [owed.id])


async def _note_failure(
    name: str, owed: Owed, error: Exception, *, at: datetime, attempts: int
) -> None:
    wait = wait_after(attempts, luck=random.random())
    _log.warning(
        "delivery_failed", receiver=name, delivery=owed.id, attempts=attempts, error=repr(error)
    )
    due_at = at + wait if wait else None
    what = repr(error)[:_ERROR_LENGTH]
    await _execute(_FAILED, [owed.id, due_at, attempts, what, owed.attempts])


async def _is_due(name: str, *, at: datetime) -> bool:
    found = await Tortoise.get_connection("default").execute_query_dict(_ANY, [name, at])
    return bool(found[0]["due"])


async def _rows(sql: str, values: list[Any]) -> Sequence[Owed]:
    rows = await Tortoise.get_connection("default").execute_query_dict(sql, values)
    return [
        Owed(
            id=row["id"],
            kind=row["kind"],
            stream=row["stream"],
            facts=json.loads(row["facts"]),
            attempts=row["attempts"],
        )
        for row in sorted(rows, key=itemgetter("id"))
    ]


async def _execute(sql: str, values: list[Any]) -> None:
    await Tortoise.get_connection("default").execute_query(sql, values)
