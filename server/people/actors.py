"""Accounts as actors: own unit with its stations, roles with their places."""

from collections.abc import Mapping
from typing import Any, Final

from tortoise import Tortoise

from server.errors import NotFound
from server.people.actor import Actor, Held
from server.permissions import Role

ACTOR_COLUMNS: Final = """
  account.id AS account_id, account.name, account.unit_id,
  coalesce(unit.township_code, '') AS township_code,
  ARRAY(SELECT ARRAY[role, place_code] FROM account_grant
        WHERE account_id = account.id ORDER BY role, place_code) AS held,
  ARRAY(SELECT station.id FROM unit AS station
        WHERE station.parent_id = account.unit_id
          AND station.kind = 'station' AND station.active) AS stations
"""

_BY_ACCOUNT: Final = f"""
SELECT {ACTOR_COLUMNS}
FROM account LEFT JOIN unit ON unit.id = account.unit_id
WHERE account.id = $1 AND account.active
"""


async def actor_for(account_id: int) -> Actor:
    """Return the actor that an active account is; raises NotFound."""
    rows = await Tortoise.get_connection("default").execute_query_dict(_BY_ACCOUNT, [account_id])
    if not rows:
        raise NotFound
    return actor_of_row(rows[0])


def actor_of_row(row: Mapping[str, Any], *, face: str = "phone") -> Actor:
    """Return the actor of a row that has ACTOR_COLUMNS."""
    own = [] if row["unit_id"] is None else [row["unit_id"]]
    return Actor(
        id=row["account_id"],
        name=row["name"],
        held=tuple(Held(role=Role(role), place_code=code) for role, code in row["held"]),
        unit_id=row["unit_id"],
        unit_ids=frozenset([*own, *row["stations"]]),
        township_code=row["township_code"],
        face=face,
    )
