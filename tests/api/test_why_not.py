"""Why acts that people ask for are not open to somebody, and what a conference asks of whom."""

from datetime import timedelta

import pytest

from server.clock import now
from tests.casework import ILLEGAL_BUILDING, Casework


@pytest.fixture
def work(county):
    return Casework(county)


async def said(person, case):
    """Why not, by verb and task."""
    whole = await person.get(f"/s/v1/cases/{case.no}")
    return {(each["verb"], each["task"]): each["reason"] for each in whole["why_not"]}, whole


async def test_a_unit_reads_why_it_cannot_finish_yet_and_not_sign_again(work, someone):
    case = await work.report()
    [task] = await work.tasks(case, "lead")
    code = work.basis.units.by_id[case.lead_id].code
    officer = await someone(f"handler_{code}", face="console")
    why, whole = await said(officer, case)
    assert "待签收" in why["resolve", str(task.id)]
    assert ("accept", str(task.id)) not in why
    assert why["close", ""] == "由受理员办理。"
    assert "accept" in next(each["may"] for each in whole["tasks"] if each["id"] == str(task.id))
    await officer.post(f"/s/v1/tasks/{task.id}/accept", {"note": ""})
    why, _ = await said(officer, case)
    assert "已签收" in why["accept", str(task.id)]
    assert ("resolve", str(task.id)) not in why


async def test_who_has_no_part_reads_whose_act_it_is_and_an_office_what_it_waits_for(
    work, someone
):
    case = await work.report()
    leader = await someone("leader1", face="console")
    why, _ = await said(leader, case)
    lead = work.basis.units.by_id[case.lead_id].name
    assert lead in why["resolve", ""]
    assert lead in why["return", ""]
    acceptor = await someone("acceptor1", face="console")
    why, _ = await said(acceptor, case)
    assert "待签收" in why["close", ""]
    assert "待签收" in why["file", ""]
    waiting = await work.checking()
    checked = await said(acceptor, waiting)
    assert checked[0]["close", ""]
    over = await work.closed()
    assert (await said(acceptor, over))[0] == {}


async def test_a_conference_asks_its_parties_for_a_word_until_they_have_said_it(work, someone):
    case = await work.in_conference()
    parties = set()
    for unit in work.basis.units.by_id.values():
        if not unit.code.startswith("D"):
            continue
        head = await someone(f"head_{unit.code}")
        sections = (await head.get("/m/v1/todo"))["sections"]
        rows = [row for each in sections for row in each["items"] if row["verb"] == "state"]
        if not rows:
            continue
        parties.add(unit.code)
        assert [row["no"] for row in rows] == [case.no]
        assert rows[0]["due_at"]
        whole = await head.get(f"/m/v1/cases/{case.no}")
        assert "state" in whole["may"], "nobody is asked for what they may not say"
    assert parties
    code = sorted(parties)[0]
    head = await someone(f"head_{code}", face="console")
    await head.post(f"/s/v1/cases/{case.no}/state", {"text": "依据清单，不属本单位职责"})
    sections = (await head.get("/m/v1/todo"))["sections"]
    assert not [row for each in sections for row in each["items"] if row["verb"] == "state"]


async def test_whoever_reads_a_case_reads_who_said_what_matter_it_is_of(work, someone):
    leader = await someone("leader1", face="console")
    acceptor = await someone("acceptor1", face="console")

    async def chosen(case):
        return (await leader.get(f"/s/v1/cases/{case.no}"))["matter_why"]

    assert await chosen(await work.report()) == "事项是上报时选定的。"
    case = await work.submitted()
    await acceptor.post(f"/s/v1/cases/{case.no}/file", {"matter": ILLEGAL_BUILDING})
    assert (await chosen(case)).startswith("事项由受理员在")
    unsaid = await work.report(matter="", text="路灯不亮了，晚上太黑")
    assert await chosen(unsaid) == ""
    await work.until(now() + timedelta(days=9))
    assert (await chosen(unsaid)).startswith("受理超时")
