"""Accounts as actors: unit with its stations, roles with their places, on shift or not."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from tortoise import Tortoise

from server import clock
from server.errors import NotFound
from server.people.actor import Actor, Held
from server.people.shifts import Sitting
from server.permissions import Role

#: Who sits in a shift of a day ($2 to $4, see `moment_of`); a day's own entry goes before.
SITS: Final = """
seat.shift = $2::text AND (seat.day = $3::date OR seat.weekday = $4::int AND NOT EXISTS (
  SELECT FROM roster_shift AS own WHERE own.day = $3::date
    AND own.township_code = seat.township_code AND own.shift = seat.shift))
"""

#: Who does somebody's work now (account): the substitute of who is on leave.
ACTING: Final = "coalesce(account.substitute_id, account.id)"
#: Whether somebody's leave is over at $5, also where nobody could write that down yet.
_BACK: Final = """
EXISTS (SELECT FROM account_leave AS leave WHERE leave.account_id = {}.id
  AND leave.begun_at IS NOT NULL AND leave.ended_at IS NULL AND leave.until <= $5::timestamptz)
"""
#: Whose work somebody (account) does now: the own, and that of who is on leave.
_DOES_WORK_OF: Final = f"""
SELECT id, name, unit_id FROM account AS whose
WHERE whose.id = account.id
  OR whose.substitute_id = account.id AND NOT {_BACK.format("whose")}
"""

#: The columns of `actor_of_row`, from account and its unit; $2 to $4 are `moment_of` a sitting,
#: $5 is the moment.
ACTOR_COLUMNS: Final = f"""
  account.id AS account_id, account.name, account.unit_id,
  coalesce(unit.township_code, '') AS township_code,
  ARRAY(SELECT DISTINCT ARRAY[role, place_code::text] AS held
        FROM account_grant JOIN ({_DOES_WORK_OF}) AS whose ON account_id = whose.id
        ORDER BY held) AS held,
  ARRAY(SELECT name FROM ({_DOES_WORK_OF}) AS away WHERE away.id <> account.id
        ORDER BY away.id) AS stands_in_for,
  ARRAY(SELECT id FROM ({_DOES_WORK_OF}) AS whose
        UNION SELECT {ACTING} WHERE NOT {_BACK.format("account")}) AS persons,
  ARRAY(WITH own(id) AS (SELECT unit_id FROM ({_DOES_WORK_OF}) AS whose)
        SELECT id FROM own WHERE id IS NOT NULL
        UNION SELECT station.id FROM unit AS station JOIN own ON station.parent_id = own.id
        WHERE station.kind = 'station' AND station.active
        UNION SELECT merged.id FROM unit AS merged
        JOIN own ON merged.successor_id = own.id) AS unit_ids,
  ARRAY(WITH RECURSIVE above(id) AS (
          SELECT unit_id FROM ({_DOES_WORK_OF}) AS whose
          UNION SELECT upper.parent_id FROM unit AS upper JOIN above ON upper.id = above.id)
        SELECT id FROM above WHERE id IS NOT NULL
        UNION SELECT merged.id FROM unit AS merged
        JOIN above ON merged.successor_id = above.id) AS unit_and_above,
  EXISTS (SELECT FROM roster_shift AS seat
          WHERE seat.account_id IN (SELECT id FROM ({_DOES_WORK_OF}) AS whose)
            AND seat.township_code = unit.township_code
            AND {SITS}) AS on_shift
"""

_BY_ACCOUNT: Final = f"""
SELECT {ACTOR_COLUMNS}
FROM account LEFT JOIN unit ON unit.id = account.unit_id
WHERE account.id = ANY($1::int[]) AND account.active
"""


async def actor_for(
    account_id: int, sitting: Sitting | None = None, *, at: datetime | None = None
) -> Actor:
    """Return the actor that an active account is at a moment, else now; raises NotFound.

    Without a sitting nobody is on shift.
    """
    found = await actors_for([account_id], sitting, at=at)
    if account_id not in found:
        raise NotFound
    return found[account_id]


async def actors_for(
    account_ids: Collection[int], sitting: Sitting | None = None, *, at: datetime | None = None
) -> dict[int, Actor]:
    """Return the actors that those of these accounts are which are active, by account."""
    connection = Tortoise.get_connection("default")
    values = [list(account_ids), *moment_of(sitting), at or clock.now()]
    rows = await connection.execute_query_dict(_BY_ACCOUNT, values)
    return {row["account_id"]: actor_of_row(row) for row in rows}


def moment_of(sitting: Sitting | None) -> list[Any]:
    """Return what SITS and ACTOR_COLUMNS ask for as $2, $3, $4: shift, day, weekday."""
    if sitting is None:
        return [None, None, None]
    return [sitting.shift, sitting.day, sitting.day.weekday()]


def actor_of_row(row: Mapping[str, Any], *, face: str = "phone") -> Actor:
    """Return the actor of a row that has ACTOR_COLUMNS."""
    return Actor(
        id=row["account_id"],
        name=row["name"],
        held=tuple(Held(role=Role(role), place_code=code) for role, code in row["held"]),
        unit_id=row["unit_id"],
        unit_ids=frozenset(row["unit_ids"]),
        unit_and_above=frozenset(row["unit_and_above"]),
        township_code=row["township_code"],
        on_shift=row["on_shift"],
        stands_in_for=tuple(row["stands_in_for"]),
        persons=frozenset(row["persons"]),
        face=face,
    )
