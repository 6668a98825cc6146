"""Story B: a hole cut in a load-bearing wall in 荣华里, from the report to the appraisal."""

from uuid import uuid4

from gridwhistle.demo.geography import landmarks
from server.clock import now

WALL = landmarks()["load_bearing_wall"]


async def test_a_hole_in_a_wall_is_reported_called_for_arrived_at_mended_checked_and_appraised(
    county, someone
):
    worker = await someone("grid0202")
    photo = await worker.photo(position=WALL)
    report = {
        "key": str(uuid4()),
        "kind": "enforcement",
        "text": "装修的把承重墙打了个大洞",
        "matter": "CJ-002",
        "photos": [photo],
        "position": {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "accuracy": 8.0},
        "captured_at": now().isoformat(),
        "anonymous": False,
        "channel": "patrol",
    }
    receipt = await worker.post("/m/v1/reports", report, expect=201)
    assert receipt["stage"] == "dispatched", receipt
    assert receipt["place"]["village"]["name"] == "荣华里社区"
    assert await worker.post("/m/v1/reports", report, expect=200) == receipt
    await county.deliver()

    handler = await someone("handler_D02")
    [lead] = (await handler.get("/m/v1/tasks"))["items"]
    assert lead["no"] == receipt["no"]
    assert (await handler.get(f"/m/v1/tasks/{lead['id']}"))["case"]["lead"] == lead["unit"]
    assert (await handler.post(f"/m/v1/tasks/{lead['id']}/accept"))["stage"] == "accepted"
    again = await handler.post(f"/m/v1/tasks/{lead['id']}/accept", expect=409)
    assert again["code"] == "task.wrong_stage"

    keeper = await someone("acceptor1")
    whole = await keeper.get(f"/s/v1/cases/{receipt['no']}")
    assert whole["case"]["stage"] == "handling"
    assert whole["explanation"]["text"]
    others = [task for task in whole["tasks"] if task["part"] == "cooperating"]
    assert others
    mended = await handler.photo()
    refused = await handler.post(
        f"/m/v1/tasks/{lead['id']}/resolve",
        {"result": "已加固恢复", "photos": [mended]},
        expect=409,
    )
    assert refused["code"] == "case.tasks_open"
    for task in others:
        unit = next(u for u in county.basis.units.all() if u.name == task["unit"])
        username = "township02" if unit.kind == "township" else f"handler_{unit.code}"
        officer = await someone(username)
        await officer.post(f"/m/v1/tasks/{task['id']}/accept")
        spot = {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "source": "device"}
        arrived = await officer.post(f"/m/v1/tasks/{task['id']}/check-in", {"position": spot})
        assert arrived["stage"] == "arrived"
        done = await officer.post(f"/m/v1/tasks/{task['id']}/resolve", {"result": "已到场配合"})
        assert done["stage"] == "done"
    await handler.post(
        f"/m/v1/tasks/{lead['id']}/resolve", {"result": "已加固恢复", "photos": [mended]}
    )
    whole = await keeper.get(f"/s/v1/cases/{receipt['no']}")
    assert whole["case"]["stage"] == "checking"

    [check] = whole["checks"]
    checker = None
    for number in range(1, 5):
        grid_worker = await someone(f"grid02{number:02}")
        if (await grid_worker.get("/m/v1/tasks"))["checks"]:
            checker = grid_worker
    assert checker is not None
    assert checker.username != worker.username
    await checker.post(
        f"/m/v1/checks/{check['id']}",
        {"passed": True, "note": "墙体已恢复", "photos": [await checker.photo()]},
    )
    assert (await keeper.post(f"/s/v1/cases/{receipt['no']}/close"))["stage"] == "closed"
    mine = await worker.get(f"/m/v1/reports/{receipt['no']}")
    assert "appraise" in mine["may"]
    opinion = {"responded": True, "solved": True, "satisfaction": 5, "comment": "当天到场"}
    await worker.post(f"/m/v1/reports/{receipt['no']}/appraisal", opinion)
    await county.deliver()
    mine = await worker.get(f"/m/v1/reports/{receipt['no']}")
    assert mine["case"]["stage"] == "archived"
    inbox = (await worker.get("/m/v1/inbox?limit=100"))["items"]
    assert [message["seq"] for message in inbox] == list(range(1, len(inbox) + 1))
    kinds = [message["kind"] for message in inbox]
    assert kinds[:3] == ["case.report", "case.dispatch", "case.accept"], kinds
    assert kinds[-1] == "case.close"
    assert all(message["text"] for message in inbox)
    public = (await keeper.get("/m/v1/public/cases"))["items"]
    assert [case["no"] for case in public] == [receipt["no"]]
