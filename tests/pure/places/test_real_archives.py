"""Archives and KML as offices pack them: names, levels, folders and encodings of layers."""

import importlib
import io
import json
import zipfile

import numpy as np
import pytest
import shapely
from shapely.geometry import box

from server.places import drawing, saying

pytestmark = pytest.mark.needs("pyogrio")

TOWNS = (("1", "榴园镇", 117), ("2", "峨山镇", 117.02))
VILLAGES = (("11", "东村", 117), ("21", "西村", 117.02))
SQUARE = 0.02


def shapefile(folder, rows, *, project=None) -> dict:
    """Write a shapefile and give its parts by their endings."""
    raw = importlib.import_module("pyogrio.raw")
    shapes = [box(x, 34, x + SQUARE, 34.02) for _, _, x in rows]
    raw.write(
        folder / "t.shp",
        geometry=np.array(
            [shapely.to_wkb(project(each) if project else each) for each in shapes], object
        ),
        field_data=[np.array([row[n] for row in rows], dtype=object) for n in (0, 1)],
        fields=["CODE", "NAME"],
        geometry_type="Polygon",
        crs="EPSG:4490",
        encoding="UTF-8",
    )
    return {part.suffix: part.read_bytes() for part in folder.glob("t.*")}


def zipped(members: dict[bytes, bytes]) -> bytes:
    """Pack members whose names are in any encoding, which an archive need not say."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        for number, content in enumerate(members.values()):
            name = f"{number:04}".ljust(len([*members][number]), "x")
            into.writestr(zipfile.ZipInfo(name), content)
    data = made.getvalue()
    for number, name in enumerate(members):
        data = data.replace(f"{number:04}".ljust(len(name), "x").encode(), name)
    return data


def placemark(code: str, name: str, x: float, *, beside: str = "") -> str:
    ring = " ".join(f"{a},{b}" for a, b in box(x, 34, x + SQUARE, 34.02).exterior.coords)
    polygon = (
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    )
    geometry = f"<MultiGeometry>{beside}{polygon}</MultiGeometry>" if beside else polygon
    return (
        f'<Placemark><name>{name}</name><ExtendedData><Data name="code"><value>{code}</value>'
        f"</Data></ExtendedData>{geometry}</Placemark>"
    )


def kml(inside: str, encoding="UTF-8", says=None) -> bytes:
    says = says or encoding
    return (
        f'<?xml version="1.0" encoding="{says}"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document>{inside}</Document></kml>"
    ).encode(encoding)


def folder(name: str, *inside: str) -> str:
    return f"<Folder><name>{name}</name>{''.join(inside)}</Folder>"


def places(data: bytes, level=None, datum="wgs84"):
    found = drawing.examine(data, datum, level)
    assert found.faults == ()
    return [(each.level, each.code, each.name) for each in found.features]


WHOLE = [("township", *each[:2]) for each in TOWNS] + [("village", *each[:2]) for each in VILLAGES]
POINT = "<Point><coordinates>117.01,34.01</coordinates></Point>"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_layers_say_their_level_though_the_archive_does_not_say_how_it_writes_names(
    tmp_path, encoding
):
    members = {
        f"{name}{end}".encode(encoding): data
        for name, rows in (("乡镇", TOWNS), ("村", VILLAGES))
        for end, data in shapefile(tmp_path, rows).items()
    }
    assert sorted(places(zipped(members))) == WHOLE


def layered(tmp_path, **layers) -> bytes:
    members = {
        f"{name}{end}".encode(): data
        for name, rows in layers.items()
        for end, data in shapefile(tmp_path, rows).items()
    }
    return zipped(members)


def test_layers_whose_names_say_no_level_are_named_with_samples_and_what_to_say(tmp_path):
    data = layered(tmp_path, MIAN1=TOWNS, MIAN2=VILLAGES)
    [fault] = drawing.examine(data, "wgs84", None).faults
    assert (fault.code, fault.facts["layers"]) == ("layers.missing", ("MIAN1", "MIAN2"))
    sentence = saying.reason(fault)
    assert "MIAN1 = 榴园镇、MIAN2 = 东村" in sentence
    assert "--level 图层=层级" in sentence
    said = {"MIAN1": "township", "mian2": "village"}
    found = drawing.examine(data, "wgs84", None, layers=said)
    assert (found.faults, found.warnings) == ((), found.warnings)
    assert sorted((each.level, each.code, each.name) for each in found.features) == WHOLE
    assert "geofile.layers" not in [each.code for each in found.warnings]


def test_a_layer_of_many_is_said_and_the_others_are_as_they_are_named(tmp_path):
    data = layered(tmp_path, 甲层=TOWNS, 村=VILLAGES)
    found = drawing.examine(data, "wgs84", None)
    assert [each.code for each in found.faults] == ["layers.missing"]
    assert found.faults[0].facts["samples"] == ("甲层 = 榴园镇",)
    said = drawing.examine(data, "wgs84", None, layers={"甲层": "township"})
    assert sorted((each.level, each.code, each.name) for each in said.features) == WHOLE
    of_all = drawing.examine(data, "wgs84", "township")
    [told] = [each for each in of_all.warnings if each.code == "geofile.layers"]
    assert "甲层" in saying.reason(told)


@pytest.mark.parametrize("names", [("乡镇", "村"), ("甲", "乙")])
def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path, names):
    layers = {f"成果/{name}/t": rows for name, rows in zip(names, (TOWNS, VILLAGES), strict=True)}
    data = layered(tmp_path, **layers)
    said = {f"{names[0]}/t": "township", f"{names[1]}/t": "village"} if "甲" in names else {}
    assert (drawing.examine(data, "wgs84", None).faults == ()) == (not said)
    found = drawing.examine(data, "wgs84", None, layers=said)
    assert sorted((each.level, each.code, each.name) for each in found.features) == WHOLE


def test_a_level_of_all_holds_for_the_layers_that_are_not_said(tmp_path):
    data = layered(tmp_path, 甲=TOWNS, 乙=VILLAGES)
    found = drawing.examine(data, "wgs84", "township", layers={"乙": "village"})
    assert sorted((each.level, each.code, each.name) for each in found.features) == WHOLE


def test_a_layer_there_is_not_is_refused_with_those_that_there_are(tmp_path):
    data = layered(tmp_path, 甲=TOWNS, 乙=VILLAGES)
    [fault] = drawing.examine(data, "wgs84", None, layers={"丙": "grid"}).faults
    assert saying.reason(fault) == "文件里没有“丙”这个图层，有这些：甲、乙"
    [bare] = drawing.examine(b"{}", "wgs84", None, layers={"丙": "grid"}).faults
    assert saying.reason(bare) == "文件里没有“丙”这个图层"


def test_what_is_mended_keeps_the_levels_that_were_said_of_its_layers(tmp_path):
    data = layered(tmp_path, MIAN1=TOWNS, MIAN2=VILLAGES)
    said = {"MIAN1": "township", "MIAN2": "village"}
    proposal = drawing.mended(data, "wgs84", None, layers=said)
    assert sorted(places(proposal.geojson)) == WHOLE


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("EPSG:4610", "Xian 1980"),
        ("EPSG:4214", "Beijing 1954"),
        ("no such system", "no such system"),
        ("EPSG:4490", None),
        ("EPSG:4326", None),
        ("+proj=longlat +datum=WGS84 +no_defs", None),
    ],
)
@pytest.mark.needs("pyproj")
def test_what_lies_beside_a_shapefile_says_its_system_in_any_notation(tmp_path, said, refused):
    parts = shapefile(tmp_path, TOWNS) | {".prj": said.encode()}
    data = zipped({f"乡镇{end}".encode(): each for end, each in parts.items()})
    found = drawing.examine(data, "gcj02" if refused is None else "wgs84", None)
    assert [each.facts.get("crs") for each in found.faults] == ([refused] if refused else [])


@pytest.mark.needs("pyproj")
@pytest.mark.parametrize("as_wkt2", [False, True])
def test_metres_are_undone_by_what_lies_beside_a_shapefile(tmp_path, as_wkt2):
    pyproj = importlib.import_module("pyproj")
    to = pyproj.Transformer.from_crs(4490, 4549, always_xy=True)
    parts = shapefile(
        tmp_path,
        TOWNS,
        project=lambda shape: shapely.transform(
            shape, lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1]))
        ),
    )
    parts[".prj"] = (pyproj.CRS(4549).to_wkt("WKT2_2019") if as_wkt2 else "EPSG:4549").encode()
    data = zipped({f"乡镇{end}".encode(): each for end, each in parts.items()})
    [town, _] = drawing.examine(data, "cgcs2000", None).features
    assert shapely.hausdorff_distance(town.geometry, box(117, 34, 117.02, 34.02)) < 1e-9


def test_two_columns_of_one_name_are_both_read(tmp_path):
    parts = shapefile(tmp_path, TOWNS)
    table = parts[".dbf"]
    for heading in (b"CODE", b"NAME"):
        table = table.replace(heading.ljust(11, b"\0"), "行政区".encode().ljust(11, b"\0"))
    data = zipped({f"乡镇{end}".encode(): each for end, each in (parts | {".dbf": table}).items()})
    assert places(data) == WHOLE[:2]


def test_folders_of_one_name_keep_their_level():
    town = [folder("乡镇", placemark(*each)) for each in TOWNS]
    inside = [folder("村", placemark(*each)) for each in VILLAGES]
    whole = "".join(
        folder(name, *each)
        for name, *each in (("榴园镇", town[0], inside[0]), ("峨山镇", town[1], inside[1]))
    )
    assert sorted(places(kml(whole))) == WHOLE


def test_a_folder_for_each_village_is_not_too_many():
    rows = [(f"{n}", f"东{n}村", 117 + n * SQUARE) for n in range(1, 60)]
    data = kml("".join(folder(name, placemark(code, name, x)) for code, name, x in rows))
    assert len(places(data, "village")) == len(rows)


def test_all_the_kml_of_an_archive_is_read_and_named_by_its_files():
    data = zipped(
        {
            f"{name}.kml".encode("gbk"): kml("".join(placemark(*each) for each in rows))
            for name, rows in (("乡镇", TOWNS), ("村", VILLAGES))
        }
    )
    assert sorted(places(data)) == WHOLE


def test_what_an_archive_holds_beside_its_shapefiles_is_told(tmp_path):
    parts = {f"乡镇{end}".encode(): each for end, each in shapefile(tmp_path, TOWNS).items()}
    data = zipped(parts | {"村.kml".encode(): kml("".join(placemark(*v) for v in VILLAGES))})
    found = drawing.examine(data, "wgs84", None)
    [told] = [each for each in found.warnings if each.code == "geofile.files_left_out"]
    assert "村.kml，没有读取" in saying.reason(told)


@pytest.mark.parametrize(
    ("encoding", "says", "warned"),
    [("GB18030", "GB2312", False), ("GB18030", "UTF-8", True), ("UTF-8", "GBK", True)],
)
def test_kml_is_read_in_the_encoding_of_its_bytes(encoding, says, warned):
    data = kml(folder("镇街", *(placemark(*each) for each in TOWNS)), encoding, says)
    assert places(data) == WHOLE[:2]
    told = [each.code for each in drawing.examine(data, "wgs84", None).warnings]
    assert ("geofile.encoding_taken" in told) == warned


def test_points_that_carry_labels_are_left_out_and_told():
    label = f"<Placemark><name>榴园镇</name>{POINT}</Placemark>"
    inside = [placemark(*TOWNS[0], beside=POINT), placemark(*TOWNS[1]), label]
    data = kml(folder("镇街", *inside))
    assert places(data) == WHOLE[:2]
    found = drawing.examine(data, "wgs84", None)
    [told] = [each for each in found.warnings if each.code == "geofile.points_left_out"]
    assert saying.reason(told) == "有 2 个点（如标注点）不是边界，没有读取"


def test_a_kmz_full_of_icons_is_read():
    icons = {f"files/{n}.png".encode(): b"x" for n in range(200)}
    data = zipped({b"doc.kml": kml(folder("镇街", *(placemark(*t) for t in TOWNS)))} | icons)
    assert places(data) == WHOLE[:2]


@pytest.mark.parametrize(
    "name",
    [
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "http://www.opengis.net/def/crs/EPSG/0/4490",
        "WGS84",
        "CGCS2000",
    ],
)
def test_geojson_may_say_degrees_in_other_words(name):
    ring = [[list(each) for each in box(117, 34, 117.01, 34.01).exterior.coords]]
    place = {
        "type": "Feature",
        "properties": {"code": "1", "name": "东镇"},
        "geometry": {"type": "Polygon", "coordinates": ring},
    }
    said = {"type": "name", "properties": {"name": name}}
    data = json.dumps({"type": "FeatureCollection", "crs": said, "features": [place]}).encode()
    assert places(data, "township") == [("township", "1", "东镇")]
