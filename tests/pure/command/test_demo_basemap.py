"""The demo county's made-up base map: the same each time, of things that its stories speak of."""

import numpy as np
import pytest
import shapely

from gridwhistle.demo.basemap import made_up, write_basemap
from gridwhistle.demo.geography import landmarks


@pytest.mark.slow
def test_it_is_made_the_same_each_time_and_has_names_where_the_stories_are():
    drawn, _ = made_up()
    again, _ = made_up()
    assert drawn == again
    assert {each.layer for each in drawn} == {"areas", "water", "roads", "buildings", "places"}
    places = [each for each in drawn if each.layer == "places"]
    assert "梅泽嘉园南门" in {each.name for each in places}
    at = shapely.transform(np.array([each.geometry for each in places], object), _metres)
    for story in ("barbecue", "load_bearing_wall", "dogs", "illegal_books"):
        here = shapely.transform(shapely.Point(landmarks()[story]), _metres)
        assert shapely.distance(at, here).min() < 300


def test_one_that_is_there_is_left_alone(tmp_path):
    file = tmp_path / "basemap.pmtiles"
    file.write_bytes(b"the county's own")
    write_basemap(file)
    assert file.read_bytes() == b"the county's own"


def _metres(lonlat):
    return lonlat * (91_370.0, 111_195.0)
