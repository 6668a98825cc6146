"""A complaint about a unit over HTTP: named when reported or later, shown to whom it may be."""

import json
from uuid import uuid4

from tests.api.refusals import refused
from tests.casework import STREET_LAMP, WALL, Casework, everything

STATION, DEPARTMENT, WORKS = "荣华派出所", "区公安分局", "区住房和城乡建设局"


def sent(**changes):
    return {
        "key": str(uuid4()),
        "kind": "livelihood",
        "text": "打了三次电话没人管",
        "matter": STREET_LAMP,
        "position": {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "source": "device"},
        "captured_at": "2026-11-25T08:00:00+08:00",
    } | changes


async def test_a_resident_finds_the_unit_and_complains_of_it(county, someone):
    resident = await someone("resident1")
    found = (await resident.get("/m/v1/units?q=荣华"))["items"]
    assert STATION in {each["name"] for each in found}
    body = sent(about_unit=STATION)
    receipt = await resident.post("/m/v1/reports", body)
    assert await resident.post("/m/v1/reports", body) == receipt
    other = body | {"about_unit": DEPARTMENT}
    refused(*await resident.call("POST", "/m/v1/reports", json=other), 422, "report.key_reused")
    mine = await resident.get(f"/m/v1/reports/{receipt['no']}")
    assert mine["case"]["about_unit"] == STATION
    before = await everything()
    unknown = await resident.call("POST", "/m/v1/reports", json=sent(about_unit="没有这个局"))
    refused(*unknown, 422, "unit.unknown")
    too_long = await resident.call("POST", "/m/v1/reports", json=sent(about_unit="局" * 81))
    refused(*too_long, 400, "bad_input")
    assert await everything() == before


async def test_the_unit_finds_it_nowhere_and_a_dispatcher_cannot_name_it(county, someone):
    work = Casework(county)
    case = await work.file(await work.report(about_unit=WORKS))
    desk = await someone("dispatcher1", face="console")
    shown = await desk.get(f"/s/v1/cases/{case.no}")
    assert shown["case"]["about_unit"] == WORKS
    assert shown["waits_for"][0]["code"] == "recusal"
    assert "recuse" in shown["may"]
    path, choice = f"/s/v1/cases/{case.no}/dispatch", {"lead": WORKS, "limit": 2}
    status, answer = await desk.call("POST", path, json=choice)
    refused(status, answer, 422, "unit.recused")
    assert WORKS in answer["title"]
    inside = await someone("head_D08", face="console")
    refused(*await inside.call("GET", f"/s/v1/cases/{case.no}"), 404, "not_found")
    assert (await inside.get("/s/v1/cases"))["items"] == []
    phone = await someone("handler_D08")
    refused(*await phone.call("GET", f"/m/v1/cases/{case.no}"), 404, "not_found")
    refused(*await phone.call("POST", f"/m/v1/reports/{case.no}/follow"), 404, "not_found")


async def test_no_room_of_the_desk_shows_it_to_the_unit(county, someone):
    """Nor counts it: files, map, wall, saved views, the printed sheet, who has it open."""
    work = Casework(county)
    case = await work.file(await work.report(about_unit=WORKS))
    desk, inside = await someone("dispatcher1", "console"), await someone("head_D08", "console")
    await desk.post(f"/s/v1/cases/{case.no}/look")
    view = await inside.post("/s/v1/views", {"name": "全部", "query": ""}, expect=201)
    box = f"{WALL[0] - 1:.3f},{WALL[1] - 1:.3f},{WALL[0] + 1:.3f},{WALL[1] + 1:.3f}"
    shown = {
        "/s/v1/exports/cases?format=csv": case.no,
        f"/s/v1/exports/cases?format=csv&nos={case.no}": case.no,
        "/s/v1/exports/cases?format=geojson": case.no,
        f"/s/v1/map/cases?bbox={box}": '"n": 1',
        "/s/v1/wall": '"n_received": 1',
    }
    for path, word in shown.items():
        for person, seen in ((desk, True), (inside, False)):
            status, body = await person.call("GET", path)
            assert status == 200, path
            said = body.decode() if isinstance(body, bytes) else json.dumps(body)
            assert (word in said) is seen, (path, person.username)
    assert (await inside.get(f"/s/v1/views/{view['id']}/count"))["n"] == 0
    refused(*await inside.call("GET", f"/s/v1/cases/{case.no}/sheet"), 404, "not_found")
    for act in ("look", "leave", "watch"):
        path = f"/s/v1/cases/{case.no}/{act}"
        status, answer = await inside.call("POST", path, json={} if act == "watch" else None)
        assert status in (403, 404), (act, answer)
    assert case.no not in json.dumps(await inside.get("/m/v1/todo"))


async def test_who_reads_it_says_that_it_is_a_complaint_or_that_it_is_none(county, someone):
    work = Casework(county)
    case = await work.report()
    desk = await someone("acceptor1", face="console")
    path = f"/s/v1/cases/{case.no}/recuse"
    card = await desk.post(path, {"about_unit": WORKS, "reason": "投诉住建局不作为"})
    assert (card["stage"], card["lead"], card["about_unit"]) == ("filed", "", WORKS)
    again = await desk.call("POST", path, json={"about_unit": "住建局", "reason": "同上"})
    refused(*again, 409, "case.already_done")
    for body in ({"about_unit": ""}, {"reason": "x"}, {"about_unit": WORKS, "reason": ""}):
        refused(*await desk.call("POST", path, json=body), 400, "bad_input")
    card = await desk.post(path, {"about_unit": "", "reason": "只是提到"})
    assert (card["stage"], card["lead"], card["about_unit"]) == ("dispatched", WORKS, "")


async def test_numbers_in_what_a_reporter_gives_as_a_reason_reach_nobody(county, someone):
    work = Casework(county)
    case = await work.closed()
    resident, officer = await someone("resident1"), await someone("handler_D08")
    words = "打我电话13812345678，身份证37040419800101123X"
    await resident.post(f"/m/v1/reports/{case.no}/redo", {"reason": words})
    await county.deliver()
    for path in (
        f"/m/v1/cases/{case.no}",
        f"/s/v1/cases/{case.no}/steps?limit=100",
        f"/s/v1/cases/{case.no}",
        "/m/v1/inbox",
    ):
        told = json.dumps(await officer.get(path), ensure_ascii=False)
        assert "13812345678" not in told, path
        assert "19800101" not in told, path
    assert "打我电话***" in json.dumps(await officer.get("/m/v1/inbox"), ensure_ascii=False)


async def test_who_reported_from_inside_a_unit_is_not_shown_by_the_unit(county, someone):
    """Neither by the report nor by what is done as its reporter later."""
    work = Casework(county)
    case, inside = await work.report("handler_D11"), await someone("handler_D11")
    await work.closed(case)
    await inside.post(f"/m/v1/reports/{case.no}/redo", {"reason": "又坏了"})
    leader, lead = await someone("leader1", face="console"), await someone("handler_D08")
    steps = (await leader.get(f"/s/v1/cases/{case.no}/steps?limit=100"))["items"]
    lines = (await lead.get(f"/m/v1/cases/{case.no}"))["timeline"]
    for shown in (steps, lines):
        told = {(row["verb"], row["unit"]) for row in shown}
        assert told >= {("report", ""), ("redo", ""), ("accept", WORKS)}
