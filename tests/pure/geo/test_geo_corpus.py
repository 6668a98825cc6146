"""Boundary files that an import may meet, each judged as its list expects."""

import csv
import time

import pytest

from geo.files import sandbox
from geo.files.coverage import Limits, check, read, survey
from geo.ground.errors import CoverageError
from tests.parts import SHARED

FOLDER = SHARED / "data" / "bad-geojson"
DISTRICT = (112.5, 33.5, 114.0, 35.0)
PLAIN_DEGREES = Limits(min_area_m2=0)
PLAIN = Limits(min_area_m2=0, degrees=False)  # coordinates that lie anywhere
SOUND_BUT_NO_BOUNDARY = {"geometry.not_a_boundary", "geometry.missing"}
# The list would take it with a warning. Its ring lacks a pair of brackets and is not closed: the
# first is refused in chrieke/invalid_geometry_depth_shallow_polygon, the second in own/unclosed.
UNREADABLE_RING = "geojsonhint/bad-polygonloop.geojson"


def rows():
    if not (FOLDER / "expected.csv").exists():
        return []
    with (FOLDER / "expected.csv").open(encoding="utf-8") as source:
        return [(row["file"], row["expect"]) for row in csv.DictReader(source)]


def judged(name):
    """What the import says: the codes of faults, and of warnings."""
    data = (FOLDER / name).read_bytes()
    try:
        if not name.startswith("own/"):
            found = read(data, limits=PLAIN_DEGREES if name.startswith("chrieke/") else PLAIN)
            return set(), {each.code for each in found.warnings}
        found = read(data, bounds=DISTRICT)
        report = check(found.features, codes_required=False)
        warnings = (*found.warnings, *report.warnings)
        return {each.code for each in report.faults}, {each.code for each in warnings}
    except CoverageError as error:
        return {each.code for each in error.faults} or {"nothing"}, set()


@pytest.mark.needs("shared")
@pytest.mark.parametrize(("name", "expect"), rows())
def test_a_boundary_file_is_judged_as_expected(name, expect):
    faults, warnings = judged(name)
    if name == UNREADABLE_RING:
        assert faults == {"coordinates.depth"}
    elif expect == "reject:not-a-boundary":
        assert faults == {"geometry.not_a_boundary"}
    elif expect.startswith("reject"):
        assert faults
    elif name.startswith("own/"):
        assert not faults
        assert warnings if expect == "warn" else not warnings
    else:
        assert not faults or faults <= SOUND_BUT_NO_BOUNDARY
        assert warnings or faults or expect == "accept"


@pytest.mark.needs("shared")
def test_of_the_sound_files_only_those_without_area_are_refused():
    refused = [name for name, expect in rows() if expect == "accept" and judged(name)[0]]
    assert refused
    assert {name.split("/")[0] for name in refused} == {"chrieke", "geojsonhint"}


@pytest.mark.needs("shared")
@pytest.mark.parametrize(
    ("name", "code", "facts"),
    [
        ("lat_lon_swapped", "coordinates.out_of_range", {"looks_like": "swapped"}),
        ("metres_epsg4547", "coordinates.out_of_range", {"looks_like": "metres"}),
        ("gbk_properties", "file.encoding", {"looks_like": "gb18030"}),
        ("utf16", "file.encoding", {"looks_like": "utf-16"}),
        ("esri_json", "geojson.unknown_type", {"looks_like": "esri"}),
        ("topojson", "geojson.unknown_type", {"looks_like": "topojson"}),
        ("crs_4547", "crs.unsupported", {"crs": "urn:ogc:def:crs:EPSG::4547"}),
        ("truncated", "json.cut_off", {"line": 1}),
        ("duplicate_codes", "code.twice", {"code": "A"}),
        ("unclosed", "ring.not_closed", {"ring": 0}),
        ("hole_outside", "geometry.invalid", {"reason": "Hole lies outside shell"}),
    ],
)
def test_a_refusal_tells_what_would_explain_it(name, code, facts):
    with pytest.raises(CoverageError) as refused:
        read((FOLDER / "own" / f"{name}.geojson").read_bytes(), bounds=DISTRICT)
    (fault,) = refused.value.faults
    assert fault.code == code
    assert facts.items() <= dict(fault.facts).items()


@pytest.mark.slow
@pytest.mark.needs("shared")
@pytest.mark.parametrize("name", [name for name, _ in rows()])
def test_each_file_is_read_in_a_child_within_five_seconds_and_500_mib(name):
    """The child is not given more memory than that; what needed more would be given up."""
    data = (FOLDER / name).read_bytes()
    start = time.perf_counter()
    found = sandbox.survey(data, bounds=DISTRICT if name.startswith("own/") else None)
    assert time.perf_counter() - start < 5
    here = survey(data, bounds=DISTRICT if name.startswith("own/") else None)
    assert [each.code for each in found.faults] == [each.code for each in here.faults]
