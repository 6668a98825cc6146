"""Leaders, and grid workers who ask for a call, over HTTP."""

from datetime import timedelta
from uuid import uuid4

from server.clock import now
from tests.casework import WALL, WALL_HOLE, Casework, everything

HOUSING = "区住房和城乡建设局"


async def test_a_leader_instructs_at_a_desk_and_the_unit_answers_on_foot(county, someone):
    work = Casework(county)
    case = await work.handling()
    leader, officer = await someone("leader1", face="console"), await someone("handler_D08")
    path = f"/s/v1/cases/{case.no}"
    given = await leader.post(f"{path}/instruct", {"text": "请查清原因", "urgent": True})
    assert (given["unit"], given["text"], given["replied_at"]) == (HOUSING, "请查清原因", None)
    [waiting] = (await officer.get("/m/v1/instructions"))["items"]
    assert waiting == given
    answer = {"text": "已查清", "instruction": given["id"]}
    answered = await officer.post(f"/m/v1/cases/{case.no}/reply", answer)
    assert (answered["id"], answered["reply"]) == (given["id"], "已查清")
    assert (await officer.get("/s/v1/instructions"))["items"] == []
    assert (await leader.get("/s/v1/instructions?limit=1"))["items"] == [answered]
    assert (await leader.get(path))["instructions"] == [answered]
    resident = await someone("resident1")
    shown = await resident.get(f"/m/v1/reports/{case.no}")
    assert "查清" not in str(shown)
    assert (await resident.call("GET", "/m/v1/instructions"))[0] == 403
    before = await everything()
    for body, status, code in (
        (answer, 409, "case.already_done"),
        ({"text": " "}, 400, "bad_input"),
        ({"text": "再答", "instruction": "0"}, 400, "bad_input"),
        ({"text": "再答", "instruction": "99999"}, 409, "reply.none"),
    ):
        found = await officer.call("POST", f"/s/v1/cases/{case.no}/reply", json=body)
        assert (found[0], found[1]["code"]) == (status, code), body
    for body, status, code in (
        ({"text": "查", "unit": "区民政局"}, 422, "instruct.not_in_case"),
        ({"text": ""}, 400, "bad_input"),
        ({}, 400, "bad_input"),
    ):
        found = await leader.call("POST", f"{path}/instruct", json=body)
        assert (found[0], found[1]["code"]) == (status, code), body
    assert await everything() == before


async def test_a_leader_watches_urges_and_supervises(county, someone):
    work = Casework(county)
    case, other = await work.handling(), await work.filed()
    leader = await someone("leader1", face="console")
    for one in (case, other):
        await leader.post(f"/s/v1/cases/{one.no}/watch", {"note": "看看"})
    assert (await leader.get(f"/s/v1/cases/{case.no}"))["watched"]
    first = await leader.get("/s/v1/watch?limit=1")
    assert [each["case"]["no"] for each in first["items"]] == [other.no]
    rest = await leader.get(f"/s/v1/watch?after={first['next']}")
    assert [(each["case"]["no"], each["note"]) for each in rest["items"]] == [(case.no, "看看")]
    assert rest["next"] is None
    figures = {"n_overdue": 0, "n_due_today": 0}
    assert first["by_township"] == [{"name": "荣华街道", "n_open": 2} | figures]
    assert first["by_department"] == [
        {"name": "", "n_open": 1} | figures,
        {"name": HOUSING, "n_open": 1} | figures,
    ]
    assert (await leader.post(f"/s/v1/cases/{case.no}/urge"))["no"] == case.no
    assert (await leader.post(f"/s/v1/cases/{case.no}/supervise", {"text": "快"}))["no"] == case.no
    await leader.post(f"/s/v1/cases/{case.no}/unwatch", expect=204)
    await leader.post(f"/s/v1/cases/{case.no}/unwatch", expect=204)  # a second tap
    command = await someone("dispatcher1", face="console")
    assert (await command.post(f"/s/v1/cases/{case.no}/urge"))["no"] == case.no
    before = await everything()
    for verb in ("supervise", "watch", "unwatch", "instruct"):
        status, answer = await command.call(
            "POST", f"/s/v1/cases/{case.no}/{verb}", json={"text": "x"}
        )
        assert (status, answer["code"]) == (403, "not_permitted"), verb
    assert await everything() == before


async def test_a_grid_worker_calls_through_the_township_from_phone_to_phone(county, someone):
    work = Casework(county)
    case = await work.report("resident1", matter=WALL_HOLE)
    worker, room = await someone("grid0202"), await someone("duty02")
    body = {
        "key": str(uuid4()),
        "reason": "joint_enforcement",
        "place": "荣华里3号楼",
        "asked_at": (now() + timedelta(hours=2)).isoformat(),
        "no": case.no,
        "cooperating": ["区消防救援大队"],
    }
    asked = await worker.post("/m/v1/calls", body, expect=201)
    assert (asked["id"], asked["case"]["no"], asked["tasks"]) == (None, case.no, [])
    assert (await worker.post("/m/v1/calls", body))["request"] == asked["request"]
    before = await everything()
    for changes, status, code in (
        ({"key": None, "no": ""}, 422, "call.report_first"),
        ({"key": None}, 409, "request.open"),
        ({"place": "别处"}, 422, "report.key_reused"),
        ({"key": None, "place": " "}, 422, "call.place_missing"),
    ):
        found = await worker.call("POST", "/m/v1/calls", json=body | changes)
        assert (found[0], found[1]["code"]) == (status, code), changes
    neighbour = await someone("resident2")
    found = await neighbour.call("POST", "/m/v1/calls", json=body)
    assert (found[0], found[1]["code"]) == (403, "not_permitted")
    assert await everything() == before
    granted = body | {"request": asked["request"], "key": str(uuid4())}
    made = await room.post("/m/v1/calls", granted, expect=201)
    assert [task["unit"] for task in made["tasks"]] == ["区消防救援大队"]
    second = await room.post("/m/v1/calls", body | {"key": str(uuid4()), "place": "后门"})
    again = await room.post("/m/v1/calls", granted)
    assert again["id"] == made["id"] != second["id"]
    fire = await someone("handler_D07")
    [task] = second["tasks"]
    await fire.post(f"/m/v1/tasks/{task['id']}/accept")
    far = {"position": {"lon": WALL[0], "lat": WALL[1] + 0.01, "datum": "wgs84"}}
    await fire.post(f"/m/v1/tasks/{task['id']}/check-in", far)
    shown = await room.get(f"/m/v1/calls/{second['id']}")
    assert shown["far"] == [task["id"]]
    confirmed = await room.post(f"/m/v1/calls/{second['id']}/arrivals/{task['id']}/confirm")
    assert (confirmed["arrival"], confirmed["arrived_in_time"]) == ("confirmed", True)
