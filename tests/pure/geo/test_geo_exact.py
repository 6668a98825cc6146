"""The index against exact arithmetic and against shapely, on points drawn afresh each run."""

import math
import secrets
import sys

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon, box

from geo.files.coverage import read
from geo.ground.metric import in_metres, scale_at
from geo.index import raster
from geo.index.places import build
from geo.index.records import EXACT
from tests.parts import SHARED
from tests.pure.geo.layouts import (
    Nearby,
    aligned,
    brute,
    close_points,
    comb,
    difficult,
    fan,
    hard_points,
    lattice,
    nearly_level,
    spiky,
    square,
)

LAYOUTS = {
    "difficult": difficult,
    "aligned": aligned,
    "spiky": spiky,
    "comb": comb,
    "nearly level": nearly_level,
    "fan of six": lambda: (fan(6), [f"{5 * i % 6}" for i in range(6)]),
    "fan of thirty": lambda: (fan(30), [f"{7 * i % 30:02d}" for i in range(30)]),
}
COARSE_AND_FINE = (None, 1, 12, 300, 40_000)
PLACES = SHARED / "data" / "places"


@pytest.fixture
def seed():
    """A fresh one each run; pytest shows what is printed when a test fails."""
    drawn = secrets.randbits(40)
    sys.stdout.write(f"seed {drawn}\n")
    return drawn


def assert_right(shapes, codes, index, points, oracle):
    """Single, many, and exact arithmetic: the same for every point."""
    many = index.find_many(*np.array(points).T).tolist()
    for (lon, lat), found in zip(points, many, strict=True):
        truth = oracle.find(lon, lat)
        assert index.find(lon, lat) == truth, (lon, lat)
        assert found == (-1 if truth is None else truth), (lon, lat)


def assert_like_shapely(shapes, codes, index, lons, lats):
    many = index.find_many(lons, lats)
    assert (many == brute(shapes, codes, lons, lats)).all()
    one = [index.find(x, y) for x, y in zip(lons.tolist(), lats.tolist(), strict=True)]
    assert np.array_equal(many, [-1 if each is None else each for each in one])


def drawn_points(shapes, n, seed):
    rng = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(shapes)
    x, y = (east - west) * 0.02, (north - south) * 0.02
    return rng.uniform(west - x, east + x, n), rng.uniform(south - y, north + y, n)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cells", COARSE_AND_FINE)
def test_points_at_every_distance_from_an_edge_are_found_exactly(layout, cells, seed):
    shapes, codes = LAYOUTS[layout]()
    points = close_points(shapes, 350, seed=seed) + hard_points(shapes, 150, seed=seed)
    index = build(shapes, codes, cells=cells)
    assert_right(shapes, codes, index, points, Nearby(shapes, codes))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_points_anywhere_are_found_as_shapely_finds_them(layout, seed):
    shapes, codes = LAYOUTS[layout]()
    index = build(shapes, codes, cells=2000)
    assert_like_shapely(shapes, codes, index, *drawn_points(shapes, 3000, seed))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 9, 70])
def test_a_point_common_to_many_places_is_of_the_lowest_code(n):
    shapes = fan(max(n, 3))[:n]
    codes = [f"{(3 * i + 1) % 101:03d}" for i in range(n)]
    lowest = codes.index(min(codes))
    for cells in (1, 50, 5000):
        index = build(shapes, codes, cells=cells)
        assert index.find(120.0, 30.0) == lowest
        assert index.find_many([120.0], [30.0]).tolist() == [lowest]


def test_nearly_all_cells_of_an_ordinary_coverage_need_no_exact_test():
    shapes = lattice(30)
    heads = build(shapes, [f"{i:04d}" for i in range(900)])._raster.records.heads
    assert np.mean((heads >> 8 & 255) == EXACT) < 0.002


def test_what_cannot_be_told_from_pieces_is_tested_exactly():
    """The middle of a cell on a line, a level line, a crowd: each falls back, and is right."""
    unit = 1 / 32
    shapes = [
        box(i * unit, j * unit, (i + 1) * unit, (j + 1) * unit) for i in range(8) for j in range(8)
    ]
    codes = [f"{(11 * i) % 64:02d}" for i in range(64)]
    at = [i * unit / 4 for i in range(33)]
    points = [(x, y) for x in at for y in at]
    oracle = Nearby(shapes, codes)
    for cells in (1, 64, 63, 4096, 10_000):
        assert_right(shapes, codes, build(shapes, codes, cells=cells), points, oracle)


def test_coordinates_next_to_nothing_are_found_exactly():
    tiny = 1e-200
    shapes = [Polygon([(0, 0), (tiny, 0), (tiny, tiny), (0, tiny)]), box(-1, -1, 1, 1)]
    index = build(shapes, ["a", "b"])
    assert index.find(tiny / 2, tiny / 2) == 0
    assert index.find(tiny, tiny) == 0
    assert index.find(2 * tiny, tiny) == 1
    assert index.find_many([tiny / 2, tiny, 2 * tiny], [tiny / 2, tiny, tiny]).tolist() == [
        0,
        0,
        1,
    ]


@pytest.mark.parametrize("layout", ["difficult", "comb", "nearly level", "fan of thirty"])
def test_a_raster_made_in_many_bands_answers_alike(layout, seed, monkeypatch):
    shapes, codes = LAYOUTS[layout]()
    points = close_points(shapes, 300, seed=seed) + hard_points(shapes, 200, seed=seed)
    oracle = Nearby(shapes, codes)
    for n_cells in (50, 700):
        monkeypatch.setattr(raster, "_BAND_CELLS", n_cells)
        index = build(shapes, codes, cells=2000)
        assert_right(shapes, codes, index, points, oracle)
        assert_like_shapely(shapes, codes, index, *drawn_points(shapes, 2000, seed))


@pytest.mark.parametrize("layout", ["difficult", "small"])
def test_distances_of_candidates_are_those_of_the_polygons_in_metres(layout, seed):
    """Holes, parts, an exclave in a hole, and dozens at once; inside is zero, and so is a line."""
    small = lattice(8, step=0.001)
    plain = (small, [f"{i:02d}" for i in range(64)])
    shapes, codes = difficult() if layout == "difficult" else plain
    index = build(shapes, codes)
    n_away = 0
    for lon, lat in [*zip(*drawn_points(shapes, 60, seed), strict=True), *hard_points(shapes, 20)]:
        for each in index.candidates(float(lon), float(lat), 400.0):
            shape = shapes[codes.index(each.code)]
            held = shapely.intersects_xy(shape, lon, lat)
            away = shapely.distance(in_metres(shape, lon, lat), shapely.Point(0, 0))
            assert each.distance_m == pytest.approx(0.0 if held else away, abs=1e-6)
            n_away += not held
    assert n_away > 50


SQUARES = [square(120 + i * 1e-3, 30 + j * 1e-3, 1e-3) for i in range(9) for j in range(9)]
SPREAD = {
    **LAYOUTS,
    "small": lambda: (lattice(6, step=0.001), [f"{i:02d}" for i in range(36)]),
    "strips": lambda: (
        [box(120 + i * 2e-5, 30, 120 + (i + 1) * 2e-5, 30.01) for i in range(200)],
        [f"{i:03d}" for i in range(200)],
    ),
    "squares": lambda: (SQUARES, [f"{i:02d}" for i in range(81)]),
    "a gap that mirrors an overlap": lambda: (
        [box(120, 30, 120.001, 30.01), box(120.00102, 30, 120.002, 30.01), SQUARES[18]],
        ["a", "b", "c"],
    ),
    "one over two that meet": lambda: (
        [SQUARES[0], SQUARES[1], box(119.9, 29.9, 120.1, 30.1)],
        ["a", "c", "b"],
    ),
    "vertices given twice": lambda: (
        [Polygon(np.repeat(shapely.get_coordinates(each), 2, axis=0)) for each in SQUARES],
        [f"{i:02d}" for i in range(81)],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("layout", SPREAD)
def test_probabilities_are_right_to_fifteen_thousandths(layout, seed):
    """Against a hundred thousand draws of the error, spread evenly: at, near and off edges."""
    shapes, codes = SPREAD[layout]()
    index = build(shapes, codes)
    rank = np.arange(100_000) + 0.5
    radius = np.sqrt(-2 * np.log1p(-rank / len(rank)))
    east, north = radius * np.cos(rank * 2.399963), radius * np.sin(rank * 2.399963)
    rng = np.random.default_rng(seed)
    for accuracy in (1.0, 5.0, 20.0, 60.0, 200.0):
        sigma = accuracy / math.sqrt(-2 * math.log(1 - 0.68))
        on = hard_points(shapes, 3, seed=seed)
        near = on + rng.normal(0, accuracy / 1e5, (3, 2))
        for lon, lat in [*on, *near.tolist()]:
            scale = scale_at(lat)
            found = index.find_many(lon + east * sigma / scale.x, lat + north * sigma / scale.y)
            truth = np.bincount(found + 1, minlength=len(codes) + 1)[1:] / len(found)
            told = {each.code: each.probability for each in index.candidates(lon, lat, accuracy)}
            worst = max(abs(told.get(code, 0.0) - truth[i]) for i, code in enumerate(codes))
            assert worst < 0.015, (lon, lat, accuracy)


def test_where_places_fit_together_the_error_is_shared_out_to_the_last_thousandth(seed):
    shapes, codes = SPREAD["small"]()
    index = build(shapes, codes)
    rng = np.random.default_rng(seed)
    for lon, lat in rng.uniform([120.002, 30.002], [120.004, 30.004], (50, 2)).tolist():
        told = index.candidates(lon, lat, 10.0)
        assert sum(each.probability for each in told) == pytest.approx(1.0, abs=0.008)
        assert told == sorted(told, key=lambda each: -each.probability)
        assert index.codes[index.find(lon, lat)] in {each.code for each in told}


def test_a_place_with_several_holes_has_a_distance():
    holes = [square(120.002 + i * 0.002, 30.004, 0.001).exterior for i in range(3)]
    holes[0] = fan(5, x=120.0025, y=30.0045, size=0.0004)[0].exterior
    index = build([square(120, 30, holes=holes)], ["a"])
    assert index.candidates(120.0045, 30.0045, 1.0) == []
    code, distance = index.nearest(120.0045, 30.0045, 100.0)
    assert (code, distance) == ("a", pytest.approx(0.0005 * 96_490, rel=1e-3))


@pytest.mark.parametrize("west", [-180.0, 179.5])
@pytest.mark.parametrize("south", [-90.0, 89.5])
def test_the_corners_of_the_world_can_be_indexed(west, south):
    shapes = [box(west, south, west + 0.5, south + 0.5)]
    index = build(shapes, ["a"])
    assert index.find(west, south) == 0
    assert index.find(west + 0.5, south + 0.5) == 0
    assert index.find(-west, south) is None
    assert index.candidates(west + 0.25, south + 0.25, 10.0)[0].code == "a"


@pytest.mark.slow
@pytest.mark.parametrize("n_side", [32, 100, 316])
def test_hundreds_of_thousands_of_fresh_points_are_found_as_shapely_finds_them(n_side, seed):
    shapes = lattice(n_side, seed=seed, step=0.5 / n_side)
    codes = [f"{i:06d}" for i in np.random.default_rng(seed).permutation(len(shapes))]
    index = build(shapes, codes)
    assert_like_shapely(shapes, codes, index, *drawn_points(shapes, 350_000, seed))
    close = close_points(shapes, 20_000, seed=seed) + hard_points(shapes, 20_000, seed=seed)
    assert_right(shapes, codes, index, close, Nearby(shapes, codes))


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cells", COARSE_AND_FINE)
def test_many_points_at_every_distance_from_an_edge_are_found_exactly(layout, cells, seed):
    shapes, codes = LAYOUTS[layout]()
    points = close_points(shapes, 6000, seed=seed) + hard_points(shapes, 2000, seed=seed)
    index = build(shapes, codes, cells=cells)
    assert_right(shapes, codes, index, points, Nearby(shapes, codes))
    assert_like_shapely(shapes, codes, index, *drawn_points(shapes, 30_000, seed))


@pytest.mark.slow
@pytest.mark.needs("shared")
@pytest.mark.parametrize("name", ["beijing_townships", "target_counties_vonng_gcj02"])
@pytest.mark.parametrize("cells", [None, 30, 3000])
def test_real_boundaries_are_searched_exactly(name, cells, seed):
    features = read((PLACES / f"{name}.geojson").read_bytes()).features
    shapes, codes = [each.geometry for each in features], [each.code for each in features]
    index = build(shapes, codes, cells=cells)
    assert_like_shapely(shapes, codes, index, *drawn_points(shapes, 60_000, seed))
    close = close_points(shapes, 1500, seed=seed) + hard_points(shapes, 1500, seed=seed)
    assert_right(shapes, codes, index, close, Nearby(shapes, codes))
