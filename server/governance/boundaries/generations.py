"""What a generation of boundaries would change, and for how many open cases."""

import asyncio
from dataclasses import dataclass
from typing import Final

from server.cases.reading import open_cases
from server.places import changes, queries
from server.places.changes import Changes

_MOST_CASES: Final = 200_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two generations compared; `old_id` is None where there was none before.

    `n_open` is the number of open cases with a position that were looked at; `all_open` is False
    when there are more than were looked at.
    """

    old_id: int | None
    new_id: int
    changes: Changes
    n_open: int
    all_open: bool


async def compare(old_id: int | None, new_id: int) -> Comparison:
    """Tell which places a generation adds, removes, moves, renames and gives another parent.

    Each with the square metres and the open cases in its area. Raises NotFound.
    """
    old = await queries.shapes(old_id) if old_id is not None else []
    new = await queries.shapes(new_id)
    points = await open_cases.open_positions(_MOST_CASES)
    found = await asyncio.to_thread(changes.compare, old, new, points)
    return Comparison(old_id, new_id, found, len(points), len(points) < _MOST_CASES)
