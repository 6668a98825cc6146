"""Officers who report what they saw: whatever they do as such, nobody reads whose they are."""

import json
from dataclasses import replace
from uuid import uuid4

from server.appraisal.commands import Opinion, appraise
from server.cases.calls import call_requests, calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch.dispatching import Choice
from server.cases.ends import closing, merging
from server.cases.intake import inquiring, place_choice, screening
from server.cases.models.case import Case, Step
from server.cases.models.task import Task
from server.cases.rules.shown import OF_REPORTERS
from server.clock import now
from server.push.models import Message
from tests.casework import ILLEGAL_BUILDING, STREET_LAMP, Casework, position, rows_of
from tests.domain.acts.intake import between_grids, others
from tests.domain.acts.work import SMALL_ADS, WORKER, done_already, send, settle

#: Of a department without a part in any of these cases.
INSIDER, UNIT = "handler_D29", "区烟草专卖局"
READERS = (
    "resident3",
    "handler_D08",
    "head_D08",
    "township02",
    "acceptor1",
    "leader1",
)
#: Every way in which a case is read; `{task}` is its lead's.
LOOKS = (
    "/m/v1/cases",
    "/m/v1/cases/{no}",
    "/m/v1/reports",
    "/m/v1/reports/{no}",
    "/m/v1/tasks/{task}",
    "/m/v1/inbox?limit=100",
    "/s/v1/cases",
    "/s/v1/cases/{no}",
    "/s/v1/cases/{no}/steps?limit=100",
    "/s/v1/cases/{no}/similar",
    "/s/v1/cases/{no}/diligence?unit=D08",
    "/s/v1/requests",
)


async def _before_filing(work: Casework) -> list[Case]:
    """Report, supplement, object; then be merged into another's, and withdraw."""
    at, basis = now(), work.basis
    by, acceptor = await work.actor(INSIDER), await work.actor("acceptor1")
    case = await work.report(INSIDER, matter=ILLEGAL_BUILDING)
    await inquiring.inquire(case.no, ["门牌"], by=acceptor, at=at, basis=basis)
    await inquiring.supplement(case.no, "三号", key=uuid4(), by=by, at=at, basis=basis)
    await screening.decline(case.no, "other", where_to_go="别处", by=acceptor, at=at, basis=basis)
    await screening.object_to(case.no, "不同意", by=by, at=at, basis=basis)
    twin = await work.report("resident2", matter=ILLEGAL_BUILDING)
    await merging.merge(case.no, twin.no, "同一处", by=acceptor, at=at, basis=basis)
    await closing.withdraw(case.no, "看错了", by=by, at=at, basis=basis)
    return [case, twin]


async def _to_the_end(work: Casework) -> list[Case]:
    """Say where it is, have it done again, ask for that once more, and appraise."""
    by = await work.actor(INSIDER)
    case = await between_grids(work, username=INSIDER)
    await place_choice.confirm_place(case.no, others(case)[0], by=by, at=now(), basis=work.basis)
    case = await work.closed(await Case.get(id=case.id))
    await closing.redo(case.no, "又坏了", by=by, at=now(), basis=work.basis)
    case = await work.resolve(await Case.get(id=case.id))
    await work.check(case)
    await closing.close(case.no, by=await work.actor("acceptor1"), at=now(), basis=work.basis)
    await closing.redo(case.no, "还是坏", by=by, at=now(), basis=work.basis)
    opinion = Opinion(responded=True, solved=False, satisfaction=1, comment="没用")
    await appraise(case.no, opinion, by=by, at=now(), basis=work.basis)
    return [case]


async def test_whoever_acts_as_a_reporter_shows_neither_unit_nor_role(county, someone):
    work = Casework(county)
    cases = [*await _before_filing(work), *await _to_the_end(work)]
    by = await work.actor(INSIDER)
    done = await Step.filter(by_id=by.id)
    assert {step.verb for step in done} == OF_REPORTERS | {"report"}
    await county.deliver()
    n_read = 0
    for who in READERS:
        face = "phone" if who.startswith(("resident", "grid")) else "console"
        reader = await someone(who, face=face)
        for case in cases:
            if who == "resident3" and case.stage == "dispatched":
                await reader.post(f"/m/v1/reports/{case.no}/follow", expect=204)
            lead = await Task.filter(case_id=case.id, part="lead").first()
            for look in LOOKS:
                path = look.format(no=case.no, task=lead.id if lead else 0)
                status, told = await reader.call("GET", path)
                if status != 200:
                    continue
                n_read += 1
                assert UNIT not in json.dumps(told, ensure_ascii=False), (who, path)
                for row in told.get("items", []) if "/steps" in path else []:
                    mine = row["version"] in {s.version for s in done if s.case_id == case.id}
                    assert (row["by_role"] == "reporter") is (mine or row["verb"] == "report")
    assert n_read > 60


async def test_what_a_reporter_asks_for_as_the_unit_that_leads_is_the_units(county, someone):
    """Else it would say that the reporter is of the only unit that may ask for time."""
    work = Casework(county)
    case = await work.handling(await work.report("handler_D08"))
    officer = await someone("handler_D08", face="console")
    wish = {"what": "extend", "reason": "材料未到", "limit": 1}
    await officer.post(f"/s/v1/cases/{case.no}/ask", wish)
    leader = await someone("leader1", face="console")
    [*_, asked] = (await leader.get(f"/s/v1/cases/{case.no}/steps?limit=100"))["items"]
    assert (asked["verb"], asked["by_role"]) == ("ask", "handler")
    assert asked["unit"] == "区住房和城乡建设局"


async def test_it_stays_so_when_what_was_merged_goes_its_own_way_again(county, someone):
    work = Casework(county)
    by, acceptor = await work.actor(INSIDER), await work.actor("acceptor1")
    mine, kept = await work.report(INSIDER), await work.report("resident2")
    await merging.merge(mine.no, kept.no, "同一处", by=acceptor, at=now(), basis=work.basis)
    await work.closed(await Case.get(id=kept.id))
    await closing.redo(mine.no, "又坏了", by=by, at=now(), basis=work.basis)
    await merging.unmerge(mine.no, "两处", by=acceptor, at=now(), basis=work.basis)
    leader = await someone("leader1", face="console")
    rows = (await leader.get(f"/s/v1/cases/{kept.no}/steps?limit=100"))["items"]
    [redo] = [row for row in rows if row["verb"] == "redo"]
    assert (redo["by_role"], redo["unit"]) == ("reporter", "")


async def test_that_a_report_came_on_a_patrol_is_told_to_offices_and_to_no_unit(county, someone):
    """A grid has often one worker: who knows the way by which it came knows who reported it."""
    work = Casework(county)
    patrol, usual = await work.report("grid0202", channel="patrol"), await work.report()
    nos = {patrol.no, usual.no}
    for username, told in (
        ("handler_D08", "wechat"),
        ("head_D08", "wechat"),
        ("township02", "wechat"),
        ("auditor1", "patrol"),
        ("leader1", "patrol"),
    ):
        desk = await someone(username, face="console")
        [shown] = (await desk.get(f"/s/v1/cases/{patrol.no}"))["reports"]
        assert shown["channel"] == told, username
        on_patrol, by_wechat = [
            {each["no"] for each in (await desk.get(f"/s/v1/cases?channel={way}"))["items"]}
            for way in ("patrol", "wechat")
        ]
        offered = {each["code"] for each in (await desk.get("/s/v1/case-choices"))["channels"]}
        if told == "patrol":
            assert (on_patrol, by_wechat) == ({patrol.no}, {usual.no}), username
            assert offered >= {"patrol", "wechat"}
        else:
            assert (on_patrol, by_wechat) == (set(), nos), username
            assert "patrol" not in offered
        status, sheet = await desk.call("GET", "/s/v1/exports/cases?format=csv&channel=patrol")
        assert (status, patrol.no.encode() in sheet) == (200, told == "patrol")


async def test_what_somebody_reported_and_settled_at_once_says_of_them_no_more(county, someone):
    """Of a grid there is often one worker, and nobody else settles on the spot what lies there."""
    work = Casework(county)
    case = await Case.get(no=(await send(work, await done_already(work))).body["no"])
    later = await settle(work, await work.report(WORKER, matter=SMALL_ADS))
    others = await settle(work, await work.report(matter=SMALL_ADS))
    await county.deliver()
    for who in ("township02", "leader1", "auditor1"):
        desk = await someone(who, face="console")
        for told in (case, later, others):
            rows = (await desk.get(f"/s/v1/cases/{told.no}/steps?limit=100"))["items"]
            [row] = [row for row in rows if row["verb"] == "self_handle"]
            role = "grid_worker" if told is others else "reporter"
            assert (row["by_role"], row["unit"]) == (role, ""), who
    read = await Message.filter(no=case.no).values_list("text", flat=True)
    assert not [each for each in read if "网格员" in each]


async def test_a_field_of_units_says_of_who_has_none_by_which_office_they_act(county, someone):
    work = Casework(county)
    worker, head = await work.actor("grid0202"), await county.actor("head_D08")
    await rows_of("UPDATE account SET unit_id = NULL WHERE id = $1", head.id)
    head = await work.actor("head_D08")
    wish = NewCall(reason="cannot_solve_alone", place_text="南门", text="要人", choice=Choice())
    asked = await work.report()
    await call_requests.ask(replace(wish, no=asked.no), by=worker, at=now(), basis=work.basis)
    on_new = replace(wish, matter=STREET_LAMP, position=position())
    called = await calling.call(on_new, by=head, at=now(), basis=work.basis)
    await county.deliver()
    for case, by, verb, office in (
        (asked, worker, "ask", "网格员"),
        (called, head, "call", "单位负责人"),
    ):
        step = await Step.get(case_id=case.id, verb=verb)
        assert step.facts["unit"] == office
        said = await Message.filter(no=case.no).values_list("text", flat=True)
        assert any(office in each for each in said)
        assert not [each for each in said if by.name in each]
