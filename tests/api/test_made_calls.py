"""Calls found again: by the unit that made them, and by those who were called."""

from datetime import timedelta
from urllib.parse import quote

from server.cases.ends.recusing import recuse
from server.clock import now
from server.people.models import Account, Unit
from tests.casework import WALL, Casework

HERE = {"position": {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "source": "device"}}
AWAY = {"position": HERE["position"] | {"lon": WALL[0] + 0.01}}


def call(**changes):
    return {
        "reason": "joint_enforcement",
        "place": "荣华里3号楼",
        "asked_at": (now() + timedelta(hours=2)).isoformat(),
        "text": "甲卡纳家的墙要倒",
        "matter": "CJ-002",
        "position": HERE["position"],
    } | changes


async def test_a_unit_finds_its_calls_again_with_who_has_come_and_may_say_so_there(
    county, someone
):
    room = await someone("township02")
    assert (await room.get("/m/v1/calls"))["items"] == []
    first = await room.post("/m/v1/calls", call(), expect=201)
    second = await room.post("/m/v1/calls", call(place="小区南门", text=""), expect=201)
    work = Casework(county)
    task = first["tasks"][0]
    officer = await someone(work.officer_of(work.basis.units.named(task["unit"]).id))
    await officer.post(f"/m/v1/tasks/{task['id']}/accept")
    await officer.post(f"/m/v1/tasks/{task['id']}/check-in", AWAY)
    newest, oldest = (await room.get("/m/v1/calls"))["items"]
    assert (newest["id"], newest["place"], newest["text"]) == (second["id"], "小区南门", "")
    assert (oldest["no"], oldest["text"]) == (first["case"]["no"], "甲卡纳家的墙要倒")
    came, *others = oldest["units"]
    assert (came["id"], came["stage"], came["far"]) == (task["id"], "arrived", True)
    assert 850 < came["distance_m"] < 950
    assert set(came["may"]) == {"confirm", "contest"}
    assert others
    for each in others:
        assert (each["arrived_at"], each["distance_m"], each["may"]) == (None, None, [])
        assert each["phone"] == (await Unit.get(name=each["unit"])).phone != ""
    await room.post(f"/m/v1/calls/{oldest['id']}/arrivals/{came['id']}/confirm")
    shown = (await room.get(f"/m/v1/calls/{oldest['id']}"))["card"]
    assert [each["arrival"] for each in shown["units"][:2]] == ["confirmed", ""]
    assert shown["units"][0]["may"] == ["contest"]
    one = await room.get(f"/m/v1/calls?no={first['case']['no']}")
    assert [each["id"] for each in one["items"]] == [oldest["id"]]
    page = await room.get("/m/v1/calls?limit=1")
    assert [each["id"] for each in page["items"]] == [newest["id"]]
    rest = await room.get(f"/m/v1/calls?limit=1&after={quote(page['next'])}")
    assert ([each["id"] for each in rest["items"]], rest["next"]) == ([oldest["id"]], None)


async def test_nobody_finds_the_calls_of_another_unit_nor_one_that_complains_of_the_own(
    county, someone
):
    room = await someone("township02")
    made = await room.post("/m/v1/calls", call(), expect=201)
    assert (await (await someone("township04")).get("/m/v1/calls"))["items"] == []
    # Whoever is called reads of it with the task, and does not look after it.
    head = await someone("head_D08")
    assert (await head.get("/m/v1/calls"))["items"] == []
    for nobody in ("resident1", "grid0202", "handler_D08"):
        assert (await (await someone(nobody)).call("GET", "/m/v1/calls"))[0] == 403
    work = Casework(county)
    acceptor = await work.actor("acceptor1")
    no, unit = made["case"]["no"], "荣华街道"
    await recuse(no, unit, "说的就是街道", by=acceptor, at=now(), basis=work.basis)
    assert (await room.get("/m/v1/calls"))["items"] == []


async def test_who_is_called_reads_so_on_the_task_with_place_time_words_and_whom_to_ring(
    county, someone
):
    await Account.filter(username="resident1").update(name="甲卡纳")
    work = Casework(county)
    case = await work.filed("resident1")
    room = await someone("township02")
    body = call(no=case.no, lead="区住房和城乡建设局", limit=2, urgency="work_day")
    made = await room.post(
        "/m/v1/calls", {k: v for k, v in body.items() if k != "matter"}, expect=201
    )
    task = made["tasks"][0]
    officer = await someone(work.officer_of(work.basis.units.named(task["unit"]).id))
    called = (await officer.get(f"/m/v1/tasks/{task['id']}"))["call"]
    assert (called["place"], called["unit"]) == ("荣华里3号楼", "荣华街道")
    assert called["reason"] == "joint_enforcement"
    assert called["text"] == "***家的墙要倒"  # no reporter is named to who comes
    assert called["phone"] == (await Unit.get(name="荣华街道")).phone != ""
    assert called["asked_at"] == made["asked_at"]
    assert (round(called["lon"], 4), round(called["lat"], 4)) == tuple(round(x, 4) for x in WALL)
    own, _ = await work.lead(await work.report("resident2"))
    keeper = await someone(work.officer_of(own.unit_id))
    assert (await keeper.get(f"/m/v1/tasks/{own.id}"))["call"] is None
