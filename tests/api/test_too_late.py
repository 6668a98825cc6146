"""Somebody else was faster: the refusal says who did what, and only what its reader may do."""

import re
from uuid import uuid4

from server.cases.work import checking
from server.clock import now
from tests.api.refusals import refused
from tests.casework import ILLEGAL_BUILDING, Casework, rows_of

RULED = {"reason": "职责明确", "upheld": False}
LACKS = {"missing": ["门牌号"]}


async def test_the_second_of_two_acceptors_reads_who_filed_it_and_what_is_left_to_do(
    county, someone
):
    work = Casework(county)
    case = await work.report(matter=ILLEGAL_BUILDING)
    first, second = await someone("acceptor1", "console"), await someone("acceptor2", "console")
    path = f"/s/v1/cases/{case.no}/file"
    card = await first.post(path)
    status, answer = await second.call("POST", path, json={})
    refused(status, answer, 409, "case.wrong_stage")
    name = (await work.actor("acceptor1")).name
    assert answer["title"].startswith(f"受理员 {name[0]}*已于 ")
    assert f"立案，由{card['lead']}负责。" in answer["title"]
    may = (await second.get(f"/s/v1/cases/{case.no}"))["may"]
    assert answer["facts"]["possible"] == may
    assert "签收" not in answer["title"].partition("您现在可以进行")[2]
    again = await first.call("POST", path, json={"note": "再点一次"})
    assert again[1]["title"].startswith("您已于 ")


async def test_a_resident_reads_the_role_and_no_name_and_own_acts_alone(county, someone):
    work = Casework(county)
    case = await work.submitted()
    decline = {"code": "not_ours", "where_to_go": "别处"}
    await (await someone("acceptor1", "console")).post(f"/s/v1/cases/{case.no}/decline", decline)
    mine = await someone("resident1")
    path = f"/m/v1/reports/{case.no}/supplement"
    body = {"key": "0b0e8b2e-5b1c-4d6e-8f7a-1c2d3e4f5a6b", "text": "三号楼"}
    status, answer = await mine.call("POST", path, json=body)
    refused(status, answer, 409, "case.wrong_stage")
    assert answer["title"].startswith("受理员已于 ")
    assert answer["facts"]["possible"] == (await mine.get(f"/m/v1/reports/{case.no}"))["may"]


async def test_two_officers_finish_one_task_and_the_second_reads_that(county, someone):
    work = Casework(county)
    task, _ = await work.lead(await work.report())
    handler, head = await someone("handler_D08"), await someone("head_D08")
    path = f"/m/v1/tasks/{task.id}/accept"
    await handler.post(path)
    status, answer = await head.call("POST", path, json={})
    refused(status, answer, 409, "task.wrong_stage")
    assert answer["title"].startswith("区住房和城乡建设局 单位经办人 ")
    assert "签收，由区住房和城乡建设局负责。" in answer["title"]
    read = await head.get(f"/m/v1/tasks/{task.id}")
    assert answer["facts"]["possible"] == read["task"]["may"]


async def test_whose_task_went_with_its_case_reads_who_moved_that(county, someone):
    work = Casework(county)
    handler = await someone("handler_D08")
    case = await work.at("suspended")
    task, _ = await work.lead(case)
    body = {"note": "到了", "key": str(uuid4())}
    status, answer = await handler.call("POST", f"/m/v1/tasks/{task.id}/progress", json=body)
    refused(status, answer, 409, "case.wrong_stage")
    assert answer["title"].startswith("派遣员 ")
    assert "挂账。" in answer["title"]
    assert "负责" not in answer["title"].partition("。")[0]
    case = await work.report()
    await (await someone("resident1")).post(f"/m/v1/reports/{case.no}/withdraw", {"reason": "错"})
    for part in await work.tasks(case):
        helper = await someone(work.officer_of(part.unit_id))
        status, answer = await helper.call("POST", f"/m/v1/tasks/{part.id}/accept", json={})
        refused(status, answer, 409, "task.wrong_stage")
        assert re.match("上报人已于 .*撤回", answer["title"])


async def test_who_was_asked_to_look_reads_why_nobody_asks_any_more(county, someone):
    work, acceptor = Casework(county), await someone("acceptor1", "console")
    case = await work.submitted()
    await acceptor.post(f"/s/v1/cases/{case.no}/verify", {"question": "在吗"})
    second = await someone("acceptor2", "console")
    status, answer = await second.call(
        "POST", f"/s/v1/cases/{case.no}/verify", json={"question": "还在吗"}
    )
    assert status != 200
    assert re.match(r"受理员 .\*已于 .*请网格员核实。", answer["title"])
    [row] = await rows_of("SELECT id, assignee_id FROM case_verification")
    looker = await someone(await username(row["assignee_id"]))
    await (await someone("resident1")).post(f"/m/v1/reports/{case.no}/withdraw", {"reason": "错"})
    found = {"passed": True, "note": "在"}
    status, answer = await looker.call("POST", f"/m/v1/verifications/{row['id']}", json=found)
    refused(status, answer, 409, "case.wrong_stage")
    assert re.match("上报人已于 .*撤回", answer["title"])


async def test_who_was_to_check_reads_that_it_is_handled_again(county, someone):
    work = Casework(county)
    case = await work.at("checking")
    [row] = await rows_of("SELECT id, assignee_id FROM case_check")
    looker = await someone(await username(row["assignee_id"]))
    by = await work.actor("acceptor1")
    await checking.rework(case.no, "没修好", by=by, at=now(), basis=work.basis)
    found = {"passed": True, "note": "好了"}
    path = f"/m/v1/checks/{row['id']}"
    status, answer = await looker.call("POST", path, json=found)
    refused(status, answer, 409, "case.wrong_stage")
    assert re.match("受理员.*已于 .*返工", answer["title"])
    refused(*await (await someone("grid0301")).call("POST", path, json=found), 404, "not_found")


async def username(account_id: int) -> str:
    [row] = await rows_of("SELECT username FROM account WHERE id = $1", account_id)
    return str(row["username"])


async def twice(person, path, body=None):
    """What two equal taps are answered; all that the first one did is done once."""
    first = await person.call("POST", path, json=body or {})
    before = await rows_of("SELECT count(*) FROM case_step")
    second = await person.call("POST", path, json=body or {})
    assert await rows_of("SELECT count(*) FROM case_step") == before
    assert first[0] == 200, first
    return first, second


async def test_a_second_equal_tap_is_answered_as_the_first(county, someone):
    work = Casework(county)
    acceptor, handler = await someone("acceptor1", "console"), await someone("handler_D08")
    case = await work.report(matter=ILLEGAL_BUILDING)
    first, second = await twice(acceptor, f"/s/v1/cases/{case.no}/file", {"note": "属实"})
    assert first == second
    case = await work.report()
    task, _ = await work.lead(case)
    first, second = await twice(handler, f"/m/v1/tasks/{task.id}/accept")
    assert first == second
    await work.helped(case)
    done = {"result": "换了灯泡", "photos": [await handler.photo()]}
    first, second = await twice(handler, f"/m/v1/tasks/{task.id}/resolve", done)
    assert first == second
    [row] = await rows_of("SELECT id FROM case_check WHERE done_at IS NULL")
    checker = await someone("grid0202")
    found = {"passed": True, "note": "亮了", "photos": [await checker.photo()]}
    first, second = await twice(checker, f"/m/v1/checks/{row['id']}", found)
    assert first == second
    mine = await someone("resident1")
    other = await work.submitted()
    first, second = await twice(mine, f"/m/v1/reports/{other.no}/withdraw", {"reason": "看错了"})
    assert first == second


async def test_a_tap_with_other_words_or_after_somebody_else_is_refused(county, someone):
    work = Casework(county)
    handler, head = await someone("handler_D08"), await someone("head_D08")
    task, _ = await work.lead(await work.report())
    path = f"/m/v1/tasks/{task.id}/accept"
    await handler.post(path)
    status, answer = await handler.call("POST", path, json={"note": "又点了"})
    refused(status, answer, 409, "task.wrong_stage")
    assert answer["title"].startswith("您已于 ")
    await head.post(f"/m/v1/tasks/{task.id}/progress", {"note": "已派人", "key": str(uuid4())})
    status, answer = await handler.call("POST", path, json={})
    refused(status, answer, 409, "task.wrong_stage")
    assert "单位负责人" in answer["title"]


async def test_what_would_be_done_twice_is_done_once_by_two_equal_taps_and_again_by_other_words(
    county, someone
):
    work = Casework(county)
    leader, handler = await someone("leader1", "console"), await someone("handler_D08")
    case = await work.report()
    task, _ = await work.lead(case)
    await handler.post(f"/m/v1/tasks/{task.id}/accept")
    for person, path, body, other in (
        (leader, f"/s/v1/cases/{case.no}/urge", {"text": "快"}, {"text": "再快"}),
        (leader, f"/s/v1/cases/{case.no}/supervise", {"text": "快"}, {"text": "再快"}),
        (leader, f"/s/v1/cases/{case.no}/instruct", {"text": "请查"}, {"text": "再查"}),
        (handler, f"/m/v1/tasks/{task.id}/progress", {"note": "在修"}, {"note": "快修好了"}),
    ):
        first, second = await twice(person, path, body)
        assert first == second, path
        n_steps = "SELECT count(*) AS n FROM case_step"
        [before] = await rows_of(n_steps)
        await person.post(path, other)
        [after] = await rows_of(n_steps)
        assert after["n"] == before["n"] + 1, path
    assert len(await rows_of("SELECT id FROM case_instruction")) == 2


async def test_the_same_again_after_more_than_a_minute_is_done_again(county, someone):
    work, leader = Casework(county), await someone("leader1", "console")
    case = await work.report()
    path = f"/s/v1/cases/{case.no}/urge"
    await leader.post(path)
    await rows_of("ALTER TABLE case_step DISABLE TRIGGER case_step_append_only")
    await rows_of("UPDATE case_step SET at = at - interval '61 seconds'")
    await leader.post(path)
    assert len(await rows_of("SELECT id FROM case_step WHERE verb = 'urge'")) == 2


async def test_whoever_comes_second_reads_who_answered_a_request_a_return_or_asked_before(
    county, someone
):
    work = Casework(county)
    pairs = {"dispatcher": "派遣员 ", "acceptor": "受理员 "}
    body = {"reason": "不足", "what": "extend"}
    for made, roles, tail, sent, code, did in (
        (await _asked(work), "dispatcher", "extend", {}, "request.none", "延期。"),
        (await _asked(work), "dispatcher", "refuse", body, "request.none", "不同意申请。"),
        (await work.disputed(), "dispatcher", "rule", RULED, "return.none", "裁定。"),
        (await work.submitted(), "acceptor", "inquire", LACKS, "inquire.given", "补充"),
    ):
        first, second = [await someone(f"{roles}{n}", "console") for n in (1, 2)]
        path = f"/s/v1/cases/{made.no}/{tail}"
        await first.post(path, sent)
        status, answer = await second.call("POST", path, json=sent)
        refused(status, answer, 409, code)
        assert answer["title"].startswith(pairs[roles]), answer["title"]
        assert did in answer["title"], answer["title"]
        assert "已于 " in answer["title"]


async def _asked(work):
    case = await work.handling()
    await work.ask(case)
    return case
