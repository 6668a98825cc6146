"""A mended boundary file, to be looked at: what is invalid or overlaps, and what moves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.files.coverage import Limits, raw_features
from geo.files.envelope import BadEnvelope, geometry_in, named_in
from geo.files.features import Feature
from geo.files.labels import Labels, Naming, labels_of
from geo.files.neighbours import areal_parts, examine
from geo.files.rings import BadGeometry, polygon_of
from geo.files.strictjson import Json, Unreadable
from geo.ground.metric import area_m2

_SEEN_M2: Final = 0.01
#: Degrees, from a millimetre to a metre: the least that leaves no overlap is taken.
_SNAPS: Final = (1e-8, 1e-7, 1e-6, 1e-5)


@dataclass(frozen=True, slots=True)
class Move:
    """What a place would win and lose, against what its rings hold once valid."""

    feature: int
    code: str | None
    name: str | None
    won_m2: float
    lost_m2: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mended file with the properties as they were, and what moves in it, the most first.

    Nothing says that it is right: it is to be looked at and checked as any file.
    """

    geojson: bytes
    moves: tuple[Move, ...]


@dataclass(slots=True)
class _Place:
    number: int
    raw: Mapping[str, Json]
    labels: Labels
    before: BaseGeometry
    after: BaseGeometry
    as_it_was: bool


def propose(data: bytes, naming: Naming) -> Proposal:
    """Propose a file without open and crossing rings and without overlaps within a level.

    What overlaps goes to the neighbour with the longest common border. Features without any
    usable geometry stay as they are, and so do places of which nothing would be left. A file that
    cannot be read at all gives an empty proposal.
    """
    try:
        _, raw = raw_features(data, Limits())
    except (Unreadable, BadEnvelope):
        return Proposal(b"", ())
    places = [made for number, each in enumerate(raw) if (made := _place(number, each, naming))]
    for level in {each.labels.level for each in places}:
        _without_overlaps([each for each in places if each.labels.level == level])
    drawn = {each.number: _feature(each) for each in places if not _same(each)}
    whole = {
        "type": "FeatureCollection",
        "features": [drawn.get(number, each) for number, each in enumerate(raw)],
    }
    moves = [move for each in places if (move := _move(each))]
    moves.sort(key=lambda each: -(each.won_m2 + each.lost_m2))
    return Proposal(json.dumps(whole, ensure_ascii=False).encode(), tuple(moves))


def _place(number: int, raw: Json, naming: Naming) -> _Place | None:
    if not isinstance(raw, dict):
        return None
    limits = Limits()
    try:
        geometry, properties = geometry_in(raw)
        most = {"max_vertices": limits.max_vertices, "max_rings": limits.max_rings}
        shape, _ = polygon_of(geometry, **most, mended=True)
    except (BadEnvelope, BadGeometry):
        return None
    sound = bool(shapely.is_valid(shape))
    valid = shape if sound else _whole(shapely.make_valid(shape, method="structure"))
    if valid is None:
        return None
    labels = labels_of(properties, naming, named_in(raw)[1])
    return _Place(number, raw, labels, shape, valid, sound and _is_read(geometry))


def _is_read(geometry: dict[str, Json]) -> bool:
    """Tell whether a geometry is read as it stands, without anything closed or left out."""
    limits = Limits()
    try:
        polygon_of(geometry, max_vertices=limits.max_vertices, max_rings=limits.max_rings)
    except BadGeometry:
        return False
    return True


def _whole(shape: BaseGeometry) -> BaseGeometry | None:
    parts = areal_parts(shape)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _without_overlaps(places: Sequence[_Place]) -> None:
    """Clean the places of a level together, where any overlap, with the least that helps."""
    shapes = _shapes(places)
    if not _overlap(places, shapes):
        return
    made = shapes
    for snap in _SNAPS:
        found = shapely.coverage_clean(shapes, snapping_distance=snap)
        made = np.empty(len(places), dtype=object)
        made[:] = [_whole(each) or was for each, was in zip(found, shapes, strict=True)]
        if not _overlap(places, made):
            break
    for place, shape in zip(places, made.tolist(), strict=True):
        place.after, place.as_it_was = shape, False


def _overlap(places: Sequence[_Place], shapes: NDArray[np.object_]) -> bool:
    level = "grid"  # any: those of one level are compared among themselves
    features = [
        Feature(each.number, None, None, level, None, {}, shape)
        for each, shape in zip(places, shapes.tolist(), strict=True)
    ]
    return bool(examine(features, codes_required=False).faults)


def _shapes(places: Sequence[_Place]) -> NDArray[np.object_]:
    made = np.empty(len(places), dtype=object)
    made[:] = [each.after for each in places]
    return made


def _same(place: _Place) -> bool:
    return place.as_it_was and place.after is place.before


def _feature(place: _Place) -> dict[str, Json]:
    shape = shapely.orient_polygons(place.after)
    return {**place.raw, "geometry": json.loads(shapely.to_geojson(shape))}


def _move(place: _Place) -> Move | None:
    before = shapely.make_valid(place.before, method="structure")
    won = area_m2(shapely.difference(place.after, before))
    lost = area_m2(shapely.difference(before, place.after))
    if place.before.is_valid and won + lost < _SEEN_M2:
        return None
    labels = place.labels
    return Move(place.number, labels.code, labels.name, round(won, 2), round(lost, 2))
