"""Boundaries at a desk: a draft with its report, publication, and files that are refused."""

import json
from datetime import timedelta

import pytest
from aiohttp import FormData
from shapely.geometry import shape

from gridwhistle.demo.geography import features
from server.clock import now
from server.places.models import Generation
from tests.casework import WALL, everything

GENERATIONS = "/s/v1/places/generations"
MENDING = "/s/v1/places/mending"


async def upload(person, data, to=GENERATIONS, **texts):
    form = FormData()
    for name, value in ({"label": "新界", "datum": "cgcs2000"} | texts).items():
        form.add_field(name, value)
    form.add_field("file", data, filename="a.geojson", content_type="application/geo+json")
    return await person.call("POST", to, data=form)


def drawn(seed=2):
    return features(seed)


@pytest.mark.slow
async def test_a_report_of_before_warnings_said_where_is_still_read(county, someone):
    admin = await someone("admin1", face="console")
    number = (await upload(admin, json.dumps(drawn()).encode()))[1]["generation"]["id"]
    old = {"feature": 3, "code": "places.gap", "reason": "有缝隙", "facts": {"area_m2": 9.5}}
    await Generation.filter(id=int(number)).update(report={"warnings": [old]})
    shown = await admin.get(f"{GENERATIONS}/{number}")
    assert shown["report"] == {"warnings": [old]}


async def test_a_file_becomes_a_draft_and_applies_once_published(county, someone):
    admin = await someone("admin1", face="console")
    status, draft = await upload(admin, json.dumps(drawn()).encode())
    assert status == 201, draft
    number = draft["generation"]["id"]
    assert (draft["generation"]["state"], draft["generation"]["starts_at"]) == ("draft", None)
    assert draft["report"]["counts"]["township"] == 8
    where = f"/m/v1/place?lon={WALL[0]}&lat={WALL[1]}&datum=wgs84&accuracy=5"
    before = (await admin.get(where))["generation"]
    assert before != number
    assert (await admin.get(f"{GENERATIONS}/{number}"))["report"] == draft["report"]
    published = await admin.post(f"{GENERATIONS}/{number}/publish")
    assert (await admin.get(where))["generation"] == number
    listed = (await admin.get(GENERATIONS))["items"]
    assert [each["id"] for each in listed] == [number, before]
    assert await admin.post(f"{GENERATIONS}/{number}/publish") == published  # a second tap
    other = await someone("admin1", face="console")  # another sign-in, another finger
    again = await other.call("POST", f"{GENERATIONS}/{number}/publish", json={})
    assert (again[0], again[1]["code"]) == (409, "version.wrong_state")
    assert (await admin.call("GET", f"{GENERATIONS}/99999"))[0] == 404


async def test_what_mending_would_move_is_told_and_the_mended_file_can_be_loaded(county, someone):
    admin = await someone("admin1", face="console")
    square = {"type": "Polygon"}
    places = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name, "level": "township"},
            "geometry": square | {"coordinates": [ring]},
        }
        for code, name, ring in (
            (
                "370404001",
                "东镇",
                [[117.5, 34.7], [117.51, 34.7], [117.51, 34.71], [117.5, 34.71]],
            ),
            (
                "370404002",
                "西镇",
                [[117.509, 34.7], [117.52, 34.7], [117.52, 34.71], [117.509, 34.71]],
            ),
        )
    ]
    for each in places:
        ring = each["geometry"]["coordinates"][0]
        ring.append(ring[0])
    data = json.dumps({"type": "FeatureCollection", "features": places}).encode()
    before = await everything()
    status, refused = await upload(admin, data)
    assert (status, refused["code"]) == (422, "places.refused")
    [fault] = refused["facts"]["faults"]  # and where they overlap
    assert shape(fault["geometry"]).bounds == (117.509, 34.7, 117.51, 34.71)
    status, told = await upload(admin, data, to=MENDING)
    assert status == 200, told
    moved = sum(each["won_m2"] + each["lost_m2"] for each in told["moves"])
    assert told["n"] == len(told["moves"]) >= 1
    assert 90_000 < moved < 120_000  # a strip of 92 m by 1,110 m
    assert all(each["name"] in each["text"] for each in told["moves"])
    assert (told["n_left"], told["left"]) == (0, [])
    places[1]["geometry"] = places[0]["geometry"]  # nobody can tell which of the two is right
    equal = json.dumps({"type": "FeatureCollection", "features": places}).encode()
    _, still = await upload(admin, equal, to=MENDING)
    assert (still["n"], still["n_left"]) == (0, 1)
    assert "互相重叠" in still["left"][0]["reason"]
    status, mended = await upload(admin, data, to=f"{MENDING}.geojson")
    assert status == 200
    assert await everything() == before  # nothing is stored by itself
    status, draft = await upload(admin, json.dumps(mended).encode())
    assert (status, draft["report"]["counts"]["township"]) == (201, 2)
    status, told = await upload(admin, b"{", to=MENDING)
    assert (status, told["code"]) == (422, "places.refused")
    assert told["facts"]["faults"][0]["reason"]
    stranger = await someone("handler_D08", face="console")
    assert (await upload(stranger, data, to=MENDING))[0] == 403


@pytest.mark.slow
async def test_a_broken_file_names_its_feature_and_loads_nothing(county, someone):
    admin = await someone("admin1", face="console")
    twice, unnamed, swapped = drawn(), drawn(), drawn()
    grid = next(f for f in twice["features"] if f["properties"]["level"] == "grid")
    twice["features"].append(grid)
    unnamed["features"][5]["properties"].pop("code")
    for feature in swapped["features"]:
        feature["geometry"]["coordinates"] = _turned(feature["geometry"]["coordinates"])
    before = await everything()
    for content in (twice, unnamed, swapped, {"type": "FeatureCollection", "features": []}):
        status, answer = await upload(admin, json.dumps(content).encode())
        assert (status, answer["code"]) == (422, "places.refused"), answer
        assert answer["title"]
        assert answer["facts"]["faults"]
        assert all(fault["code"] for fault in answer["facts"]["faults"])
    for data in (b"", b"{", b"[1,2]", b"\xff\xfe{", json.dumps(drawn()).encode()[:-500]):
        status, answer = await upload(admin, data)
        assert status in (400, 422), (data[:9], answer)
    for texts in ({"datum": "mars"}, {"datum": "unknown"}, {"surprise": "1"}):
        status, answer = await upload(admin, json.dumps(drawn()).encode(), **texts)
        assert (status, answer["code"]) == (400, "bad_input")
    assert await everything() == before


def _turned(coordinates):
    """Exchange the axes of coordinates however deep."""
    if isinstance(coordinates[0], float | int):
        return coordinates[::-1]
    return [_turned(each) for each in coordinates]


@pytest.mark.slow
async def test_publication_lies_in_the_future_and_is_the_admins(county, someone):
    admin, keeper = await someone("admin1"), await someone("keeper1")
    _, draft = await upload(admin, json.dumps(drawn()).encode())
    path = f"{GENERATIONS}/{draft['generation']['id']}/publish"
    before = await everything()
    past = (now() - timedelta(days=1)).isoformat()
    for body, status in (
        ({"starts_at": past}, 409),
        ({"starts_at": "soon"}, 400),
        ({"starts_at": "2030-01-01T00:00:00"}, 400),
        ({"extra": 1}, 400),
    ):
        assert (await admin.call("POST", path, json=body))[0] == status
    assert (await keeper.call("POST", path, json={}))[0] == 403
    assert (await upload(keeper, b"{}"))[0] == 403
    assert await everything() == before
    soon = (now() + timedelta(days=1)).isoformat()
    await admin.post(path, {"starts_at": soon})
    where = f"/m/v1/place?lon={WALL[0]}&lat={WALL[1]}&datum=wgs84&accuracy=5"
    assert (await admin.get(where))["generation"] != draft["generation"]["id"]


async def test_what_a_file_leaves_open_is_said_with_it(county, someone):
    admin = await someone("admin1", face="console")
    made = drawn()
    townships = [f for f in made["features"] if f["properties"]["level"] == "township"]
    for each in townships:
        held = each["properties"]
        each["properties"] = {"WD13CD": held["code"], "WD13NM": held["name"]}
    data = json.dumps(made | {"features": townships}).encode()
    status, answer = await upload(admin, data)
    assert status == 422
    [fault] = answer["facts"]["faults"]
    assert fault["code"] == "columns.missing"
    assert fault["facts"]["missing"] == ["code", "name", "level"]
    assert "WD13CD = " in fault["reason"]
    said = {"code_field": "WD13CD", "name_field": "WD13NM"}
    status, draft = await upload(admin, data, level="township", **said)
    assert status == 201, draft
    assert draft["report"]["counts"]["township"] == len(townships)
    assert draft["report"]["taken"] == {"code": ["WD13CD"], "name": ["WD13NM"]}
    assert (await upload(admin, data, level="planet", **said))[0] == 400


async def test_levels_of_layers_are_said_by_their_names_and_of_no_layer_else(county, someone):
    admin = await someone("admin1", face="console")
    data = json.dumps(drawn()).encode()
    status, answer = await upload(admin, data, layer_levels='{"乡镇": "township"}')
    assert status == 422
    [fault] = answer["facts"]["faults"]
    assert (fault["code"], fault["facts"]["layer"]) == ("layers.no_such", "乡镇")
    for wrong in ('{"乡镇": "planet"}', "[]", "乡镇=township"):
        status, answer = await upload(admin, data, layer_levels=wrong)
        assert status == 400, answer
        assert [each["pointer"] for each in answer["errors"]] == ["/layer_levels"]
