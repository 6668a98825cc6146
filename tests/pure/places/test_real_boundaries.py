"""Boundary files from public repositories: the sound ones get in with three options at most."""

from typing import Any

import pytest

from geo.files import sandbox
from geo.files.labels import Naming
from server.places import drawing, saying
from tests.parts import SHARED

FOLDER = SHARED / "data" / "places-real"
GETS_IN: dict[str, dict[str, Any]] = {
    "bj_changping.geojson": {"level": "township"},
    "bj_dongcheng.geojson": {"level": "township"},
    "in_Vijayawada_Wards.geojson": {
        "level": "village",
        "code_field": "WARD_NO",
        "name_field": "WARD_NO",
    },
    "kr_seoul_sub_simple.json": {"level": "township"},
    "lyhmyd_130600.json": {"level": "county", "datum": "gcj02"},
    "np_regions.geojson": {"level": "county", "name_field": "REGION"},
    "ph_bangued.json": {"level": "village", "code_field": "ID_3", "name_field": "NAME_3"},
    "uk_E06000047.json": {"level": "township", "code_field": "WD13CD", "name_field": "WD13NM"},
}
#: Not sound: refused for this, and whether what is proposed gets in.
MENDED: dict[str, tuple[dict[str, Any], set[str], bool]] = {
    "bj_tongzhou.geojson": ({"level": "township"}, {"places.overlap"}, True),
    "in_Jaipur_Wards.geojson": (
        {"level": "village", "code_field": "WARD_NO", "name_field": "WARD_NO"},
        {"places.overlap"},
        True,
    ),
    "in_pcmc-electoral-wards.geojson": (
        {"level": "village", "code_field": "wardnum"},
        {"places.overlap"},
        True,
    ),
    "in_Chandigarh_Wards-SHP.zip": (
        {"level": "village", "code_field": "Ward_name", "name_field": "Ward_name"},
        {"code.twice"},
        False,
    ),
    "in_Kanpur_wards-SHP.zip": (
        {"level": "village", "code_field": "id", "name_field": "id"},
        {"code.twice", "geometry.invalid", "places.overlap"},
        False,
    ),
    "longwosion_130500.json": (
        {"level": "county", "datum": "gcj02"},
        {"geometry.invalid"},
        True,
    ),
    "tw_town2010.3.json": (
        {"level": "township"},
        {"code.twice", "geometry.invalid", "ring.too_short", "places.overlap"},
        False,
    ),
}
NAMED = {
    "hongrunj_county.topo.json": "TopoJSON",
    "tw_atlas_towns.topo.json": "TopoJSON",
    "in_Bodh_Gaya_Wards-SHP.zip": "压缩包是空的",
    "shfshanyue_110101.json": "只有图形、没有属性",
}


def examined(data: bytes, datum: str = "wgs84", level: Any = None, **fields: str):
    return drawing.examine(data, datum, level, **fields)


@pytest.mark.slow
@pytest.mark.needs("shared")
@pytest.mark.needs("pyogrio")
@pytest.mark.parametrize("name", GETS_IN)
def test_a_sound_real_file_gets_in_with_three_options_at_most(name):
    found = examined((FOLDER / name).read_bytes(), **GETS_IN[name])
    assert found.faults == ()
    assert found.features


@pytest.mark.slow
@pytest.mark.needs("shared")
@pytest.mark.needs("pyogrio")
@pytest.mark.parametrize("name", MENDED)
def test_a_real_file_with_faults_is_refused_for_them_alone_and_mended_where_it_can_be(name):
    options, codes, gets_in = MENDED[name]
    data = (FOLDER / name).read_bytes()
    found = examined(data, **options)
    assert {each.code for each in found.faults} <= codes
    fields = {key: value for key, value in options.items() if key != "datum"}
    if not data.startswith(b"PK"):
        proposal = sandbox.mend(data, Naming(**fields))
        assert proposal.moves
        again = examined(proposal.geojson, **options)
        assert not again.faults if gets_in else again.faults


@pytest.mark.slow
@pytest.mark.needs("shared")
@pytest.mark.needs("pyogrio")
@pytest.mark.parametrize("name", NAMED)
def test_a_real_file_of_another_kind_is_named(name):
    [fault] = examined((FOLDER / name).read_bytes(), level="county").faults
    assert NAMED[name] in saying.reason(fault)
