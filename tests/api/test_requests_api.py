"""What units ask for, at a desk and on the phone: shapes, refusals, the queue of who answers."""

from datetime import timedelta

import pytest

from server.cases.models.case import Case
from server.clock import now
from tests.casework import Casework

ASK = {"what": "extend", "reason": "材料未到", "limit": 1}


@pytest.fixture
def work(county):
    return Casework(county)


async def head_of(work, someone, case):
    code = work.basis.units.by_id[case.lead_id].code
    return await someone(f"head_{code}", face="console")


def day(n: int) -> str:
    return (now() + timedelta(days=n)).date().isoformat()


async def test_asked_at_a_desk_seen_in_the_queue_and_granted(work, someone):
    case = await work.handling()
    unit = await head_of(work, someone, case)
    boss = await someone("dispatcher1", face="console")
    await unit.post(f"/s/v1/cases/{case.no}/ask", ASK)
    [own] = (await unit.get("/s/v1/requests/mine"))["items"]
    assert (own["no"], own["what"]) == (case.no, "extend")
    assert (await boss.get("/s/v1/requests/mine"))["items"] == []
    queue = await boss.get("/s/v1/requests")
    [row] = queue["items"]
    assert (row["no"], row["what"], row["what_text"], row["limit"]) == (
        case.no,
        "extend",
        "延期",
        1,
    )
    assert row["unit"] == work.basis.units.by_id[case.lead_id].name
    assert row["granted"] is None
    assert queue["next"] is None
    card = await boss.post(f"/s/v1/cases/{case.no}/extend", {"note": "同意"})
    assert card["due_at"] > case.due_at.isoformat()
    assert (await boss.get("/s/v1/requests"))["items"] == []
    assert (await unit.get("/s/v1/requests/mine"))["items"] == []
    [row] = (await unit.get(f"/s/v1/cases/{case.no}/requests"))["items"]
    assert (row["granted"], row["answer"]) == (True, "同意")


async def test_a_call_that_a_grid_worker_wishes_for_is_read_by_who_may_make_it(work, someone):
    case = await work.report()
    walker = await someone("grid0202")
    wish = {
        "reason": "emergency",
        "place": "小区南门",
        "text": "劝不动",
        "cooperating": ["供热公司"],
    }
    asked = await walker.post("/m/v1/calls", wish | {"no": case.no})
    room, lead = await someone("township02", face="console"), await head_of(work, someone, case)
    [row] = (await room.get(f"/s/v1/cases/{case.no}/requests"))["items"]
    assert (row["id"], row["what"]) == (asked["request"], "call")
    assert {name: row["call"][name] for name in wish} == wish
    [row] = (await lead.get(f"/s/v1/cases/{case.no}/requests"))["items"]
    assert row["call"] is None
    on_foot = await someone("township02")
    [row] = (await on_foot.get(f"/m/v1/cases/{case.no}"))["asked"]
    assert {name: row["call"][name] for name in wish} == wish
    [row] = (await walker.get(f"/m/v1/cases/{case.no}"))["asked"]
    assert row["call"] is None
    await room.post("/s/v1/calls", wish | {"no": case.no, "request": asked["request"]})
    [row] = (await room.get(f"/s/v1/cases/{case.no}/requests"))["items"]
    assert (row["granted"], row["call"]) == (True, None)


async def test_the_queue_goes_on_page_by_page(work, someone):
    cases = [await work.handling() for _ in range(3)]
    for case in cases:
        await (await head_of(work, someone, case)).post(f"/s/v1/cases/{case.no}/ask", ASK)
    boss = await someone("dispatcher1", face="console")
    first = await boss.get("/s/v1/requests?limit=2")
    assert [row["no"] for row in first["items"]] == [case.no for case in cases[:2]]
    rest = await boss.get(f"/s/v1/requests?limit=2&after={first['next']}")
    assert [row["no"] for row in rest["items"]] == [cases[2].no]
    assert rest["next"] is None


async def test_a_pause_is_asked_for_on_the_phone_until_a_day_and_ended_at_a_desk(work, someone):
    case = await work.handling()
    [task] = await work.tasks(case, "lead")
    unit = await someone(f"head_{work.basis.units.by_id[case.lead_id].code}")
    wish = {"what": "suspend", "reason": "冬季", "until": day(40), "ground": "works"}
    await unit.post(f"/m/v1/tasks/{task.id}/ask", wish)
    boss = await someone("dispatcher1", face="console")
    [asked] = (await boss.get("/s/v1/requests"))["items"]
    assert (asked["ground"], asked["reason"]) == ("配合工程施工", "冬季")
    card = await boss.post(f"/s/v1/cases/{case.no}/suspend")
    assert (card["stage"], card["stage_text"]) == ("suspended", "挂账")
    local = (await Case.get(id=case.id)).suspended_until.astimezone(work.basis.zone)
    assert (local.date().isoformat(), local.hour, local.minute) == (day(40), 0, 0)
    card = await boss.post(f"/s/v1/cases/{case.no}/resume")
    assert card["stage"] == "handling"


async def test_a_refusal_needs_its_reason_and_names_what_is_refused(work, someone):
    case = await work.handling()
    await (await head_of(work, someone, case)).post(f"/s/v1/cases/{case.no}/ask", ASK)
    boss = await someone("dispatcher1", face="console")
    status, body = await boss.call(
        "POST", f"/s/v1/cases/{case.no}/refuse", json={"what": "extend"}
    )
    assert (status, body["code"]) == (400, "bad_input")
    await boss.post(f"/s/v1/cases/{case.no}/refuse", {"what": "extend", "reason": "够了"})
    status, body = await boss.call("POST", f"/s/v1/cases/{case.no}/extend", json={})
    assert (status, body["code"]) == (409, "request.none")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"what": "extend", "reason": "x", "limit": 1000}, 422, "request.too_long"),
        ({"what": "extend", "reason": "x"}, 422, "request.too_long"),
        ({"what": "suspend", "reason": "x", "until": day(-1)}, 422, "moment.past"),
        ({"what": "suspend", "reason": "x", "until": "soon"}, 400, "bad_input"),
        ({"what": "suspend", "reason": "x", "until": day(400)}, 422, "request.too_long"),
        ({"what": "exempt", "reason": "x"}, 409, "exempt.not_overdue"),
        ({"what": "holiday", "reason": "x"}, 400, "bad_input"),
        ({"what": "extend", "limit": 1}, 400, "bad_input"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence(work, someone, body, status, code):
    case = await work.handling()
    unit = await head_of(work, someone, case)
    given, answer = await unit.call("POST", f"/s/v1/cases/{case.no}/ask", json=body)
    assert (given, answer["code"]) == (status, code)
    assert answer["title"]


async def test_a_foreign_case_does_not_exist(work, someone):
    case = await work.handling()
    other = await someone("head_D01", face="console")
    assert work.basis.units.by_id[case.lead_id].code != "D01"
    status, body = await other.call("POST", f"/s/v1/cases/{case.no}/ask", json=ASK)
    assert (status, body["code"]) == (404, "not_found")
