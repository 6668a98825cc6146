"""`gridwhistle basemap build`: what it writes and says, and why it writes nothing."""

import json
import re

import pytest
from click.testing import CliRunner

from gridwhistle.__main__ import main
from server.texts.catalogue import has
from tests.parts import ROOT

COUNTY = [[[117.5, 34.7], [117.6, 34.7], [117.6, 34.8], [117.5, 34.8], [117.5, 34.7]]]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command in an empty installation of its own."""
    monkeypatch.setenv("GRIDWHISTLE_DATA_FOLDER", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def ran(*words):
        return CliRunner().invoke(main, ["basemap", "build", *map(str, words)])

    return ran


@pytest.fixture
def outline(tmp_path):
    return _write(tmp_path / "county.geojson", {"name": "榴城区"}, "Polygon", COUNTY)


@pytest.fixture
def survey(tmp_path):
    folder = tmp_path / "survey"
    folder.mkdir()
    _write(
        folder / "道路.geojson", {"名称": "榴园路"}, "LineString", [[117.5, 34.75], [117.6, 34.75]]
    )
    return folder


def _write(file, properties, kind, coordinates):
    geometry = {"type": kind, "coordinates": coordinates}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    whole = {"type": "FeatureCollection", "features": [feature]}
    file.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    return file


def test_it_writes_where_the_server_reads_and_says_what_is_in_it(run, survey, outline, tmp_path):
    done = run(survey, "--outline", outline)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "var" / "basemap.pmtiles").stat().st_size > 100
    assert "道路 1 条" in done.output


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda survey: (survey / "道路.geojson").write_text("{"), "道路.geojson 读不了"),
        (lambda survey: (survey / "道路.geojson").unlink(), "没有认得的图层"),
        (
            lambda survey: _write(
                survey / "道路.geojson", {}, "LineString", [[39_500_000, 3_800_000], [1, 2]]
            ),
            "都不在县界之内",
        ),
    ],
)
def test_it_says_in_chinese_why_it_writes_nothing(run, survey, outline, tmp_path, broken, said):
    broken(survey)
    done = run(survey, "-o", tmp_path / "out.pmtiles", "--outline", outline)
    assert done.exit_code == 1
    assert said in done.output
    assert not (tmp_path / "out.pmtiles").exists()


def test_without_a_county_it_asks_for_its_outline(run, survey):
    done = run(survey)
    assert done.exit_code == 1
    assert "--outline" in done.output


def test_every_refusal_of_the_library_has_a_sentence():
    sources = (ROOT / "geo" / "basemap").glob("*.py")
    codes = {
        code
        for each in sources
        for code in re.findall(r'"(basemap\.\w+)"', each.read_text("utf-8"))
    }
    assert len(codes) > 7
    assert [code for code in sorted(codes) if not has(code)] == []
