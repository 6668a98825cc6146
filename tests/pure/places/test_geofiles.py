"""GeoPackages and shapefiles become the same boundaries as GeoJSON, or are refused by name."""

import importlib
import io
import json
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import box

from geo.ground import confined
from server.errors import PlacesNeedPyogrio
from server.places import drawing, geofiles, saying

SHAPES = [box(117 + n / 100, 34, 117.01 + n / 100, 34.01) for n in range(2)]
CODES, NAMES = ["G1", "G2"], ["红旗一网格", "红旗二网格"]


def write(
    path: Path, *, crs: str | None, layer: str = "grid", encoding=None, shapes=SHAPES, **more
):
    raw = importlib.import_module("pyogrio.raw")
    fields = {"code": CODES, "name": NAMES} | more
    raw.write(
        path,
        geometry=np.array([shapely.to_wkb(each) for each in shapes], dtype=object),
        field_data=[np.array(each, dtype=object) for each in fields.values()],
        fields=list(fields),
        geometry_type="Polygon",
        crs=crs,
        encoding=encoding,
        **({"layer": layer} if path.suffix == ".gpkg" else {}),
    )


def gpkg(folder: Path, **more) -> bytes:
    write(folder / "a.gpkg", **{"crs": "EPSG:4326"} | more)
    return (folder / "a.gpkg").read_bytes()


def zipped(folder: Path, *, without: tuple[str, ...] = (), **more) -> bytes:
    write(folder / "s.shp", **{"crs": "EPSG:4490"} | more)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for part in folder.glob("s.*"):
            if part.suffix not in without:
                into.write(part, f"数据/{part.name}")
    return packed.getvalue()


def told(data: bytes, datum: str = "wgs84") -> list[str]:
    return [fault.code for fault in drawing.examine(data, datum, "grid").faults]


def same_places(found: drawing.Examined) -> bool:
    return [(f.code, f.name, f.level) for f in found.features] == [
        (code, name, "grid") for code, name in zip(CODES, NAMES, strict=True)
    ] and all(
        shapely.symmetric_difference(f.geometry, shape).area < 1e-12
        for f, shape in zip(found.features, SHAPES, strict=True)
    )


@pytest.mark.slow
@pytest.mark.needs("pyogrio")
@pytest.mark.parametrize("layer", ["grid", "网格"])
def test_a_geopackage_is_read_and_its_layer_names_the_level(tmp_path, layer):
    found = drawing.examine(gpkg(tmp_path, layer=layer), "wgs84", None)
    assert found.faults == ()
    assert same_places(found)


@pytest.mark.slow
@pytest.mark.needs("pyogrio")
@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
@pytest.mark.parametrize("without", [(), (".cpg", ".prj")])
def test_a_zipped_shapefile_is_read_whatever_it_says_of_its_encoding(tmp_path, encoding, without):
    found = drawing.examine(zipped(tmp_path, encoding=encoding, without=without), "wgs84", "grid")
    assert found.faults == ()
    assert same_places(found)


@pytest.mark.needs("pyogrio")
def test_codes_written_as_numbers_are_codes(tmp_path):
    raw = importlib.import_module("pyogrio.raw")
    raw.write(
        tmp_path / "n.gpkg",
        geometry=np.array([shapely.to_wkb(each) for each in SHAPES], dtype=object),
        field_data=[np.array([330522001.0, 330522002.0]), np.array(NAMES, dtype=object)],
        fields=["code", "name"],
        geometry_type="Polygon",
        crs="EPSG:4326",
    )
    found = drawing.examine((tmp_path / "n.gpkg").read_bytes(), "wgs84", "grid")
    assert [each.code for each in found.features] == ["330522001", "330522002"]


@pytest.mark.slow
@pytest.mark.needs("pyogrio")
@pytest.mark.needs("pyproj")
@pytest.mark.parametrize("epsg", [4547, 4528, 3857])
def test_projected_coordinates_are_brought_back_to_degrees(tmp_path, epsg):
    project = _projection(epsg)
    data = gpkg(tmp_path, crs=f"EPSG:{epsg}", shapes=[project(each) for each in SHAPES])
    found = drawing.examine(data, "cgcs2000", None)
    assert found.faults == ()
    assert same_places(found)
    assert told(data, "gcj02") == ["crs.contradicts_datum"]


@pytest.mark.needs("pyogrio")
@pytest.mark.needs("pyproj")
def test_another_datum_than_those_that_equal_wgs84_is_refused_by_its_name(tmp_path):
    found = drawing.examine(gpkg(tmp_path, crs="EPSG:4214"), "wgs84", None)
    assert [(f.code, f.facts["crs"]) for f in found.faults] == [
        ("crs.unsupported", "Beijing 1954")
    ]


@pytest.mark.needs("pyogrio")
def test_without_pyproj_a_projection_is_refused_and_named(tmp_path):
    """The child sees what its path has: without pyproj there, as on a machine without it."""
    raw = importlib.import_module("pyogrio.raw")
    reading = importlib.import_module("server.places.geofile.reading")
    write(tmp_path / "p.gpkg", crs="EPSG:4547")
    meta, _, shapes, _ = raw.read(tmp_path / "p.gpkg")
    found = importlib.util.find_spec

    def without(name, *more):
        return None if name == "pyproj" else found(name, *more)

    importlib.util.find_spec = without
    try:
        answer = reading.read(tmp_path / "p.gpkg")
    finally:
        importlib.util.find_spec = found
    assert meta["crs"] == "EPSG:4547"
    assert len(shapes) == 2
    assert answer == {"fault": "crs.needs_pyproj", "facts": {"crs": "EPSG:4547"}}


def _projection(epsg: int):
    pyproj = importlib.import_module("pyproj")
    to = pyproj.Transformer.from_crs(4490, epsg, always_xy=True)
    return lambda shape: shapely.transform(
        shape, lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1]))
    )


def claiming(n_bytes: int) -> bytes:
    """An archive with a member of 2,000 bytes whose header claims another size."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        into.writestr("a.shp", bytes(2_000))
    data = bytearray(packed.getvalue())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = n_bytes.to_bytes(4, "little")
    return bytes(data)


def of_members(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as into:
        for name in names:
            into.writestr(name, b"x")
    return packed.getvalue()


def plain_database(folder: Path) -> bytes:
    with sqlite3.connect(folder / "plain.db") as database:
        database.execute("CREATE TABLE t (a)")
    database.close()
    return (folder / "plain.db").read_bytes()


@pytest.mark.slow
@pytest.mark.needs("pyogrio")
def test_the_too_large_rubbish_and_strangers_are_refused_with_a_reason(tmp_path):
    whole = gpkg(tmp_path)
    refused = {
        "geofile.unpacks_too_large": [claiming(120_000_000)],
        "geofile.broken": [
            claiming(1_000),
            whole[: len(whole) // 2],
            of_members("a.shp", "a.dbf", "a.shx"),
        ],
        "geofile.part_missing": [of_members("a.shp", "a.dbf"), of_members("/b.prj")],
        "geofile.declarations": [b"<?xml version='1.0'?><!DOCTYPE kml><kml></kml>"],
        "geofile.no_shapefile": [of_members("a.txt"), of_members("../up/a.txt")],
        "geofile.too_many_members": [of_members(*(f"{n}.txt" for n in range(5_001)))],
        "geofile.too_many_layers": [of_members(*(f"{n}.shp" for n in range(501)))],
        "geofile.unknown": [plain_database(tmp_path), b"PK\x03\x04" + bytes(100)],
        "file.too_large": [b"PK\x03\x04" + bytes(50_000_001)],
    }
    for code, files in refused.items():
        for data in files:
            [fault] = drawing.examine(data, "wgs84", None).faults
            assert fault.code == code, (code, fault)
            assert saying.reason(fault) != saying.text("boundary.other", code=code)


@pytest.mark.slow
def test_a_file_of_forty_megabytes_is_read():
    """As large as a county's own boundaries are in full precision; what fills it is blanks."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": shapely.geometry.mapping(shape),
        }
        for code, name, shape in zip(CODES, NAMES, SHAPES, strict=True)
    ]
    said = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    found = drawing.examine(said + b" " * (40_000_000 - len(said)), "wgs84", "grid")
    assert "file.too_large" not in [fault.code for fault in found.faults]
    assert same_places(found)


@pytest.mark.needs("pyogrio")
def test_a_member_named_to_climb_out_stays_in_its_folder(tmp_path):
    data = zipped(tmp_path)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for member in old.infolist():
            new.writestr(f"../climbed-{Path(member.filename).name}", old.read(member))
    assert same_places(drawing.examine(packed.getvalue(), "wgs84", "grid"))
    assert not list(Path(tempfile.gettempdir()).glob("climbed-*"))


@pytest.fixture
def without_pyogrio(tmp_path, monkeypatch):
    """The child looks for it in vain, as on a machine without it."""
    confined.close()
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "found = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'pyogrio' else found(name, *more)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    confined.close()


@pytest.mark.usefixtures("without_pyogrio")
def test_without_pyogrio_the_refusal_says_what_to_install():
    with pytest.raises(PlacesNeedPyogrio):
        drawing.examine(of_members("a.shp", "a.shx", "a.dbf", "a.prj"), "wgs84", None)
    assert not geofiles.is_geofile(b'{"type":"FeatureCollection"}')


@pytest.mark.usefixtures("without_pyogrio")
@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (of_members(), "empty_zip"),
        (of_members("word/document.xml"), "word"),
        (of_members("plan.dwg"), "dwg"),
    ],
)
def test_an_archive_without_boundaries_is_called_that_with_pyogrio_or_without(data, kind):
    [fault] = drawing.examine(data, "wgs84", None).faults
    assert (fault.code, fault.facts["looks_like"]) == ("file.not_json", kind)
