"""Tasks over HTTP, on foot and at a desk; and that nobody who handles learns who reported."""

import base64
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from server.cases.models.task import Task
from server.clock import now
from server.people.models import Account
from tests.casework import WALL, Casework, everything

CANARIES = ("金丝雀张三", "canary_username")


@pytest.mark.parametrize("face", ["/m/v1", "/s/v1"])
async def test_a_task_goes_its_way_on_either_face(county, someone, face):
    work = Casework(county)
    case = await work.report()
    lead, _ = await work.lead(case)
    officer = await someone("handler_D08", face="console" if face == "/s/v1" else "phone")
    [card] = (await officer.get(f"{face}/tasks"))["items"]
    assert (card["id"], card["no"], card["part"]) == (str(lead.id), case.no, "lead")
    path = f"{face}/tasks/{lead.id}"
    assert (card["may"], card["may_ask"]) == (["accept", "assign", "return"], [])
    accepted = await officer.post(f"{path}/accept")
    assert accepted["case_stage"] == "handling"
    assert accepted["may"] == ["assign", "return", "check_in", "progress", "resolve"]
    assert accepted["may_ask"] == ["extend"]
    position = {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "source": "device"}
    assert (await officer.post(f"{path}/check-in", {"position": position}))["stage"] == "arrived"
    await officer.post(f"{path}/progress", {"note": "在修", "photos": [await officer.photo()]})
    await work.helped(case)
    body = {"result": "好了", "photos": [await officer.photo()]}
    assert (await officer.post(f"{path}/resolve", body))["case_stage"] == "checking"
    assert (await officer.get(f"{face}/tasks"))["items"] == []
    done = (await officer.get(f"{face}/tasks?stage=done"))["items"]
    assert [each["result"] for each in done] == ["好了"]
    assert [(each["may"], each["may_ask"]) for each in done] == [([], [])]


@pytest.mark.parametrize("face", ["/m/v1", "/s/v1"])
async def test_a_head_gives_a_task_to_one_of_the_unit_and_takes_it_back(county, someone, face):
    work = Casework(county)
    case, earlier = await work.handling(), await work.report()
    lead, handler = await work.lead(case)
    at = "console" if face == "/s/v1" else "phone"
    head, officer = await someone("head_D08", face=at), await someone("handler_D08", face=at)
    path = f"{face}/tasks/{lead.id}"
    offered = (await head.get(f"{path}/persons"))["items"]
    mine = {"account": str(handler.id), "name": handler.name, "away": False}
    assert mine in offered
    assert (await officer.get(f"{path}/persons"))["items"] == [mine]
    card = await head.post(f"{path}/assign", {"person": mine["account"]})
    assert (card["assignee"], card["assignee_name"]) == (str(handler.id), handler.name)
    before = await everything()
    assert (await head.post(f"{path}/assign", {"person": mine["account"]}))["assignee"]
    assert await everything() == before
    sections = {
        each["name"]: each["items"] for each in (await officer.get("/m/v1/todo"))["sections"]
    }
    rows = [(each["no"], each["assignee_name"], each["mine"]) for each in sections["tasks"]]
    assert rows == [(case.no, handler.name, True), (earlier.no, "", False)]
    stranger = str((await work.actor("handler_D01")).id)
    for body, status, code in (
        ({"person": stranger}, 422, "assign.unfit"),
        ({"person": "x"}, 400, "bad_input"),
        ({}, 400, "bad_input"),
    ):
        found, answer = await head.call("POST", f"{path}/assign", json=body)
        assert (found, answer["code"]) == (status, code)
    others = str((await work.actor("head_D08")).id)
    found, answer = await officer.call("POST", f"{path}/assign", json={"person": others})
    assert (found, answer["code"]) == (403, "assign.others")
    assert "单位负责人" in answer["title"]
    card = await head.post(f"{path}/assign", {"person": None})
    assert (card["assignee"], card["assignee_name"]) == ("", "")


async def test_what_may_be_asked_for_is_said_to_the_unit_and_its_head(county, someone):
    work = Casework(county)
    case = await work.handling()
    lead, _ = await work.lead(case)
    helper, *_ = await work.tasks(case, "cooperating")
    asked = {
        "handler_D08": ["extend"],
        "head_D08": ["extend", "suspend"],
        work.officer_of(helper.unit_id): [],
        "dispatcher1": [],
    }
    for username, kinds in asked.items():
        person = await someone(username, face="console")
        tasks = (await person.get(f"/s/v1/cases/{case.no}"))["tasks"]
        assert [kind for task in tasks for kind in task["may_ask"]] == kinds, username
    head = await someone("head_D08")
    shown = await head.get(f"/m/v1/tasks/{lead.id}")
    assert shown["task"]["may_ask"] == asked["head_D08"]
    await Task.filter(id=lead.id).update(due_at=now() - timedelta(hours=1))
    shown = await head.get(f"/m/v1/tasks/{lead.id}")
    assert shown["task"]["may_ask"] == ["extend", "suspend", "exempt"]
    await Task.filter(id=lead.id).update(exempted_at=now())
    shown = await head.get(f"/m/v1/tasks/{lead.id}")
    assert shown["task"]["may_ask"] == asked["head_D08"]
    assert {(*other["may"], *other["may_ask"]) for other in shown["others"]} == {("waive",)}


async def test_what_a_task_does_not_take_is_refused_and_changes_nothing(county, someone):
    work = Casework(county)
    case = await work.handling()
    await work.helped(case)
    lead, _ = await work.lead(case)
    officer, other = await someone("handler_D08"), await someone("handler_U01")
    theirs = await other.photo()
    path, before = f"/m/v1/tasks/{lead.id}", await everything()
    swapped = {"lon": WALL[1], "lat": WALL[0], "datum": "wgs84"}
    for tail, body, status, code in (
        ("accept", {}, 409, "task.wrong_stage"),
        ("accept", {"note": 1}, 400, "bad_input"),
        ("accept", {"extra": 1}, 400, "bad_input"),
        ("check-in", {"position": swapped}, 422, "position.bad"),
        ("check-in", {"position": {"lon": False, "lat": 3.0, "datum": "wgs84"}}, 400, "bad_input"),
        ("progress", {}, 400, "bad_input"),
        ("progress", {"note": ""}, 400, "bad_input"),
        ("progress", {"note": "x", "photos": [theirs]}, 422, "photo.unknown"),
        ("resolve", {"result": "好"}, 422, "case.not_ready"),
        ("resolve", {"photos": [theirs]}, 400, "bad_input"),
        ("resolve", {"result": "好", "photos": [theirs]}, 422, "photo.unknown"),
        ("resolve", {"result": "好", "photos": [theirs] * 10}, 400, "bad_input"),
    ):
        found = await officer.call("POST", f"{path}/{tail}", json=body)
        assert (found[0], found[1]["code"]) == (status, code), (tail, body, found)
        assert found[1]["title"]
    assert await everything() == before


async def test_progress_sent_again_with_its_key_is_written_down_once(county, someone):
    work = Casework(county)
    case = await work.handling()
    lead, _ = await work.lead(case)
    officer = await someone("handler_D08")
    path = f"/m/v1/tasks/{lead.id}/progress"
    noted = {"key": str(uuid4()), "note": "已到现场", "photos": [await officer.photo()]}
    await officer.post(path, noted)
    before = await everything()
    assert (await officer.post(path, noted))["id"] == str(lead.id)
    assert await everything() == before
    await officer.post(path, noted | {"key": str(uuid4())})
    status, said = await officer.call("POST", path, json=noted)
    assert (status, said["code"]) == (409, "case.already_done")
    timeline = (await officer.get(f"/m/v1/tasks/{lead.id}"))["timeline"]
    assert [row["note"] for row in timeline].count("已到现场") == 2


async def test_tasks_of_others_are_answered_like_tasks_that_do_not_exist(county, someone):
    work = Casework(county)
    lead, _ = await work.lead(await work.report())
    stranger = await someone("handler_D01")
    for method, tail in (("GET", ""), ("POST", "/accept"), ("POST", "/resolve")):
        body = {"result": "x"} if tail == "/resolve" else {}
        for face in ("/m/v1", "/s/v1"):
            answers = [
                await stranger.call(method, f"{face}/tasks/{number}{tail}", json=body)
                for number in (lead.id, 99999, "x", 0, 2**70)
            ]
            assert {status for status, _ in answers} == {404}
            assert len({json.dumps(answer, sort_keys=True) for _, answer in answers}) == 1


async def test_boards_come_in_pages_and_refuse_cursors_of_others_making(county, someone):
    work, officer = Casework(county), await someone("handler_D08")
    for _ in range(3):
        await work.report()
    seen, after = [], ""
    while after is not None:
        page = await officer.get(f"/m/v1/tasks?limit=2{after and '&after=' + after}")
        seen += [card["id"] for card in page["items"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == 3
    for values in ([-1], ["x"], [1, 2], [2**70], {}, [True]):
        forged = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
        for face in ("/m/v1", "/s/v1"):
            status, answer = await officer.call("GET", f"{face}/tasks?after={forged}")
            assert (status, answer["code"]) == (400, "bad_input"), values


@pytest.mark.slow
async def test_no_answer_to_staff_or_units_and_no_message_says_who_reported(county, someone):
    work = Casework(county)
    reporter = await work.actor("resident1")
    name, username = CANARIES
    await Account.filter(id=reporter.id).update(name=name, username=username)
    case = await work.closed()
    await county.deliver()
    number = f'"{reporter.id}"'
    read = 0
    for who in ("handler_D08", "handler_U01", "township02", "acceptor1", "leader1", "auditor1"):
        person = await someone(who)
        paths = [
            "/m/v1/tasks?stage=done",
            "/s/v1/tasks?stage=done",
            "/s/v1/cases",
            f"/s/v1/cases/{case.no}",
            f"/s/v1/cases/{case.no}/steps",
            f"/m/v1/reports/{case.no}",
            "/m/v1/inbox?limit=100",
        ]
        for task in await work.tasks(case):
            paths += [f"/m/v1/tasks/{task.id}", f"/s/v1/tasks/{task.id}"]
        for path in paths:
            status, answer = await person.call("GET", path)
            assert status in (200, 403, 404), (who, path)
            written = json.dumps(answer, ensure_ascii=False)
            assert name not in written, (who, path)
            assert username not in written, (who, path)
            read += status == 200
            if status == 200 and "inbox" not in path:
                assert not _values(answer, "reporter_id")
                assert not _values(answer, "by_id")
                assert number not in json.dumps(_values(answer, "account"))
    assert read > 30


def _values(answer, key):
    """Every value under a key, however deep."""
    if isinstance(answer, dict):
        return [v for k, v in answer.items() if k == key] + _values(list(answer.values()), key)
    if isinstance(answer, list):
        return [found for each in answer for found in _values(each, key)]
    return []
