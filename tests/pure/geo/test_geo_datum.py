"""Datums: the published formula, and its inverse to under a micrometre."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.ground.datum import (
    DATUMS,
    from_wgs84,
    from_wgs84_many,
    inside,
    swapped,
    to_wgs84,
    to_wgs84_many,
)
from geo.ground.errors import DatumError

MICROMETRE = 1e-6 / 111_320  # degrees
COUNTY = (119.5, 30.7, 120.2, 31.2)

lons = st.floats(73, 135)
lats = st.floats(18, 54)


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [  # the test vectors of googollee/eviltransform and wandergis/coordtransform
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_gcj02_is_that_of_the_published_vectors(wgs84, gcj02):
    assert from_wgs84(*wgs84, "gcj02") == pytest.approx(gcj02, abs=1e-12)


def test_bd09_is_that_of_the_published_vector():
    wgs84 = to_wgs84(116.404, 39.915, "gcj02")
    assert from_wgs84(*wgs84, "bd09") == pytest.approx(
        (116.41036949371029, 39.92133699351021), abs=1e-11
    )


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000", "unknown"])
def test_the_other_datums_are_taken_as_they_are(datum):
    assert to_wgs84(120.123456789, 31.2, datum) == (120.123456789, 31.2)
    assert from_wgs84(120.123456789, 31.2, datum) == (120.123456789, 31.2)


@settings(max_examples=300)
@given(lons, lats, st.sampled_from(["gcj02", "bd09"]))
def test_there_and_back_is_within_a_micrometre(lon, lat, datum):
    there = from_wgs84(lon, lat, datum)
    assert to_wgs84(*there, datum) == pytest.approx((lon, lat), abs=MICROMETRE)


def test_where_the_formula_has_a_kink_it_comes_back_too():
    """The root of |lon - 105| has no slope at 105 degrees."""
    for lon in (105.0, 105 + 1e-13, 105 - 1e-9, math.nextafter(105, 0)):
        there = from_wgs84(lon, 30.5, "gcj02")
        assert to_wgs84(*there, "gcj02") == pytest.approx((lon, 30.5), abs=MICROMETRE)


@pytest.mark.parametrize("datum", DATUMS)
def test_many_points_are_converted_like_each_alone(datum):
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(73, 135, 200), rng.uniform(18, 54, 200)
    for one, many in ((to_wgs84, to_wgs84_many), (from_wgs84, from_wgs84_many)):
        x, y = many(lon, lat, datum)
        each = [one(a, b, datum) for a, b in zip(lon.tolist(), lat.tolist(), strict=True)]
        assert np.allclose(np.column_stack([x, y]), each, rtol=0, atol=1e-12)


def test_there_is_no_rectangle_outside_which_nothing_is_shifted():
    """Lhasa, Taipei and the far north-east are shifted by hundreds of metres as well."""
    for lon, lat in ((73.6, 39.4), (134.7, 48.4), (108.7, 18.2), (121.5, 25.0)):
        a, b = from_wgs84(lon, lat, "gcj02")
        assert 100 < math.hypot((a - lon) * 96_000, (b - lat) * 111_000) < 1000


@pytest.mark.parametrize(
    ("lon", "lat", "problem"),
    [
        (math.nan, 30.0, "position.not_finite"),
        (120.0, math.inf, "position.not_finite"),
        (180.5, 30.0, "position.out_of_range"),
        (31.0, 120.0, "position.out_of_range"),
    ],
)
def test_what_is_no_position_is_refused(lon, lat, problem):
    for convert in (to_wgs84, from_wgs84):
        with pytest.raises(DatumError) as refused:
            convert(lon, lat, "gcj02")
        assert refused.value.code == problem


def test_among_many_what_is_no_position_becomes_nan():
    x, y = to_wgs84_many([120.0, math.nan, 31.0], [31.0, 31.0, 120.0], "gcj02")
    assert np.isnan(x).tolist() == [False, True, True]
    assert np.isnan(y).tolist() == [False, True, True]


def test_an_unknown_datum_is_refused_by_name():
    with pytest.raises(DatumError) as refused:
        to_wgs84(120, 31, "beijing54")
    assert refused.value.code == "datum.unknown_name"
    assert refused.value.facts["datum"] == "beijing54"


def test_exchanged_axes_are_recognised():
    assert swapped(31.0, 120.0, COUNTY)
    assert not swapped(120.0, 31.0, COUNTY)
    assert not swapped(0.0, 0.0, COUNTY)


def test_the_border_of_a_box_is_inside():
    assert inside(119.5, 30.7, COUNTY)
    assert not inside(119.4999, 30.7, COUNTY)
