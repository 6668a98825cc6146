"""Making a generation's boundaries in memory out of its rows, or out of saved indices."""

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import shapely

from geo.ground.errors import IndexFileError
from geo.index import places as indices
from geo.index.places import PlaceIndex
from server.errors import NotFound
from server.places.boundaries import LEVELS, About, Boundaries, Level, Row
from server.places.models import Generation, Place

_MOST_PLACES: Final = 2_000_000


async def about(generation_id: int) -> About:
    """Return what is known of a generation besides its places; raises NotFound."""
    row = await Generation.get_or_none(id=generation_id)
    if row is None:
        raise NotFound(kind="generation", id=generation_id)
    west, south, east, north = row.report["box"]
    return About(row.id, row.label, row.starts_at, row.sha256, (west, south, east, north))


async def build(generation_id: int, folder: Path | None = None) -> Boundaries:
    """Return a generation ready for questions; `folder` keeps its indices between starts.

    Raises NotFound. A saved index that is damaged or of another version is made anew.
    """
    of = await about(generation_id)
    places = Place.filter(generation_id=generation_id).limit(_MOST_PLACES)
    held = await places.values("level", "code", "name", "parent_code")
    rows = [Row(**row) for row in held]
    levels = tuple(level for level in LEVELS if any(row.level == level for row in rows))
    saved = await asyncio.to_thread(_saved, of, levels, folder)
    if saved is None:
        shapes = await places.values_list("level", "code", "geometry")
        saved = await asyncio.to_thread(_made, of, shapes, folder)
    return Boundaries(of, rows, saved)


def _file(of: About, level: Level, folder: Path) -> Path:
    return folder / f"{of.id}-{of.sha256[:16]}-{level}.places"


def _saved(
    of: About, levels: tuple[Level, ...], folder: Path | None
) -> dict[Level, PlaceIndex] | None:
    if folder is None or not all(_file(of, level, folder).exists() for level in levels):
        return None
    try:
        return {level: indices.load(_file(of, level, folder)) for level in levels}
    except IndexFileError:
        return None


def _made(
    of: About, places: list[tuple[Any, ...]], folder: Path | None
) -> dict[Level, PlaceIndex]:
    by_level = defaultdict[Level, list[tuple[str, bytes]]](list)
    for level, code, wkb in places:
        by_level[level].append((code, bytes(wkb)))
    made = dict[Level, PlaceIndex]()
    for level, held in by_level.items():
        shapes = shapely.from_wkb([wkb for _, wkb in held])
        made[level] = indices.build(list(shapes), [code for code, _ in held])
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for level, index in made.items():
            index.save(_file(of, level, folder))
    return made
