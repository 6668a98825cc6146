"""Boundaries at a desk: compare, publish, take away, rebind, print signs; confirm on the phone."""

import json

import pytest
from aiohttp import FormData

from gridwhistle.demo.geography import features, landmarks
from server.cases.models.case import Case
from tests.casework import Casework, position
from tests.domain.acts.intake import edge, others
from tests.domain.acts.places import swapped_grids

GENERATIONS = "/s/v1/places/generations"
NEEDED = {
    "GET /s/v1/places/generations/1/changes": {"admin1"},
    "GET /s/v1/places/generations/1/export.geojson": {"admin1"},
    "GET /s/v1/places/rebindings": {"dispatcher1"},
    "POST /s/v1/cases/000000-00000000/rebind": {"dispatcher1"},
    "GET /s/v1/places/signs?township=370499001000": {"admin1", "dispatcher1", "township02"},
}
PEOPLE = ("admin1", "dispatcher1", "acceptor1", "township02", "resident1", "grid0202")


def upload(data: bytes, datum: str = "wgs84") -> FormData:
    form = FormData()
    form.add_field("file", data, filename="new.geojson", content_type="application/geo+json")
    form.add_field("datum", datum)
    return form


async def send(admin, made: dict) -> dict:
    data = json.dumps(made).encode()
    status, body = await admin.call("POST", GENERATIONS, data=upload(data))
    assert status == 201, body
    return body


@pytest.mark.slow
async def test_each_route_is_for_whom_the_grants_name(someone):
    for username in PEOPLE:
        person = await someone(username, "console" if username == "admin1" else "phone")
        for route, allowed in NEEDED.items():
            method, path = route.split(" ")
            more = {"json": {"reason": "x"}} if method == "POST" else {}
            status, body = await person.call(method, path, **more)
            if username in allowed or (username == "acceptor1" and "signs" in path):
                assert status in (200, 404), (username, route, body)
            else:
                assert (status, body["code"]) == (403, "not_permitted"), (username, route)


@pytest.mark.slow
async def test_from_a_draft_by_its_changes_to_publication_and_rebinding(county, someone):
    work = Casework(county)
    case = await work.handling()
    admin, dispatcher = await someone("admin1"), await someone("dispatcher1")
    made, other = swapped_grids(json.loads(json.dumps(features())), case.grid_code)
    draft = (await send(admin, made))["generation"]["id"]
    before = await admin.get(f"{GENERATIONS}/{draft}/changes")
    assert (before["against"], before["generation"]) == (str(case.generation_id), draft)
    assert {each["code"]: each["n_open"] for each in before["places"]} == {
        case.grid_code: 1,
        other: 1,
    }
    grids = next(each for each in before["levels"] if each["level"] == "grid")
    assert (grids["moved"], grids["added"], grids["removed"]) == (2, 0, 0)
    back = await admin.get(f"{GENERATIONS}/{case.generation_id}/changes?against={draft}")
    assert back["places"][0]["won_m2"] == before["places"][0]["lost_m2"]
    published = await admin.post(f"{GENERATIONS}/{draft}/publish")
    assert published["changes"] == before
    assert published["generation"]["state"] == "published"

    listed = await dispatcher.get("/s/v1/places/rebindings?limit=1")
    [row] = listed["items"]
    assert (row["no"], row["held_code"], row["now_code"]) == (case.no, case.grid_code, other)
    assert (row["generation"], row["in_force"]) == (str(case.generation_id), draft)
    path = f"/s/v1/cases/{case.no}/rebind"
    status, body = await dispatcher.call("POST", path, json={})
    assert (status, body["errors"][0]["pointer"]) == (400, "/reason")
    card = await dispatcher.post(path, {"reason": "边界调整"})
    assert card["lead"] == work.basis.units.by_id[case.lead_id].name
    assert (await Case.get(id=case.id)).grid_code == other
    assert (await dispatcher.get("/s/v1/places/rebindings"))["items"] == []
    one = await dispatcher.get(f"/s/v1/cases/{case.no}")
    assert "rebind" in one["may"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("999/changes", 404),
        ("1/changes?against=999", 404),
        ("1/changes?against=none", 400),
        ("1/changes?against=0", 400),
        ("x/changes", 404),
        ("999/export.geojson", 404),
    ],
)
async def test_what_is_no_generation_is_refused(someone, path, status):
    admin = await someone("admin1")
    assert (await admin.call("GET", f"{GENERATIONS}/{path}"))[0] == status


@pytest.mark.slow
async def test_a_generation_is_taken_away_whole_and_can_be_sent_again(county, someone):
    admin = await someone("admin1")
    held = (await admin.get(GENERATIONS))["items"][0]["id"]
    path = f"{GENERATIONS}/{held}/export.geojson"
    headers = {"Authorization": f"Bearer {admin.token}"}
    async with admin.client.get(path, headers=headers) as answer:
        assert answer.content_type == "application/geo+json"
        assert "attachment" in answer.headers["Content-Disposition"]
        data = await answer.read()
    status, body = await admin.call("POST", GENERATIONS, data=upload(data))
    assert status == 201
    again = body["generation"]["id"]
    assert (await admin.get(f"{GENERATIONS}/{again}/changes"))["places"] == []


async def test_a_file_that_is_none_of_the_kinds_is_refused_with_a_sentence(someone):
    admin = await someone("admin1")
    for data in (b"PK\x03\x04rubbish", b"SQLite format 3\x00" + bytes(200), b"%PDF-1.7"):
        status, body = await admin.call("POST", GENERATIONS, data=upload(data))
        assert status == 422
        assert body["code"] in ("places.refused", "places.needs_pyogrio")
        assert body["title"]


async def test_signs_are_a_page_that_may_load_nothing(county, someone):
    keeper = await someone("township02")
    boundaries = county.basis.places.at(county.parts.knowledge.basis.places._held[0].starts_at)
    township = boundaries.rows("township")[1]
    n_grids = sum(
        boundaries.chain(row.code).township.code == township.code
        for row in boundaries.rows("grid")
    )
    headers = {"Authorization": f"Bearer {keeper.token}"}
    path = f"/s/v1/places/signs?township={township.code}&per_page=2"
    async with keeper.client.get(path, headers=headers) as answer:
        assert answer.content_type == "text/html"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        page = await answer.text()
    assert page.count("<svg") == n_grids > 10
    assert township.name in page
    assert (await keeper.call("GET", "/s/v1/places/signs?township=nowhere"))[0] == 400
    assert (await keeper.call("GET", f"{path}0"))[0] == 400


async def test_the_reporter_is_asked_for_the_grid_and_says_it(county, someone):
    work = Casework(county)
    lon, lat = edge(work, same_township=True)
    assert (lon, lat) != landmarks()["load_bearing_wall"]
    case = await work.report(position=position((lon, lat)))
    reporter, stranger = await someone("resident1"), await someone("resident2")
    shown = await reporter.get(f"/m/v1/reports/{case.no}")
    assert {each["code"] for each in shown["confirm"]} >= {case.grid_code, *others(case)}
    assert "confirm_place" in shown["may"]
    [asked] = (await reporter.get("/m/v1/confirmations"))["items"]
    assert (asked["no"], {each["code"] for each in asked["candidates"]}) == (
        case.no,
        {each["code"] for each in shown["confirm"]},
    )
    assert (await stranger.get("/m/v1/confirmations"))["items"] == []
    path, chosen = f"/m/v1/reports/{case.no}/place", others(case)[0]
    assert (await stranger.call("POST", path, json={"grid": chosen}))[0] == 404
    status, body = await reporter.call("POST", path, json={"grid": "37"})
    assert (status, body["code"]) == (422, "place.not_a_candidate")
    card = await reporter.post(path, {"grid": chosen})
    assert card["grid"] == work.basis.places.at(case.received_at).row(chosen).name
    assert (await reporter.get(f"/m/v1/reports/{case.no}"))["confirm"] == []
    # One finger, two taps: the second is answered as the first.
    assert await reporter.post(path, {"grid": chosen}) == card
    status, body = await reporter.call("POST", path, json={"grid": case.grid_code})
    assert (status, body["code"]) == (409, "place.settled")
