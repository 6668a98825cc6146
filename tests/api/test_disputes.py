"""Returns, rulings, conferences, precedents and adjustments over HTTP, on foot and at a desk."""

import asyncio

import pytest

from server.bus.local import LocalBus
from server.cases.door.knowledge import CHANGED
from server.permissions import GRANTS, Permission
from tests.casework import STREET_LAMP, Casework, everything
from tests.domain.acts.door import ONE_OF_EACH

WORKS, POWER, WATER = "区住房和城乡建设局", "区供电公司", "区城乡水务局"
CLAIM = {"ground": "wrong_matter", "reason": "是供电设施坏了", "proper_unit": POWER}
UPHELD = {"upheld": True, "reason": "现场看过，确是供电设施"}


async def returned(work, someone, case=None, face="/m/v1", **changes):
    """A case whose lead has returned it over HTTP, and the lead's task."""
    case = case or await work.report()
    lead, _ = await work.lead(case)
    officer = await someone(work.officer_of(lead.unit_id), face="console")
    card = await officer.post(f"{face}/tasks/{lead.id}/return", CLAIM | changes)
    assert (card["stage"], card["case_stage"]) == ("returned", "disputed")
    return case, lead


@pytest.mark.parametrize("face", ["/m/v1", "/s/v1"])
async def test_a_return_is_ruled_on_and_everybody_concerned_sees_it(county, someone, face):
    work = Casework(county)
    case, _ = await returned(work, someone, face=face)
    desk = await someone("dispatcher1", face="console")
    [waiting] = (await desk.get("/s/v1/returns"))["items"]
    given = waiting["given"]
    assert (given["unit"], given["proper_unit"], given["part"]) == (WORKS, POWER, "lead")
    assert given["ground_text"]
    assert (waiting["case"]["no"], waiting["case"]["stage"]) == (case.no, "disputed")
    card = await desk.post(
        f"/s/v1/cases/{case.no}/rule", UPHELD | {"return_id": given["id"], "lead": "D10"}
    )
    assert (card["stage"], card["lead"]) == ("dispatched", WATER)
    assert (await desk.get("/s/v1/returns"))["items"] == []
    for who in ("handler_D08", "handler_U01", "handler_D10", "township02", "auditor1"):
        seen = await (await someone(who, face="console")).get(f"/s/v1/cases/{case.no}")
        [shown] = seen["dispute"]["returns"]
        assert (shown["upheld"], shown["ruling"]) == (True, UPHELD["reason"]), who
        assert seen["explanation"]["lead"] == WATER


async def test_who_gave_it_back_in_vain_is_not_offered_to_do_so_again(county, someone):
    work = Casework(county)
    case = await work.report()
    officer = await someone("handler_D08", face="console")
    desk = await someone("dispatcher1", face="console")

    async def offered() -> list[list[str]]:
        whole = await officer.get(f"/s/v1/cases/{case.no}")
        on_foot = await officer.get(f"/m/v1/cases/{case.no}")
        alone = await officer.get(f"/m/v1/tasks/{whole['tasks'][0]['id']}")
        return [each["may"] for each in (whole["tasks"][0], on_foot["tasks"][0], alone["task"])]

    assert await offered() == [["accept", "assign", "return"]] * 3
    await returned(work, someone, case)
    await desk.post(f"/s/v1/cases/{case.no}/rule", {"upheld": False, "reason": "还是归你"})
    assert await offered() == [["accept", "assign"]] * 3


async def test_what_a_return_or_ruling_does_not_take_is_refused_and_changes_nothing(
    county, someone
):
    work = Casework(county)
    case = await work.report()
    lead, _ = await work.lead(case)
    officer = await someone("handler_D08", face="console")
    desk = await someone("dispatcher1", face="console")
    path, before = f"/s/v1/tasks/{lead.id}/return", await everything()
    for body, status, code in (
        ({}, 400, "bad_input"),
        (CLAIM | {"ground": "no_time"}, 400, "bad_input"),
        (CLAIM | {"reason": ""}, 400, "bad_input"),
        (CLAIM | {"reason": " "}, 422, "case.reason_missing"),
        (CLAIM | {"proper_unit": ""}, 400, "bad_input"),
        (CLAIM | {"proper_unit": "D08"}, 422, "return.proper_unit"),
        (CLAIM | {"proper_unit": "没有的局"}, 422, "unit.unknown"),
        (CLAIM | {"more": 1}, 400, "bad_input"),
    ):
        found = await officer.call("POST", path, json=body)
        assert (found[0], found[1]["code"]) == (status, code), (body, found)
        assert found[1]["title"]
    rule = f"/s/v1/cases/{case.no}/rule"
    assert (await desk.call("POST", rule, json=UPHELD))[1]["code"] == "return.none"
    assert await everything() == before
    await officer.post(path, CLAIM)
    before = await everything()
    for body, status, code in (
        ({"upheld": True}, 400, "bad_input"),
        ({"reason": "好"}, 400, "bad_input"),
        (UPHELD | {"return_id": "x"}, 400, "bad_input"),
        (UPHELD | {"return_id": "0"}, 400, "bad_input"),
        (UPHELD | {"return_id": "999999999999999999"}, 409, "return.none"),
        (UPHELD | {"lead": "D08"}, 422, "return.proper_unit"),
        (UPHELD | {"lead": "T02"}, 422, "case.off_list_township"),
        (UPHELD | {"upheld": False, "lead": "D10"}, 400, "bad_input"),
        (UPHELD | {"limit": 0}, 400, "bad_input"),
    ):
        found = await desk.call("POST", rule, json=body)
        assert (found[0], found[1]["code"]) == (status, code), (body, found)
        assert all(each["title"] for each in found[1]["errors"] if each["reason"] == "not_here")
    assert await everything() == before


async def test_of_two_rulings_at_once_the_second_is_told(county, someone):
    work = Casework(county)
    case, _ = await returned(work, someone)
    desks = [await someone(f"dispatcher{n}", face="console") for n in (1, 2)]
    answers = await asyncio.gather(
        *(desk.call("POST", f"/s/v1/cases/{case.no}/rule", json=UPHELD) for desk in desks)
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    [lost] = [body for status, body in answers if status == 409]
    assert lost["code"] == "return.none"


async def test_who_only_follows_a_case_reads_nothing_of_what_the_units_say(county, someone):
    work = Casework(county)
    case, _ = await returned(work, someone)
    officer = await someone("handler_D08", face="console")
    desk = await someone("dispatcher1", face="console")
    keeper = await someone("keeper1", face="console")
    neighbour = await someone("resident2")
    await neighbour.post(f"/m/v1/reports/{case.no}/follow")
    path = f"/s/v1/cases/{case.no}"
    await officer.post(f"{path}/state", {"text": "我们没有接收过"})
    await desk.post(f"{path}/convene", {"note": "各执一词"})
    await keeper.post(f"{path}/decide", {"minutes": "会上争论激烈", "lead": POWER})
    await county.deliver()
    for who in (neighbour, await someone("resident1")):
        seen = str(await who.get(f"/m/v1/reports/{case.no}"))
        heard = str(await who.get("/m/v1/inbox"))
        for words in ("供电设施坏了", "没有接收过", "各执一词", "争论激烈"):
            assert words not in seen + heard, words
        assert "单位认为不该由它办" in seen
        assert POWER in heard
    staff = str(await officer.get(f"{path}/steps"))
    assert "没有接收过" in staff
    assert "争论激烈" in staff


async def test_a_conference_has_all_it_needs_and_its_ruling_is_published(county, someone):
    work = Casework(county)
    bus = county.parts.bus
    assert isinstance(bus, LocalBus)
    case, _ = await returned(work, someone)
    path = f"/s/v1/cases/{case.no}"
    desk = await someone("dispatcher1", face="console")
    keeper = await someone("keeper1", face="console")
    assert (await keeper.call("GET", path))[0] == 404
    card = await desk.post(f"{path}/convene")
    assert (card["stage"], card["owner"]) == ("in_conference", "list_keeper")
    for who, words in (("handler_D08", "移交过"), ("handler_U01", "没有移交")):
        party = await someone(who, face="console")
        await party.post(f"{path}/state", {"text": words})
    [row] = (await keeper.get("/s/v1/conferences"))["items"]
    assert (row["case"]["no"], row["conference"]["units"]) == (case.no, [WORKS, POWER])
    whole = await keeper.get(f"/s/v1/conferences/{row['conference']['id']}")
    assert [(s["unit"], s["text"]) for s in whole["dispute"]["statements"]] == [
        (WORKS, "移交过"),
        (POWER, "没有移交"),
    ]
    assert whole["dispute"]["returns"][0]["reason"] == CLAIM["reason"]
    assert whole["entry"]["lead"] == WORKS
    assert whole["entry"]["lead_duties"]
    assert whole["candidates"][:2] == [WORKS, POWER]
    assert (await keeper.get(path))["case"]["no"] == case.no
    with bus.subscribed(CHANGED) as pokes:
        body = {"lead": "D10", "cooperating": [POWER], "minutes": "由水务局牵头", "limit": 1}
        card = await keeper.post(f"{path}/decide", body)
        await asyncio.wait_for(pokes.wait(5), 1)
    assert (card["stage"], card["lead"]) == ("dispatched", WATER)
    seen = await desk.get(path)
    [decided] = seen["dispute"]["conferences"]
    assert (decided["lead"], decided["minutes"]) == (WATER, "由水务局牵头")
    [precedent] = (await desk.get(f"/s/v1/precedents?matter={STREET_LAMP}"))["items"]
    assert (precedent["no"], precedent["lead"]) == (case.no, WATER)
    [proposal] = (await desk.get("/s/v1/adjustments/suggested"))["items"]
    assert (proposal["no"], proposal["ground"], proposal["state"]) == (
        case.no,
        "precedent",
        "proposed",
    )
    # The next report of the matter cites it, without anybody having read the list anew.
    following = await work.report("resident2")
    seen = await desk.get(f"/s/v1/cases/{following.no}")
    assert seen["explanation"]["precedents"][0]["no"] == case.no
    assert case.no in seen["explanation"]["text"]


async def test_what_a_conference_does_not_take_is_refused_and_changes_nothing(county, someone):
    work = Casework(county)
    case, _ = await returned(work, someone)
    path = f"/s/v1/cases/{case.no}"
    desk = await someone("dispatcher1", face="console")
    keeper = await someone("keeper1", face="console")
    leader = await someone("leader1", face="console")
    town = await someone("township02", face="console")
    before = await everything()
    for who, tail, body, status, code in (
        (keeper, "decide", {"minutes": "好", "lead": POWER}, 404, "not_found"),
        (leader, "decide", {"minutes": "好", "lead": POWER}, 409, "case.wrong_stage"),
        (town, "state", {"text": "配合"}, 403, "not_permitted"),
        (town, "state", {"text": ""}, 400, "bad_input"),
        (town, "convene", {}, 403, "not_permitted"),
    ):
        found = await who.call("POST", f"{path}/{tail}", json=body)
        assert (found[0], found[1]["code"]) == (status, code), (tail, body, found)
    assert await everything() == before
    await desk.post(f"{path}/convene")
    before = await everything()
    for who, tail, body, status, code in (
        (desk, "convene", {"note": "再点"}, 409, "case.wrong_stage"),
        (desk, "rule", UPHELD, 409, "case.wrong_stage"),
        (desk, "decide", {"minutes": "好", "lead": POWER}, 403, "not_permitted"),
        (leader, "decide", {"minutes": "好", "lead": POWER}, 409, "conference.running"),
        (keeper, "decide", {"lead": POWER}, 400, "bad_input"),
        (keeper, "decide", {"minutes": "好"}, 422, "case.no_lead"),
        (keeper, "decide", {"minutes": "好", "declined": True}, 400, "bad_input"),
        (keeper, "decide", {"minutes": "好", "lead": "T02"}, 422, "case.off_list_township"),
        (keeper, "decide", {"minutes": "好", "lead": "没有的局"}, 422, "unit.unknown"),
    ):
        found = await who.call("POST", f"{path}/{tail}", json=body)
        assert (found[0], found[1]["code"]) == (status, code), (tail, body, found)
        assert found[1]["title"]
    assert await everything() == before


async def test_the_lead_waives_on_either_face(county, someone):
    work = Casework(county)
    case = await work.handling()
    officer = await someone("handler_D08", face="console")
    helpers = await work.tasks(case, "cooperating")
    for face, task in zip(("/m/v1", "/s/v1"), helpers, strict=True):
        path = f"{face}/tasks/{task.id}/waive"
        assert (await officer.call("POST", path, json={}))[0] == 400
        card = await officer.post(path, {"reason": "不需要了"})
        assert (card["stage"], card["no"]) == ("waived", case.no)
        status, answer = await officer.call("POST", path, json={"reason": "再来"})
        assert (status, answer["code"]) == (409, "task.wrong_stage")
        # Only to waive it: what else there is to a task stays its own unit's.
        assert (await officer.call("GET", f"{face}/tasks/{task.id}"))[0] == 404


async def test_lists_come_in_pages_and_only_to_whom_they_are_shown(county, someone):
    work = Casework(county)
    cases = [(await returned(work, someone))[0] for _ in range(3)]
    desk = await someone("dispatcher1", face="console")
    keeper = await someone("keeper1", face="console")
    assert await pages(desk, "/s/v1/returns") == [case.no for case in cases]
    for case in cases:
        await desk.post(f"/s/v1/cases/{case.no}/convene")
    assert await pages(desk, "/s/v1/conferences") == [case.no for case in cases]
    for case in cases:
        body = {"minutes": "由供电公司办", "lead": POWER}
        await keeper.post(f"/s/v1/cases/{case.no}/decide", body)
    latest = [case.no for case in reversed(cases)]
    assert await pages(desk, "/s/v1/conferences") == latest
    assert await pages(desk, "/s/v1/precedents") == latest
    assert await pages(desk, "/s/v1/adjustments/suggested") == latest
    shown = {
        "/s/v1/returns": Permission.CASE_RULE,
        "/s/v1/conferences": Permission.CONFERENCE_READ,
        "/s/v1/conferences/1": Permission.CONFERENCE_READ,
        "/s/v1/precedents": Permission.LIST_READ,
        "/s/v1/adjustments/suggested": Permission.LIST_READ,
    }
    for role, username in ONE_OF_EACH.items():
        person = await someone(username, face="console")
        for path, permission in shown.items():
            status, _ = await person.call("GET", path)
            assert status == (200 if permission in GRANTS[role] else 403), (role, path)
    for path in shown:
        assert (await desk.call("GET", f"{path}?after=x"))[0] in (200, 400), path
    assert (await desk.call("GET", "/s/v1/conferences/99999"))[0] == 404


async def pages(person, path):
    """The numbers of cases that a list shows, read two at a time."""
    seen, after = [], ""
    while after is not None:
        page = await person.get(f"{path}?limit=2{after and '&after=' + after}")
        assert len(page["items"]) <= 2
        seen += [(each.get("case") or each)["no"] for each in page["items"]]
        after = page["next"]
    return seen
