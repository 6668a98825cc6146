"""The demo county's boundaries: one county, its townships, villages and grids, as GeoJSON."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import shapely

from gridwhistle.demo.geography_mesh import (
    Edge,
    Floats,
    Mesh,
    Shapes,
    lattice,
    mesh,
    metres,
    polygons,
)
from gridwhistle.demo.geography_regions import Regions, in_reading_order, regions

Geometries: TypeAlias = dict[str, shapely.Geometry]

OUTSIDE_METRES = 3_000.0


@dataclass(frozen=True, slots=True)
class PlaceName:
    """One row of places.csv; `east` and `north` (metres from the middle) are a township's seat."""

    level: str
    code: str
    parent: str
    name: str
    east: float
    north: float
    landmark: str


def names() -> tuple[PlaceName, ...]:
    """Return every named place; the single row of level `grid` is the pattern of a grid's name."""
    text = resources.files("gridwhistle.demo").joinpath("data/places.csv").read_text("utf-8")
    return tuple(
        PlaceName(
            level=row["level"],
            code=row["code"],
            parent=row["parent"],
            name=row["name"],
            east=float(row["east_km"] or 0) * 1000,
            north=float(row["north_km"] or 0) * 1000,
            landmark=row["landmark"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def features(seed: int = 1) -> dict[str, Any]:
    """Return the county as a FeatureCollection, WGS-84 on the 1e-7 degree lattice.

    Parents come first. Properties: code, name, level (county, township, village, grid) and
    parent (a code, or '' for the county).
    """
    listed = names()
    pattern = next(place.name for place in listed if place.level == "grid")
    shapes = _shapes(listed, seed)
    found = [
        _feature(place.code, place.name, place.level, place.parent, shapes[place.code])
        for place in listed
        if place.level != "grid"
    ]
    for code in sorted(code for code in shapes if len(code) == 15):
        name = pattern.format(int(code[12:]))
        found.append(_feature(code, name, "grid", code[:12], shapes[code]))
    return {"type": "FeatureCollection", "features": found}


def write(path: Path, seed: int = 1) -> None:
    """Save the county's boundaries as a GeoJSON file."""
    text = json.dumps(features(seed), ensure_ascii=False, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")


def landmarks(seed: int = 1) -> Mapping[str, tuple[float, float]]:
    """Return the points (lon, lat) where the demo's stories happen, by name.

    Those that places.csv gives to a place lie at least 100 m inside one grid of it; `border` is a
    vertex common to two grids, `outside` lies 3 km east of the county.
    """
    listed = names()
    shapes = _shapes(listed, seed)
    points = {place.landmark: _deep(shapes, place) for place in listed if place.landmark}
    points["border"] = _shared_vertex(shapes, next(p for p in listed if p.landmark == "workshops"))
    county = shapes[next(place.code for place in listed if place.level == "county")]
    east, north = county.bounds[2], county.centroid.y
    away = metres(np.array([[east, north]])) + np.array([OUTSIDE_METRES, 0.0])
    points["outside"] = _pair(lattice(away)[0])
    return points


@cache
def _shapes(listed: tuple[PlaceName, ...], seed: int) -> Geometries:
    rng = np.random.default_rng(seed)
    townships = [place for place in listed if place.level == "township"]
    villages = [
        [place.code for place in listed if place.parent == township.code] for township in townships
    ]
    seats = {number: (place.east, place.north) for number, place in enumerate(townships)}
    # Codes of streets count from 001 in their last six digits, those of towns from 100.
    towns = {number: seat for number, seat in seats.items() if townships[number].code[6] == "1"}
    streets = {number: seat for number, seat in seats.items() if number not in towns}
    cells = mesh(rng)
    owners = regions(cells, streets, towns, [len(codes) for codes in villages], rng)
    drawn = polygons(cells, lambda edge: _halvings(cells, owners, edge), rng)
    return _nested(listed, _grids(cells, owners, villages, drawn))


def _halvings(cells: Mesh, owners: Regions, edge: Edge) -> int:
    """Draw an edge the finer, the greater the places it divides."""
    sides = cells.sides[edge]
    length = float(np.hypot(edge[1][0] - edge[0][0], edge[1][1] - edge[0][1]))
    if length < 60:
        return 0
    if len({owners.township.get(cell) for cell in sides}) > 1:
        return 3 if length > 500 else 2
    if len({owners.village.get(cell) for cell in sides}) > 1:
        return 2
    return 2 if length > 800 else 1


def _grids(cells: Mesh, owners: Regions, villages: list[list[str]], drawn: Shapes) -> Geometries:
    """Give codes to the grids of each village, and to villages, in reading order."""
    members: dict[int, list[int]] = {}
    for cell, grid in sorted(owners.grid.items()):
        members.setdefault(grid, []).append(cell)
    inside: dict[tuple[int, int], list[int]] = {}
    for grid in members:
        inside.setdefault(owners.village[grid], []).append(grid)
    middles = {grid: cells.seeds[own].mean(axis=0) for grid, own in members.items()}
    found: Geometries = {}
    for number, codes in enumerate(villages):
        centre = {
            v: np.mean([middles[grid] for grid in inside[number, v]], axis=0)
            for v in range(len(codes))
        }
        band = 800.0 if number in {owners.township[cell] for cell in cells.core} else 2500.0
        for code, v in zip(codes, in_reading_order(centre, centre, band), strict=True):
            ordered = in_reading_order(inside[number, v], middles, band / 2)
            for n, grid in enumerate(ordered, start=1):
                found[f"{code}{n:03d}"] = shapely.coverage_union_all(drawn[members[grid]])
    return found


def _nested(listed: tuple[PlaceName, ...], grids: Geometries) -> Geometries:
    """Return grids and all their parents, each the exact union of its children."""
    shapes = dict(grids)
    children: dict[str, list[shapely.Geometry]] = {}
    for code, shape in grids.items():
        children.setdefault(code[:12], []).append(shape)
    for level in ("village", "township", "county"):
        for place in listed:
            if place.level == level:
                shape = shapely.coverage_union_all(children[place.code])
                shapes[place.code] = shape
                children.setdefault(place.parent, []).append(shape)
    return {
        code: shapely.orient_polygons(shape, exterior_cw=False) for code, shape in shapes.items()
    }


def _feature(
    code: str, name: str, level: str, parent: str, shape: shapely.Geometry
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name, "level": level, "parent": parent},
        "geometry": json.loads(shapely.to_geojson(shape)),
    }


def _grids_of(shapes: Geometries, place: PlaceName) -> list[shapely.Geometry]:
    stem = place.code if place.level == "village" else place.code[:9]
    return [shapes[code] for code in sorted(shapes) if len(code) == 15 and code.startswith(stem)]


def _deep(shapes: Geometries, place: PlaceName) -> tuple[float, float]:
    """Find the point of the place, on the lattice, that lies deepest in a grid."""
    flat = shapely.transform(_grids_of(shapes, place), metres)
    radii = shapely.maximum_inscribed_circle(flat, tolerance=1.0)
    deepest = radii[int(shapely.length(radii).argmax())]
    return _pair(lattice(shapely.get_coordinates(deepest)[:1])[0])


def _shared_vertex(shapes: Geometries, place: PlaceName) -> tuple[float, float]:
    """Find the vertex common to exactly two grids that is nearest the place's middle."""
    owners: dict[tuple[float, float], int] = {}
    for shape in _grids_of(shapes, place):
        for point in {_pair(xy) for xy in shapely.get_coordinates(shape)}:
            owners[point] = owners.get(point, 0) + 1
    middle = shapely.union_all(_grids_of(shapes, place)).centroid
    shared = [point for point, n in owners.items() if n == 2]
    return min(shared, key=lambda xy: (xy[0] - middle.x) ** 2 + (xy[1] - middle.y) ** 2)


def _pair(xy: Floats) -> tuple[float, float]:
    return float(xy[0]), float(xy[1])
