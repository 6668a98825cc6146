"""Slowing down guesses at passwords, by name and by address, for all processes at once.

A name from one address is counted by itself, so that nobody elsewhere keeps its owner out; the
name from anywhere and the address for any name are counted too, for who comes by a new way. Where
somebody signed in well before, only the first counts, and it slows and never shuts: the right
password is let in at once, and what is wrong waits for its answer.
"""

import asyncio
import hashlib
import math
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tortoise import Tortoise

from server.errors import Problem, TooManyTries
from server.people.models import KnownAddress, Throttle

FIRST_BLOCK_SECONDS: Final = 30
LONGEST_BLOCK_SECONDS: Final = 900
#: Of a failure a tenth fades each minute: an office that mistypes now and then never gets far.
FADING: Final = timedelta(minutes=10)
# A whole office may share one address, and a name be tried from several, so both may err oftener.
ADDRESS_FACTOR: Final = 5
NAME_FACTOR: Final = 5
#: So long a wrong password waits at most, where its owner signed in before; and so many at once.
#: Together they bound what a neighbour can guess in a process: two a second, whatever is sent.
LONGEST_HOLD_SECONDS: Final = 5
MOST_HELD: Final = 10
#: So long an address is known after a sign-in from it.
KNOWN_FOR: Final = timedelta(days=90)

# The try is counted before it is made: guesses sent all at once are counted too. What was counted
# fades by itself, to the second.
_COUNT: Final = """
INSERT INTO sign_in_throttle AS t (key, n_failures, last_at, blocked_until)
VALUES ($1, 1, $2, NULL)
ON CONFLICT (key) DO UPDATE SET (n_failures, last_at, blocked_until) = (
  SELECT n, $2, CASE WHEN ceil(n) >= $4
    THEN $2 + make_interval(secs => least($6, $5 * 2 ^ least(ceil(n) - $4, 20))) END
  FROM (SELECT 1 + greatest(
    t.n_failures - extract(epoch FROM $2 - t.last_at) / $3, 0
  ) AS n) AS counted
)
WHERE t.blocked_until IS NULL OR t.blocked_until <= $2
RETURNING n_failures
"""

_FORGIVE: Final = """
UPDATE sign_in_throttle SET
  n_failures = greatest(n_failures - 1, 0),
  blocked_until = CASE WHEN ceil(n_failures - 1) >= $2 THEN blocked_until END
WHERE key = $1
"""

_KNOW: Final = """
INSERT INTO known_address (key, last_at) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at
"""


@dataclass(frozen=True, slots=True)
class Keys:
    """Under what one try is counted; `pair` is the name from that address, told to nobody."""

    name: str
    address: str
    pair: str


def keys_of(username: str, address: str) -> Keys:
    """Return under what a try for this name from this address is counted."""
    pair = hashlib.sha256(f"{username}\n{address}".encode()).hexdigest()
    return Keys(f"name:{username}"[:80], f"from:{address}"[:80], f"pair:{pair}")


_held: Final = Counter[str]()
_hold: Final = asyncio.sleep


@asynccontextmanager
async def trying(keys: Keys, *, at: datetime, allowed: int) -> AsyncIterator[None]:
    """Count a try while its password is checked; a refusal of it is held back, if many were.

    Raises TooManyTries before, as `count_try`; or where too many wrong ones are held back already.
    """
    n_over = await count_try(keys, at=at, allowed=allowed)
    if n_over and _held[keys.pair] >= MOST_HELD:
        raise TooManyTries(retry_after=1, scope="name")
    _held[keys.pair] += 1
    try:
        yield
    except Problem:
        if n_over:
            await _hold(min(n_over, LONGEST_HOLD_SECONDS))
        raise
    finally:
        _held[keys.pair] -= 1
        if not _held[keys.pair]:
            del _held[keys.pair]
    await forgive(keys, at=at, allowed=allowed)


async def count_try(keys: Keys, *, at: datetime, allowed: int) -> int:
    """Count a try; return by how many there are too many where its owner is known, else 0.

    Raises TooManyTries elsewhere, saying by its `scope` whether the network is the cause.
    """
    known = KnownAddress.filter(key=keys.pair, last_at__gte=at - KNOWN_FOR)
    if await known.exists():
        n_failures = await _count(keys.pair, at, allowed, longest=0, scope="name")
        return max(0, math.ceil(n_failures) - allowed)
    # A try that is refused counts nowhere, or one person's would shut out the whole office: its
    # address comes last, for tries all at once pass the first look together.
    await _refuse_blocked({keys.address: "address", keys.pair: "name", keys.name: "name"}, at)
    await _count(keys.pair, at, allowed, scope="name")
    longest = FIRST_BLOCK_SECONDS
    await _count(keys.name, at, allowed * NAME_FACTOR, longest=longest, scope="name")
    await _count(keys.address, at, allowed * ADDRESS_FACTOR, scope="address")
    return 0


async def forgive(keys: Keys, *, at: datetime, allowed: int) -> None:
    """Clear the name from here after a success, know the address, and take back this one try.

    The address keeps its other failures, or a guesser could clear them by an account of its own.
    """
    await Throttle.filter(key=keys.pair).delete()
    connection = Tortoise.get_connection("default")
    await connection.execute_query(_KNOW, [keys.pair, at])
    for key, factor in ((keys.address, ADDRESS_FACTOR), (keys.name, NAME_FACTOR)):
        await connection.execute_query(_FORGIVE, [key, float(allowed * factor)])


async def purge(*, at: datetime) -> None:
    """Delete what has faded or is known no more."""
    await Throttle.filter(last_at__lt=at - timedelta(days=1)).delete()
    await KnownAddress.filter(last_at__lt=at - KNOWN_FOR).delete()


async def _count(
    key: str, at: datetime, allowed: int, *, longest: int = LONGEST_BLOCK_SECONDS, scope: str
) -> float:
    connection = Tortoise.get_connection("default")
    values = [
        key,
        at,
        FADING.total_seconds(),
        float(allowed),
        float(FIRST_BLOCK_SECONDS),
        float(longest),
    ]
    if counted := await connection.execute_query_dict(_COUNT, values):
        return float(counted[0]["n_failures"])
    await _refuse_blocked({key: scope}, at)
    raise TooManyTries(retry_after=1, scope=scope)


async def _refuse_blocked(scopes: dict[str, str], at: datetime) -> None:
    """Refuse what is blocked, by the key that is so for longest."""
    rows = Throttle.filter(key__in=list(scopes), blocked_until__gt=at).order_by("-blocked_until")
    blocked = await rows.first()
    if blocked is not None and blocked.blocked_until is not None:
        left = round((blocked.blocked_until - at).total_seconds())
        raise TooManyTries(retry_after=max(1, left), scope=scopes[blocked.key])
