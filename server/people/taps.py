"""What somebody did a moment ago, so that a second tap does nothing and is answered as the first.

A second tap asks for just what the same sign-in did last, within a minute; and nobody did anything
else since to the same thing, or by the same permission.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256, shake_256
from typing import Any, Final

from tortoise import Tortoise

from server.people.actor import SECOND_TAP
from server.people.models import Tap

#: So long it is said who did something before, and what was done is answered as then.
_KEPT: Final = timedelta(days=7)
_NONCE_BYTES: Final = 16

_FOLLOWED: Final = """
EXISTS (SELECT FROM tap later WHERE later.id > tap.id AND later.done_at IS NOT NULL
  AND later.said <> tap.said AND (later.account_id = tap.account_id OR later.thing = tap.thing
                                  OR later.area <> '' AND later.area = tap.area))
"""
# One statement, so that of two at once one alone begins; who died in the middle is no hindrance
# after a minute.
_BEGIN: Final = f"""
INSERT INTO tap (account_id, hash, said, thing, area, role, unit_id, begun_at, status, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '')
ON CONFLICT (account_id, hash) DO UPDATE SET begun_at = $8
WHERE (tap.begun_at IS NULL OR tap.begun_at <= $9)
  AND (tap.done_at IS NULL OR tap.done_at <= $9 OR {_FOLLOWED})
RETURNING id
"""
_FIRST: Final = f"""
SELECT status, answer FROM tap
WHERE account_id = $1 AND hash = $2 AND begun_at IS NULL AND done_at > $3 AND NOT {_FOLLOWED}
"""
_DONE: Final = """
UPDATE tap SET id = nextval(pg_get_serial_sequence('tap', 'id')),
  begun_at = NULL, done_at = $2, status = $3, answer = $4
WHERE id = $1
"""
_UNDO: Final = f"""
UPDATE tap SET begun_at = NULL WHERE id = $1
RETURNING status, answer, done_at IS NULL OR {_FOLLOWED} AS gone
"""
_LAST: Final = """
SELECT account_id, said, role, unit_id, done_at FROM tap WHERE thing = $1 AND done_at IS NOT NULL
ORDER BY $2 AND unit_id IS NOT DISTINCT FROM $3 DESC, id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks for: by which account and token, as what; what is said, about what.

    `area` is the permission that it takes, empty for none.
    """

    account_id: int
    token: str
    role: str
    unit_id: int | None
    said: str
    thing: str
    area: str

    @property
    def hash(self) -> str:
        """By what the same asking is known again."""
        return sha256(f"{self.token}\n{self.said}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Told:
    """What was answered."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Doer:
    """Who did something last, and when; what was `said`, as a hash."""

    account_id: int
    said: str
    role: str
    unit_id: int | None
    at: datetime


async def begin(asked: Asked, *, at: datetime) -> int | Told | None:
    """Return the number under which this is done now; or what a first tap was told.

    None while the first is still at it.
    """
    said = [asked.account_id, asked.hash, asked.said, asked.thing, asked.area]
    rows = await _rows(_BEGIN, *said, asked.role, asked.unit_id, at, at - SECOND_TAP)
    if rows:
        return int(rows[0]["id"])
    first = await _rows(_FIRST, asked.account_id, asked.hash, at - SECOND_TAP)
    return _told(first[0], asked) if first else None


async def done(tap_id: int, told: Told, asked: Asked, *, at: datetime) -> None:
    """Keep what was answered, sealed: what it says is for the same sign-in alone."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    await _rows(_DONE, tap_id, at, told.status, nonce + _sealed(nonce + told.body, asked.token))


async def undo(tap_id: int, asked: Asked) -> Told | None:
    """Let go of what was refused; return what was answered where just this was done before."""
    [row] = await _rows(_UNDO, tap_id)
    await Tap.filter(id=tap_id, done_at__isnull=True).delete()
    return None if row["gone"] else _told(row, asked)


async def at_work(thing: str, *, at: datetime) -> bool:
    """Tell whether somebody is just doing something to a thing."""
    return await Tap.filter(thing=thing, begun_at__gt=at - SECOND_TAP).exists()


async def last_done(asked: Asked, *, for_unit: bool = False) -> Doer | None:
    """Return who did something last, in the last days, to what is asked about.

    `for_unit` looks for who did it as the same unit first.
    """
    rows = await _rows(_LAST, asked.thing, for_unit, asked.unit_id)
    if not rows:
        return None
    [row] = rows
    return Doer(row["account_id"], row["said"], row["role"], row["unit_id"], row["done_at"])


async def purge(*, at: datetime) -> None:
    """Delete what nobody asks for any more."""
    await Tap.filter(done_at__lt=at - _KEPT).delete()
    await Tap.filter(done_at__isnull=True, begun_at__lt=at - _KEPT).delete()


def _told(row: Mapping[str, Any], asked: Asked) -> Told:
    return Told(row["status"], _sealed(row["answer"], asked.token))


def _sealed(data: bytes, token: str) -> bytes:
    """Return what stands behind the nonce, closed or opened by what only the token yields."""
    nonce, said = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
    stream = shake_256(nonce + token.encode()).digest(len(said))
    mixed = int.from_bytes(said) ^ int.from_bytes(stream)
    return mixed.to_bytes(len(said))


async def _rows(statement: str, *values: object) -> list[dict[str, Any]]:
    found = await Tortoise.get_connection("default").execute_query_dict(statement, list(values))
    return [dict(row) for row in found]
