"""A mended file is proposed to be looked at: what moves is said in square metres."""

import json

import pytest
import shapely
from shapely.geometry import box, mapping, shape

from geo.files import sandbox
from geo.files.labels import Naming
from geo.ground.metric import area_m2
from server.places import drawing

BOW = [[[117, 34], [117.01, 34.01], [117.01, 34], [117, 34.01], [117, 34]]]


def file(*geometries: dict) -> bytes:
    features = [
        {"type": "Feature", "properties": {"WARD": f"W{n}"}, "geometry": each}
        for n, each in enumerate(geometries)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def faults(data: bytes) -> list[str]:
    found = drawing.examine(data, "wgs84", "village", code_field="WARD", name_field="WARD")
    return [each.code for each in found.faults]


def mended(data: bytes):
    return sandbox.mend(data, Naming("village", "WARD", "WARD"))


def test_an_overlap_goes_to_one_of_both_and_what_moves_is_said():
    left, right = box(117, 34, 117.0101, 34.01), box(117.01, 34, 117.02, 34.01)
    data = file(mapping(left), mapping(right), mapping(box(117.02, 34, 117.03, 34.01)))
    assert faults(data) == ["places.overlap"]
    proposal = mended(data)
    [move] = proposal.moves
    assert (move.won_m2, move.lost_m2) == (
        0.0,
        pytest.approx(area_m2(shapely.intersection(left, right)), rel=1e-4),
    )
    assert faults(proposal.geojson) == []
    made = json.loads(proposal.geojson)["features"]
    assert [each["properties"] for each in made] == [{"WARD": f"W{n}"} for n in range(3)]
    union = shapely.union_all([shape(each["geometry"]) for each in made])
    assert area_m2(union) == pytest.approx(area_m2(box(117, 34, 117.03, 34.01)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rings", "fault"),
    [
        (BOW, "geometry.invalid"),
        ([BOW[0][1:4]], "ring.not_closed"),
        ([[[117, 34], [117.01, 34], [117, 34.01], [117, 34]], BOW[0][:2] * 1], "ring.not_closed"),
        (
            [[[117, 34], [117.01, 34], [117, 34.01], [117, 34]], [BOW[0][0]] * 3],
            "ring.too_short",
        ),
    ],
)
def test_rings_that_cross_or_lack_something_are_made_whole(rings, fault):
    data = file({"type": "Polygon", "coordinates": rings}, mapping(box(118, 34, 118.01, 34.01)))
    assert faults(data) == [fault]
    proposal = mended(data)
    assert [each.feature for each in proposal.moves] in ([0], [])
    assert faults(proposal.geojson) == []


def test_a_sound_file_is_given_back_as_it_is():
    data = file(mapping(box(117, 34, 117.01, 34.01)), mapping(box(117.01, 34, 117.02, 34.01)))
    proposal = mended(data)
    assert proposal.moves == ()
    assert json.loads(proposal.geojson) == json.loads(data)


def test_what_cannot_be_read_is_not_mended():
    assert mended(b"{").geojson == b""
    empty = file({"type": "Polygon", "coordinates": [[[0, 0], [0, 0], [0, 0], [0, 0]]]})
    assert json.loads(mended(empty).geojson) == json.loads(empty)


def test_a_place_of_which_nothing_would_be_left_stays_and_is_refused_again():
    same = mapping(box(117, 34, 117.01, 34.01))
    proposal = mended(file(same, same))
    assert faults(proposal.geojson) == ["places.overlap"]
