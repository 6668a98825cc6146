"""Boundary files read strictly: what is refused is refused by name, with what would explain it."""

import json

import pytest

from geo.files.coverage import Limits, read
from geo.files.strictjson import Unreadable, parse
from geo.ground.errors import CoverageError

CODE, NAME, LEVEL = "\u7f16\u7801", "\u540d\u79f0", "\u7ea7\u522b"
HERE = (112.5, 33.5, 114.0, 35.0)
SQUARE = [[[113.0, 34.0], [113.01, 34.0], [113.01, 34.01], [113.0, 34.01], [113.0, 34.0]]]


def feature(ring=None, **properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": ring or SQUARE},
    }


def collection(*features, **more):
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


def shifted(by):
    return [[[x + by, y] for x, y in SQUARE[0]]]


def refused(data, **options):
    with pytest.raises(CoverageError) as caught:
        read(data, **options)
    return caught.value.faults


def test_a_feature_is_read_with_what_it_is_called():
    data = collection(feature(code="330522001001", name="A", level="grid", parent="330522001"))
    (place,) = read(data, bounds=HERE).features
    assert (place.index, place.code, place.name) == (0, "330522001001", "A")
    assert (place.level, place.parent) == ("grid", "330522001")
    assert place.geometry.bounds == (113.0, 34.0, 113.01, 34.01)


@pytest.mark.parametrize(
    ("properties", "code", "name", "level"),
    [
        ({"adcode": 330522, "Name": "x", "level": "district"}, "330522", "x", "county"),
        ({CODE: "12", NAME: "y", LEVEL: "\u7f51\u683c"}, "12", "y", "grid"),
        ({"CODE": " 7 ", "NAME": None, "Level": "\u8857\u9053"}, "7", None, "township"),
        ({"code": "", "\u7f51\u683c\u7f16\u7801": "9"}, "9", None, "grid"),
        ({}, None, None, None),
    ],
)
def test_the_names_that_files_use_are_understood(properties, code, name, level):
    (place,) = read(collection(feature(**properties))).features
    assert (place.code, place.name, place.level) == (code, name, level)


def test_the_parent_may_be_told_as_an_object():
    (place,) = read(collection(feature(code="1", parent={"adcode": 330500}))).features
    assert place.parent == "330500"


def test_a_level_nobody_knows_is_a_warning():
    found = read(collection(feature(code="1", level="planet")))
    assert found.features[0].level is None
    assert [each.code for each in found.warnings] == ["level.unknown"]


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"code": 3.3e11}, "code.not_text"),
        ({"code": True}, "code.not_text"),
        ({"code": ["1"]}, "code.not_text"),
        ({"code": "a b"}, "code.unusable"),
        ({"code": "1" * 65}, "code.unusable"),
        ({"code": "1", "name": 5}, "name.not_text"),
        ({"code": "1", "name": "x" * 201}, "name.too_long"),
    ],
)
def test_codes_and_names_that_cannot_be_are_refused(properties, problem):
    assert [each.code for each in refused(collection(feature(**properties)))] == [problem]


def test_every_fault_is_listed_with_its_feature_and_code():
    data = collection(
        feature(code="a"),
        feature([SQUARE[0][:-1]], code="b"),
        {"type": "Feature", "properties": {"code": "c"}, "geometry": None},
        feature(code="a"),
        feature(shifted(5.0), code="e"),
    )
    faults = refused(data, bounds=HERE)
    assert [(each.feature, each.code, each.facts["code"]) for each in faults] == [
        (1, "ring.not_closed", "b"),
        (2, "geometry.missing", "c"),
        (3, "code.twice", "a"),
        (4, "coordinates.outside_bounds", "e"),
    ]


def test_of_very_many_faults_the_first_are_listed_and_all_are_counted():
    data = collection(*(feature([SQUARE[0][:-1]]) for _ in range(250)))
    with pytest.raises(CoverageError) as caught:
        read(data)
    assert (len(caught.value.faults), caught.value.n_faults) == (100, 250)
    assert caught.value.facts["n_faults"] == 250


def triangle(x, y, side):
    return [[[x, y], [x + side, y], [x + side, y + side], [x, y]]]


def exchanged():
    return [[[y, x] for x, y in SQUARE[0]]]


@pytest.mark.parametrize(
    ("ring", "bounds", "problem", "explanation"),
    [
        (exchanged(), None, "coordinates.out_of_range", "swapped"),
        (exchanged(), HERE, "coordinates.out_of_range", "swapped"),
        (triangle(30, 50, 1), (49, 29, 52, 32), "coordinates.outside_bounds", "swapped"),
        (triangle(500_000, 3_700_000, 1000), HERE, "coordinates.out_of_range", "metres"),
        (triangle(913, 34, 1), HERE, "coordinates.out_of_range", None),
        (shifted(3), HERE, "coordinates.outside_bounds", None),
        (shifted(0.993), (113.5, 33.5, 114.0, 35), "coordinates.outside_bounds", "gcj02"),
    ],
)
def test_a_boundary_in_the_wrong_place_says_what_would_explain_it(
    ring, bounds, problem, explanation
):
    (fault,) = refused(collection(feature(ring)), bounds=bounds)
    assert (fault.code, fault.facts["looks_like"]) == (problem, explanation)


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"),
        ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
        ("EPSG:4326", "EPSG:4326"),
    ],
)
def test_the_crs_of_degrees_is_accepted_and_recorded(name, crs):
    data = collection(feature(), crs={"type": "name", "properties": {"name": name}})
    assert read(data).crs == crs


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}},
        {"type": "name", "properties": {"name": "EPSG:43260"}},
        {"type": "EPSG", "properties": {"code": 3857}},
        {"type": "link", "properties": {"href": "http://example.org"}},
        None,
    ],
)
def test_any_other_crs_is_refused(crs):
    assert [each.code for each in refused(collection(feature(), crs=crs))] == ["crs.unsupported"]


def test_a_crs_within_a_feature_counts_too():
    inner = feature()
    inner["crs"] = {"type": "name", "properties": {"name": "EPSG:4547"}}
    assert [each.code for each in refused(collection(inner))] == ["crs.unsupported"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "file.empty"),
        (b" \n", "file.empty"),
        (b"PK\x03\x04rest", "file.not_json"),
        ('{"a":1}'.encode("utf-16"), "file.encoding"),
        ('{"a":"\u7f51\u683c"}'.encode("gb18030"), "file.encoding"),
        (b'{"type":"Polygon","type":"Point"}', "json.key_twice"),
        (b'{"type":NaN}', "json.not_finite"),
        (b'{"type":-Infinity}', "json.not_finite"),
        (b'{"type":1e999}', "json.not_finite"),
        (b'{"type":' + b"9" * 41 + b"}", "json.number_too_long"),
        (b'{"type":"a\\u0000b"}', "json.bad_character"),
        (b'{"type":["\\ud800"]}', "json.bad_character"),
        (b'{"\\udc00":1}', "json.bad_character"),
        (b'{"type":"a', "json.cut_off"),
        (b'{"type":[1,2', "json.cut_off"),
        (b'{"type":}', "json.syntax"),
        (b'{"type":1}garbage', "json.syntax"),
        (b"[" * 21 + b"]" * 21, "json.too_deep"),
        (b'{"a":' * 21 + b"1" + b"}" * 21, "json.too_deep"),
        (b"[1]", "geojson.not_an_object"),
        (b"null", "geojson.not_an_object"),
    ],
)
def test_what_is_not_strict_json_is_refused_by_name(data, problem):
    (fault,) = refused(data)
    assert (fault.code, fault.feature) == (problem, None)


def test_brackets_within_strings_are_not_depth():
    name = '[[[[{{{{"\\' * 10
    assert read(collection(feature(name=name))).features[0].name == name


def test_a_pair_of_surrogates_is_one_character():
    data = collection(feature(name="\U0002070e"))
    assert b"\\ud841" in data
    assert read(data).features[0].name == "\U0002070e"


def test_a_file_above_the_limit_is_not_even_looked_at():
    (fault,) = refused(b"x" * 1001, limits=Limits(max_bytes=1000))
    assert (fault.code, fault.facts["n_bytes"]) == ("file.too_large", 1001)


@pytest.mark.parametrize(
    "data",
    [
        b"{" + b",".join(b'"%d":1' % i for i in range(60)) + b',"9":1}',
        b'"\\"' * 101,
        b'"' + b"\\" * 499,
        b"[" * 21 + b"]" * 21,
        b'{"":' * 21 + b"1" + b"}" * 21,
    ],
)
def test_text_beyond_a_bound_is_refused(data):
    with pytest.raises(Unreadable):
        parse(data, max_bytes=1000, max_depth=20, max_values=100)


@pytest.mark.parametrize(
    ("geometry", "problem"),
    [
        ({"type": "Point", "coordinates": [1, 2]}, "geometry.not_a_boundary"),
        ({"type": "polygon", "coordinates": SQUARE}, "geometry.unknown_type"),
        ({"type": "Polygon"}, "geometry.no_coordinates"),
        ({"type": "Polygon", "coordinates": []}, "geometry.empty"),
        ({"type": "Polygon", "coordinates": [[]]}, "geometry.empty"),
        ({"type": "Polygon", "coordinates": [[], SQUARE[0]]}, "geometry.hole_without_shell"),
        ({"type": "Polygon", "coordinates": SQUARE[0]}, "coordinates.depth"),
        ({"type": "MultiPolygon", "coordinates": SQUARE}, "coordinates.depth"),
        ({"type": "Polygon", "coordinates": [[[True, 1]] * 4]}, "coordinates.not_a_number"),
        ({"type": "Polygon", "coordinates": [[["1", 1]] * 4]}, "coordinates.not_a_number"),
        ({"type": "Polygon", "coordinates": [[[None, 1]] * 4]}, "coordinates.not_a_number"),
        ({"type": "Polygon", "coordinates": [[[1]] * 4]}, "coordinates.not_a_position"),
        ({"type": "Polygon", "coordinates": [[[1, 2, 3, 4]] * 4]}, "coordinates.not_a_position"),
        (
            {"type": "Polygon", "coordinates": [[[1, 2], [1, 2, 3]]]},
            "coordinates.mixed_dimensions",
        ),
        ({"type": "Polygon", "coordinates": [[[1, 2], [2, 2], [1, 2]]]}, "ring.too_short"),
        ({"type": "Polygon", "coordinates": [[[1, 2]] * 5]}, "geometry.invalid"),
        ("x", "geometry.not_an_object"),
        (None, "geometry.missing"),
    ],
)
def test_a_geometry_that_is_no_boundary_is_refused_by_name(geometry, problem):
    data = collection({"type": "Feature", "properties": {}, "geometry": geometry})
    assert [each.code for each in refused(data)] == [problem]


def test_an_invalid_polygon_says_why_and_where():
    bowtie = [[[113, 34], [113.1, 34.1], [113.1, 34], [113, 34.1], [113, 34]]]
    (fault,) = refused(collection(feature(bowtie, code="a")))
    assert fault.code == "geometry.invalid"
    assert fault.facts["reason"] == "Self-intersection"
    assert (fault.facts["lon"], fault.facts["lat"]) == pytest.approx((113.05, 34.05))


def test_a_boundary_too_small_is_refused_unless_the_limit_is_off():
    small = [[[113, 34], [113.00001, 34], [113.00001, 34.00001], [113, 34]]]
    (fault,) = refused(collection(feature(small)))
    assert (fault.code, fault.facts["area_m2"]) == (
        "geometry.too_small",
        pytest.approx(0.51, 0.01),
    )
    assert len(read(collection(feature(small)), limits=Limits(min_area_m2=0)).features) == 1


def test_too_many_vertices_rings_and_features_are_refused():
    few = Limits(max_vertices=4, max_rings=1, max_features=1)
    assert refused(collection(feature()), limits=few)[0].code == "geometry.too_many_vertices"
    rings = collection(feature([*SQUARE, SQUARE[0]]))
    assert refused(rings, limits=few)[0].code == "geometry.too_many_rings"
    two = collection(feature(), feature())
    assert refused(two, limits=few)[0].code == "geojson.too_many_features"


def test_what_is_odd_but_taken_is_one_warning_of_each_kind():
    high = [[[x, y, 5.0] for x, y in SQUARE[0]]]
    twice = [[SQUARE[0][0], *SQUARE[0]]]
    turned = [SQUARE[0][::-1]]
    data = collection(feature(high), feature(twice), feature(turned), feature(turned))
    warnings = {each.code: each.facts for each in read(data).warnings}
    assert set(warnings) == {
        "coordinates.heights_dropped",
        "ring.repeated_positions",
        "ring.wound_the_wrong_way",
    }
    assert warnings["ring.wound_the_wrong_way"]["first"] == (2, 3)


def test_a_bare_geometry_and_a_single_feature_are_taken():
    assert len(read(json.dumps(feature()["geometry"]).encode()).features) == 1
    assert len(read(json.dumps(feature(code="a")).encode()).features) == 1


def test_a_bounding_box_that_does_not_fit_is_a_warning():
    one = feature()
    one["bbox"] = [34.0, 113.0, 34.01, 113.01]
    assert [each.code for each in read(collection(one)).warnings] == ["bbox.does_not_fit"]
    one["bbox"] = [113.0, 34.0, 113.01, "34.01"]
    assert [each.code for each in refused(collection(one))] == ["bbox.unusable"]
