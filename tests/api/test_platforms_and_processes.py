"""The four platforms and the processes over HTTP, on foot and at a desk."""

import pytest

from server.cases.models.task import Task
from tests.casework import STREET_LAMP, Casework, everything

BOTH = pytest.mark.parametrize("face", ["/m/v1", "/s/v1"])


@BOTH
async def test_the_township_sees_its_platforms_and_moves_a_task_between_them(
    county, someone, face
):
    work = Casework(county)
    case = await work.report(matter=STREET_LAMP)
    room = await someone("township02", face="console" if face == "/s/v1" else "phone")
    [card] = (await room.get(f"{face}/tasks?platform=便民服务"))["items"]
    assert (card["no"], card["platform"]) == (case.no, "便民服务")
    assert (await room.get(f"{face}/tasks?platform=综治"))["items"] == []
    counted = (await room.get(f"{face}/platforms"))["items"]
    assert [(row["name"], row["open"], row["overdue"]) for row in counted] == [
        ("综治工作", 0, 0),
        ("市场监管", 0, 0),
        ("综合执法", 0, 0),
        ("便民服务", 1, 0),
    ]
    moved = await room.post(f"{face}/tasks/{card['id']}/route", {"platform": "综治"})
    assert moved["platform"] == "综治"
    assert len((await room.get(f"{face}/tasks?platform=综治"))["items"]) == 1
    shown = await room.get(f"/s/v1/cases/{case.no}")
    assert shown["case"]["platform"] == "便民服务"
    assert sorted(task["platform"] for task in shown["tasks"]) == ["", "", "综治"]


@BOTH
async def test_a_route_is_refused_with_its_code_and_changes_nothing(county, someone, face):
    work = Casework(county)
    case = await work.report(matter=STREET_LAMP)
    [task] = await Task.filter(case_id=case.id, platform="便民服务")
    lead, _ = await work.lead(case)
    where = "console" if face == "/s/v1" else "phone"
    before = await everything()
    for who, task_id, body, status, code in (
        ("township02", task.id, {"platform": "城管"}, 422, "platform.unknown"),
        ("township02", task.id, {"platform": "便民服务"}, 409, "case.already_done"),
        ("township02", task.id, {}, 400, "bad_input"),
        ("township02", task.id, {"platform": 1}, 400, "bad_input"),
        ("township02", lead.id, {"platform": "综治"}, 403, "not_permitted"),
        ("township04", task.id, {"platform": "综治"}, 404, "not_found"),
        ("handler_D08", task.id, {"platform": "综治"}, 403, "not_permitted"),
        ("resident1", task.id, {"platform": "综治"}, 403, "not_permitted"),
    ):
        person = await someone(who, face=where)
        found = await person.call("POST", f"{face}/tasks/{task_id}/route", json=body)
        assert (found[0], found[1]["code"]) == (status, code), (who, body)
        assert found[1]["title"]
    assert await everything() == before


async def test_the_matters_with_a_process_are_listed_with_their_steps(county, someone):
    clerk = await someone("township02", face="console")
    found = (await clerk.get("/s/v1/processes"))["items"]
    assert len(found) == 10
    building = next(each for each in found if each["code"] == "CJ-001")
    assert (building["lead"], building["limit_text"]) == ("区综合行政执法局", "15个工作日")
    assert [step["position"] for step in building["steps"]] == [1, 2, 3, 3, 4, 4, 5]
    first = building["steps"][0]
    assert (first["unit"], first["limit_text"]) == ("镇街", "4个工作小时")
    joint = next(each for each in found if each["code"] == "HJ-001")
    assert {step["limit_text"] for step in joint["steps"]} == {""}
    resident = await someone("resident1", face="console")
    status, answer = await resident.call("GET", "/s/v1/processes")
    assert (status, answer["code"]) == (403, "not_permitted")


async def test_a_suggested_matter_says_whether_it_has_a_process(county, someone):
    phone = await someone("resident1")
    found = (await phone.get("/m/v1/matters?q=老板拖欠农民工工资"))["items"]
    assert {each["code"]: each["process"] for each in found}["MS-011"] is True
    lamps = (await phone.get("/m/v1/matters?q=路灯不亮"))["items"]
    assert {each["code"]: each["process"] for each in lamps}[STREET_LAMP] is False


@BOTH
async def test_the_lead_marks_its_steps_and_everybody_at_work_sees_how_it_stands(
    county, someone, face
):
    work = Casework(county)
    case = await work.handling(await work.report("grid0202", matter="MS-011"))
    lead, by = await work.lead(case)
    where = "console" if face == "/s/v1" else "phone"
    officer = await someone(work.officer_of(lead.unit_id), face=where)
    path = f"{face}/tasks/{lead.id}"

    async def shown() -> list[tuple[int, str, str]]:
        whole = await officer.get(f"/s/v1/cases/{case.no}")
        assert (await officer.get(f"/m/v1/tasks/{lead.id}"))["process"] == whole["process"]
        return [(row["position"], row["unit"], row["state"]) for row in whole["process"]]

    assert (await shown())[:2] == [
        (1, "荣华街道", "open"),
        (2, "区人力资源和社会保障局", "waiting"),
    ]
    before = await everything()
    for body, status, code in (
        ({"note": "立案", "step": 2}, 409, "process.not_open"),
        ({"note": "立案", "step": 0}, 400, "bad_input"),
        ({"note": "立案", "step": "2"}, 400, "bad_input"),
        ({"step": 2}, 400, "bad_input"),
    ):
        found = await officer.call("POST", f"{path}/progress", json=body)
        assert (found[0], found[1]["code"]) == (status, code), body
    photo = await officer.photo()
    finish = {"result": "好了", "photos": [photo]}
    before = await everything()
    status, answer = await officer.call("POST", f"{path}/resolve", json=finish)
    assert (status, answer["code"]) == (409, "case.tasks_open")
    assert await everything() == before
    [first] = await work.tasks(case, "cooperating")
    room = await someone("township02", face=where)
    await room.post(f"{face}/tasks/{first.id}/accept")
    card = await room.post(f"{face}/tasks/{first.id}/resolve", {"result": "登记好了"})
    assert (card["position"], card["step"]) == (1, "登记欠薪人员和金额，稳定情绪")
    before = await everything()
    status, answer = await officer.call("POST", f"{path}/resolve", json=finish)
    assert (status, answer["code"]) == (409, "process.steps_open")
    assert "立案调查" in answer["title"]
    assert await everything() == before
    await officer.post(f"{path}/progress", {"note": "立案了", "step": 2})
    found = await shown()
    assert found[:4] == [
        (1, "荣华街道", "done"),
        (2, "区人力资源和社会保障局", "done"),
        (3, "区住房和城乡建设局", "open"),
        (3, "区交通运输局", "open"),
    ]
    await work.helped(case)
    assert {state for _, _, state in await shown()} == {"done"}
    assert (await officer.post(f"{path}/resolve", finish))["case_stage"] == "checking"
    del by
