"""`gridwhistle places` on a database: load, compare, publish, export, signs; check needs none."""

import importlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
import shapely
from click.testing import CliRunner, Result

from geo.ground.datum import from_wgs84_many
from gridwhistle.__main__ import main
from gridwhistle.demo.geography import features
from tests.domain.acts.places import swapped_grids


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["places", *map(str, words)])


@pytest.fixture
def there(county_url, tmp_path, monkeypatch) -> None:
    """The demo county's database, as a running installation has it."""
    monkeypatch.setenv("DATABASE_URL", county_url)
    monkeypatch.setenv("GRIDWHISTLE_DATA_FOLDER", str(tmp_path / "var"))
    monkeypatch.setenv("GRIDWHISTLE_PUBLIC_URL", "https://county.example/")
    monkeypatch.delenv("REDIS_URL", raising=False)


def done(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


@pytest.mark.slow
@pytest.mark.usefixtures("there")
def test_a_generation_goes_from_a_file_to_force_and_back_to_a_file(tmp_path):
    whole = tmp_path / "whole.geojson"
    done(run("export", whole))
    made = json.loads(whole.read_bytes())
    assert len(made["features"]) == len(features()["features"])
    grid = next(f["properties"]["code"] for f in made["features"][::-1])
    made, other = swapped_grids(made, grid)
    new = tmp_path / "new.geojson"
    new.write_text(json.dumps(made), encoding="utf-8")
    draft = re.search(r"\d+", done(run("load", new, "--datum", "wgs84")))[0]
    assert "没有差别" in done(run("compare", 1, 1))
    told = done(run("compare", 1, draft))
    assert "网格：新增 0，撤销 0，边界变动 2" in told
    assert {code for code in (grid, other) if code in told} == {grid, other}
    assert "边界变动 2" in done(run("publish", draft))
    again = tmp_path / "again.geojson"
    done(run("export", again))
    assert json.loads(again.read_bytes()) != json.loads(whole.read_bytes())
    done(run("export", 1, again))
    assert again.read_bytes() == whole.read_bytes()
    for refused in (run("compare", 1, 99), run("export", 99, again), run("publish", draft)):
        assert refused.exit_code == 1
        assert "Traceback" not in refused.output


@pytest.mark.slow
@pytest.mark.usefixtures("there")
def test_a_file_of_the_county_in_another_datum_is_recognised_when_it_is_loaded(tmp_path):
    whole, moved = tmp_path / "whole.geojson", tmp_path / "moved.geojson"
    done(run("export", whole))
    made = json.loads(whole.read_bytes())
    for each in made["features"]:
        shape = shapely.from_geojson(json.dumps(each["geometry"]))
        shape = shapely.transform(
            shape, lambda xy: np.column_stack(from_wgs84_many(xy[:, 0], xy[:, 1], "gcj02"))
        )
        each["geometry"] = shapely.geometry.mapping(shape)
    moved.write_text(json.dumps(made), encoding="utf-8")
    assert "更像 GCJ-02" in run("load", moved, "--datum", "wgs84").stderr
    assert "更像" not in run("load", moved, "--datum", "gcj02").stderr
    assert "更像" not in run("load", whole, "--datum", "cgcs2000").stderr


@pytest.mark.slow
@pytest.mark.usefixtures("there")
def test_signs_say_where_phones_go(tmp_path):
    township = next(
        f["properties"]["code"]
        for f in features()["features"]
        if f["properties"]["level"] == "township"
    )
    out = tmp_path / "signs.html"
    said = done(run("signs", "--township", township, out))
    n = out.read_text("utf-8").count("<svg")
    assert n > 10
    assert str(n) in said
    assert run("signs", "--township", "nowhere", out).exit_code == 1


@pytest.mark.slow
def test_a_sound_file_passes_the_check_and_a_broken_one_is_named_and_drawn(tmp_path):
    made = json.loads(json.dumps(features()))
    good, bad, picture = (tmp_path / name for name in ("good.json", "bad.json", "bad.html"))
    good.write_text(json.dumps(made), encoding="utf-8")
    assert "可以使用" in done(run("check", good))
    grids = [f for f in made["features"] if f["properties"]["level"] == "grid"]
    grids[3]["geometry"] = grids[4]["geometry"]
    bad.write_text(json.dumps(made), encoding="utf-8")
    result = run("check", bad, "--draw", picture)
    assert result.exit_code == 1
    codes = [grids[n]["properties"]["code"] for n in (3, 4)]
    assert re.search(
        rf"问题：“.+”（{codes[0]}）与“.+”（{codes[1]}）互相重叠 [\d.]+ 平方米", result.output
    )
    page = picture.read_text("utf-8")
    assert "不能使用" in page
    assert page.count("<svg") > 1
    assert not re.search(r"<script|<link|src=", page)


@pytest.mark.parametrize("rubbish", [b"", b"{", b"PK\x03\x04", b"\xff\xfe", b"[1,2]"])
def test_rubbish_is_refused_in_words_with_an_exit_code(tmp_path, rubbish):
    file = Path(tmp_path / "rubbish")
    file.write_bytes(rubbish)
    result = run("check", file, "--draw", tmp_path / "out.html")
    assert result.exit_code == 1
    assert re.search("[\u4e00-\u9fff]", result.output)
    assert "Traceback" not in result.output


@pytest.mark.slow
@pytest.mark.usefixtures("there")
def test_what_check_takes_load_takes_with_the_same_words_and_refuses_in_sentences(tmp_path):
    townships = [f for f in features()["features"] if f["properties"]["level"] == "township"]
    for each in townships:
        held = each["properties"]
        each["properties"] = {"EMD_CD": held["code"], "EMD_NM": held["name"]}
    file = tmp_path / "towns.json"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": townships}), "utf-8")
    said = ("--level", "township", "--code-field", "EMD_CD", "--name-field", "EMD_NM")
    assert "可以使用" in done(run("check", file, *said))
    assert "编码取自 EMD_CD" in done(run("load", file, "--datum", "wgs84", *said))
    refused = run("load", file, "--datum", "wgs84", *said[:4])
    assert refused.exit_code == 1
    assert "问题：没有认出名称在哪一列。" in refused.output
    assert "{" not in refused.output


@pytest.mark.usefixtures("there")
def test_a_file_of_townships_alone_ends_villages_and_grids_only_with_yes(tmp_path):
    townships = [f for f in features()["features"] if f["properties"]["level"] == "township"]
    file = tmp_path / "towns.json"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": townships}), "utf-8")
    draft = re.search(r"\d+", done(run("load", file, "--datum", "wgs84")))[0]
    refused = run("publish", draft)
    assert refused.exit_code == 1
    assert "县区 1 个、村社区 60 个、网格 591 个" in refused.output
    assert "--yes" in refused.output
    assert "网格：新增 0，撤销 591" in done(run("publish", draft, "--yes"))


@pytest.mark.slow
def test_a_mended_file_is_written_and_what_moves_in_it_is_said(tmp_path):
    made, mended = json.loads(json.dumps(features())), tmp_path / "mended.geojson"
    made["features"] = [f for f in made["features"] if f["properties"]["level"] == "grid"][:40]
    wider = shapely.geometry.shape(made["features"][7]["geometry"]).buffer(0.0002)
    made["features"][7]["geometry"] = shapely.geometry.mapping(wider)
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(made), encoding="utf-8")
    told = run("check", file, "--mend", mended)
    assert told.exit_code == 1
    assert re.search(r"建议：“.+”（\d+）增加 [\d.]+ 平方米，减少 [\d.]+ 平方米", told.output)
    assert "请打开核对" in told.output
    assert "可以使用" in done(run("check", mended))


@pytest.mark.slow
def test_a_mended_file_that_is_still_refused_is_said_to_be(tmp_path):
    """Of two equal places nobody can tell which one is right."""
    made = json.loads(json.dumps(features()))
    made["features"] = [f for f in made["features"] if f["properties"]["level"] == "grid"][:2]
    made["features"][1]["geometry"] = made["features"][0]["geometry"]
    file = tmp_path / "twice.json"
    file.write_text(json.dumps(made), encoding="utf-8")
    told = run("check", file, "--mend", tmp_path / "mended.geojson")
    assert "仍有 1 处问题" in told.output
    assert told.output.count("互相重叠") == 2  # in the file, and in the mended one


@pytest.mark.needs("pyogrio")
def test_levels_are_said_layer_by_layer(tmp_path):
    raw = importlib.import_module("pyogrio.raw")
    for layer, code, name in (("MIAN1", "1", "榴园镇"), ("MIAN2", "11", "东村")):
        raw.write(
            tmp_path / "two.gpkg",
            layer=layer,
            geometry=np.array([shapely.to_wkb(shapely.box(117, 34, 117.02, 34.02))], object),
            field_data=[np.array([each], dtype=object) for each in (code, name)],
            fields=["code", "name"],
            geometry_type="Polygon",
            crs="EPSG:4490",
        )
    asked = run("check", tmp_path / "two.gpkg")
    assert asked.exit_code == 1
    assert "MIAN1 = 榴园镇、MIAN2 = 东村" in asked.output
    said = ("--level", "MIAN1=township", "--level", "MIAN2=village")
    assert "镇街 1" in done(run("check", tmp_path / "two.gpkg", *said))
    assert run("check", tmp_path / "two.gpkg", "--level", "MIAN1=planet").exit_code == 2
    assert "互相重叠" in run("check", tmp_path / "two.gpkg", "--level", "grid").output
