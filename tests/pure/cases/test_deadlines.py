"""Whose turn it is and until when: K1 to K7 of the domain on a calendar with a weekend."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.calendar.working import Day, WorkingCalendar
from server.cases.rules import deadlines
from server.cases.rules.deadlines import OWNERS
from server.cases.rules.flow import FINAL, Stage
from server.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")
POLICY = Settings.read()
FIRST = date(2026, 3, 1)
CALENDAR = WorkingCalendar(
    {
        day: Day(day.weekday() < 5, "" if day.weekday() < 5 else "周末")
        for day in (FIRST + timedelta(days=n) for n in range(120))
    },
    [(time(8, 30), time(12)), (time(13, 30), time(18))],
    ZONE,
)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026; the 2nd is a Monday, the 7th a Saturday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def turn(stage, at, *, urgent=False, due_at=None):
    return deadlines.turn(
        stage, at=at, urgent=urgent, due_at=due_at, calendar=CALENDAR, policy=POLICY
    )


def screened(stage, at, since):
    return deadlines.turn(
        stage, at=at, since=since, urgent=False, due_at=None, calendar=CALENDAR, policy=POLICY
    )


def moments(turn):
    return {each.name: each.at for each in turn.timers}


def test_k1_counts_from_receipt_also_while_somebody_looks_at_the_place():
    received = local(2, 10)
    early = screened(Stage.VERIFYING, local(2, 10, 5), received)
    assert (early.owner, early.due_at) == ("grid_worker", local(2, 10, 30))
    late = screened(Stage.VERIFYING, local(2, 10, 28), received)
    assert late.due_at == local(2, 10, 43), "half of K1 to look, where less remains"
    assert moments(late) == {"file_late": local(2, 10, 30), "verify_lapsed": late.due_at}
    over = screened(Stage.VERIFYING, local(2, 10, 35), received)
    assert moments(over) == {"verify_lapsed": local(2, 10, 50)}
    back = screened(Stage.SUBMITTED, local(2, 10, 20), received)
    assert back.due_at == local(2, 10, 30)
    assert moments(back) == {"file_late": back.due_at, "file_by_clock": local(2, 11)}
    behind = screened(Stage.SUBMITTED, local(2, 10, 50), received)
    assert behind.due_at == local(2, 10, 30)
    assert moments(behind) == {"file_by_clock": local(2, 11)}, "told once that it is late"


def test_the_day_of_what_is_handled_on_the_spot_is_the_countys_own():
    found = deadlines.same_day(local(2, 23, 59), ZONE)
    assert found.at == local(3, 0)
    assert found.why
    assert deadlines.same_day(local(3, 0), ZONE).at == local(4, 0)


@pytest.mark.parametrize(
    ("stage", "urgent", "at", "owner", "due_at"),
    [
        (Stage.SUBMITTED, False, local(2, 10), "acceptor", local(2, 10, 30)),
        (Stage.SUBMITTED, False, local(2, 11, 45), "acceptor", local(2, 13, 45)),
        (Stage.SUBMITTED, False, local(7, 22), "acceptor", local(8, 0)),
        (Stage.SUBMITTED, True, local(7, 3), "acceptor", local(7, 3, 15)),
        (Stage.FILED, False, local(6, 17, 45), "dispatcher", local(9, 8, 45)),
        (Stage.FILED, True, local(7, 3), "dispatcher", local(7, 3, 15)),
        (Stage.DISPATCHED, False, local(2, 11), "handler", local(2, 14, 30)),
        (Stage.DISPATCHED, True, local(7, 23, 50), "handler", local(8, 0, 20)),
        (Stage.HANDLED, False, local(6, 15), "acceptor", local(9, 15)),
        (Stage.CHECKING, False, local(6, 15), "grid_worker", local(9, 15)),
        (Stage.DISPUTED, False, local(6, 15), "dispatcher", local(9, 15)),
        (Stage.DISPUTED, True, local(7, 3), "dispatcher", local(7, 3, 30)),
        (Stage.IN_CONFERENCE, False, local(6, 15), "list_keeper", local(11, 15)),
        (Stage.IN_CONFERENCE, True, local(7, 3), "list_keeper", local(7, 5)),
        (Stage.CLOSED, False, local(6, 15), "reporter", local(13, 15)),
    ],
)
def test_each_stage_has_its_owner_and_its_clock(stage, urgent, at, owner, due_at):
    found = turn(stage, at, urgent=urgent)
    assert (found.owner, found.due_at) == (owner, due_at)


def test_handling_is_due_when_the_case_is():
    assert turn(Stage.HANDLING, local(2, 10), due_at=local(20, 9)).due_at == local(20, 9)


@pytest.mark.parametrize("stage", sorted(FINAL - {Stage.CLOSED}))
def test_what_is_over_is_nobodys_turn(stage):
    found = turn(stage, local(2, 10))
    assert (found.owner, found.due_at) == ("", None)


@given(
    st.sampled_from(sorted(OWNERS)),
    st.booleans(),
    st.integers(0, 40 * 24 * 60).map(lambda m: local(2, 0) + timedelta(minutes=m)),
)
def test_no_stage_is_due_before_it_begins(stage, urgent, at):
    found = turn(stage, at, urgent=urgent)
    assert found.owner
    assert found.due_at > at


def test_filing_never_waits_longer_than_two_hours_of_the_clock():
    for hour in range(24 * 7):
        at = local(2, 0) + timedelta(hours=hour)
        due = deadlines.clock_due(deadlines.K1, at, urgent=False, calendar=CALENDAR, policy=POLICY)
        assert timedelta(minutes=30) <= due - at <= timedelta(hours=2)


def test_who_is_called_comes_at_the_time_asked_and_in_an_emergency_within_half_an_hour():
    at, asked = local(2, 10), local(2, 15)
    assert deadlines.arrival_due(asked, at=at, emergency=False, policy=POLICY) == asked
    soon = deadlines.arrival_due(asked, at=at, emergency=True, policy=POLICY)
    assert soon == at + timedelta(minutes=30)
    sooner = at + timedelta(minutes=10)
    assert deadlines.arrival_due(sooner, at=at, emergency=True, policy=POLICY) == sooner


@pytest.mark.parametrize(
    ("limit", "urgency", "due_at"),
    [
        (7, "work_day", local(6, 10)),  # four of them
        (2, "natural_day", local(3, 10)),
        (1, "work_day", local(2, 15, 30)),  # half a day is four hours of work
        (1, "natural_day", local(2, 22)),
        (1, "urgent_hour", local(2, 11)),
        (4, "work_hour", local(2, 12)),
    ],
)
def test_rework_has_half_the_time(limit, urgency, due_at):
    found = deadlines.rework_due(local(2, 10), limit, urgency, calendar=CALENDAR)
    assert found.at == due_at
    assert found.why
