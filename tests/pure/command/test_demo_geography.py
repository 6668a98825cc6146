"""The demo county: complete, valid, exactly nested, and the same every time."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from gridwhistle.demo import geography
from gridwhistle.demo.geography import features, landmarks, names, write
from gridwhistle.demo.geography_mesh import METRES_PER_LAT, METRES_PER_LON
from gridwhistle.tour.script import script

LEVELS = ("county", "township", "village", "grid")
COUNTY = "370499000000"


class County:
    """The generated collection with shapes and properties by code."""

    def __init__(self, collection: dict[str, Any]) -> None:
        self.places = {f["properties"]["code"]: f["properties"] for f in collection["features"]}
        self.shapes = {
            f["properties"]["code"]: shapely.geometry.shape(f["geometry"])
            for f in collection["features"]
        }

    def codes(self, level: str) -> list[str]:
        return [code for code, place in self.places.items() if place["level"] == level]

    def children(self, code: str) -> list[str]:
        return [child for child, place in self.places.items() if place["parent"] == code]

    def by_name(self, name: str) -> str:
        (code,) = [c for c, p in self.places.items() if p["level"] != "grid" and p["name"] == name]
        return code

    def at(self, lon: float, lat: float) -> list[str]:
        point = shapely.Point(lon, lat)
        return [code for code in self.codes("grid") if self.shapes[code].intersects(point)]


def flat(shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: xy * [METRES_PER_LON, METRES_PER_LAT])


@pytest.fixture(scope="module")
def collection() -> dict[str, Any]:
    return features()


@pytest.fixture(scope="module")
def county(collection: dict[str, Any]) -> County:
    return County(collection)


def test_the_county_has_eight_townships_sixty_villages_and_about_six_hundred_grids(
    collection: dict[str, Any], county: County
) -> None:
    assert len(county.places) == len(collection["features"])
    assert county.codes("county") == [COUNTY]
    assert len(county.codes("township")) == 8
    assert len(county.codes("village")) == 60
    assert 550 <= len(county.codes("grid")) <= 650
    assert 500 < flat(county.shapes[COUNTY]).area / 1e6 < 700


def test_codes_extend_their_parents_and_names_are_unique_where_they_must_be(
    county: County,
) -> None:
    for code, place in county.places.items():
        stem = {"county": 0, "township": 6, "village": 9, "grid": 12}[place["level"]]
        assert len(code) == (15 if place["level"] == "grid" else 12)
        assert code.isdigit()
        assert code[:stem] == place["parent"][:stem]
        assert (
            not stem
            or county.places[place["parent"]]["level"]
            == (LEVELS[LEVELS.index(place["level"]) - 1])
        )
    named = Counter(p["name"] for p in county.places.values() if p["level"] != "grid")
    assert set(named.values()) == {1}
    for village in county.codes("village"):
        own = [county.places[grid]["name"] for grid in county.children(village)]
        assert len(own) == len(set(own)) >= 2
        assert county.children(village)[0] == village + "001"


def test_streets_are_coded_from_001_and_towns_from_100(county: County) -> None:
    assert sorted(county.codes("township")) == [
        *(f"370499{n:03d}000" for n in (1, 2, 3)),
        *(f"370499{n:03d}000" for n in range(100, 105)),
    ]


def test_every_shape_is_valid_finite_and_on_the_lattice(county: County) -> None:
    shapes = list(county.shapes.values())
    xy = shapely.get_coordinates(shapes)
    assert shapely.is_valid(shapes).all()
    assert np.isfinite(xy).all()
    assert (xy == np.round(xy, 7)).all()
    assert len(xy) <= 26_000
    assert min(flat(county.shapes[code]).area for code in county.codes("grid")) > 2_000


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_covers_the_county_without_gap_or_overlap(county: County, level: str) -> None:
    shapes = [county.shapes[code] for code in county.codes(level)]
    assert shapely.coverage_is_valid(shapes)
    assert shapely.coverage_union_all(shapes).equals(county.shapes[COUNTY])


@pytest.mark.parametrize("level", LEVELS[:-1])
def test_a_place_is_exactly_the_union_of_its_children(county: County, level: str) -> None:
    for code in county.codes(level):
        union = shapely.coverage_union_all([county.shapes[c] for c in county.children(code)])
        assert union.normalize() == county.shapes[code].normalize()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 5])
def test_other_seeds_give_other_counties_that_are_just_as_sound(
    collection: dict[str, Any], seed: int
) -> None:
    other = features(seed)
    assert other != collection
    county = County(other)
    shapes = [county.shapes[code] for code in county.codes("grid")]
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert len(county.codes("village")) == 60
    assert all(len(county.at(*point)) == 1 for point in _inner_landmarks(seed).values())


def test_the_same_seed_gives_the_same_county_in_memory_and_on_disk(
    collection: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geography, "_shapes", geography._shapes.__wrapped__)  # drawn anew
    assert features(1) == collection
    write(tmp_path / "county.geojson")
    assert json.loads((tmp_path / "county.geojson").read_text("utf-8")) == collection


def test_one_grid_encloses_another(county: County) -> None:
    (ring,) = [code for code in county.codes("grid") if len(county.shapes[code].interiors) == 1]
    hole = shapely.Polygon(county.shapes[ring].interiors[0])
    (island,) = [code for code in county.codes("grid") if county.shapes[code].equals(hole)]
    assert county.places[island]["parent"] == county.places[ring]["parent"]


def test_one_township_has_an_exclave_inside_another(county: County) -> None:
    parts = {
        code: shapely.get_parts(county.shapes[code])
        for code in county.codes("township")
        if county.shapes[code].geom_type == "MultiPolygon"
    }
    ((owner, (first, second)),) = parts.items()
    exclave = min(first, second, key=lambda part: part.area)
    (host,) = [
        code
        for code in county.codes("township")
        if code != owner and shapely.Polygon(county.shapes[code].exterior).contains(exclave)
    ]
    assert len(county.shapes[host].interiors) == 1
    assert not county.shapes[host].intersection(exclave).area


def test_the_outline_has_no_holes_and_wiggles(county: County) -> None:
    outline = county.shapes[COUNTY]
    assert outline.geom_type == "Polygon"
    assert not outline.interiors
    around = flat(outline)
    assert around.length > 1.4 * 2 * math.sqrt(math.pi * around.area)


def test_streets_are_denser_than_towns(county: County) -> None:
    mean = {
        code: flat(county.shapes[code]).area
        / sum(county.places[g]["parent"].startswith(code[:9]) for g in county.codes("grid"))
        for code in county.codes("township")
    }
    streets = [area for code, area in mean.items() if code[6] == "0"]
    towns = [area for code, area in mean.items() if code[6] == "1"]
    assert max(streets) * 3 < min(towns)


def test_landmarks_lie_at_least_100_metres_inside_a_grid_of_their_place(county: County) -> None:
    where = {place.landmark: place.code for place in names() if place.landmark}
    assert set(where) == {script(name).landmark for name in "ABCDEFGH"}
    for landmark, code in where.items():
        point = landmarks()[landmark]
        (grid,) = county.at(*point)
        assert county.shapes[code].contains(county.shapes[grid])
        assert flat(county.shapes[grid]).boundary.distance(flat(shapely.Point(point))) > 100


def test_story_places_are_the_ones_the_stories_name(county: County) -> None:
    where = {place.landmark: place for place in names() if place.landmark}
    for told in map(script, "ABCDEFGH"):
        place = where[told.landmark]
        assert county.by_name(told.village or told.township) == place.code
        assert county.by_name(told.township) in (place.code, place.parent)
    assert where["workshops"].code == county.by_name("峨山镇")
    assert where["load_bearing_wall"].code == county.by_name("荣华里社区")
    assert where["load_bearing_wall"].parent == county.by_name("荣华街道")
    assert where["barbecue"].code == county.by_name("梅泽嘉园社区")
    assert where["barbecue"].parent == county.by_name("梅泽街道")


def test_the_border_point_is_a_vertex_of_two_grids_of_the_workshops_township(
    county: County,
) -> None:
    point = landmarks()["border"]
    owners = county.at(*point)
    assert len(owners) == 2
    for code in owners:
        assert code.startswith(county.by_name("峨山镇")[:9])
        assert list(point) in shapely.get_coordinates(county.shapes[code]).tolist()


def test_the_outside_point_is_two_kilometres_from_the_county(county: County) -> None:
    point = shapely.Point(landmarks()["outside"])
    assert flat(county.shapes[COUNTY]).distance(flat(point)) > 2_000


def _inner_landmarks(seed: int) -> dict[str, tuple[float, float]]:
    found = dict(landmarks(seed))
    return {key: found[key] for key in found if key not in ("border", "outside")}
