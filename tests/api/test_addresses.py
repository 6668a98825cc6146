"""Where it is, in the words of who reported it: shown to whom it concerns, and to nobody else."""

import json

from server.cases.models.case import Case
from server.cases.models.task import Check, Task, Verification
from server.people.models import Account
from tests.casework import ILLEGAL_BUILDING, Casework

GIVEN = "三号楼西侧、菜市场北门（找甲卡纳，139·0714·1004）"
SHOWN = "三号楼西侧、菜市场北门（找***，***）"


async def _told(person):
    return json.dumps((await person.get("/m/v1/inbox?limit=100"))["items"], ensure_ascii=False)


async def test_the_address_reaches_whoever_goes_there_and_its_reporter_as_it_was_written(
    county, someone
):
    await Account.filter(username="resident1").update(name="甲卡纳")
    work = Casework(county)
    case = await work.report(address=GIVEN, text="路灯不亮\n找甲卡纳")
    lead, officer = (await work.lead(case))[0], await someone("handler_D08")
    for path in (f"/m/v1/cases/{case.no}", f"/m/v1/tasks/{lead.id}"):
        read = await officer.get(path)
        assert (read["addresses"], read["words"]) == ([SHOWN], ["路灯不亮\n找***"]), path
    desk = await someone("acceptor1", face="console")
    [row] = (await desk.get(f"/s/v1/cases/{case.no}"))["reports"]
    assert row["address"] == SHOWN
    await county.deliver()
    assert f"（{SHOWN}）" in await _told(officer)
    mine = await (await someone("resident1")).get(f"/m/v1/reports/{case.no}")
    [own] = mine["own"]
    assert (own["text"], own["address"]) == ("路灯不亮\n找甲卡纳", GIVEN)
    follower = await someone("resident2")
    await follower.post(f"/m/v1/reports/{case.no}/follow", expect=204)
    read = await follower.get(f"/m/v1/reports/{case.no}")
    assert read["own"] == []
    assert "菜市场" not in json.dumps(read, ensure_ascii=False) + await _told(follower)


async def test_who_checks_and_who_verifies_reads_it_on_the_card_and_in_the_message(
    county, someone
):
    work = Casework(county)
    case = await work.checking(await work.report(address="菜市场北门"))
    asked = await work.report(matter=ILLEGAL_BUILDING, address="龙泉路口")
    desk = await someone("acceptor1", face="console")
    await desk.post(f"/s/v1/cases/{asked.no}/verify", {"question": "在吗？"})
    await county.deliver()
    for row, what, where in (
        (await Check.get(case_id=case.id), "checks", "菜市场北门"),
        (await Verification.get(case_id=asked.id), "verifications", "龙泉路口"),
    ):
        worker = await someone((await Account.get(id=row.assignee_id)).username)
        cards = (await worker.get("/m/v1/tasks"))[what]
        [card] = [each for each in cards if each["id"] == str(row.id)]
        assert (card["addresses"], card["words"]) == ([where], ["路灯不亮"])
        assert f"（{where}）" in await _told(worker)


async def test_a_case_that_goes_to_its_unit_later_still_says_where(county, someone):
    work = Casework(county)
    case = await work.report(matter=ILLEGAL_BUILDING, address="龙泉路口")
    case = await work.file(await Case.get(id=case.id))
    await county.deliver()
    lead = await Task.get(case_id=case.id, part="lead")
    officer = await someone(work.officer_of(lead.unit_id))
    assert "（龙泉路口）" in await _told(officer)
