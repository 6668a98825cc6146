"""Duties taken apart, and judged against their limits."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.cases.rules.records import EarlierCall
from server.governance.diligence import owed
from server.governance.diligence.duties import duties_of, split
from server.governance.diligence.owed import Owed, Past, State, judged
from server.people.units import UnitKind, UnitView
from server.responsibility.list.fields import Cooperating, EntryView

AT = datetime(2026, 3, 6, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("cell", "duties"),
    [
        ("", []),
        ("受理投诉", ["受理投诉"]),
        ("受理投诉；查处违法；；反馈结果。", ["受理投诉", "查处违法", "反馈结果"]),
        ("受理投诉;查处违法\n反馈结果", ["受理投诉", "查处违法", "反馈结果"]),
        ("1.受理投诉2.不是编号", ["受理投诉2.不是编号"]),
        ("1.受理投诉。2.查处违法。3、反馈结果", ["受理投诉", "查处违法", "反馈结果"]),
        ("1. 受理投诉\r\n2. 查处违法\r\n10. 反馈结果", ["受理投诉", "查处违法", "反馈结果"]),
        ("（1）受理投诉；（2）查处违法", ["受理投诉", "查处违法"]),
        ("（一）受理投诉 （二）查处违法", ["受理投诉", "查处违法"]),
        ("一、受理投诉；二、查处违法；十一、反馈", ["受理投诉", "查处违法", "反馈"]),
        ("①受理投诉②查处违法", ["受理投诉", "查处违法"]),
        ("1）受理投诉；2）查处违法", ["受理投诉", "查处违法"]),
        # What looks like numbering and is none.
        ("清理1.5米以上的堆物；3.5吨以下车辆除外", ["清理1.5米以上的堆物", "3.5吨以下车辆除外"]),
        ("依据条例第（三）项查处", ["依据条例第（三）项查处"]),
        ("2026年前完成整改", ["2026年前完成整改"]),
        # Brackets hold together; a heading stays with what it is the heading of.
        ("查处违法（含摊点；不含早市）；反馈", ["查处违法（含摊点；不含早市）", "反馈"]),
        ("主要职责：1.受理投诉；2.查处违法", ["主要职责：受理投诉", "查处违法"]),
        ("受理投诉；其他：", ["受理投诉", "其他："]),
    ],
)
def test_a_cell_is_taken_apart_into_single_duties(cell, duties):
    assert split(cell) == duties


def unit(n: int, kind: UnitKind = UnitKind.DEPARTMENT, **more: Any) -> UnitView:
    return UnitView(id=n, code=f"U{n}", name=f"单位{n}", kind=kind, **more)


def entry(**changes: Any) -> EntryView:
    given: dict[str, Any] = {
        "id": 1,
        "version_id": 1,
        "matter_code": "A-1",
        "row": 3,
        "name": "甲事项",
        "domain": "",
        "kind": "enforcement",
        "responsibility": "county",
        "lead_id": 1,
        "lead_duties": "受理；查处",
        "township_duties": "巡查；劝停",
        "self_handle": False,
        "receives": "department",
        "urgency": "work_day",
        "limit": 2,
        "cooperating": (Cooperating(2, "维持秩序"), Cooperating(None, "巡查；到场")),
    }
    return EntryView(**given | changes)


def named(of: EntryView, whose: UnitView, township: str = "T1") -> list[tuple[int, str, str]]:
    return [(each.number, each.source, each.text) for each in duties_of(of, whose, township)]


def test_a_unit_has_the_duties_that_the_entry_names_for_it_and_a_stranger_none():
    here = unit(8, UnitKind.TOWNSHIP, township_code="T1")
    elsewhere = unit(9, UnitKind.TOWNSHIP, township_code="T2")
    station = unit(7, UnitKind.STATION, parent_id=1, township_code="T1")
    assert named(entry(), unit(1)) == [(1, "lead", "受理"), (2, "lead", "查处")]
    assert named(entry(), station) == named(entry(), unit(1))
    assert named(entry(), unit(2)) == [(1, "cooperating", "维持秩序")]
    # What the list says of the township twice is one duty.
    assert named(entry(), here) == [
        (1, "cooperating", "巡查"),
        (2, "cooperating", "到场"),
        (3, "township", "劝停"),
    ]
    assert named(entry(), elsewhere) == named(entry(), unit(3)) == named(entry(), here, "") == []


def test_a_township_that_leads_has_the_leads_duties():
    here = unit(8, UnitKind.TOWNSHIP, township_code="T1")
    led = entry(lead_id=None, cooperating=())
    assert [source for _, source, _ in named(led, here)] == ["lead", "lead", *["township"] * 2]
    assert named(led, unit(1)) == []


@pytest.mark.parametrize(
    ("due", "done", "more", "state", "late"),
    [
        (1, 0, {}, State.DONE, None),
        (1, 1, {}, State.DONE, None),
        (1, 3, {}, State.LATE, 2 * HOUR),
        (None, 3, {}, State.DONE, None),
        (9, 3, {"missed": True}, State.LATE, None),  # late before it was given time anew
        (9, None, {}, State.NOT_DUE, None),
        (None, None, {}, State.NOT_DUE, None),
        (5, None, {}, State.NOT_DUE, None),  # at the very instant
        (4, None, {}, State.NOT_DONE, None),
        (9, None, {"missed": True}, State.NOT_DONE, None),
        (4, None, {"lifted": True}, State.LIFTED, None),
        (9, None, {"lifted": True, "missed": True}, State.NOT_DONE, None),
    ],
)
def test_a_duty_is_judged_against_its_limit(due, done, more, state, late):
    due_at = None if due is None else AT + due * HOUR
    done_at = None if done is None else AT + done * HOUR
    assert judged(due_at, done_at, at=AT + 5 * HOUR, **more) == (state, late)


@dataclass(frozen=True)
class Task:
    """A task as far as its duties need it: signed for, come and done in time."""

    id: int = 1
    unit_id: int = 1
    part: str = "lead"
    stage: str = "done"
    step: str = ""
    accept_due_at: datetime | None = AT + HOUR
    accepted_at: datetime | None = AT
    accepted_by_clock: bool = False
    arrive_due_at: datetime | None = AT + 2 * HOUR
    arrived_at: datetime | None = AT + HOUR
    arrival: str = "confirmed"
    late_at: datetime | None = None
    earlier_calls: tuple[EarlierCall, ...] = ()
    due_at: datetime | None = AT + 9 * HOUR
    done_at: datetime | None = AT + 8 * HOUR
    overdue_at: datetime | None = None
    exempted_at: datetime | None = None
    result: str = "已办"


@dataclass(frozen=True)
class Step:
    """A line of the history as far as evidence needs it."""

    version: int
    verb: str
    task_id: int | None = 1
    at: datetime = AT


@dataclass(frozen=True)
class Photo:
    """A photo after handling, added with a step."""

    step_version: int
    purpose: str = "after"


STEPS = [Step(n, verb) for n, verb in enumerate(("accept", "check_in", "progress", "resolve"), 1)]


def states(task: Task, **more: Any) -> dict[Owed, State]:
    past = Past(**{"tasks": [task], "steps": STEPS, "photos": [Photo(4)]} | more)
    return {each.owed: each.state for each in owed.duties(past, at=AT + 20 * HOUR)}


def test_a_lead_that_did_all_in_time_is_shown_to_have():
    past = Past(tasks=[Task()], steps=STEPS, photos=[Photo(4)], helpers=[Task(id=2, part="c")])
    found = owed.duties(past, at=AT + 20 * HOUR)
    assert {each.owed: (each.state, each.steps) for each in found} == {
        Owed.ACCEPT: (State.DONE, (1,)),
        Owed.ARRIVE: (State.DONE, (2,)),
        Owed.HANDLE: (State.DONE, (3, 4)),
        Owed.HELPED: (State.DONE, ()),
        Owed.RESULT: (State.DONE, (4,)),
    }


def test_a_helper_that_gave_its_part_back_is_shown_by_its_return():
    helper = Task(id=2, part="cooperating", stage="returned")
    past = Past(tasks=[Task()], helpers=[helper], steps=[*STEPS, Step(5, "return", 2)])
    [helped] = [each for each in owed.duties(past, at=AT + 20 * HOUR) if each.owed is Owed.HELPED]
    assert (helped.state, helped.steps) == (State.DONE, (5,))


def test_what_the_clock_signed_for_the_unit_did_not():
    assert states(Task(accepted_by_clock=True))[Owed.ACCEPT] is State.NOT_DONE


def test_an_arrival_that_the_township_contests_is_none():
    assert states(Task(arrival="contested"))[Owed.ARRIVE] is State.NOT_DONE
    assert states(Task(arrived_at=AT + 3 * HOUR))[Owed.ARRIVE] is State.LATE
    assert Owed.ARRIVE not in states(Task(arrive_due_at=None))


def test_a_result_without_a_photo_after_is_not_whole():
    assert states(Task(), photos=[Photo(4, "during")])[Owed.RESULT] is State.NOT_DONE
    assert states(Task(), photos=[Photo(3)])[Owed.RESULT] is State.NOT_DONE
    assert states(Task(result=""))[Owed.RESULT] is State.NOT_DONE
    open_one = Task(stage="accepted", done_at=None, due_at=AT + 30 * HOUR)
    assert states(open_one)[Owed.RESULT] is State.NOT_DUE


def test_an_exemption_is_noted_and_the_overdue_fact_stays():
    late = Task(done_at=AT + 11 * HOUR, overdue_at=AT + 9 * HOUR, exempted_at=AT + 12 * HOUR)
    [duty] = [
        each
        for each in owed.duties(Past(tasks=[late]), at=AT + 20 * HOUR)
        if each.owed is Owed.HANDLE
    ]
    assert (duty.state, duty.late, duty.exempted_at) == (State.LATE, 2 * HOUR, AT + 12 * HOUR)


def test_who_was_released_owes_nothing_more_and_who_is_suspended_nothing_yet():
    bare = Task(stage="waived", accepted_at=None, arrived_at=None, arrival="", done_at=None)
    assert set(states(bare).values()) == {State.LIFTED}
    assert states(replace(bare, part="cooperating"))[Owed.COOPERATE] is State.LIFTED
    at_work = Task(stage="accepted", done_at=None)
    assert states(at_work)[Owed.HANDLE] is State.NOT_DONE
    assert states(at_work, suspended=True)[Owed.HANDLE] is State.NOT_DUE
