"""Where a finding about boundaries lies: on the map of whoever has to mend it."""

import json

import numpy as np
from shapely.geometry import Polygon, shape

from geo.ground.datum import from_wgs84
from geo.ground.faults import Fault
from server.places.drawing import examine
from server.places.saying import shown


def ragged(n: int, *, width: float) -> Polygon:
    """A ring of n teeth."""
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
    radii = width * (1 + 0.2 * (np.arange(n) % 2))
    return Polygon(
        np.column_stack([117.5 + radii * np.cos(angles), 34.7 + radii * np.sin(angles)])
    )


def test_a_shape_of_any_size_is_shown_in_few_positions_where_it_lies():
    for n, width in ((12, 0.001), (5_000, 0.0001), (20_000, 0.3)):
        whole = ragged(n, width=width)
        drawn = shape(shown(Fault("places.overlap", 0, {}, whole))["geometry"])
        assert 3 < len(drawn.exterior.coords) <= 120
        assert drawn.intersection(whole).area > whole.area / 2
    assert shown(Fault("code.missing", 0))["geometry"] is None


def test_what_crosses_itself_is_shown_in_the_maps_own_datum():
    corners = ((117.5, 34.7), (117.51, 34.71), (117.51, 34.7), (117.5, 34.71), (117.5, 34.7))
    ring = [list(from_wgs84(lon, lat, "gcj02")) for lon, lat in corners]
    crossing = {
        "type": "Feature",
        "properties": {"code": "a", "name": "甲"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    data = json.dumps({"type": "FeatureCollection", "features": [crossing]}).encode()
    [fault] = examine(data, "gcj02", "grid").faults
    drawn = shown(fault)["geometry"]["coordinates"][0]
    assert np.allclose(drawn, corners, atol=1e-6)
