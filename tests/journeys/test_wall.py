"""Story B: a hole cut in a load-bearing wall in 荣华里, from the report to the appraisal."""

from uuid import uuid4

from gridwhistle.demo.geography import landmarks
from server.clock import now

WALL = landmarks()["load_bearing_wall"]


async def reported(county, worker):
    """The grid worker's report, sent twice: one receipt, dispatched by the list."""
    report = {
        "key": str(uuid4()),
        "kind": "enforcement",
        "text": "装修的把承重墙打了个大洞",
        "matter": "CJ-002",
        "photos": [await worker.photo(position=WALL)],
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
    return receipt["no"]


async def signed_for(handler, no):
    """The lead's signature, which counts once; its task."""
    [lead] = (await handler.get("/m/v1/tasks"))["items"]
    assert lead["no"] == no
    assert (await handler.get(f"/m/v1/tasks/{lead['id']}"))["case"]["lead"] == lead["unit"]
    signed = await handler.post(f"/m/v1/tasks/{lead['id']}/accept")
    assert signed["stage"] == "accepted"
    assert await handler.post(f"/m/v1/tasks/{lead['id']}/accept") == signed
    again = await handler.post(f"/m/v1/tasks/{lead['id']}/accept", {"note": "又签"}, expect=409)
    assert again["code"] == "task.wrong_stage"
    return lead


async def helped(county, someone, tasks):
    """Every cooperating unit signs, comes and does its part."""
    assert tasks
    for task in tasks:
        unit = next(u for u in county.basis.units.all() if u.name == task["unit"])
        username = "township02" if unit.kind == "township" else f"handler_{unit.code}"
        officer = await someone(username)
        await officer.post(f"/m/v1/tasks/{task['id']}/accept")
        spot = {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "source": "device"}
        arrived = await officer.post(f"/m/v1/tasks/{task['id']}/check-in", {"position": spot})
        assert arrived["stage"] == "arrived"
        done = await officer.post(f"/m/v1/tasks/{task['id']}/resolve", {"result": "已到场配合"})
        assert done["stage"] == "done"


async def checked(someone, reporter, check):
    """A grid worker of the township looks, who is not the one that reported."""
    workers = [await someone(f"grid02{number:02}") for number in range(1, 5)]
    asked = [each for each in workers if (await each.get("/m/v1/tasks"))["checks"]]
    assert len(asked) == 1
    assert asked[0].username != reporter.username
    await asked[0].post(
        f"/m/v1/checks/{check['id']}",
        {"passed": True, "note": "墙体已恢复", "photos": [await asked[0].photo()]},
    )


async def test_a_hole_in_a_wall_goes_from_the_report_to_the_appraisal(county, someone):
    worker, handler = await someone("grid0202"), await someone("handler_D02")
    keeper = await someone("acceptor1")
    no = await reported(county, worker)
    lead = await signed_for(handler, no)
    whole = await keeper.get(f"/s/v1/cases/{no}")
    assert whole["case"]["stage"] == "handling"
    assert whole["explanation"]["text"]

    result = {"result": "已加固恢复", "photos": [await handler.photo()]}
    early = await handler.post(f"/m/v1/tasks/{lead['id']}/resolve", result, expect=409)
    assert early["code"] == "case.tasks_open"
    await helped(county, someone, [t for t in whole["tasks"] if t["part"] == "cooperating"])
    await handler.post(f"/m/v1/tasks/{lead['id']}/resolve", result)
    whole = await keeper.get(f"/s/v1/cases/{no}")
    assert whole["case"]["stage"] == "checking"

    [check] = whole["checks"]
    await checked(someone, worker, check)
    assert (await keeper.post(f"/s/v1/cases/{no}/close"))["stage"] == "closed"
    assert "appraise" in (await worker.get(f"/m/v1/reports/{no}"))["may"]
    opinion = {"responded": True, "solved": True, "satisfaction": 5, "comment": "当天到场"}
    await worker.post(f"/m/v1/reports/{no}/appraisal", opinion)
    await county.deliver()
    assert (await worker.get(f"/m/v1/reports/{no}"))["case"]["stage"] == "archived"
    await heard(worker)
    public = (await keeper.get("/m/v1/public/cases"))["items"]
    assert [case["no"] for case in public] == [no]


async def heard(worker):
    """Each moment once, numbered without a gap, in words."""
    inbox = (await worker.get("/m/v1/inbox?limit=100"))["items"]
    assert [message["seq"] for message in inbox] == list(range(1, len(inbox) + 1))
    kinds = [message["kind"] for message in inbox]
    assert kinds[:2] == ["case.dispatch", "case.accept"], kinds
    assert kinds[-1] == "case.close"
    assert all(message["text"] for message in inbox)
