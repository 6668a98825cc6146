"""Reading, repairs and checks in a child: the same answers, and an end when it takes too long."""

import json
import resource
import signal

import pytest
from shapely.geometry import Polygon, box

from geo.files import coverage
from geo.files.features import Feature
from geo.files.sandbox import MEMORY, check, repair, survey
from geo.ground import confined
from geo.ground.errors import GeoError


def place(index, geometry):
    return Feature(index, f"g{index}", None, "grid", None, {}, geometry)


def zigzag(n, *, turned):
    """A saw of n teeth; two of them, one turned, cross each other n times n times."""
    teeth = [(120 + i / n * 0.1, 30.04 if i % 2 else 30.0) for i in range(n)]
    points = [*teeth, (120.1, 29.9), (120, 29.9)]
    if turned:
        points = [(120 + y - 29.98, 30 + x - 120.02) for x, y in points]
    return Polygon(points)


def test_a_bow_tie_is_repaired_to_two_triangles_and_the_difference_is_shown():
    bowtie = Polygon([(120, 30), (120.01, 30.01), (120.01, 30), (120, 30.01)])
    proposal = repair(bowtie)
    assert proposal.geometry.is_valid
    assert (proposal.n_parts_before, proposal.n_parts_after) == (1, 2)
    assert proposal.reason == "Self-intersection"
    half = 0.01 * 0.01 * 96_486 * 110_852 / 2
    assert proposal.difference_m2 == pytest.approx(half, rel=1e-3)


def test_a_spike_is_cut_off_without_moving_a_square_metre():
    spike = Polygon([(120, 30), (120.02, 30), (120.01, 30), (120.01, 30.01), (120, 30.01)])
    proposal = repair(spike)
    assert proposal.geometry.equals(box(120, 30, 120.01, 30.01))
    assert proposal.difference_m2 == pytest.approx(0, abs=0.01)


def test_what_is_valid_needs_no_repair():
    with pytest.raises(GeoError) as refused:
        repair(box(120, 30, 121, 31))
    assert refused.value.code == "repair.not_needed"


def test_what_has_no_area_cannot_be_repaired():
    with pytest.raises(GeoError) as refused:
        repair(Polygon([(120, 30), (121, 30), (122, 30), (120, 30)]))
    assert refused.value.code == "repair.failed"


@pytest.mark.slow
def test_a_repair_that_takes_too_long_is_killed():
    n = 3001
    star = Polygon([(120 + (i * 1500 % n) / n, 30 + ((i * 997) % n) / n) for i in range(n)])
    with pytest.raises(GeoError) as refused:
        repair(star, seconds=1.0)
    assert refused.value.code == "repair.takes_too_long"


def test_whoever_answers_is_asked_again_also_after_a_question_that_failed():
    with pytest.raises(GeoError):
        repair(Polygon([(120, 30), (121, 30), (122, 30), (120, 30)]))
    (kept,) = confined._IDLE["geo.files.sandbox"]
    assert confined.ask("geo.files.sandbox", b"no task", seconds=5) is None
    assert survey(collection(RING)).n_faults == 0
    (again,) = confined._IDLE["geo.files.sandbox"]
    assert again is kept


def test_where_it_has_ended_meanwhile_another_one_answers():
    survey(collection(RING))
    (kept,) = confined._IDLE["geo.files.sandbox"]
    kept.kill()
    assert survey(collection(RING)).n_faults == 0
    assert kept.returncode == -signal.SIGKILL
    (other,) = confined._IDLE["geo.files.sandbox"]
    assert other.pid != kept.pid


def test_the_check_in_a_child_says_what_the_check_says():
    places = [place(0, box(120, 30, 120.01, 30.01)), place(1, box(120.009, 30, 120.02, 30.01))]
    assert check(places).to_json() == coverage.check(places).to_json()


@pytest.mark.slow
def test_a_check_that_takes_too_long_ends_with_a_fault():
    places = [place(0, zigzag(3000, turned=False)), place(1, zigzag(3000, turned=True))]
    assert all(each.geometry.is_valid for each in places)
    report = check(places, seconds=2.0)
    assert [each.code for each in report.faults] == ["coverage.takes_too_long"]


def collection(*rings):
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"c{i}", "name": f"n{i}", "more": [1, None, {"a": 2.5}]},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for i, ring in enumerate(rings)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


RING = [[120, 30], [120.01, 30], [120.01, 30.01], [120, 30.01], [120, 30]]
UNCLOSED = [*RING[:-1], [120, 30.001]]
CLOCKWISE = RING[::-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        collection(RING),
        collection(RING, UNCLOSED),
        collection(CLOCKWISE),
        b"[1, 2",
        b"",
        collection([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]),
    ],
)
def test_the_reading_in_a_child_says_what_the_reading_says(data):
    here, there = coverage.survey(data), survey(data)
    assert there.features == here.features
    assert [each.facts for each in there.faults] == [dict(each.facts) for each in here.faults]
    assert there == here


def test_bounds_and_limits_reach_the_child():
    limits = coverage.Limits(max_vertices=4)
    (fault,) = survey(collection(RING), limits=limits).faults
    assert fault.code == "geometry.too_many_vertices"
    (fault,) = survey(collection(RING), bounds=(1.0, 1.0, 2.0, 2.0)).faults
    assert fault.code == "coordinates.outside_bounds"


@pytest.mark.slow
def test_text_that_would_fill_the_memory_is_given_up():
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    data = b"[" + b'"\\u4e00",' * 1_100_000 + b"1]"
    found = survey(data, seconds=4.0)
    assert found.n_faults == 1
    assert found.features == ()
    grown = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with_the_code = MEMORY // 1024 + 100 * 1024
    assert grown == before or grown < with_the_code


@pytest.mark.slow
def test_a_reading_that_takes_too_long_ends_with_a_fault():
    found = survey(b"[" + b"1," * 4_000_000 + b"1]", seconds=0.2)
    assert [each.code for each in found.faults] == ["coverage.takes_too_long"]
