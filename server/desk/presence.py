"""Presence: who else has a case open at a desk right now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tortoise import Tortoise

from server.people.actor import Actor

#: Who has not said so for this long looks no more; desks say it every ten seconds.
SEEN: Final = timedelta(seconds=30)
_FORGOTTEN: Final = timedelta(hours=1)
_MOST: Final = 20

# One statement; the others are those of before it, which one's own row is none of. Rows of the
# last hour alone are kept, by whoever looks at anything next.
_LOOK: Final = """
WITH mine AS (
  INSERT INTO case_onlooker (case_id, account_id, at) VALUES ($1, $2, $3)
  ON CONFLICT (case_id, account_id) DO UPDATE SET at = excluded.at
), gone AS (
  DELETE FROM case_onlooker WHERE id IN (
    SELECT id FROM case_onlooker WHERE at < $5 ORDER BY at LIMIT 50 FOR UPDATE SKIP LOCKED)
)
SELECT account.name, account.unit_id FROM case_onlooker look
JOIN account ON account.id = look.account_id
WHERE look.case_id = $1 AND look.account_id <> $2 AND look.at > $4
ORDER BY look.at DESC LIMIT $6
"""
_LOOKING: Final = """
SELECT account_id FROM case_onlooker WHERE case_id = ANY($1::bigint[]) AND at > $2
ORDER BY at DESC LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who has the same case open."""

    name: str
    unit_id: int | None


async def look(case_id: int, *, by: Actor, at: datetime) -> list[Colleague]:
    """Say that one has a case open; return who else has, the latest first."""
    given = [case_id, by.id, at, at - SEEN, at - _FORGOTTEN, _MOST]
    rows = await Tortoise.get_connection("default").execute_query_dict(_LOOK, given)
    return [Colleague(row["name"], row["unit_id"]) for row in rows]


async def leave(case_id: int, *, by: Actor) -> None:
    """Say that one has closed a case again."""
    await Tortoise.get_connection("default").execute_query(
        "DELETE FROM case_onlooker WHERE case_id = $1 AND account_id = $2", [case_id, by.id]
    )


async def onlookers(case_ids: Collection[int], *, at: datetime) -> list[int]:
    """Return the accounts that have one of these cases open, for who tells them to look again."""
    given = [list(case_ids), at - SEEN, _MOST * len(case_ids)]
    rows = await Tortoise.get_connection("default").execute_query_dict(_LOOKING, given)
    return [row["account_id"] for row in rows]
