"""The boundaries that a process holds in memory, by the time from which they apply."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from server.places import building
from server.places.boundaries import Boundaries
from server.places.models import Generation

# Receipt selects the generation, so only the present and the announced ones are asked for;
# the last ones that ended stay for cases that cite them.
_N_HELD: Final = 4


@dataclass(frozen=True, slots=True)
class _Held:
    starts_at: datetime
    boundaries: Boundaries


class PlacesInForce:
    """Holds the newest published generations; `refresh` swaps them by one reference.

    `folder` keeps index files between starts; None builds them in memory each time.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._held: tuple[_Held, ...] = ()
        self._others: dict[int, Boundaries] = {}

    def at(self, moment: datetime) -> Boundaries | None:
        """Return the boundaries in force at an instant, or None when there were none."""
        for held in self._held:
            if held.starts_at <= moment:
                return held.boundaries
        return None

    async def refresh(self) -> bool:
        """Read what has been published since; tell whether anything changed."""
        rows = (
            await Generation.filter(state="published")
            .order_by("-starts_at")
            .limit(_N_HELD)
            .values_list("id", "starts_at")
        )
        known = {held.boundaries.generation_id: held for held in self._held}
        if [(held.boundaries.generation_id, held.starts_at) for held in self._held] == rows:
            return False
        fresh = list[_Held]()
        for generation_id, starts_at in rows:
            held = known.get(generation_id)
            if held is None or held.starts_at != starts_at:
                boundaries = await building.build(generation_id, self._folder)
                held = _Held(starts_at, boundaries)
            fresh.append(held)
        self._held = tuple(fresh)
        return True

    async def generation(self, generation_id: int) -> Boundaries:
        """Return the boundaries of any generation, read if need be; raises NotFound.

        At most one that is not in force is kept besides those in force.
        """
        for held in self._held:
            if held.boundaries.generation_id == generation_id:
                return held.boundaries
        found = self._others.get(generation_id)
        if found is None:
            found = await building.build(generation_id, self._folder)
            self._others = {generation_id: found}
        return found
