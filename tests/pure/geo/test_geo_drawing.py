"""What a stranger sees of a file of their own: the report, the picture, the points found."""

import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely

from geo.files.coverage import check, survey
from geo.ground.datum import from_wgs84_many
from geo.picture.drawing import Drawn, Words, page
from geo.picture.sentences import english
from tests.pure.geo.layouts import lattice


def feature(shape, code):
    properties = {"code": code, "name": f"<{code}>", "level": "grid"}
    geometry = shapely.geometry.mapping(shape)
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def written(path, features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.fixture
def sound(tmp_path):
    features = [feature(shape, f"g{i:02d}") for i, shape in enumerate(lattice(4))]
    return written(tmp_path / "sound.geojson", features)


@pytest.fixture
def broken(tmp_path):
    """One overlap, one gap, one code twice, one crossing itself."""
    shapes = lattice(4)
    shapes[10] = shapely.affinity.translate(shapes[10], 0.001, 0.0)
    features = [feature(shape, f"g{i:02d}") for i, shape in enumerate(shapes)]
    features[12]["properties"]["code"] = "g11"
    ring = list(features[3]["geometry"]["coordinates"][0])
    ring[2], ring[8] = ring[8], ring[2]
    features[3]["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    del features[5]
    return written(tmp_path / "broken.geojson", features)


def run(*arguments):
    command = [sys.executable, "-W", "error", "-m", "geo", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def drawn(path):
    found = survey(path.read_bytes())
    report = check(found.features)
    faults = (*found.faults, *report.faults)
    warnings = (*found.warnings, *report.warnings)
    drawing = Drawn(path.name, found.features, faults, warnings, len(faults), len(warnings))
    return page(drawing, Words(english())), faults, warnings


def svgs(html):
    return [ElementTree.fromstring(each) for each in re.findall(r"<svg.*?</svg>", html, re.S)]


def test_a_sound_file_is_said_to_be_sound(sound):
    done = run("check", sound)
    assert done.returncode == 0
    assert done.stdout == "16 sound places (16 grids), 0 faults, 0 warnings\n"


def test_what_is_wrong_is_said_in_sentences(broken, tmp_path):
    done = run("check", broken, "--draw", tmp_path / "map.html", "--json", tmp_path / "r.json")
    assert done.returncode == 1
    assert "fault: Invalid: Self-intersection [feature 3]" in done.stdout
    assert done.stdout.count("Code g11 is used twice") == 1
    assert re.search(r"fault: g1\d and g1\d overlap by [\d,.]+ m²", done.stdout)
    assert "belong to no place" in done.stdout
    told = json.loads((tmp_path / "r.json").read_text())
    assert len(told["faults"]) == done.stdout.count("fault: ")
    assert "</html>" in (tmp_path / "map.html").read_text()


def test_every_finding_has_a_pin_on_the_map_and_a_picture_of_its_own(broken):
    html, faults, warnings = drawn(broken)
    whole, *close_ups = svgs(html)
    pins = whole.findall(".//a")
    assert len(pins) == len(close_ups) == len(faults) + len(warnings)
    for number in range(1, len(pins) + 1):
        assert f'href="#f{number}"' in html
        assert f'id="f{number}"' in html
    red = [each for each in whole.iter("path") if each.get("fill") == "#e3001f"]
    areas = [each for each in faults if each.code != "code.twice"]  # which is an outline
    assert len(red) == len(areas)
    amber = [each for each in whole.iter("path") if each.get("fill") == "#ffa500"]
    assert len(amber) == len(warnings)


def test_each_picture_shows_the_finding_in_its_middle(broken):
    html, faults, _ = drawn(broken)
    overlaps = [each for each in faults if each.code == "places.overlap"]
    assert overlaps
    for svg in svgs(html)[1:]:
        width, height = float(svg.get("width")), float(svg.get("height"))
        marked = [
            each
            for each in svg.iter("path")
            if each.get("fill") in ("#e3001f", "#ffa500") and "Z" in each.get("d")
        ]
        for each in marked:
            numbers = [float(x) for x in re.findall(r"-?[\d.]+", each.get("d"))]
            xs, ys = numbers[::2], numbers[1::2]
            assert max(xs) - min(xs) > width * 0.2 or max(ys) - min(ys) > height * 0.2
            if each.get("stroke-dasharray") is None:
                assert abs((max(xs) + min(xs)) / 2 - width / 2) < 1
                assert abs((max(ys) + min(ys)) / 2 - height / 2) < 1


def test_a_name_cannot_become_markup(broken):
    html, _, _ = drawn(broken)
    assert "<g01>" not in html
    assert "&lt;g01&gt;" in html


def test_the_page_needs_nothing_from_elsewhere(broken):
    html, _, _ = drawn(broken)
    assert not re.search(r'(?:src|href)="(?!#)', html)
    assert "<script" not in html
    assert "url(" not in html


def test_a_file_that_is_no_boundary_file_is_drawn_as_words(tmp_path):
    path = tmp_path / "x.geojson"
    path.write_text('{"type": "Topology"}')
    done = run("check", path, "--draw", tmp_path / "map.html")
    assert done.returncode == 1
    assert "looks like: topojson" in done.stdout
    assert "looks like: topojson" in (tmp_path / "map.html").read_text()


def test_coordinates_in_metres_are_not_drawn_on_the_map(tmp_path):
    path = written(tmp_path / "m.geojson", [feature(shapely.box(5e5, 3.4e6, 5.1e5, 3.41e6), "a")])
    html, faults, _ = drawn(path)
    assert [each.code for each in faults] == ["coordinates.out_of_range"]
    assert svgs(html) == []
    assert "looks like: metres" in html


def test_points_are_found_in_a_file_of_ones_own(sound):
    done = run("find", sound, 120.005, 30.005, 119, 30, "--accuracy", "20")
    inside, outside = map(json.loads, done.stdout.splitlines())
    assert inside["grid"] == {"code": "g00", "name": "<g00>"}
    assert inside["grid_candidates"] == [{"code": "g00", "p": 1.0, "metres": 0.0}]
    assert outside["grid"] is None


@pytest.mark.slow
def test_ones_own_file_is_timed_beside_shapely(sound):
    done = run("bench", sound)
    assert done.returncode == 0
    assert "250000 points answered alike" in done.stdout
    assert len(re.findall(r"times as fast", done.stdout)) == 2


@pytest.mark.parametrize("arguments", [("check",), ("find", "1", "2"), ("bench",)])
def test_a_missing_file_is_named(tmp_path, arguments):
    command, *rest = arguments
    done = run(command, tmp_path / "absent.geojson", *rest)
    assert done.returncode == 2
    assert "No such file" in done.stderr


def test_a_narrow_slit_is_drawn_where_it_is(tmp_path):
    shapes = [
        shapely.box(120, 30, 120.01, 30.01),
        shapely.box(120.000004, 30.010005, 120.01, 30.02),
    ]
    path = written(tmp_path / "s.geojson", [feature(s, f"g{i}") for i, s in enumerate(shapes)])
    html, faults, (slit,) = drawn(path)
    assert faults == ()
    assert "a narrow slit between g0 and g1" in html
    whole, *close_ups = svgs(html)
    assert len(close_ups) == 1
    amber = [each for each in whole.iter("path") if each.get("fill") == "#ffa500"]
    assert len(amber) == 1
    assert slit.geometry.bounds == pytest.approx((120, 30.01, 120.01, 30.010005), abs=1e-5)


def test_what_is_drawn_is_a_page_and_called_one(sound, tmp_path):
    done = run("check", sound, "--draw", tmp_path / "map.png")
    assert done.returncode == 2
    assert ".html" in done.stderr
    assert not (tmp_path / "map.png").exists()


def test_a_file_in_another_datum_is_told_by_the_outline_of_the_district(sound, tmp_path):
    whole = shapely.union_all([each.geometry for each in survey(sound.read_bytes()).features])
    moved = shapely.transform(
        whole, lambda xy: np.column_stack(from_wgs84_many(xy[:, 0], xy[:, 1], "gcj02"))
    )
    for name, shape in (("county", whole), ("moved", moved)):
        (tmp_path / f"{name}.geojson").write_text(shapely.to_geojson(shape))
    done = run("check", tmp_path / "moved.geojson", "--outline", tmp_path / "county.geojson")
    assert "read it as gcj02" in done.stdout
    done = run("check", sound, "--outline", tmp_path / "county.geojson")
    assert done.stdout == "16 sound places (16 grids), 0 faults, 0 warnings\n"


def test_what_cannot_be_used_is_neither_searched_nor_timed(broken):
    for command in (("find", broken, 120, 30), ("bench", broken)):
        done = run(*command)
        assert done.returncode == 1
        assert "Self-intersection" in done.stdout
