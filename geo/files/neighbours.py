"""Boundaries judged against each other: codes, overlaps, gaps, nesting."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.files.features import LEVELS, Feature
from geo.files.gaps import slits
from geo.files.rings import reason_invalid
from geo.ground.faults import Fact, Fault, Findings
from geo.ground.metric import area_m2, scale_at

Ints = NDArray[np.int64]

TOLERATED_M2 = 1.0
DUST_M2 = 0.001  # rounding in the last place, of which a lattice is full
SLIVER_M = 0.05  # narrower than this on average is two drawings of one line, not a mistake
_MOST = 100
_CHUNK = 128
_PAIRS_AT_LEAST = 2_000
_PAIRS_EACH = 30
_NO_PAIRS: Ints = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found; an import goes on only when there are no `faults`.

    The first 100 faults and warnings in full, the largest areas of a kind first; `counts` counts
    all of them, also by code, and the places of each level. `children` gives how many places each
    parent holds, `parents` the parent of each place, also where it was inferred.
    """

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    counts: Mapping[str, int]
    children: tuple[tuple[str, int], ...]
    parents: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """Give the report as JSON values, geometries as GeoJSON."""
        return {
            "faults": [_as_json(each) for each in self.faults],
            "warnings": [_as_json(each) for each in self.warnings],
            "counts": dict(self.counts),
            "children": dict(self.children),
        }


def _as_json(fault: Fault) -> dict[str, Any]:
    shape = fault.geometry
    return {
        "code": fault.code,
        "feature": fault.feature,
        "facts": dict(fault.facts),
        "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
    }


def examine(places: Sequence[Feature], *, codes_required: bool) -> Report:
    """Check places against each other; see `geo.files.coverage.check`."""
    findings = Findings(_MOST)
    _check_codes(places, codes_required, findings)
    _check_shapes(places, findings)
    usable = [each for each in places if shapely.is_valid(each.geometry)]
    levels = _by_level(usable)
    for level, group in levels.items():
        _check_overlaps(level, group, findings)
    parents = _check_nesting(levels, findings)
    _check_gaps(levels, parents, findings)
    children = Counter(code for code in parents.values())
    named = {each.index: each.code for each in places if each.code}
    counts = {
        "places": len(places),
        "faults": findings.n_faults,
        "warnings": findings.n_warnings,
        **findings.by_code,
        **{level or "no_level": len(group) for level, group in levels.items()},
    }
    return Report(
        tuple(findings.faults),
        tuple(findings.warnings),
        counts,
        tuple(sorted(children.items())),
        {named[index]: code for index, code in parents.items() if index in named},
    )


def _named(place: Feature) -> dict[str, Fact]:
    return {"code": place.code, "name": place.name}


def _check_codes(places: Sequence[Feature], codes_required: bool, findings: Findings) -> None:
    seen: dict[str, int] = {}
    for each in places:
        if each.code is None:
            if codes_required:
                findings.fault("code.missing", each.index, {"name": each.name})
        elif seen.setdefault(each.code, each.index) != each.index:
            facts = {**_named(each), "first": seen[each.code]}
            findings.fault("code.twice", each.index, facts)


def _check_shapes(places: Sequence[Feature], findings: Findings) -> None:
    for each in places:
        if facts := reason_invalid(each.geometry):
            findings.fault("geometry.invalid", each.index, {**_named(each), **facts})


def _by_level(places: Sequence[Feature]) -> dict[str | None, list[Feature]]:
    """Group places by level, from the county down; those without one last."""
    found = {level: [each for each in places if each.level == level] for level in (*LEVELS, None)}
    return {level: group for level, group in found.items() if group}


def _shapes(places: Sequence[Feature]) -> NDArray[np.object_]:
    made = np.empty(len(places), dtype=object)
    made[:] = [each.geometry for each in places]
    return made


def areal_parts(shape: BaseGeometry) -> list[BaseGeometry]:
    """Give the polygons in the outcome of an overlay, without its points and lines."""
    flat = shapely.get_parts(shapely.get_parts(shape)).tolist()
    return [each for each in flat if each.geom_type == "Polygon" and not each.is_empty]


def _areal(shape: BaseGeometry) -> BaseGeometry | None:
    """Keep the areas of the outcome of an overlay; None where there are none."""
    parts = areal_parts(shape)
    return shapely.multipolygons(parts) if parts else None


def is_serious(shape: BaseGeometry) -> bool:
    """Tell an area that matters from a sliver along a line that was drawn twice."""
    if area_m2(shape) <= TOLERATED_M2:
        return False
    return any(
        area_m2(part) > TOLERATED_M2 and _width_m(part) > SLIVER_M
        for part in shapely.get_parts(shape).tolist()
    )


def _width_m(shape: BaseGeometry) -> float:
    _, south, _, north = shape.bounds
    scale = scale_at((south + north) / 2)
    factor = np.array([scale.x, scale.y])
    flat = shapely.transform(shape, lambda xy: xy * factor)
    return 2 * float(flat.area) / float(flat.length)


def _check_overlaps(level: str | None, places: Sequence[Feature], findings: Findings) -> None:
    shapes = _shapes(places)
    pairs = _pairs(shapes)
    if pairs is None:
        facts = {"level": level, "n_places": len(places)}
        findings.fault("places.all_over_each_other", None, facts)
        return
    found = sorted(_overlaps(shapes, *pairs), key=lambda each: -each[2])
    for one, other, area, shape in found:
        where: dict[str, Fact] = {
            **_named(places[one]),
            "other": places[other].code,
            "other_name": places[other].name,
            "other_feature": places[other].index,
            "level": level,
            "area_m2": round(area, 3),
        }
        note = findings.fault if is_serious(shape) else findings.warn
        note("places.overlap", places[one].index, where, shape)


def _pairs(shapes: NDArray[np.object_]) -> tuple[Ints, Ints] | None:
    """Give the pairs that meet, or None where they are so many that no map can be meant."""
    tree = shapely.STRtree(shapes)
    shapely.prepare(shapes)
    left = _PAIRS_AT_LEAST + _PAIRS_EACH * len(shapes)
    found = []
    for start in range(0, len(shapes), _CHUNK):
        one, other = tree.query(shapes[start : start + _CHUNK], predicate="intersects")
        one = one + start
        once = one < other
        found.append((one[once], other[once]))
        left -= int(once.sum())
        if left < 0:
            return None
    ones, others = zip(*found, strict=True) if found else ((), ())
    return np.concatenate([_NO_PAIRS, *ones]), np.concatenate([_NO_PAIRS, *others])


def _overlaps(
    shapes: NDArray[np.object_], one: Ints, other: Ints
) -> Iterator[tuple[int, int, float, BaseGeometry]]:
    """Give each pair with a common area; neighbours that only touch are passed over quickly."""
    meet = ~shapely.touches(shapes[one], shapes[other])
    one, other = one[meet], other[meet]
    common = shapely.intersection(shapes[one], shapes[other])
    for a, b, shape in zip(one.tolist(), other.tolist(), common.tolist(), strict=True):
        areal = _areal(shape)
        if areal is not None and (area := area_m2(areal)) > DUST_M2:
            yield a, b, area, areal


def _check_nesting(
    levels: Mapping[str | None, list[Feature]], findings: Findings
) -> dict[int, str]:
    """Check that each place lies in its parent; give the parent's code by feature number."""
    parents: dict[int, str] = {}
    above: list[Feature] = []
    for level in LEVELS:
        group = levels.get(level, [])
        if above and group:
            _check_group(group, above, parents, findings)
        elif group:
            parents |= {each.index: each.parent for each in group if each.parent}
        above = [*above, *group]
    return parents


def _check_group(
    group: Sequence[Feature],
    above: Sequence[Feature],
    parents: dict[int, str],
    findings: Findings,
) -> None:
    by_code = {each.code: each for each in above if each.code}
    nearest = [each for each in above if each.level == above[-1].level and each.code]
    for each in group:
        parent = by_code.get(each.parent) if each.parent else None
        if each.parent is not None and parent is None:
            facts = {**_named(each), "parent": each.parent}
            findings.fault("parent.unknown", each.index, facts)
            continue
        if parent is None:
            parent = _likeliest(each, nearest)
            if parent is None:
                findings.fault("parent.none_holds_it", each.index, _named(each))
                continue
            facts = {**_named(each), "parent": parent.code, "parent_name": parent.name}
            findings.warn("parent.inferred", each.index, facts)
        parents[each.index] = parent.code or ""
        _check_inside(each, parent, findings)


def _likeliest(place: Feature, above: Sequence[Feature]) -> Feature | None:
    """Give the place of the level above that holds most of a place."""
    near = [each for each in above if shapely.intersects(each.geometry, place.geometry)]
    shared = [(shapely.intersection(each.geometry, place.geometry).area, each) for each in near]
    best = max(shared, key=lambda pair: pair[0], default=(0.0, None))
    return best[1] if best[0] > 0 else None


def _check_inside(place: Feature, parent: Feature, findings: Findings) -> None:
    if shapely.covers(parent.geometry, place.geometry):
        return
    outside = _areal(shapely.difference(place.geometry, parent.geometry))
    area = 0.0 if outside is None else area_m2(outside)
    if outside is None or area <= TOLERATED_M2:
        return
    facts: dict[str, Fact] = {
        **_named(place),
        "parent": parent.code,
        "parent_name": parent.name,
        "area_m2": round(area, 3),
    }
    note = findings.fault if is_serious(outside) else findings.warn
    note("place.outside_parent", place.index, facts, outside)


def _check_gaps(
    levels: Mapping[str | None, list[Feature]], parents: Mapping[int, str], findings: Findings
) -> None:
    """Warn of land that no place holds: in a parent with children, else enclosed by a level."""
    everyone = [each for group in levels.values() for each in group]
    by_code = {each.code: each for each in everyone if each.code}
    gaps: list[tuple[float, str | None, BaseGeometry]] = []
    held: dict[str, list[Feature]] = {}
    for level, group in levels.items():
        loose = [each for each in group if parents.get(each.index) not in by_code]
        for each in group:
            code = parents.get(each.index)
            if code in by_code:
                held.setdefault(code, []).append(each)
        if level is not None or len(levels) == 1:
            union = _union(loose)
            gaps += [(area_m2(each), None, each) for each in _holes(union)]
            _check_slits(loose, union, findings)
    for code, children in held.items():
        rest = shapely.difference(by_code[code].geometry, _union(children))
        gaps += [(area_m2(each), code, each) for each in areal_parts(rest)]
    for area, code, shape in sorted(gaps, key=lambda each: -each[0]):
        if area > TOLERATED_M2:
            name = by_code[code].name if code is not None else None
            facts: dict[str, Fact] = {
                "parent": code,
                "parent_name": name,
                "area_m2": round(area, 3),
            }
            findings.warn("places.gap", None, facts, shape)


def _check_slits(places: Sequence[Feature], union: BaseGeometry, findings: Findings) -> None:
    """Warn of narrow slits between places that are open to the outside."""
    for each in slits(_shapes(places), union):
        one, other = (places[at] for at in each.places[:2])
        facts: dict[str, Fact] = {
            **_named(one),
            "other": other.code,
            "other_name": other.name,
            "other_feature": other.index,
            "n_places": len(each.places),
            "length_m": round(each.length_m, 1),
            "width_m": round(each.width_m, 3),
            "area_m2": round(each.area_m2, 3),
        }
        findings.warn("places.narrow_gap", one.index, facts, each.geometry)


def _union(places: Sequence[Feature]) -> BaseGeometry:
    return shapely.union_all(_shapes(places))


def _holes(shape: BaseGeometry) -> list[BaseGeometry]:
    return [shapely.polygons(ring) for part in areal_parts(shape) for ring in part.interiors]
