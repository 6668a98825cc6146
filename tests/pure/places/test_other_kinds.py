"""Files of other kinds are named with what to do, or read: KML, wrapped and projected geometry."""

import importlib
import io
import json
import zipfile

import numpy as np
import pytest
import shapely
from shapely.geometry import box, mapping

from server.places import drawing, saying

SQUARE = mapping(box(117, 34, 117.01, 34.01))
PLACE = {"type": "Feature", "properties": {"code": "1", "name": "东镇"}, "geometry": SQUARE}
WHOLE = {"type": "FeatureCollection", "features": [PLACE]}
TEXT = json.dumps(WHOLE, ensure_ascii=False)
LINE = json.dumps(PLACE)
KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Schema id="s" name="s"><SimpleField name="XZQDM" type="string"/></Schema>
<Folder><name>镇街</name>{places}</Folder></Document></kml>"""
PLACEMARK = """<Placemark><name>{name}</name><ExtendedData><SchemaData schemaUrl="#s">
<SimpleData name="XZQDM">{code}</SimpleData></SchemaData></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing>
</outerBoundaryIs></Polygon></Placemark>"""


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        for name, content in members.items():
            into.writestr(name.replace("__", "."), content)
    return made.getvalue()


def as_kml() -> bytes:
    places = [
        PLACEMARK.format(
            name=name,
            code=code,
            ring=" ".join(f"{x},{y},0" for x, y in box(w, 34, w + 0.01, 34.01).exterior.coords),
        )
        for name, code, w in (("东镇", "330499001", 117), ("西镇", "330499002", 117.01))
    ]
    return KML.format(places="".join(places)).encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (json.dumps({"type": "Topology", "objects": {}, "arcs": []}), "TopoJSON，请在 QGIS"),
        (json.dumps({"geometryType": "esriGeometryPolygon", "features": []}), "Esri JSON，请在"),
        (f"var boundary = {TEXT};", "JavaScript"),
        (f"export default {TEXT}", "JavaScript"),
        (f"callback({TEXT});", "JavaScript"),
        (f"{LINE}\n{LINE}\n", "每行一个要素"),
        (f"\x1e{LINE}\n\x1e{LINE}\n", "每行一个要素"),
        (f"[{LINE}]", "列表"),
        (json.dumps({"features": [PLACE]}), "缺少 type"),
        ("POLYGON ((117 34, 118 34, 118 35, 117 34))", "WKT"),
        ("<!DOCTYPE html><html></html>", "网页"),
        ("<gml:FeatureCollection xmlns:gml='http://www.opengis.net/gml'/>", "GML"),
        (b"\x00\x00\x27\x0a" + bytes(100), ".shp、.shx、.dbf、.prj 一起压缩"),
        (b"\x03\x7c\x01\x0f" + bytes(60), ".shp、.shx、.dbf、.prj 一起压缩"),
        (b"Rar!\x1a\x07\x00" + bytes(20), "RAR"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(20), "7z"),
        (b"AC1027" + bytes(20), "CAD"),
        (b"\x00\x01\x00\x00Standard Jet DB\x00" + bytes(40), "Access"),
        (b"\x00\x01\x00\x00Standard ACE DB\x00" + bytes(40), "Access"),
        ("code,name,level\n1,甲,镇\n", "CSV"),
        ("编码;名称\r\n1;甲\r\n".encode("gb18030"), "CSV"),
        ("OvitalMap ovkml 1.0\n" + TEXT, "奥维"),
        (b"%PDF-1.7", "PDF"),
        (TEXT.encode("gb18030"), "而是GBK（GB18030）；请用 QGIS 或记事本另存为 UTF-8"),
        (TEXT.encode("utf-16"), "UTF-16"),
    ],
)
def test_another_kind_of_file_is_named_with_what_to_do(data, said):
    data = data if isinstance(data, bytes) else data.encode()
    faults = drawing.examine(data, "wgs84", "township").faults
    assert len(faults) == 1
    assert said in saying.reason(faults[0])


@pytest.mark.slow
@pytest.mark.needs("pyogrio")
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (zipped(), "压缩包是空的"),
        (zipped(a__txt=b"x"), "只有 a.txt"),
        (zipped(a__geojson=TEXT.encode()), "请解压后直接上传"),
        (zipped(**{"xl/workbook__xml": b"<x/>"}), "Excel"),
        (zipped(**{"a.gdb/a00000001__gdbtable": b"x"}), "FileGDB"),
        (zipped(a__dwg=b"AC1027"), "CAD"),
        (zipped(a__shp=b"x", a__shx=b"x"), "缺少 .dbf"),
    ],
)
def test_what_an_archive_holds_instead_of_boundaries_is_named(data, said):
    [fault] = drawing.examine(data, "wgs84", "township").faults
    assert said in saying.reason(fault)


@pytest.mark.slow
@pytest.mark.needs("pyogrio")
@pytest.mark.parametrize("wrapped", [False, True])
def test_kml_and_kmz_are_read_and_their_folder_names_the_level(wrapped):
    data = zipped(doc__kml=as_kml()) if wrapped else as_kml()
    found = drawing.examine(data, "wgs84", None)
    assert found.faults == ()
    assert [(each.code, each.name, each.level) for each in found.features] == [
        ("330499001", "东镇", "township"),
        ("330499002", "西镇", "township"),
    ]


@pytest.mark.needs("pyogrio")
def test_a_geopackage_in_an_archive_is_read(tmp_path):
    raw = importlib.import_module("pyogrio.raw")
    raw.write(
        tmp_path / "a.gpkg",
        geometry=np.array([shapely.to_wkb(box(117, 34, 118, 35))], dtype=object),
        field_data=[np.array(["1"], dtype=object), np.array(["东镇"], dtype=object)],
        fields=["code", "name"],
        geometry_type="Polygon",
        crs="EPSG:4490",
        layer="township",
    )
    data = zipped(a__gpkg=(tmp_path / "a.gpkg").read_bytes())
    assert drawing.examine(data, "wgs84", None).faults == ()


def test_a_collection_of_one_polygon_is_that_polygon():
    one = {"type": "GeometryCollection", "geometries": [SQUARE]}
    data = json.dumps(PLACE | {"geometry": one}).encode()
    assert drawing.examine(data, "wgs84", "township").faults == ()
    two = {"type": "GeometryCollection", "geometries": [SQUARE, SQUARE]}
    [fault] = drawing.examine(
        json.dumps(PLACE | {"geometry": two}).encode(), "wgs84", "county"
    ).faults
    assert saying.reason(fault) == "“东镇”（1）的图形不是面（是几何集合）"


def test_coordinates_at_the_root_are_a_boundary_that_lacks_its_names():
    for coordinates in (SQUARE["coordinates"], [SQUARE["coordinates"]]):
        data = json.dumps({"coordinates": coordinates}).encode()
        found = drawing.examine(data, "wgs84", "county")
        assert [each.code for each in found.faults] == ["columns.none"]
        assert len(found.features) == 1


@pytest.mark.slow
@pytest.mark.needs("pyogrio")
@pytest.mark.needs("pyproj")
@pytest.mark.parametrize("name", ["EPSG:4547", "urn:ogc:def:crs:EPSG::3857"])
def test_geojson_that_names_its_projection_is_brought_back_to_degrees(name):
    pyproj = importlib.import_module("pyproj")
    to = pyproj.Transformer.from_crs(4326, int(name[-4:]), always_xy=True)
    shape = shapely.transform(
        box(117, 34, 117.01, 34.01), lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1]))
    )
    made = {
        **WHOLE,
        "crs": {"type": "name", "properties": {"name": name}},
        "features": [PLACE | {"geometry": mapping(shape)}],
    }
    data = json.dumps(made).encode()
    [place] = drawing.examine(data, "cgcs2000", "township").features
    assert shapely.hausdorff_distance(place.geometry, box(117, 34, 117.01, 34.01)) < 1e-9
    [fault] = drawing.examine(data, "gcj02", "township").faults
    assert fault.code == "crs.contradicts_datum"
    [foreign] = drawing.examine(
        data.replace(name.encode(), b"EPSG:2433"), "wgs84", "township"
    ).faults
    assert foreign.code == "crs.unsupported"
    assert "EPSG:4490" in saying.reason(foreign)


def test_a_crossing_ring_says_where_by_the_name_of_its_place():
    ring = [[117, 34], [117.01, 34.01], [117.01, 34], [117, 34.01], [117, 34]]
    bow = {"type": "Polygon", "coordinates": [ring]}
    named = json.dumps(PLACE | {"geometry": bow, "properties": {"name": "桥西区"}}).encode()
    [fault, *_] = drawing.examine(named, "wgs84", "county").faults
    assert saying.reason(fault) == "“桥西区”的图形无效：在经度 117.005、纬度 34.005 附近自相交"
    nameless = json.dumps(PLACE | {"geometry": bow, "properties": {"x": 1}}).encode()
    [fault, *_] = drawing.examine(nameless, "wgs84", "county").faults
    assert saying.reason(fault).startswith("第 1 个要素的图形无效")
    metres = json.dumps(PLACE | {"geometry": mapping(box(5e5, 3e6, 5.1e5, 3.1e6))}).encode()
    [fault] = drawing.examine(metres, "wgs84", "county").faults
    assert saying.reason(fault).endswith("可能是投影坐标（单位米），请转换成经纬度")
