"""Real boundaries and a generated county: read, checked, and searched like shapely does."""

from functools import cache

import numpy as np
import pytest
import shapely

from geo.files.coverage import check, read
from geo.index.places import build
from tests.parts import SHARED
from tests.pure.geo.layouts import Oracle, brute, hard_points

FOLDER = SHARED / "data" / "places"
BEIJING = "beijing_townships"
COUNTY = "synthetic_330522_1e3"
FILES = (BEIJING, COUNTY, "target_counties_cnmaps_gcj02", "target_counties_vonng_gcj02")

pytestmark = pytest.mark.needs("shared")


@cache
def features(name):
    return read((FOLDER / f"{name}.geojson").read_bytes()).features


def places(name):
    found = [each for each in features(name) if each.level in (None, "grid")]
    return [each.geometry for each in found], [each.code for each in found]


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("cells", [None, 12, 3000])
def test_every_point_is_found_where_shapely_finds_it(name, cells):
    """Twelve cells over real counties hold thousands of segments each."""
    shapes, codes = places(name)
    index = build(shapes, codes, cells=cells)
    rng = np.random.default_rng(6)
    west, south, east, north = shapely.total_bounds(shapes)
    hard = np.array(hard_points(shapes, 4000))
    lons = np.concatenate([rng.uniform(west - 0.01, east + 0.01, 6000), hard[:, 0]])
    lats = np.concatenate([rng.uniform(south - 0.01, north + 0.01, 6000), hard[:, 1]])
    many = index.find_many(lons, lats)
    assert (many == brute(shapes, codes, lons, lats)).all()
    some = rng.choice(len(lons), 500)
    one = [index.find(float(lons[i]), float(lats[i])) for i in some]
    assert [-1 if each is None else each for each in one] == many[some].tolist()


def test_vertices_of_a_county_are_found_as_exact_arithmetic_finds_them():
    shapes, codes = places(COUNTY)
    shapes, codes = shapes[:150], codes[:150]
    oracle, index = Oracle(shapes, codes), build(shapes, codes)
    for lon, lat in hard_points(shapes, 600):
        assert index.find(lon, lat) == oracle.find(lon, lat)


def test_the_generated_county_has_no_faults():
    report = check(features(COUNTY))
    assert report.faults == ()
    assert (report.counts["township"], report.counts["grid"]) == (15, 1264)
    assert sum(n for _, n in report.children) == 1264


def test_the_real_townships_show_their_67_overlaps():
    report = check(features(BEIJING))
    assert report.counts["places.overlap"] == 67
    worst = report.faults[0]
    assert worst.facts["area_m2"] == pytest.approx(26_000, rel=0.02)
    assert {worst.facts["code"], worst.facts["other"]} == {"110112009000", "110112105000"}
