"""Calls over HTTP: from the call to the confirmed arrival, and what is refused."""

from datetime import timedelta
from uuid import uuid4

from server.clock import now
from tests.api.calling import call
from tests.casework import WALL, Casework, everything

HERE = {"position": {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "source": "device"}}


async def test_a_township_calls_units_come_and_the_township_says_so(county, someone):
    room = await someone("township02")
    made = await room.post("/m/v1/calls", call(), expect=201)
    assert (made["reason"], made["place"]) == ("joint_enforcement", "荣华里3号楼")
    assert made["case"]["stage"] == "dispatched"
    assert all(task["arrive_due_at"] == made["asked_at"] for task in made["tasks"])
    work = Casework(county)
    for task in made["tasks"][:2]:
        unit = work.basis.units.named(task["unit"])
        officer = await someone(work.officer_of(unit.id))
        await officer.post(f"/m/v1/tasks/{task['id']}/accept")
        arrivals = f"/m/v1/calls/{made['id']}/arrivals/{task['id']}"
        status, answer = await room.call("POST", f"{arrivals}/confirm")
        assert (status, answer["code"]) == (409, "task.wrong_stage")
        await officer.post(f"/m/v1/tasks/{task['id']}/check-in", HERE)
    first, second = made["tasks"][:2]
    path = f"/m/v1/calls/{made['id']}/arrivals"
    assert (await room.post(f"{path}/{first['id']}/confirm"))["arrival"] == "confirmed"
    late = await room.post(f"{path}/{second['id']}/contest", {"reason": "没见到人"})
    assert (late["arrival"], late["arrived_in_time"]) == ("contested", False)
    shown = await room.get(f"/m/v1/calls/{made['id']}")
    assert [task["stage"] for task in shown["tasks"][:2]] == ["arrived", "arrived"]


async def test_an_arrival_is_confirmed_only_under_its_own_call(county, someone):
    room, officer = await someone("township02"), await someone("handler_D02")
    one = await room.post("/m/v1/calls", call(), expect=201)
    other = await room.post("/m/v1/calls", call(place="别处"), expect=201)
    task = one["tasks"][0]
    await officer.post(f"/m/v1/tasks/{task['id']}/accept")
    await officer.post(f"/m/v1/tasks/{task['id']}/check-in", HERE)
    before = await everything()
    for number in (other["id"], "99999"):
        path = f"/m/v1/calls/{number}/arrivals/{task['id']}/confirm"
        assert (await room.call("POST", path))[0] == 404
    assert await everything() == before


async def test_the_same_call_sent_again_is_not_made_again(county, someone):
    room = await someone("township02")
    body = call(key=str(uuid4()))
    first = await room.post("/m/v1/calls", body, expect=201)
    before = await everything()
    again = await room.post("/m/v1/calls", body)
    assert again["id"] == first["id"]
    status, answer = await room.call("POST", "/m/v1/calls", json=body | {"place": "别处"})
    assert status == 422, answer
    assert await everything() == before


async def test_what_is_no_call_is_refused_and_changes_nothing(county, someone):
    room = await someone("township02")
    before = await everything()
    past = (now() - timedelta(hours=1)).isoformat()
    outside = {"lon": 100.0, "lat": 30.0, "datum": "wgs84"}
    for change, status, code in (
        ({"place": ""}, 400, "bad_input"),
        ({"place": "  "}, 422, "call.place_missing"),
        ({"position": None}, 422, "call.place_missing"),
        ({"position": outside}, 422, "call.place_missing"),
        ({"asked_at": past}, 422, "call.in_past"),
        ({"asked_at": "soon"}, 400, "bad_input"),
        ({"reason": "boredom"}, 400, "bad_input"),
        ({"matter": "ZZ-999"}, 422, "matter.unknown"),
        ({"matter": ""}, 422, "call.without_units"),
        ({"matter": "", "cooperating": ["区公安分局"]}, 422, "case.no_lead"),
        ({"request": "1"}, 409, "request.none"),
        ({"lead": "没有这个局"}, 422, "unit.unknown"),
        ({"limit": 0}, 400, "bad_input"),
        ({"urgency": "soonish"}, 400, "bad_input"),
        ({"no": "260101-00000000"}, 404, "not_found"),
        ({"extra": 1}, 400, "bad_input"),
    ):
        for face in ("/m/v1", "/s/v1"):
            found = await room.call("POST", f"{face}/calls", json=call(**change))
            assert (found[0], found[1]["code"]) == (status, code), (change, found)
            assert found[1]["title"]
    neighbour = await someone("township04")
    found = await neighbour.call("POST", "/m/v1/calls", json=call())
    assert (found[0], found[1]["code"]) == (403, "not_permitted")
    assert await everything() == before
    made = await room.post("/s/v1/calls", call(), expect=201)
    assert made["stage"] == "dispatched"
    stranger = await someone("handler_U03")
    for number in (1, 99999, "x"):
        assert (await stranger.call("GET", f"/m/v1/calls/{number}"))[0] == 404
