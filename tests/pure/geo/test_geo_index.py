"""Points found in places: exact on every line, and the same for one point and for many."""

import math
import random
import threading

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from geo.ground.errors import GeoError, IndexBuildError
from geo.ground.metric import in_metres
from geo.index import polygon_store
from geo.index.places import build
from tests.pure.geo.layouts import (
    Oracle,
    aligned,
    brute,
    difficult,
    hard_points,
    lattice,
    spiky,
    square,
)

LAYOUTS = {"difficult": difficult, "aligned": aligned, "spiky": spiky}
CELLS = (1, 7, 64, 1024, 50_000)


def test_a_point_in_a_place_is_found():
    index = build([square(120, 30), square(120.02, 30)], ["b", "a"])
    assert index.codes == ("b", "a")
    assert index.find(120.005, 30.005) == 0
    assert index.find(120.025, 30.005) == 1


def test_a_point_between_places_is_in_none():
    index = build([square(120, 30), square(120.02, 30)], ["b", "a"])
    assert index.find(120.015, 30.005) is None


def test_a_point_on_a_common_line_belongs_to_the_lowest_code():
    west, east = box(120, 30, 120.5, 31), box(120.5, 30, 121, 31)
    assert build([west, east], ["2", "10"]).find(120.5, 30.5) == 1
    assert build([west, east], ["2", "3"]).find(120.5, 30.5) == 0


def test_an_empty_index_finds_nothing():
    index = build([], [])
    assert index.find(120, 30) is None
    assert index.find_many([120], [30]).tolist() == [-1]
    assert index.nearest(120, 30, 1000) is None
    assert index.candidates(120, 30, 10) == []


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308, -1e308, 181.0, -200.0])
def test_what_is_not_a_position_lies_nowhere(value):
    index = build([square(120, 30)], ["a"])
    for lon, lat in ((value, 30.0), (120.0, value), (value, value)):
        assert index.find(lon, lat) is None
        assert index.find_many([lon], [lat]).tolist() == [-1]
        assert index.candidates(lon, lat, 5.0) == []
        assert index.nearest(lon, lat, 100.0) is None


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cells", CELLS)
def test_hard_points_are_found_as_exact_arithmetic_finds_them(layout, cells):
    shapes, codes = LAYOUTS[layout]()
    oracle, index = Oracle(shapes, codes), build(shapes, codes, cells=cells)
    for lon, lat in hard_points(shapes, 700, seed=cells):
        assert index.find(lon, lat) == oracle.find(lon, lat), (lon, lat)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cells", [None, *CELLS])
def test_one_and_many_and_shapely_agree(layout, cells):
    shapes, codes = LAYOUTS[layout]()
    index = build(shapes, codes, cells=cells)
    rng = np.random.default_rng(4)
    west, south, east, north = shapely.total_bounds(shapes)
    hard = np.array(hard_points(shapes, 1500))
    lons = np.concatenate([rng.uniform(west, east, 1500), hard[:, 0]])
    lats = np.concatenate([rng.uniform(south, north, 1500), hard[:, 1]])
    many = index.find_many(lons, lats)
    one = [index.find(x, y) for x, y in zip(lons.tolist(), lats.tolist(), strict=True)]
    assert [-1 if each is None else each for each in one] == many.tolist()
    assert many.tolist() == brute(shapes, codes, lons, lats).tolist()


def test_points_on_the_lines_of_the_raster_itself_are_found_right():
    shapes, codes = difficult()
    index = build(shapes, codes, cells=400)
    grid = index._raster.grid
    rng = random.Random(2)
    lons, lats = [], []
    for _ in range(3000):
        lon = grid.west + rng.randrange(grid.nx + 1) / grid.per_lon
        lat = grid.south + rng.randrange(grid.ny + 1) / grid.per_lat
        lons.append(math.nextafter(lon, rng.choice((lon, -math.inf, math.inf))))
        lats.append(math.nextafter(lat, rng.choice((lat, -math.inf, math.inf))))
    expected = brute(shapes, codes, lons, lats).tolist()
    assert index.find_many(lons, lats).tolist() == expected
    found = [index.find(x, y) for x, y in zip(lons, lats, strict=True)]
    assert [-1 if each is None else each for each in found] == expected


@pytest.mark.slow
def test_a_cell_with_thousands_of_segments_answers_as_exact_arithmetic():
    """A cell heavy with segments is where an index is likeliest to go wrong."""
    shapes = lattice(12, between=30, step=0.001)
    codes = [f"{(i * 37) % 144:03d}" for i in range(144)]
    oracle, index = Oracle(shapes, codes), build(shapes, codes, cells=2)
    assert index._raster.grid.nx * index._raster.grid.ny <= 9
    points = hard_points(shapes, 400)
    found = [index.find(lon, lat) for lon, lat in points]
    assert found == [oracle.find(lon, lat) for lon, lat in points]
    many = index.find_many(*np.array(points).T).tolist()
    assert many == [-1 if each is None else each for each in found]


corner = st.tuples(st.integers(0, 12), st.integers(0, 12))
triangles = st.lists(st.tuples(corner, corner, corner), min_size=1, max_size=9)


@settings(max_examples=150, deadline=None)
@given(
    triangles,
    st.permutations(range(9)),
    st.integers(1, 4000),
    st.lists(corner, min_size=1, max_size=30),
    st.sampled_from([1 / 8, 0.1, 1e-5]),
)
def test_any_heap_of_triangles_is_searched_right(corners, names, cells, points, unit):
    scaled = [[(110 + x * unit, 20 + y * unit) for x, y in each] for each in corners]
    shapes = [Polygon(each) for each in scaled]
    shapes = [each for each in shapes if each.is_valid and each.area > 0]
    codes = [str(name) for name in names[: len(shapes)]]
    index, oracle = build(shapes, codes, cells=cells), Oracle(shapes, codes)
    where = [(110 + x * unit / 1, 20 + y * unit / 2) for x, y in points]
    expected = [oracle.find(lon, lat) for lon, lat in where]
    assert [index.find(lon, lat) for lon, lat in where] == expected
    many = index.find_many([lon for lon, _ in where], [lat for _, lat in where]).tolist()
    assert many == [-1 if each is None else each for each in expected]


def test_forgetting_polygons_for_want_of_room_changes_no_answer(monkeypatch):
    shapes, codes = difficult()
    points = np.array(hard_points(shapes, 2000)).T
    expected = build(shapes, codes).find_many(*points).tolist()
    for room in (0, 900, 5000):
        index = build(shapes, codes, cells=50)
        index._shelf = polygon_store.Shelf(index._shelf.blob, index._shelf.offsets, room=room)
        assert index.find_many(*points).tolist() == expected
        one = [index.find(x, y) for x, y in points.T.tolist()]
        assert [-1 if each is None else each for each in one] == expected
        assert index._shelf._held <= room


def test_threads_may_ask_at_the_same_time():
    shapes, codes = difficult()
    points = np.array(hard_points(shapes, 3000)).T
    index = build(shapes, codes, cells=30)
    expected = index.find_many(*points).tolist()
    index._shelf = polygon_store.Shelf(index._shelf.blob, index._shelf.offsets, room=4000)
    wrong = []

    def ask():
        for _ in range(5):
            if index.find_many(*points).tolist() != expected:
                wrong.append(1)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


def test_what_was_given_is_not_altered():
    shapes, codes = difficult()
    before = shapely.to_wkb(shapes).tolist()
    build(shapes, codes).find_many([120.03], [30.03])
    assert shapely.to_wkb(shapes).tolist() == before
    assert not shapely.is_prepared(shapes).any()


def test_heights_are_ignored():
    shape = Polygon([(120, 30, 5), (121, 30, 6), (121, 31, 7)])
    assert build([shape], ["a"]).find(120.9, 30.5) == 0


@pytest.mark.parametrize(
    ("shapes", "codes", "problem"),
    [
        ([square(1, 1)], [], "index.lengths_differ"),
        ([square(1, 1), square(2, 2)], ["a", "a"], "index.code_twice"),
        ([Polygon()], ["a"], "index.not_a_polygon"),
        ([shapely.Point(1, 1)], ["a"], "index.not_a_polygon"),
        ([None], ["a"], "index.not_a_polygon"),
        ([Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], ["a"], "index.invalid_polygon"),
        ([box(500_000, 3_700_000, 500_100, 3_700_100)], ["a"], "index.out_of_range"),
    ],
)
def test_what_cannot_be_indexed_is_refused_by_name(shapes, codes, problem):
    with pytest.raises(IndexBuildError) as refused:
        build(shapes, codes)
    assert refused.value.code == problem


def test_lists_of_different_length_are_refused():
    with pytest.raises(ValueError, match="2 longitudes for 1 latitudes"):
        build([square(1, 1)], ["a"]).find_many([1, 2], [1])


def test_candidates_in_the_middle_of_a_place_are_that_place_alone():
    index = build([box(120, 30, 121, 31)], ["a"])
    (only,) = index.candidates(120.5, 30.5, 20.0)
    assert (only.code, only.probability, only.distance_m) == ("a", 1.0, 0.0)


def test_candidates_on_a_straight_line_are_even():
    index = build([box(120, 30, 120.5, 31), box(120.5, 30, 121, 31)], ["a", "b"])
    first, second = index.candidates(120.5, 30.5, 20.0)
    assert {first.code, second.code} == {"a", "b"}
    assert first.probability == pytest.approx(0.5, abs=0.02)
    assert first.probability + second.probability == pytest.approx(1.0)
    assert (first.distance_m, second.distance_m) == (0.0, 0.0)


def test_a_candidate_beyond_a_line_has_the_probability_of_the_normal_tail():
    index = build([box(120, 30, 120.5, 31), box(120.5, 30, 121, 31)], ["a", "b"])
    metres = 10.0
    lon = 120.5 - metres / 96_000  # about 10 m west of the line
    for confidence, sigma in ((0.68, 20 / 1.51), (0.95, 20 / 2.4477)):
        first, second = index.candidates(lon, 30.5, 20.0, confidence=confidence)
        tail = 0.5 * math.erfc(second.distance_m / sigma / math.sqrt(2))
        assert (first.code, second.code) == ("a", "b")
        assert second.distance_m == pytest.approx(metres, rel=0.02)
        assert second.probability == pytest.approx(tail, abs=0.012)


def test_candidates_are_the_same_every_time():
    shapes, codes = difficult()
    index = build(shapes, codes)
    assert index.candidates(120.03, 30.03, 300) == index.candidates(120.03, 30.03, 300)


def test_an_exact_position_has_one_candidate():
    index = build([box(120, 30, 120.5, 31), box(120.5, 30, 121, 31)], ["a", "b"])
    assert [(each.code, each.probability) for each in index.candidates(120.5, 30.5, 0.0)] == [
        ("a", 1.0)
    ]


def test_what_is_missing_to_one_lies_in_no_place():
    index = build([box(120, 30, 120.5, 31)], ["a"])
    (only,) = index.candidates(120.5, 30.5, 20.0)
    assert only.probability == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("accuracy", [math.nan, math.inf, -1.0])
def test_an_accuracy_that_is_none_is_refused(accuracy):
    with pytest.raises(GeoError) as refused:
        build([square(120, 30)], ["a"]).candidates(120.0, 30.0, accuracy)
    assert refused.value.code == "accuracy.unusable"


def test_the_nearest_place_is_told_with_its_distance():
    index = build([square(120, 30), square(120.02, 30)], ["b", "a"])
    code, distance = index.nearest(120.0101, 30.005, 50)
    assert code == "b"
    assert distance == pytest.approx(0.0001 * 96_490, rel=1e-3)  # a degree of longitude at 30.005
    assert index.nearest(120.0101, 30.005, 5) is None
    assert index.nearest(120.005, 30.005, 5) == ("b", 0.0)


def test_the_distance_north_is_that_of_the_ellipsoid():
    index = build([square(120, 30)], ["a"])
    _, distance = index.nearest(120.005, 30.011, 500)
    assert distance == pytest.approx(110.853, abs=0.02)  # GeographicLib: 110852.5 m a degree here


def test_of_two_places_equally_near_the_lowest_code_is_told():
    index = build([box(120.5, 30, 121, 31), box(119, 30, 119.5, 31)], ["2", "1"])
    code, _ = index.nearest(120.0, 30.5, 60_000)
    assert code == "1"


def test_the_nearest_place_is_the_one_that_measuring_all_of_them_tells():
    shapes, codes = difficult()
    index = build(shapes, codes)
    rng = random.Random(3)
    for _ in range(60):
        lon, lat = 119.98 + rng.random() * 0.1, 29.98 + rng.random() * 0.1
        flat = [in_metres(each, lon, lat) for each in shapes]
        measured = zip(shapely.distance(flat, shapely.Point(0, 0)).tolist(), codes, strict=True)
        distance, code = min(measured)
        found = index.nearest(lon, lat, 50_000)
        assert found == (code if distance else found[0], distance)


def test_the_hole_of_a_place_is_not_the_place():
    ring = box(120.4, 30.4, 120.6, 30.6)
    shape = Polygon(box(120, 30, 121, 31).exterior, [ring.exterior])
    index = build([MultiPolygon([shape])], ["a"])
    assert index.find(120.5, 30.5) is None
    assert index.find(120.4, 30.5) == 0
    assert index.find(120.3, 30.5) == 0
