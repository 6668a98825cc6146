"""A suspended case wherever one reads it: no clock of it runs, and it says until when."""

from datetime import timedelta

import pytest

from server.cases.models.case import Case
from server.cases.reading import watch_list
from server.cases.work import steering
from server.clock import now
from server.staff_api.case_sheet import page_of
from tests.casework import Casework


@pytest.fixture
def work(county):
    return Casework(county)


def said(at):
    return at.isoformat().replace("+00:00", "Z")


async def test_no_clock_of_a_suspended_case_runs_wherever_it_is_read(work, someone):
    case = await work.suspended()
    until = said(case.suspended_until)
    assert case.due_at > now()
    unit = work.basis.units.by_id[case.lead_id]
    for face, person in (("console", "handler"), ("console", "head"), ("phone", "head")):
        front = "s" if face == "console" else "m"
        reader = await someone(f"{person}_{unit.code}", face=face)
        whole = await reader.get(f"/{front}/v1/cases/{case.no}")
        card = whole["case"]
        assert (card["suspended_until"], card["due_at"], card["due_why"]) == (until, None, "")
        for task in whole["tasks"]:
            clocks = [task[f"{each}due_at"] for each in ("", "accept_", "arrive_")]
            assert (task["suspended_until"], clocks) == (until, [None, None, None])
    assert (await (await someone("dispatcher1", face="console")).get(f"/s/v1/cases/{case.no}"))[
        "suspended_why"
    ] == "材料未到"
    officer = await someone(f"handler_{unit.code}")
    assert (await officer.get("/m/v1/todo"))["sections"] == [], "nothing is to be done about it"
    [task] = (await officer.get("/m/v1/tasks"))["items"]
    assert (task["suspended_until"], task["due_at"]) == (until, None)
    shown = dict((await page_of(case, work.basis, at=now())).rows)
    assert shown["办理期限"].startswith("已挂账，暂停计时至")


async def test_it_runs_again_with_what_was_left_once_it_goes_on(work, someone):
    case = await work.suspended()
    boss = await someone("dispatcher1", face="console")
    await boss.post(f"/s/v1/cases/{case.no}/resume")
    whole = await boss.get(f"/s/v1/cases/{case.no}")
    back = await Case.get(id=case.id)
    card = whole["case"]
    assert (card["suspended_until"], card["due_at"]) == (None, said(back.due_at))
    assert whole["suspended_why"] == ""
    assert whole["tasks"][0]["due_at"]


async def test_what_was_late_before_stays_late_and_the_rest_is_late_for_no_leader(work):
    case = await work.suspended()
    leader = await work.actor("leader1")
    await steering.watch(case.no, by=leader, at=now())
    later = case.due_at + timedelta(minutes=1)
    await Case.filter(id=case.id).update(suspended_until=later + timedelta(days=9))
    assert await watch_list.late(leader, at=later, limit=9) == []
    zone = work.basis.zone
    board = await watch_list.watch_board(leader, at=later, zone=zone)
    assert [each.n_overdue for each in board.by_lead.values()] == [0]
    await Case.filter(id=case.id).update(paused_s=0)  # it had nothing left
    assert [each.no for each in await watch_list.late(leader, at=later, limit=9)] == [case.no]
    board = await watch_list.watch_board(leader, at=later, zone=zone)
    assert [each.n_overdue for each in board.by_lead.values()] == [1]
