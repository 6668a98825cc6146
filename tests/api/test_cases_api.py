"""Cases at a desk: the list and its filters, one case whole, its steps, and every verb."""

from datetime import timedelta
from urllib.parse import quote

from server.appraisal.commands import Opinion, appraise
from server.cases.models.case import Case
from server.cases.models.task import Check, Task
from server.clock import now
from tests.casework import PLACES, STAIRS_BLOCKED, Casework, everything, position


async def test_an_acceptor_files_declines_and_a_dispatcher_dispatches(county, someone):
    work = Casework(county)
    acceptor, dispatcher = await someone("acceptor1"), await someone("dispatcher1")
    waiting = await work.submitted()
    whole = await acceptor.get(f"/s/v1/cases/{waiting.no}")
    assert [each["code"] for each in whole["waits_for"]] == ["screened"]
    assert {"file", "decline"} <= set(whole["may"])
    assert whole["suggestion"]["matters"]
    filed = await acceptor.post(f"/s/v1/cases/{waiting.no}/file", {"note": "属实"})
    assert filed["stage"] == "dispatched"
    other = await work.submitted()
    body = {"code": "not_ours", "where_to_go": "找12345", "missing": ["照片"]}
    assert (await acceptor.post(f"/s/v1/cases/{other.no}/decline", body))["stage"] == "declined"
    reporter = await someone("resident1")
    seen = await reporter.get(f"/m/v1/reports/{other.no}")
    assert seen["case"]["stage"] == "declined"
    off = await work.filed()
    choice = {"lead": "区住房和城乡建设局", "limit": 3, "urgency": "work_day"}
    sent = await dispatcher.post(f"/s/v1/cases/{off.no}/dispatch", choice)
    assert (sent["stage"], sent["lead"]) == ("dispatched", "区住房和城乡建设局")


async def test_what_a_verb_does_not_take_is_refused_and_changes_nothing(county, someone):
    work = Casework(county)
    acceptor, dispatcher = await someone("acceptor1"), await someone("dispatcher1")
    waiting, filed, checking = await work.submitted(), await work.filed(), await work.checking()
    before = await everything()
    decline = {"code": "other", "where_to_go": "别处"}
    choice = {"lead": "区住房和城乡建设局", "limit": 3, "urgency": "work_day"}
    for person, case, verb, body, status, code in (
        (acceptor, waiting, "decline", {}, 400, "bad_input"),
        (acceptor, waiting, "decline", decline | {"code": "no_mood"}, 400, "bad_input"),
        (acceptor, waiting, "decline", {"code": "other"}, 400, "bad_input"),
        (acceptor, waiting, "decline", decline | {"where_to_go": ""}, 400, "bad_input"),
        (acceptor, waiting, "file", {"matter": "ZZ-999"}, 422, "matter.unknown"),
        (acceptor, waiting, "file", {"place": "1"}, 400, "bad_input"),
        (acceptor, waiting, "close", {}, 409, "case.wrong_stage"),
        (acceptor, checking, "close", {}, 422, "case.not_ready"),
        (acceptor, checking, "rework", {}, 400, "bad_input"),
        (acceptor, checking, "rework", {"reason": " "}, 422, "case.reason_missing"),
        (dispatcher, filed, "dispatch", {}, 422, "case.no_lead"),
        (
            dispatcher,
            filed,
            "dispatch",
            choice | {"lead": "荣华街道"},
            422,
            "case.off_list_township",
        ),
        (dispatcher, filed, "dispatch", choice | {"lead": "谁"}, 422, "unit.unknown"),
        (dispatcher, filed, "dispatch", choice | {"limit": None}, 422, "case.not_ready"),
        (dispatcher, filed, "dispatch", choice | {"limit": True}, 400, "bad_input"),
        (dispatcher, checking, "dispatch", choice, 409, "case.wrong_stage"),
    ):
        found = await person.call("POST", f"/s/v1/cases/{case.no}/{verb}", json=body)
        assert (found[0], found[1]["code"]) == (status, code), (verb, body, found)
        assert found[1]["title"]
    assert await everything() == before


async def test_a_checked_case_is_closed_by_a_third_and_sent_back_with_a_reason(county, someone):
    work, acceptor = Casework(county), await someone("acceptor1")
    case = await work.checking()
    await work.check(case, passed=False)
    back = await acceptor.post(f"/s/v1/cases/{case.no}/rework", {"reason": "灯还不亮"})
    assert (back["stage"], back["cycle"]) == ("handling", 2)
    case.cycle = 2
    await work.resolve(case)
    whole = await acceptor.get(f"/s/v1/cases/{case.no}")
    path = f"/s/v1/checks/{whole['checks'][-1]['id']}"
    second, body = await someone("acceptor2"), {"passed": True, "note": "亮了"}
    early = await second.call("POST", path, json=body)
    assert (early[0], early[1]["code"]) == (403, "not_permitted")
    # By documents only once whoever was asked has not gone there in time.
    await Check.filter(case_id=case.id).update(due_at=now())
    await second.post(path, body)
    refused = await second.call("POST", f"/s/v1/cases/{case.no}/close", json={})
    assert (refused[0], refused[1]["code"]) == (403, "case.interested_party")
    assert (await acceptor.post(f"/s/v1/cases/{case.no}/close"))["stage"] == "closed"
    leader = await someone("leader1")
    again = await leader.post(f"/s/v1/cases/{case.no}/redo", {"reason": "群众又反映"})
    assert (again["stage"], again["cycle"]) == ("handling", 3)


async def test_the_list_is_narrowed_by_what_a_desk_asks_for(county, someone):
    work, leader = Casework(county), await someone("leader1")
    lamp, waiting, off = await work.report(), await work.submitted(), await work.filed()
    far = await work.report("grid0101", matter="HJ-001", position=position(PLACES["workshops"]))
    at = f"{PLACES['workshops'][0] - 0.001},{PLACES['workshops'][1] - 0.001},"
    at += f"{PLACES['workshops'][0] + 0.001},{PLACES['workshops'][1] + 0.001}"
    cases = (lamp, waiting, off, far)
    every = {each.no for each in cases}
    for query, expected in (
        ("", every),
        ("stage=submitted", {waiting.no}),
        (f"township={far.township_code}", {far.no}),
        (f"unit={quote('区住房和城乡建设局')}", {lamp.no}),
        ("matter=HJ-001", {far.no}),
        (f"kind={far.kind}", {each.no for each in cases if each.kind == far.kind}),
        (f"village={far.village_code}", {far.no}),
        (f"grid={far.grid_code}", {far.no}),
        (f"domain={quote('生态环境')}", {far.no}),
        ("overdue=true", set()),
        (f"q={lamp.no}", {lamp.no}),
        (f"q={quote('路灯')}", every),
        (f"bbox={at}", {far.no}),
        ("from=2020-01-01T00:00:00Z", every),
        ("to=2020-01-01T00:00:00Z", set()),
    ):
        items = (await leader.get(f"/s/v1/cases?{query}"))["items"]
        assert {card["no"] for card in items} == expected, query
    for query in (
        "bbox=1,2,3",
        "stage=nonsense",
        "bbox=a,b,c,d",
        "bbox=nan,nan,nan,nan",
        "bbox=200,0,201,1",
        "from=2020-01-01",
        "limit=1000",
        "after=x",
        "sort=name",
        "stage=a&stage=b",
    ):
        status, answer = await leader.call("GET", f"/s/v1/cases?{query}")
        assert (status, answer["code"]) == (400, "bad_input"), query


async def test_the_list_is_narrowed_by_how_cases_came_stand_and_were_judged(county, someone):
    work, leader = Casework(county), await someone("leader1")
    lamp = await work.report("township02", channel="hotline")
    paused, quiet, solved, unsolved = [
        await work.at("suspended"),
        *[await work.closed() for _ in range(3)],
    ]
    late = await work.report(matter=STAIRS_BLOCKED)
    await Case.filter(id=late.id).update(due_at=now() - timedelta(hours=1))
    await Case.filter(id=lamp.id).update(due_at=now() + timedelta(hours=2))
    for case, opinion, who in ((solved, True, "resident1"), (unsolved, False, "township02")):
        by = await work.actor(who)
        said = Opinion(responded=True, solved=opinion, satisfaction=3)
        await appraise(case.no, said, by=by, at=now(), basis=work.basis)
    await Task.filter(case_id=late.id).update(platform="市场监管")
    for query, expected in (
        ("channel=hotline", {lamp.no}),
        ("clock=soon", {lamp.no}),
        ("clock=running", {lamp.no}),
        ("clock=late", {late.no}),
        ("clock=paused", {paused.no}),
        ("appraisal=solved", {solved.no}),
        ("appraisal=unsolved", {unsolved.no}),
        ("appraisal=nothing", {quiet.no}),
        (f"platform={quote('市场监管')}", {late.no}),
        ("channel=wechat&clock=late", {late.no}),
    ):
        items = (await leader.get(f"/s/v1/cases?{query}"))["items"]
        assert {card["no"] for card in items} == expected, query
    for query in (
        "channel=pigeon",
        "clock=slow",
        "appraisal=5",
        "platform=x",
        "trouble=no",
        "part=lead",
    ):
        status, answer = await leader.call("GET", f"/s/v1/cases?{query}")
        assert (status, answer["code"]) == (400, "bad_input"), query


async def test_the_list_is_narrowed_by_what_stood_in_the_way_and_by_a_units_part(county, someone):
    work, leader = Casework(county), await someone("leader1")
    easy, disputed, conferred = [
        await work.report("township02"),
        await work.disputed(),
        await work.in_conference(),
    ]
    await leader.post(f"/s/v1/cases/{easy.no}/supervise", {"text": "抓紧"})
    helped = await work.handling()
    await work.helped(helped)
    [helper, *_] = await work.tasks(helped, "cooperating")
    unit = quote(work.basis.units.by_id[helper.unit_id].name)
    for query, expected in (
        ("trouble=supervised", {easy.no}),
        ("trouble=returned", {disputed.no, conferred.no}),
        ("trouble=conference", {conferred.no}),
        ("trouble=returned&stage=disputed", {disputed.no}),
    ):
        items = (await leader.get(f"/s/v1/cases?{query}"))["items"]
        assert {card["no"] for card in items} == expected, query
    parts = [
        {card["no"] for card in (await leader.get(f"/s/v1/cases?unit={unit}{part}"))["items"]}
        for part in ("&part=lead", "&part=cooperating", "")
    ]
    assert helped.no in parts[1] - parts[0]
    assert parts[0] | parts[1] == parts[2]


async def test_a_period_long_past_has_all_that_was_received_in_it(county, someone):
    work, leader = Casework(county), await someone("leader1")
    earliest, late, between, fresh = [await work.report() for _ in range(4)]
    days = {
        earliest.no: 90,
        late.no: 60,
        between.no: 61,
        fresh.no: 0,
    }  # not in the order of numbers
    for no, ago in days.items():
        await Case.filter(no=no).update(received_at=now() - timedelta(days=ago))

    async def shown(**period):
        said = {name: (now() - timedelta(days=ago)).isoformat() for name, ago in period.items()}
        query = "&".join(f"{name}={quote(moment)}" for name, moment in said.items())
        return {each["no"] for each in (await leader.get(f"/s/v1/cases?{query}"))["items"]}

    assert await shown(**{"from": 70, "to": 50}) == {late.no, between.no}
    assert await shown(to=50) == {earliest.no, late.no, between.no}
    assert await shown(**{"from": 50, "to": 30}) == set()
    assert await shown(**{"from": 70}) == {late.no, between.no, fresh.no}


async def test_a_filter_that_there_is_not_is_refused_by_its_name(county, someone):
    leader = await someone("leader1")
    lamp = await Casework(county).report()
    for name, value in (
        ("stage", "待签收"),
        ("kind", "民生"),
        ("township", "荣华街道"),
        ("township", lamp.grid_code),
        ("village", lamp.township_code),
        ("grid", "1"),
        ("unit", "没有这个局"),
        ("domain", "没有这个领域"),
        ("matter", "ZZ-999"),
        ("q", "，。"),
    ):
        status, answer = await leader.call("GET", f"/s/v1/cases?{name}={quote(value)}")
        assert (status, answer["code"]) == (400, "bad_input"), name
        assert [each["pointer"] for each in answer["errors"]] == [f"/{name}"], answer


async def test_steps_come_in_order_and_in_pages_without_names(county, someone):
    work, auditor = Casework(county), await someone("auditor1")
    case = await work.closed()
    seen, after = [], ""
    while after is not None:
        path = f"/s/v1/cases/{case.no}/steps?limit=3{after and '&after=' + after}"
        page = await auditor.get(path)
        seen += page["items"]
        after = page["next"]
    assert [step["version"] for step in seen] == list(range(1, case.version + 1))
    assert seen[0]["by_role"] == "reporter"
    assert all(step["verb_text"] for step in seen)
    for path in ("/s/v1/cases/260101-00000000", "/s/v1/cases/260101-00000000/steps"):
        assert (await auditor.call("GET", path))[0] == 404
