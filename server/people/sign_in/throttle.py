"""Slowing down guesses at passwords, by name and by address, for all processes at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tortoise import Tortoise

from server.errors import TooManyTries
from server.people.models import Throttle

FIRST_BLOCK_SECONDS: Final = 30
LONGEST_BLOCK_SECONDS: Final = 900
FORGOTTEN_AFTER: Final = timedelta(days=1)
# A whole office may share one address, so it may err more often than one name.
ADDRESS_FACTOR: Final = 5

# The try is counted before it is made: guesses sent all at once are counted too.
_COUNT: Final = """
INSERT INTO sign_in_throttle AS t (key, n_failures, last_at, blocked_until)
VALUES ($1, 1, $2, NULL)
ON CONFLICT (key) DO UPDATE SET
  n_failures = CASE WHEN t.last_at < $3 THEN 1 ELSE t.n_failures + 1 END,
  last_at = $2,
  blocked_until = CASE
    WHEN t.last_at >= $3 AND t.n_failures + 1 >= $4
    THEN $2 + make_interval(secs => least($6, $5 * 2 ^ least(t.n_failures + 1 - $4, 20)))
  END
WHERE t.blocked_until IS NULL OR t.blocked_until <= $2
RETURNING n_failures
"""

_FORGIVE: Final = """
UPDATE sign_in_throttle SET
  n_failures = greatest(n_failures - 1, 0),
  blocked_until = CASE WHEN n_failures - 1 >= $2 THEN blocked_until END
WHERE key = $1
"""


@dataclass(frozen=True, slots=True)
class Keys:
    """Under what one try is counted."""

    name: str
    address: str


def keys_of(username: str, address: str) -> Keys:
    """Return under what a try for this name from this address is counted."""
    return Keys(f"name:{username}"[:80], f"from:{address}"[:80])


async def count_try(keys: Keys, *, at: datetime, allowed: int) -> None:
    """Count a try; raises TooManyTries while either the name or the address is blocked."""
    await _count(keys.address, at, allowed * ADDRESS_FACTOR)
    await _count(keys.name, at, allowed)


async def forgive(keys: Keys, *, allowed: int) -> None:
    """Clear the name after a success, and take back this one try of the address.

    The address keeps its other failures, or a guesser could clear them by an account of its own.
    """
    await Throttle.filter(key=keys.name).delete()
    connection = Tortoise.get_connection("default")
    await connection.execute_query(_FORGIVE, [keys.address, allowed * ADDRESS_FACTOR])


async def purge(*, at: datetime) -> None:
    """Delete what is forgotten anyway."""
    await Throttle.filter(last_at__lt=at - FORGOTTEN_AFTER).delete()


async def _count(key: str, at: datetime, allowed: int) -> None:
    connection = Tortoise.get_connection("default")
    values = [
        key,
        at,
        at - FORGOTTEN_AFTER,
        allowed,
        float(FIRST_BLOCK_SECONDS),
        float(LONGEST_BLOCK_SECONDS),
    ]
    counted = await connection.execute_query_dict(_COUNT, values)
    if counted:
        return
    blocked = await Throttle.get_or_none(key=key)
    until = blocked.blocked_until if blocked is not None else None
    left = (until - at).total_seconds() if until is not None else 1
    raise TooManyTries(retry_after=max(1, round(left)))
