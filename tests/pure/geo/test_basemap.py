"""The base map's file: what an extract or a survey holds arrives where it is, and nothing else."""

import gzip
import importlib
import json
import math

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader

from geo.basemap import building
from geo.basemap.about import attribution_of
from geo.basemap.building import build
from geo.basemap.drawn import LAST_ZOOM
from geo.ground.errors import GeoError

OUTLINE = shapely.box(117.50, 34.70, 117.60, 34.80)
#: The crossing of the two streets of the extract and of the survey.
CROSSING = (117.5512, 34.7503)
PIXEL_METRES = 40_075_016.7 / 256 / 2**LAST_ZOOM * math.cos(math.radians(34.75))
EXTRACT = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="by hand">
  <node id="1" lon="117.5400" lat="34.7503"/> <node id="2" lon="117.5512" lat="34.7503"/>
  <node id="3" lon="117.7000" lat="34.7503"/> <node id="4" lon="117.5512" lat="34.7560"/>
  <node id="5" lon="117.5520" lat="34.7510"/> <node id="6" lon="117.5524" lat="34.7510"/>
  <node id="7" lon="117.5524" lat="34.7512"/> <node id="8" lon="117.5520" lat="34.7512"/>
  <node id="9" lon="117.5516" lat="34.7504"><tag k="barrier" v="gate"/><tag k="name" v="梅泽嘉园南门"/></node>
  <node id="10" lon="117.9000" lat="34.9000"><tag k="shop" v="yes"/><tag k="name" v="邻县商店"/></node>
  <way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="name" v="榴园路"/></way>
  <way id="2"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/><tag k="name" v="解放街"/></way>
  <way id="3"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="8"/><nd ref="5"/><tag k="building" v="yes"/>
    <tag k="addr:street" v="榴园路"/><tag k="addr:housenumber" v="12"/></way>
  <way id="4"><nd ref="1"/><nd ref="2"/><nd ref="4"/><nd ref="1"/><tag k="natural" v="water"/><tag k="name" v="青檀湖"/></way>
</osm>
"""  # noqa: E501


@pytest.fixture
def extract(tmp_path):
    file = tmp_path / "county.osm"
    file.write_text(EXTRACT, encoding="utf-8")
    return file


@pytest.fixture
def survey(tmp_path):
    folder = tmp_path / "survey"
    folder.mkdir()
    west_east = [[117.54, 34.7503], [117.5512, 34.7503], [117.70, 34.7503]]
    roads = [
        ({"名称": "榴园路", "等级": "主干路"}, "LineString", west_east),
        ({"名称": "解放街"}, "LineString", [[117.5512, 34.7503], [117.5512, 34.756]]),
    ]
    places = [
        ({"名称": "梅泽嘉园南门"}, "Point", [117.5516, 34.7504]),
        ({"街路巷": "榴园路", "门牌号": "12号"}, "Point", [117.5522, 34.7511]),
    ]
    for name, rows in (("1道路", roads), ("2地名", places)):
        (folder / f"{name}.geojson").write_text(_collection(rows), encoding="utf-8")
    return folder


def _collection(rows):
    features = [
        {"type": "Feature", "properties": told, "geometry": {"type": of, "coordinates": at}}
        for told, of, at in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _tile_units(lon, lat, zoom=LAST_ZOOM):
    scale = 4096 << zoom
    x = (lon + 180) / 360 * scale
    y = (0.5 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)) * scale
    return x, y


def _degrees(x, y, zoom=LAST_ZOOM):
    scale = 4096 << zoom
    lat = math.degrees(2 * math.atan(math.exp((0.5 - y / scale) * 2 * math.pi)) - math.pi / 2)
    return x / scale * 360 - 180, lat


def _drawn(file, zoom=LAST_ZOOM):
    """Everything in the tiles of a zoom: layer, properties, shape in degrees."""
    found = []
    west, south, east, north = OUTLINE.buffer(0.3).bounds
    first, last = _tile_units(west, north, zoom), _tile_units(east, south, zoom)
    with file.open("rb") as opened:
        reader = Reader(MmapSource(opened))
        for x in range(int(first[0] // 4096), int(last[0] // 4096) + 1):
            for y in range(int(first[1] // 4096), int(last[1] // 4096) + 1):
                if packed := reader.get(zoom, x, y):
                    found += _in_tile(packed, x, y, zoom)
    return found


def _in_tile(packed, x, y, zoom):
    options = {"y_coord_down": True}
    told = mapbox_vector_tile.decode(gzip.decompress(packed), default_options=options)
    for layer, held in told.items():
        for feature in held["features"]:
            shape = shapely.geometry.shape(feature["geometry"])
            moved = shapely.transform(
                shape, lambda xy: [_degrees(x * 4096 + a, y * 4096 + b, zoom) for a, b in xy]
            )
            yield layer, feature["properties"], moved


def _named(drawn, name):
    return [(layer, told, shape) for layer, told, shape in drawn if told.get("name") == name]


def _metres(shape, lonlat):
    away = shapely.distance(shapely.Point(lonlat), shape)
    return away * 111_320


@pytest.mark.parametrize("source", ["extract", "survey"])
@pytest.mark.needs("osmium")
def test_streets_and_names_arrive_where_they_are(source, request, tmp_path):
    file = tmp_path / "county.pmtiles"
    built = build(request.getfixturevalue(source), file, OUTLINE)
    drawn = _drawn(file)
    for street, kind in (("榴园路", "main"), ("解放街", "street")):
        shapes = [shape for layer, told, shape in _named(drawn, street) if layer == "roads"]
        assert {told["kind"] for layer, told, _ in _named(drawn, street) if layer == "roads"} == {
            kind
        }
        assert min(_metres(shape, CROSSING) for shape in shapes) < PIXEL_METRES / 2
    ((_, told, gate),) = _named(drawn, "梅泽嘉园南门")
    assert told["kind"] == "point"
    assert _metres(gate, (117.5516, 34.7504)) < PIXEL_METRES / 2
    ((_, told, house),) = _named(drawn, "榴园路12号")
    assert (told["kind"], told["short"]) == ("number", "12号")
    assert _metres(house, (117.5522, 34.7511)) < PIXEL_METRES / 2
    assert built.counts["roads"] == 2
    assert built.n_bytes == file.stat().st_size


@pytest.mark.parametrize("source", ["extract", "survey"])
@pytest.mark.needs("osmium")
def test_nothing_outside_the_county_gets_in(source, request, tmp_path):
    file = tmp_path / "county.pmtiles"
    build(request.getfixturevalue(source), file, OUTLINE)
    edge = 1.0 / 4096 / 2**LAST_ZOOM * 360
    drawn = _drawn(file)
    assert all(OUTLINE.buffer(2 * edge).contains(shape) for _, _, shape in drawn)
    # The road runs on to the border, and ends there.
    assert max(shape.bounds[2] for _, _, shape in _named(drawn, "榴园路")) > 117.6 - 2 * edge
    assert not _named(drawn, "邻县商店")


@pytest.mark.parametrize("source", ["extract", "survey"])
@pytest.mark.needs("osmium")
def test_the_same_input_gives_the_same_bytes(source, request, tmp_path):
    files = [tmp_path / name for name in ("one.pmtiles", "other.pmtiles")]
    for file in files:
        build(request.getfixturevalue(source), file, OUTLINE)
    one, other = (file.read_bytes() for file in files)
    assert one == other


@pytest.mark.needs("osmium")
def test_small_zooms_hold_main_roads_and_water_but_no_houses(extract, tmp_path):
    file = tmp_path / "county.pmtiles"
    build(extract, file, OUTLINE)
    assert {layer for layer, _, _ in _drawn(file, 9)} <= {"roads", "water"}
    assert {told["kind"] for layer, told, _ in _drawn(file, 9) if layer == "roads"} == {"main"}
    assert "buildings" in {layer for layer, _, _ in _drawn(file)}


@pytest.mark.needs("osmium")
def test_an_extract_names_its_source_and_a_survey_whom_one_says(extract, survey, tmp_path):
    file = tmp_path / "county.pmtiles"
    build(extract, file, OUTLINE)
    assert attribution_of(file) == "© OpenStreetMap contributors"
    build(survey, file, OUTLINE, attribution="榴城区自然资源局")
    assert attribution_of(file) == "榴城区自然资源局"


@pytest.mark.needs("pyogrio")
@pytest.mark.needs("pyproj")
def test_a_survey_in_gauss_krueger_coordinates_and_gbk_is_read(tmp_path):
    raw, pyproj = (importlib.import_module(name) for name in ("pyogrio.raw", "pyproj"))
    folder = tmp_path / "survey"
    folder.mkdir()
    to = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4548", always_xy=True)
    line = shapely.LineString([to.transform(117.54, 34.7503), to.transform(*CROSSING)])
    raw.write(
        folder / "道路.shp",
        shapely.to_wkb([line]),
        field_data=[np.array(["榴园路"], object)],
        fields=["名称"],
        geometry_type="LineString",
        crs="EPSG:4548",
        encoding="GBK",
    )
    (folder / "道路.cpg").unlink(missing_ok=True)
    file = tmp_path / "county.pmtiles"
    build(folder, file, OUTLINE)
    ((_, _, road),) = _named(_drawn(file), "榴园路")
    assert _metres(road, CROSSING) < PIXEL_METRES / 2


def _refused(*given, **named):
    with pytest.raises(GeoError) as refusal:
        build(*given, **named)
    return refusal.value.code


@pytest.mark.needs("osmium")
def test_what_is_no_map_is_refused_with_why(extract, survey, tmp_path):
    file = tmp_path / "county.pmtiles"
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader nothing")
    assert _refused(broken, file, OUTLINE) == "basemap.unreadable"
    extract.write_text(EXTRACT[:300], encoding="utf-8")
    assert _refused(extract, file, OUTLINE) == "basemap.unreadable"
    extract.write_text('<osm version="0.6"></osm>', encoding="utf-8")
    assert _refused(extract, file, OUTLINE) == "basemap.empty"
    assert _refused(survey, file, shapely.box(110, 30, 111, 31)) == "basemap.outside"
    (survey / "1道路.geojson").write_text('{"type": "FeatureCollection", ', encoding="utf-8")
    assert _refused(survey, file, OUTLINE) == "basemap.unreadable"
    for each in survey.iterdir():
        each.unlink()
    (survey / "其他.geojson").write_text("{}", encoding="utf-8")
    assert _refused(survey, file, OUTLINE) == "basemap.no_layer"
    assert _refused(tmp_path / "county.mbtiles", file, OUTLINE) == "basemap.unknown_source"
    assert not file.exists()


@pytest.mark.needs("osmium")
def test_a_file_that_is_there_stays_until_the_new_one_is_whole(extract, tmp_path, monkeypatch):
    file = tmp_path / "county.pmtiles"
    build(extract, file, OUTLINE)
    before = file.read_bytes()

    def full(*_):
        raise OSError(28, "no space left")

    monkeypatch.setattr(building, "tiles_of", full)
    with pytest.raises(OSError, match="no space"):
        build(extract, file, OUTLINE)
    assert file.read_bytes() == before
    assert [each.name for each in tmp_path.glob("*pmtiles*")] == ["county.pmtiles"]
