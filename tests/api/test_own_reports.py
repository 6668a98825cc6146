"""What who reported a case reads of it: their own words, and plain ones; never staff's."""

import json
import re
from datetime import datetime, timedelta

from server.cases.clocks import timing
from server.cases.ends import closing
from server.cases.models.case import Case
from server.clock import now
from server.texts.catalogue import text
from tests.casework import ILLEGAL_BUILDING, Casework, position
from tests.domain.acts.intake import between_grids, edge

WORDS = "楼下烧烤摊油烟呛人，\n每天晚上都这样，打电话没人管，请管一管"
TITLE = "楼下烧烤摊油烟呛人， 每天晚上都这样，打电话没…"


async def test_own_words_are_the_title_until_the_matter_is_known_and_stay_on_the_page(
    county, someone
):
    work = Casework(county)
    case = await work.report(matter="", text=WORDS)
    mine, officer = await someone("resident1"), await someone("acceptor1", face="console")
    [card] = (await mine.get("/m/v1/reports"))["items"]
    page = await mine.get(f"/m/v1/reports/{case.no}")
    assert card["title"] == card["words"] == page["case"]["title"] == TITLE
    assert page["own"][0]["text"] == WORDS
    await county.deliver()
    told = (await mine.get("/m/v1/inbox"))["items"]
    assert [TITLE in each["text"] for each in told] == [True]
    assert TITLE not in json.dumps((await officer.get("/s/v1/cases"))["items"], ensure_ascii=False)
    follower = await someone("resident2")
    await follower.post(f"/m/v1/reports/{case.no}/follow", expect=204)
    [card] = (await follower.get("/m/v1/reports"))["items"]
    assert (card["title"], card["words"]) == (text("word.untitled"), "")
    path = f"/s/v1/cases/{case.no}/decline"
    await officer.post(path, {"code": "not_ours", "where_to_go": "请找物业"})
    await county.deliver()
    for who, named in ((mine, True), (follower, False)):
        last = (await who.get("/m/v1/inbox"))["items"][-1]
        assert last["kind"] == "case.decline"
        assert (TITLE in last["text"]) is named


async def test_why_it_waits_is_said_without_what_staff_notes(county, someone):
    work = Casework(county)
    case = await work.report(matter="", photos=())
    mine = await someone("resident1")
    page = await mine.get(f"/m/v1/reports/{case.no}")
    [why] = page["why"]
    assert why["reason"].startswith("工作人员正在判断由哪个单位负责，一般 30 分钟内有结果，最迟")
    desk = await someone("acceptor1", face="console")
    codes = {each["code"] for each in (await desk.get(f"/s/v1/cases/{case.no}"))["waits_for"]}
    assert codes == {"no_matter", "no_photo"}
    by = await work.actor("resident1")
    await closing.withdraw(case.no, "自己解决了", by=by, at=now(), basis=work.basis)
    assert (await mine.get(f"/m/v1/reports/{case.no}"))["why"] == []


async def test_who_was_declined_reads_where_to_go_and_until_when_to_object(county, someone):
    work = Casework(county)
    case = await work.declined()
    mine = await someone("resident1")
    declined = (await mine.get(f"/m/v1/reports/{case.no}"))["declined"]
    assert (declined["reason"], declined["instead"]) == (text("decline.other"), "别处")
    assert declined["until"]
    await mine.post(f"/m/v1/reports/{case.no}/object", {"reason": "不同意"})
    assert (await mine.get(f"/m/v1/reports/{case.no}"))["declined"] is None


async def test_while_it_is_done_again_the_result_is_that_of_the_round_before(county, someone):
    work = Casework(county)
    case = await work.closed()
    mine = await someone("resident1")
    assert (await mine.get(f"/m/v1/reports/{case.no}"))["result_cycle"] == 1
    await mine.post(f"/m/v1/reports/{case.no}/redo", {"reason": "又坏了"})
    page = await mine.get(f"/m/v1/reports/{case.no}")
    assert (page["case"]["cycle"], page["result_cycle"]) == (2, 1)
    await work.resolve(await Case.get(id=case.id), "换了灯具")
    page = await mine.get(f"/m/v1/reports/{case.no}")
    assert (page["result"], page["result_cycle"]) == ("换了灯具", 2)
    after = [each["cycle"] for each in page["photos"] if each["purpose"] == "after"]
    assert after == [1, 2]


async def test_what_one_said_of_the_round_before_and_why_it_is_done_again_stays_ones_own(
    county, someone
):
    work = Casework(county)
    case = await work.report()
    mine, follower = await someone("resident1"), await someone("resident2")
    await follower.post(f"/m/v1/reports/{case.no}/follow", expect=204)
    await work.closed(case)
    said = {"responded": True, "solved": False, "satisfaction": 2, "comment": "第二天又灭了"}
    await mine.post(f"/m/v1/reports/{case.no}/appraisal", said, expect=204)
    marks = "没有解决，2 星"
    for reader in (await someone("leader1"), await someone("auditor1")):
        [row] = [
            each
            for each in (await reader.get(f"/s/v1/cases/{case.no}/steps"))["items"]
            if each["verb"] == "appraise"
        ]
        assert (marks in row["verb_text"], row["note"]) == (True, "第二天又灭了")
    page = await mine.get(f"/m/v1/reports/{case.no}")
    assert (page["opinion"], page["earlier"]) == (None, [{"cycle": 1, "opinion": said}])
    told = {each["verb"]: each["reason"] or each["note"] for each in page["timeline"]}
    assert (told["redo"], told["appraise"]) == ("第二天又灭了", "第二天又灭了")
    assert marks in next(each for each in page["timeline"] if each["verb"] == "appraise")["text"]
    other = await follower.get(f"/m/v1/reports/{case.no}")
    assert other["earlier"] == []
    assert marks not in json.dumps(other, ensure_ascii=False)
    assert "第二天又灭了" not in json.dumps(other, ensure_ascii=False)


async def test_a_place_is_said_no_surer_than_it_is(county, someone):
    work = Casework(county)
    case = await between_grids(work)
    said = f"约在{case.place.township}，网格待确认"
    assert case.place.text == said
    await county.deliver()
    mine = await someone("resident1")
    told = (await mine.get("/m/v1/inbox"))["items"][0]["text"]
    assert said in told
    assert case.place.grid not in told
    grid = case.place.candidates[0].code
    await mine.post(f"/m/v1/reports/{case.no}/place", {"grid": grid})
    assert (await Case.get(id=case.id)).place.text.startswith(case.place.township)
    across = await work.report(
        matter=ILLEGAL_BUILDING, position=position(edge(work, same_township=False))
    )
    assert across.place.text.endswith("一带，镇街待确认")


async def test_who_merely_follows_reads_the_day_of_the_report_and_nowhere_its_minute(
    county, someone
):
    """Neither in the history nor in how the deadline came about; what was done later is exact."""
    work = Casework(county)
    case = await work.report()
    mine, follower = await someone("resident1"), await someone("resident2")
    await follower.post(f"/m/v1/reports/{case.no}/follow", expect=204)
    await work.handling(case)
    own = await mine.get(f"/m/v1/reports/{case.no}")
    page = await follower.get(f"/m/v1/reports/{case.no}")
    reported = case.received_at.astimezone(county.basis.zone)
    begun = reported.replace(hour=0, minute=0, second=0, microsecond=0)
    for each, told in zip(own["timeline"], page["timeline"], strict=True):
        at_once = datetime.fromisoformat(each["at"]) == reported
        assert datetime.fromisoformat(told["at"]) == (
            begun if at_once else datetime.fromisoformat(each["at"])
        )
    assert {each["verb"] for each in page["timeline"]} == {"report", "file", "dispatch", "accept"}
    assert datetime.fromisoformat(page["timeline"][-1]["at"]) > reported
    started = own["case"]["due_why"].partition("自")[2]
    assert re.match(r"\d+月\d+日（周.）\d\d:\d\d起", started)
    assert re.match(r"\d+月\d+日（周.）起", page["case"]["due_why"].partition("自")[2])
    assert ":" not in page["case"]["due_why"]
    due, hour = (datetime.fromisoformat(each["case"]["due_at"]) for each in (own, page))
    assert timedelta(0) <= hour - due < timedelta(hours=1)
    assert (hour.minute, hour.second, hour.microsecond) == (0, 0, 0)
    [card] = (await follower.get("/m/v1/reports"))["items"]
    assert card["due_why"] == page["case"]["due_why"]


async def test_who_merely_follows_reads_the_day_of_what_the_clock_does_of_itself(county, someone):
    """It does so a fixed time after the report."""
    work = Casework(county)
    case = await work.report()
    mine, follower = await someone("resident1"), await someone("resident2")
    await follower.post(f"/m/v1/reports/{case.no}/follow", expect=204)
    await timing.fire(at=case.received_at + timedelta(days=3), basis=work.basis)
    own, page = [
        (await each.get(f"/m/v1/reports/{case.no}"))["timeline"] for each in (mine, follower)
    ]
    assert "accept" in {each["verb"] for each in page}
    zone = county.basis.zone
    for exact, told in zip(own, page, strict=True):
        local = datetime.fromisoformat(told["at"]).astimezone(zone)
        assert (local.hour, local.minute, local.second) == (0, 0, 0)
        assert local.date() == datetime.fromisoformat(exact["at"]).astimezone(zone).date()


async def test_until_somebody_has_a_case_its_follower_is_not_told_when_on_the_day_it_came(
    county, someone
):
    work = Casework(county)
    case = await work.report(matter="", photos=())
    mine, follower = await someone("resident1"), await someone("resident2")
    await follower.post(f"/m/v1/reports/{case.no}/follow", expect=204)
    own, page = [(await each.get(f"/m/v1/reports/{case.no}"))["why"] for each in (mine, follower)]
    assert [each["code"] for each in own] == [each["code"] for each in page]
    assert ":" in own[0]["reason"]
    assert not [each for each in page if ":" in each["reason"]]
