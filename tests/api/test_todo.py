"""One list of what waits for somebody: what they may act on, and nothing else."""

from datetime import timedelta

from server.cases.models.case import Case
from server.cases.models.steering import Instruction
from server.clock import now
from server.governance import deciding, proposing
from tests.api.proposing import admission
from tests.casework import ILLEGAL_BUILDING, STAIRS_BLOCKED, Casework
from tests.domain.acts.governance import answered, proposed


async def waiting(person):
    """What waits for somebody: act and case of each row, by section."""
    answer = await person.get("/m/v1/todo")
    return {
        each["name"]: [(row["verb"], row["no"]) for row in each["items"]]
        for each in answer["sections"]
    }


async def test_what_waits_before_dispatch_is_for_those_who_may_file_and_dispatch(county, someone):
    work = Casework(county)
    told = await work.report(matter=ILLEGAL_BUILDING, text="三楼砸墙，打 13812345678")
    filed = await work.filed()
    acceptor, dispatcher = await someone("acceptor1"), await someone("dispatcher1")
    [section] = (await acceptor.get("/m/v1/todo"))["sections"]
    [row] = section["items"]
    assert (section["name"], section["n"]) == ("file", 1)
    assert (row["no"], row["verb"], row["place"]) == (told.no, "file", told.place.text)
    assert row["words"].startswith("三楼砸墙")
    assert "13812345678" not in row["words"]
    assert row["due_at"] == told.stage_due_at.isoformat().replace("+00:00", "Z")
    assert row["since"] == told.received_at.isoformat().replace("+00:00", "Z")
    status, _ = await acceptor.call("GET", f"/m/v1/photos/{row['photo']}")
    assert status in (200, 503), "a copy that is still to be made is the reader's all the same"
    both = {"file": [("file", told.no)], "dispatch": [("dispatch", filed.no)]}
    assert await waiting(dispatcher) == both
    assert await waiting(await someone("duty02")) == both, "who sits for the township"
    for other in ("duty01", "township02", "handler_D08", "leader1", "keeper1", "resident2"):
        assert await waiting(await someone(other)) == {}, other
    await acceptor.post(f"/m/v1/cases/{told.no}/decline", {"code": "other", "where_to_go": "别处"})
    assert await waiting(acceptor) == {}


async def test_a_task_waits_for_its_unit_by_its_next_act_and_for_no_other(county, someone):
    work = Casework(county)
    case = await work.report()
    lead, _ = await work.lead(case)
    officer = await someone(work.officer_of(lead.unit_id))
    [section] = (await officer.get("/m/v1/todo"))["sections"]
    [row] = section["items"]
    assert (row["id"], row["verb"], row["part"]) == (str(lead.id), "accept", "lead")
    assert row["due_at"] < lead.due_at.isoformat(), "to sign for it, not to be done with it"
    assert row["since"] == lead.dispatched_at.isoformat().replace("+00:00", "Z")
    await officer.post(f"/m/v1/tasks/{lead.id}/accept", {})
    assert await waiting(officer) == {"tasks": [("resolve", case.no)]}
    shown = await officer.get(f"/m/v1/cases/{case.no}")
    assert (shown["own"]["task"], shown["own"]["check"]) == (str(lead.id), "")
    for outsider in ("handler_D10", "township01", "grid0101"):
        assert await waiting(await someone(outsider)) == {}, outsider


async def test_what_waits_for_a_townships_room_is_not_its_grid_workers_own(county, someone):
    work = Casework(county)
    case = await work.report("grid0202", matter=STAIRS_BLOCKED)
    lead, _ = await work.lead(case)
    own = {
        who: (await (await someone(who)).get(f"/m/v1/cases/{case.no}"))["own"]["task"]
        for who in ("township02", "grid0202")
    }
    assert own == {"township02": str(lead.id), "grid0202": ""}


async def test_a_return_and_what_is_asked_for_wait_for_the_dispatcher_alone(county, someone):
    work = Casework(county)
    disputed = await work.disputed()
    asked = await work.ask(await work.handling(await work.report("resident2")))
    dispatcher = await someone("dispatcher1")
    found = await waiting(dispatcher)
    assert found == {"rule": [("rule", disputed.no)], "requests": [("extend", asked.no)]}
    for other in ("acceptor1", "leader1"):
        assert await waiting(await someone(other)) == {}, other
    shown = await dispatcher.get(f"/m/v1/cases/{disputed.no}")
    [given] = shown["dispute"]["returns"]
    await dispatcher.post(
        f"/m/v1/cases/{disputed.no}/rule",
        {"upheld": False, "reason": "清单写明", "return_id": given["id"]},
    )
    await dispatcher.post(f"/m/v1/cases/{asked.no}/extend", {"note": "同意"})
    assert await waiting(dispatcher) == {}


async def test_a_made_check_waits_to_be_closed_and_a_failed_one_to_be_sent_back(county, someone):
    work = Casework(county)
    good, bad = await work.checking(), await work.checking(await work.report("resident2"))
    acceptor = await someone("acceptor1")
    assert await waiting(acceptor) == {}, "somebody is still to look"
    await work.check(good)
    await work.check(bad, passed=False)
    assert sorted(await waiting(acceptor)) == ["close"]
    assert dict((await waiting(acceptor))["close"]) == {"close": good.no, "rework": bad.no}
    assert (await acceptor.get(f"/m/v1/cases/{bad.no}"))["passed"] is False
    await acceptor.post(f"/m/v1/cases/{good.no}/close", {})
    await acceptor.post(f"/m/v1/cases/{bad.no}/rework", {"reason": "还是不亮"})
    assert await waiting(acceptor) == {}


async def test_a_check_that_nobody_can_make_waits_for_the_acceptor_by_the_documents(
    county, someone
):
    work = Casework(county)
    case = await work.checking()
    while case.owner_role != "acceptor":  # one person after the other does not come
        await work.until(case.stage_due_at + timedelta(minutes=1))
        await case.refresh_from_db()
    acceptor = await someone("acceptor1")
    assert await waiting(acceptor) == {"close": [("check", case.no)]}
    own = (await acceptor.get(f"/m/v1/cases/{case.no}"))["own"]
    assert own["check"] == ""
    assert own["documents"]
    await acceptor.post(f"/m/v1/checks/{own['documents']}", {"passed": True})
    assert await waiting(acceptor) == {}, "who checked it does not close it"
    assert await waiting(await someone("acceptor2")) == {"close": [("close", case.no)]}


async def test_looks_checks_and_instructions_wait_for_whom_they_were_given_to(county, someone):
    work = Casework(county)
    await work.verifying()
    case = await work.handling(await work.report("resident2"))
    lead, _ = await work.lead(case)
    leader = await someone("leader1")
    told = await leader.post(f"/m/v1/cases/{case.no}/instruct", {"text": "今天下班前回复"})
    unit = await someone(work.officer_of(lead.unit_id))
    [row] = (await unit.get("/m/v1/todo"))["sections"][0]["items"]
    assert (row["id"], row["verb"], row["note"]) == (told["id"], "reply", "今天下班前回复")
    await unit.post(f"/m/v1/cases/{case.no}/reply", {"text": "已派人", "instruction": told["id"]})
    assert sorted(await waiting(unit)) == ["tasks"]
    found = {}
    for who in ("grid0201", "grid0202", "grid0203"):
        found |= await waiting(await someone(who))
    [(verb, _)] = found["verifications"]
    assert verb == "verify"


async def test_what_is_late_waits_for_a_leader_until_one_has_seen_to_it(county, someone):
    work = Casework(county)
    case, other = await work.handling(), await work.report("resident2")
    over = now() - timedelta(hours=1)
    await Case.filter(id__in=[case.id, other.id]).update(due_at=over)
    await Case.filter(id=other.id).update(due_at=now() + timedelta(hours=1))
    leader = await someone("leader1")
    assert await waiting(leader) == {"late": [("instruct", case.no)]}

    for outsider in ("dispatcher1", "acceptor1", "auditor1", "keeper1"):
        assert await waiting(await someone(outsider)) == {}, outsider
    await leader.post(f"/m/v1/cases/{case.no}/instruct", {"text": "今天办完"})
    assert await waiting(leader) == {}
    await Case.filter(id=case.id).update(due_at=now())
    assert await waiting(leader) == {"late": [("instruct", case.no)]}, "late for a second time"


async def test_an_instruction_that_nobody_answered_in_time_waits_for_who_gave_it(county, someone):
    work = Casework(county)
    case = await work.handling()
    leader = await someone("leader1")
    told = await leader.post(f"/m/v1/cases/{case.no}/instruct", {"text": "今天办完"})
    assert await waiting(leader) == {}
    await Instruction.filter(id=int(told["id"])).update(reply_due_at=now() - timedelta(hours=1))
    [section] = (await leader.get("/m/v1/todo"))["sections"]
    [row] = section["items"]
    assert (section["name"], row["verb"], row["note"]) == ("unheard", "urge", "今天办完")
    assert row["unit"] == told["unit"]
    await leader.post(f"/m/v1/cases/{case.no}/urge", {})
    assert await waiting(leader) == {}


async def test_an_opinion_that_a_unit_owes_waits_for_its_head_alone(county, someone):
    head, room = await someone("head_D02"), await someone("township02")
    made = await head.post("/s/v1/admissions", admission(), expect=201)
    [section] = (await room.get("/m/v1/todo"))["sections"]
    [row] = section["items"]
    proposal = made["proposal"]
    assert (section["name"], row["id"], row["no"]) == ("opinions", proposal["id"], proposal["no"])
    assert (row["title"], row["note"]) == ("共享单车停放劝导", "离群众最近")
    assert await waiting(head) == {}, "who proposed it owes none"
    assert await waiting(await someone("handler_D08")) == {}
    assert (await room.get(f"/m/v1/proposals/{row['id']}"))["proposal"]["no"] == row["no"]
    await room.post(f"/m/v1/proposals/{row['id']}/opine", {"agrees": True})
    assert await waiting(room) == {}


async def test_a_change_of_a_list_waits_at_each_station_for_who_may_take_it_on(county, someone):
    work = Casework(county)

    async def acts(name):
        sections = (await (await someone(name, face="console")).get("/m/v1/todo"))["sections"]
        ours = [each for each in sections if each["name"] == "governance"]
        return [(row["act"], row["verb_text"]) for each in ours for row in each["items"]]

    proposal = await answered(work, await proposed(work), objects="T02")
    assert await acts("head_D02") == [("amend", "修改后重新征求意见")]
    assert await acts("keeper1") == []
    at = {"by": await work.actor("head_D02"), "at": now(), "basis": work.basis}
    await proposing.settle(proposal.id, "已谈妥", **at)
    keepers = ("keeper1", "keeper2")
    for keeper in keepers:
        assert await acts(keeper) == [("review", "审核通过")]
        at["by"] = await work.actor(keeper)
        await deciding.review(proposal.id, "权责一致", **at)
        assert await acts(keeper) == []
    assert await acts("leader1") == [("approve", "批准")]
    await deciding.approve(proposal.id, "", **(at | {"by": await work.actor("leader1")}))
    assert await acts("leader1") == []
    assert await acts("keeper1") == [("publish", "随清单公布")]


async def test_an_objection_to_a_burden_waits_for_its_answer_and_then_for_its_ruling(
    county, someone
):
    room, head = await someone("township02"), await someone("head_D02")
    body = {"form": "pledge", "title": "责任状", "text": "要签", "against": "D02"}
    made = await room.post("/s/v1/burdens", body, expect=201)
    assert made["open_to_me"] == ["withdraw"]
    keeper = await someone("keeper1", face="console")
    assert await waiting(keeper) == {}, "the unit may still answer"
    assert await waiting(head) == {"governance": [(None, made["burden"]["no"])]}
    path = f"/s/v1/burdens/{made['burden']['id']}"
    await head.post(f"{path}/answer", {"text": "收回"})
    assert await waiting(head) == {}
    assert (await keeper.get(path))["open_to_me"] == ["rule"]
    assert await waiting(keeper) == {"governance": [(None, made["burden"]["no"])]}
