"""Boundaries judged against each other: overlaps, gaps, nesting, codes."""

import json
import time

import pytest
import shapely
from shapely.geometry import Polygon, box

from geo.files.coverage import check
from geo.files.features import Feature
from tests.pure.geo.layouts import lattice
from tests.work import counted

DEGREE = 96_486.0 * 110_852.0  # square metres of a square degree at 30 degrees north


def place(index, geometry, level="grid", parent=None, code=None):
    return Feature(index, code or f"{level[0]}{index}", f"n{index}", level, parent, {}, geometry)


def codes(faults):
    return [each.code for each in faults]


def test_a_clean_county_has_neither_faults_nor_warnings():
    county = place(0, box(120, 30, 120.2, 30.1), "county")
    towns = [
        place(1, box(120, 30, 120.1, 30.1), "township", "c0"),
        place(2, box(120.1, 30, 120.2, 30.1), "township", "c0"),
    ]
    villages = [place(3, towns[0].geometry, "village", "t1")]
    grids = [place(4, towns[1].geometry, "grid", "t2")]
    report = check([county, *towns, *villages, *grids])
    assert report.faults == report.warnings == ()
    assert report.counts["township"] == 2
    assert report.children == (("c0", 2), ("t1", 1), ("t2", 1))
    assert report.parents == {"t1": "c0", "t2": "c0", "v3": "t1", "g4": "t2"}


def test_neighbours_that_overlap_are_a_fault_with_the_area():
    report = check(
        [place(0, box(120, 30, 120.01, 30.01)), place(1, box(120.009, 30, 120.02, 30.01))]
    )
    (fault,) = report.faults
    assert (fault.code, fault.facts["code"], fault.facts["other"]) == (
        "places.overlap",
        "g0",
        "g1",
    )
    assert fault.facts["area_m2"] == pytest.approx(0.001 * 0.01 * DEGREE, rel=1e-3)
    assert fault.geometry.bounds == pytest.approx((120.009, 30, 120.01, 30.01))


def test_the_sliver_of_a_line_drawn_twice_is_a_warning():
    report = check(
        [place(0, box(120, 30, 120.01, 30.01)), place(1, box(120.0099999, 30, 120.02, 30.01))]
    )
    assert (codes(report.faults), codes(report.warnings)) == ([], ["places.overlap"])


def test_rounding_in_the_last_place_is_not_even_a_warning():
    report = check(
        [place(0, box(120, 30, 120.1, 30.1)), place(1, box(120.1 - 2e-14, 30, 121, 30.1))]
    )
    assert report.faults == report.warnings == ()


def test_the_same_boundary_twice_is_an_overlap():
    square = box(120, 30, 120.01, 30.01)
    assert codes(check([place(0, square), place(1, square)]).faults) == ["places.overlap"]


def test_a_place_within_another_is_an_overlap_but_one_in_its_hole_is_not():
    outer, inner = box(120, 30, 120.01, 30.01), box(120.004, 30.004, 120.006, 30.006)
    assert codes(check([place(0, outer), place(1, inner)]).faults) == ["places.overlap"]
    ring = Polygon(outer.exterior, [inner.exterior])
    assert check([place(0, ring), place(1, inner)]).faults == ()


def test_places_of_different_levels_may_lie_over_each_other():
    square = box(120, 30, 120.01, 30.01)
    report = check([place(0, square, "township"), place(1, square, "grid", "t0")])
    assert report.faults == ()


def test_a_hole_among_neighbours_is_a_gap_with_its_area():
    shapes = lattice(3)
    missing = shapes.pop(4)
    report = check([place(i, each) for i, each in enumerate(shapes)])
    (gap,) = report.warnings
    assert (gap.code, gap.facts["parent"]) == ("places.gap", None)
    assert gap.geometry.equals(missing)


@pytest.mark.parametrize("width_m", [0.03, 0.5, 1.8])
def test_a_narrow_slit_open_to_the_outside_is_to_be_reviewed(width_m):
    step = width_m / 96_486
    left, right = box(120, 30, 120.01, 30.01), box(120.01 + step, 30, 120.02, 30.01)
    bridge = box(120, 30.01, 120.02, 30.02)
    report = check([place(0, left), place(1, right), place(2, bridge)])
    (slit,) = report.warnings
    assert report.faults == ()
    assert (slit.code, slit.feature) == ("places.narrow_gap", 0)
    assert {slit.facts["code"], slit.facts["other"]} == {"g0", "g1"}
    assert slit.facts["width_m"] == pytest.approx(width_m, rel=0.02)
    assert slit.facts["length_m"] == pytest.approx(1108.5, rel=0.01)
    missing = box(120.01, 30, 120.01 + step, 30.01)
    assert shapely.symmetric_difference(slit.geometry, missing).area < 0.02 * missing.area


def test_two_that_nearly_touch_have_a_narrow_slit_between_them():
    pair = [box(120, 30, 120.01, 30.01), box(120.00001, 30.010005, 120.01001, 30.02)]
    (slit,) = check([place(i, each) for i, each in enumerate(pair)]).warnings
    assert slit.code == "places.narrow_gap"
    assert slit.facts["width_m"] == pytest.approx(0.55, rel=0.05)


def test_neither_a_wide_gap_nor_an_inlet_nor_an_acute_corner_is_a_narrow_slit():
    wide = [box(120, 30, 120.01, 30.01), box(120.0101, 30, 120.02, 30.01)]
    inlet = box(120, 30, 120.01, 30.01).difference(box(120.005, 30.001, 120.005005, 30.01))
    corner = [
        Polygon([(120, 30), (120.01, 30), (120, 30.01)]),
        Polygon([(120.01, 30), (120.01, 30.01), (120.0103, 30)]),
    ]
    for shapes in (wide, [inlet], lattice(5), corner):
        assert check([place(i, each) for i, each in enumerate(shapes)]).warnings == ()


def test_land_of_a_parent_that_no_child_holds_is_a_gap():
    town = place(0, box(120, 30, 120.02, 30.01), "township")
    report = check([town, place(1, box(120, 30, 120.01, 30.01), "grid", "t0")])
    (gap,) = report.warnings
    assert (gap.code, gap.facts["parent"]) == ("places.gap", "t0")
    assert gap.facts["area_m2"] == pytest.approx(0.01 * 0.01 * DEGREE, rel=1e-3)


def test_villages_and_grids_of_one_parent_share_its_land():
    town = place(0, box(120, 30, 120.02, 30.01), "township")
    village = place(1, box(120, 30, 120.01, 30.01), "village", "t0")
    grid = place(2, box(120.01, 30, 120.02, 30.01), "grid", "t0")
    assert check([town, village, grid]).warnings == ()


def test_what_lies_outside_its_parent_is_a_fault_above_a_square_metre():
    town = place(0, box(120, 30, 120.01, 30.01), "township")
    far = check([town, place(1, box(120, 30, 120.011, 30.01), "grid", "t0")])
    assert codes(far.faults) == ["place.outside_parent"]
    assert far.faults[0].facts["area_m2"] == pytest.approx(0.001 * 0.01 * DEGREE, rel=1e-3)
    near = check([town, place(1, box(120, 30, 120.01 + 5e-9, 30.01), "grid", "t0")])
    assert near.faults == near.warnings == ()


def test_a_parent_that_is_not_there_is_a_fault():
    town = place(0, box(120, 30, 120.01, 30.01), "township")
    report = check([town, place(1, town.geometry, "grid", "other")])
    assert codes(report.faults) == ["parent.unknown"]


def test_a_parent_that_is_not_told_is_inferred_with_a_warning():
    towns = [
        place(0, box(120, 30, 120.01, 30.01), "township"),
        place(1, box(120.01, 30, 120.02, 30.01), "township"),
    ]
    grids = [place(2, towns[0].geometry), place(3, towns[1].geometry)]
    report = check([*towns, *grids])
    assert codes(report.warnings) == ["parent.inferred"] * 2
    assert report.parents == {"g2": "t0", "g3": "t1"}


def test_a_place_that_no_parent_holds_is_a_fault():
    town = place(0, box(120, 30, 120.01, 30.01), "township")
    report = check([town, place(1, box(121, 30, 121.01, 30.01))])
    assert "parent.none_holds_it" in codes(report.faults)


def test_codes_missing_or_used_twice_are_faults():
    square = box(120, 30, 120.01, 30.01)
    nameless = Feature(1, None, None, "grid", None, {}, shapely.affinity.translate(square, 0.1))
    report = check([place(0, square), nameless, place(2, box(121, 30, 121.1, 30.1), code="g0")])
    assert codes(report.faults) == ["code.missing", "code.twice"]
    assert codes(check([nameless], codes_required=False).faults) == []


def test_an_invalid_polygon_is_named_and_does_not_stop_the_rest():
    bowtie = Polygon([(120, 30), (120.1, 30.1), (120.1, 30), (120, 30.1)])
    square = box(120, 30, 120.01, 30.01)
    report = check([place(0, bowtie), place(1, square), place(2, square)])
    assert codes(report.faults) == ["geometry.invalid", "places.overlap"]


def test_a_report_is_json_with_the_shape_of_each_fault():
    square = box(120, 30, 120.01, 30.01)
    told = json.loads(json.dumps(check([place(0, square), place(1, square)]).to_json()))
    (fault,) = told["faults"]
    assert (fault["code"], fault["geometry"]["type"]) == ("places.overlap", "MultiPolygon")
    assert told["counts"]["faults"] == 1


def test_nothing_to_check_is_no_fault():
    assert check([]).counts == {"places": 0, "faults": 0, "warnings": 0}


def test_thousands_of_places_over_each_other_are_refused_before_any_two_are_laid_together():
    heap = [place(i, box(120, 30, 120.01, 30.01)) for i in range(5000)]
    report, n_calls = counted(lambda: check(heap))
    assert "places.all_over_each_other" in codes(report.faults)
    assert n_calls < 200 * len(heap)  # 12.5 million pairs, and no call for any of them


@pytest.mark.slow  # how long it takes is the promise: nearly all of it passes in C, uncounted
def test_hundreds_of_places_are_checked_in_seconds():
    shapes = lattice(27, between=7)
    start = time.process_time()
    report = check([place(i, each) for i, each in enumerate(shapes)])
    assert time.process_time() - start < 3
    assert report.faults == ()
