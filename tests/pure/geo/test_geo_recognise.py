"""The datum of boundaries, told by a county outline."""

import numpy as np
import pytest
import shapely

from geo.files.recognise import another_datum, datum_of
from geo.ground.datum import from_wgs84_many
from tests.pure.geo.layouts import lattice


def drawn_in(datum, shape):
    return shapely.transform(shape, lambda xy: np.column_stack(from_wgs84_many(*xy.T, datum)))


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_places_that_fill_a_county_tell_their_datum(datum):
    shapes = lattice(5)
    outline = shapely.union_all(shapes)
    found = datum_of([drawn_in(datum, each) for each in shapes], outline)
    assert found.datum == datum
    assert dict(found.outside_m2)[datum] < 1000


def test_a_place_far_from_the_border_tells_nothing():
    shapes = lattice(5)
    outline = shapely.union_all(shapes).buffer(1)
    assert datum_of(shapes, outline).datum is None


@pytest.mark.parametrize("declared", ["wgs84", "cgcs2000", "bd09"])
def test_a_file_declared_in_another_datum_than_it_fits_is_told_which(declared):
    shapes = lattice(5)
    outline = shapely.union_all(shapes)
    doubt = another_datum([drawn_in("gcj02", each) for each in shapes], outline, declared)
    assert doubt.code == "coordinates.another_datum"
    assert (doubt.facts["declared"], doubt.facts["fits"]) == (declared, "gcj02")
    assert doubt.facts["outside_m2"] > 100 * doubt.facts["fits_outside_m2"]


@pytest.mark.parametrize("declared", ["wgs84", "cgcs2000"])
def test_a_file_that_fits_as_declared_is_not_doubted(declared):
    shapes = lattice(5)
    assert another_datum(shapes, shapely.union_all(shapes), declared) is None
    far = shapely.union_all(shapes).buffer(1)
    assert another_datum([drawn_in("gcj02", each) for each in shapes], far, declared) is None
