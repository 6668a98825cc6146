"""Reading generations of boundaries."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from server.errors import NotFound
from server.places.boundaries import LEVELS, Level
from server.places.changes import Shaped
from server.places.models import Generation, Place

_MOST_DRAWN: Final = 20_000
_MOST_PLACES: Final = 200_000
# Degrees, and decimals of a degree: about a metre either, unseen on a map of a county.
_TOLERANCE: Final = 1e-5
_DECIMALS: Final = 5


@dataclass(frozen=True, slots=True)
class GenerationRow:
    """A generation as lists show it; `ends_at` is where the next published one begins."""

    id: int
    label: str
    datum: str
    state: str
    starts_at: datetime | None
    ends_at: datetime | None
    loaded_at: datetime
    n_warnings: int


async def generations(limit: int = 100) -> list[GenerationRow]:
    """Return generations, the newest first."""
    rows = await Generation.all().order_by("-id").limit(limit)
    starts = sorted(row.starts_at for row in rows if row.starts_at)
    return [
        GenerationRow(
            id=row.id,
            label=row.label,
            datum=row.datum,
            state=row.state,
            starts_at=row.starts_at,
            ends_at=_next(starts, row.starts_at),
            loaded_at=row.loaded_at,
            n_warnings=len(row.report.get("warnings", [])),
        )
        for row in rows
    ]


async def generation(generation_id: int) -> GenerationRow:
    """Return one generation; raises NotFound."""
    found = [row for row in await generations(limit=1000) if row.id == generation_id]
    if not found:
        raise NotFound(kind="generation", id=generation_id)
    return found[0]


async def report(generation_id: int) -> dict[str, Any]:
    """Return what the loading found: warnings, counts, children; raises NotFound."""
    row = await Generation.get_or_none(id=generation_id).values("report")
    if row is None:
        raise NotFound(kind="generation", id=generation_id)
    found: dict[str, Any] = row["report"]
    return found


async def geojson(generation_id: int, level: Level) -> bytes:
    """Return a level of a generation to be drawn, simplified together so that no gap opens.

    GeoJSON in WGS-84 to about a metre, properties code, name, level, parent. Raises NotFound when
    the generation has no such level.
    """
    rows = (
        await Place.filter(generation_id=generation_id, level=level)
        .order_by("code")
        .limit(_MOST_DRAWN)
        .values("code", "name", "parent_code", "geometry")
    )
    if not rows:
        raise NotFound(kind="generation", id=generation_id)
    return await asyncio.to_thread(_geojson, rows, level)


async def in_force(at: datetime) -> int | None:
    """Return the generation in force at a moment; None when there was none."""
    found = Generation.filter(state="published", starts_at__lte=at)
    rows = await found.order_by("-starts_at").limit(1).values_list("id")
    return int(rows[0][0]) if rows else None


async def dropped(old_id: int, new_id: int) -> dict[Level, int]:
    """Return what a generation would end: how many counties, and of levels more than half.

    Places that only change their code count as ended and begun, so a level that is there again
    is not named.
    """
    held = Place.filter(generation_id__in=[old_id, new_id]).limit(2 * _MOST_PLACES)
    codes: dict[int, dict[str, set[str]]] = {old_id: {}, new_id: {}}
    for generation_id, level, code in await held.values_list("generation_id", "level", "code"):
        codes[generation_id].setdefault(level, set()).add(code)
    found: dict[Level, int] = {}
    for level in LEVELS:
        old, new = codes[old_id].get(level, set()), codes[new_id].get(level, set())
        if (level == "county" and old - new) or 2 * len(new) < len(old):
            found[level] = len(old - new)
    return found


async def outline(at: datetime) -> BaseGeometry | None:
    """Return the county in force at a moment, in WGS-84; None when there was none."""
    generation_id = await in_force(at)
    held = Place.filter(generation_id=generation_id, level="county").limit(1)
    for (wkb,) in await held.values_list("geometry"):
        return shapely.from_wkb(bytes(wkb))
    return None


async def shapes(generation_id: int) -> list[Shaped]:
    """Return every place of a generation with its shape, by level and code; raises NotFound."""
    rows = (
        await Place.filter(generation_id=generation_id)
        .order_by("code")
        .limit(_MOST_PLACES)
        .values_list("level", "code", "name", "parent_code", "geometry")
    )
    if not rows:
        raise NotFound(kind="generation", id=generation_id)
    found = [Shaped(level, code, name, up, bytes(wkb)) for level, code, name, up, wkb in rows]
    return sorted(found, key=lambda each: LEVELS.index(each.level))


async def export(generation_id: int) -> bytes:
    """Return a whole generation as GeoJSON in WGS-84, to the last bit; raises NotFound.

    Loaded again as WGS-84 it gives the same places with the same shapes.
    """
    return await asyncio.to_thread(_exported, await shapes(generation_id))


def _exported(places: list[Shaped]) -> bytes:
    # By way of Python's own numbers: they are written so that they read back unchanged.
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": each.code,
                "name": each.name,
                "level": each.level,
                "parent": each.parent or None,
            },
            "geometry": shapely.geometry.mapping(shapely.from_wkb(each.wkb)),
        }
        for each in places
    ]
    whole = {"type": "FeatureCollection", "features": features}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _geojson(rows: list[dict[str, Any]], level: Level) -> bytes:
    shapes = shapely.from_wkb([bytes(row["geometry"]) for row in rows])
    shapes = shapely.coverage_simplify(shapes, _TOLERANCE)
    # What neighbours share is rounded alike on both sides.
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, _DECIMALS))
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": row["code"],
                "name": row["name"],
                "level": level,
                "parent": row["parent_code"],
            },
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for row, shape in zip(rows, shapes, strict=True)
    ]
    whole = {"type": "FeatureCollection", "features": features}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _next(starts: list[datetime], own: datetime | None) -> datetime | None:
    if own is None:
        return None
    return next((each for each in starts if each > own), None)
