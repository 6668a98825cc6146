"""Deadlines over working time, held against a reference that walks minute by minute."""

import random
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.calendar.working import Day, Deadline, WorkingCalendar
from server.errors import CalendarMissing

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = ((time(8, 30), time(12)), (time(13, 30), time(18)))
LATE = ((time(9), time(17)),)
THREE = ((time(6), time(6, 30)), (time(11, 15), time(13)), (time(20), time(23, 45)))
MINUTE = timedelta(minutes=1)
YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
WORKING = frozenset(filter(chinese_calendar.is_workday, YEAR))
DAYS = {day: Day(day in WORKING, "" if day.weekday() < 5 else "w") for day in YEAR}

spans_of = st.sampled_from([OFFICE, LATE, THREE])
minutes = st.integers(0, 330 * 24 * 60 - 1).map(
    lambda n: datetime(2026, 1, 1, tzinfo=ZONE) + n * MINUTE
)


def calendar(spans=OFFICE) -> WorkingCalendar:
    return WorkingCalendar(DAYS, spans, ZONE)


def local(deadline: Deadline) -> datetime:
    assert deadline.at.tzinfo is UTC
    return deadline.at.astimezone(ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def works(moment: datetime, spans) -> bool:
    return moment.date() in WORKING and any(
        opens <= moment.time() < closes for opens, closes in spans
    )


def walked(start: datetime, n_minutes: int, spans) -> datetime:
    """The end of the n-th working minute that begins at the start or later."""
    while n_minutes:
        n_minutes -= works(start, spans)
        start += MINUTE
    return start


def opened(start: datetime, spans) -> datetime:
    while not works(start, spans):
        start += MINUTE
    return start


@settings(max_examples=60, deadline=None)
@given(minutes, st.integers(1, 30), spans_of)
def test_work_hours_are_those_that_a_walk_through_the_minutes_counts(start, n_hours, spans):
    expected = walked(start, n_hours * 60, spans)
    assert local(calendar(spans).add(start, n_hours, "work_hour")) == expected
    assert local(calendar(spans).add(start, n_hours * 60, "work_minute")) == expected


@settings(max_examples=60, deadline=None)
@given(minutes, st.integers(1, 15), spans_of)
def test_work_days_are_the_hours_of_so_many_working_days(start, n_days, spans):
    begin = opened(start, spans)
    found = calendar(spans).add(start, n_days, "work_day")
    assert local(found) == walked(start, n_days * minutes_of_a_day(spans), spans)
    assert found.counted_from == begin
    working = sorted(WORKING)
    day = working[bisect_right(working, begin.date()) - 1 + n_days]
    same_time = datetime.combine(day, begin.time(), ZONE)
    # The same time of day that many working days later, or the closing before it.
    assert local(found) <= same_time
    assert walked(local(found), 1, spans) == walked(same_time, 1, spans)


def minutes_of_a_day(spans) -> int:
    return sum(
        works(datetime(2026, 3, 2, tzinfo=ZONE) + n * MINUTE, spans) for n in range(24 * 60)
    )


@settings(max_examples=60, deadline=None)
@given(
    minutes,
    st.integers(1, 15),
    spans_of,
    st.sampled_from(["work_minute", "work_hour", "work_day"]),
)
def test_a_limit_ends_when_its_working_time_is_over_and_never_at_an_opening(
    start, limit, spans, urgency
):
    of = calendar(spans)
    found = of.add(start, limit, urgency)
    assert of.worked(start, found.at) == of.length(limit, urgency)
    assert of.worked(start, found.at - MINUTE) < of.length(limit, urgency)


@settings(max_examples=100, deadline=None)
@given(
    minutes, minutes, st.integers(0, 20), st.sampled_from(["work_minute", "work_hour", "work_day"])
)
def test_who_begins_later_is_never_due_earlier(one, other, limit, urgency):
    first, second = sorted([one, other])
    of = calendar()
    assert of.add(first, limit, urgency).at <= of.add(second, limit, urgency).at


@given(minutes, st.integers(0, 400))
def test_round_the_clock_limits_need_no_calendar(start, limit):
    empty = WorkingCalendar({}, OFFICE, ZONE)
    assert empty.add(start, limit, "urgent_hour").at == start + timedelta(hours=limit)
    assert empty.add(start, limit, "urgent_minute").at == start + timedelta(minutes=limit)
    assert empty.add(start, limit, "natural_day").at == start + timedelta(days=limit)


@pytest.mark.parametrize(
    ("start", "limit", "urgency", "expected"),
    [
        # Over Qingming: Saturday to Monday are off.
        ("2026-04-03 16:40", 2, "work_day", "2026-04-08 16:40"),
        # The Saturday before the Spring Festival is worked.
        ("2026-02-13 16:40", 1, "work_day", "2026-02-14 16:40"),
        ("2026-02-13 16:40", 4, "work_hour", "2026-02-14 11:10"),
        # National Day's week, and the Saturday after it, which is worked.
        ("2026-09-30 17:00", 2, "work_hour", "2026-10-08 09:30"),
        ("2026-10-09 17:00", 1, "work_day", "2026-10-10 17:00"),
        # A night and a lunch begin at the next opening.
        ("2026-11-22 03:00", 30, "work_minute", "2026-11-23 09:00"),
        ("2026-11-23 12:00", 1, "work_day", "2026-11-24 12:00"),
        # What fits before closing time ends at closing time, and so does a day from its opening.
        ("2026-11-23 17:00", 1, "work_hour", "2026-11-23 18:00"),
        ("2026-11-23 08:30", 1, "work_day", "2026-11-23 18:00"),
        ("2026-11-22 03:00", 2, "work_day", "2026-11-24 18:00"),
    ],
)
def test_known_deadlines_of_2026(start, limit, urgency, expected):
    assert local(calendar().add(at(start), limit, urgency)) == at(expected)


def test_the_sentence_names_start_end_and_the_days_left_out():
    days = DAYS | {date(2026, 4, n): Day(False, "清明节") for n in (4, 5, 6)}
    of = WorkingCalendar(days, OFFICE, ZONE)
    found = of.add(at("2026-04-03 16:40"), 2, "work_day")
    assert found.skipped == ("清明节",)
    assert found.why == "2个工作日，自4月3日（周五）16:40起，跳过清明节，至4月8日（周三）16:40"
    plain = of.add(at("2026-04-07 08:30"), 1, "work_hour")
    assert plain.why == "1个工作小时，自4月7日（周二）08:30起，至4月7日（周二）09:30"


def test_a_limit_that_reaches_into_a_year_not_loaded_is_refused():
    with pytest.raises(CalendarMissing) as refused:
        calendar().add(at("2026-12-31 17:00"), 2, "work_day")
    assert refused.value.facts["year"] == 2027


@pytest.mark.parametrize(("limit", "urgency"), [(-1, "work_day"), (1, "fortnight")])
def test_what_is_no_limit_is_refused(limit, urgency):
    with pytest.raises(ValueError, match="no limit"):
        calendar().add(at("2026-11-23 09:00"), limit, urgency)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no limit"):
        calendar().add(at("2026-11-23 09:00").replace(tzinfo=None), 1, "work_day")


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 08:30", True),
        ("2026-11-23 12:00", False),
        ("2026-11-23 18:00", False),
        ("2026-11-22 10:00", False),
        ("2026-02-14 10:00", True),
    ],
)
def test_the_office_is_open_in_its_hours_on_working_days_only(moment, is_open):
    assert calendar().is_open(at(moment)) is is_open


# Ten thousand intervals against a count of half-minutes, over two years with their make-up days.
HALF = timedelta(seconds=30)
TWO_YEARS = [date(2025, 1, 1) + timedelta(days=n) for n in range(730)]


@pytest.fixture(scope="module")
def counted() -> list[int]:
    """How many working half-minutes lie between the first of 2025 and each half-minute after."""
    found, total = [0], 0
    for day in TWO_YEARS:
        is_work = chinese_calendar.is_workday(day)
        midnight = datetime.combine(day, time())
        for n in range(24 * 60 * 2):
            clock = (midnight + n * HALF).time()
            total += is_work and any(opens <= clock < closes for opens, closes in OFFICE)
            found.append(total)
    return found


@pytest.mark.parametrize("n_intervals", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_intervals_are_those_that_a_count_of_half_minutes_finds(counted, n_intervals):
    days = {day: Day(chinese_calendar.is_workday(day)) for day in TWO_YEARS}
    of = WorkingCalendar(days, OFFICE, ZONE)
    first = datetime(2025, 1, 1, tzinfo=ZONE)
    luck = random.Random(20261125)
    make_up = [d for d in TWO_YEARS if d.weekday() > 4 and days[d].is_work]
    assert make_up
    for number in range(n_intervals):
        if number % 4:
            begin = luck.randrange(600 * 2880)
        else:  # on a make-up day or just before one
            near = (luck.choice(make_up[:-1]) - TWO_YEARS[0]).days - luck.randrange(2)
            begin = near * 2880 + luck.randrange(2880)
        length = luck.choice((luck.randrange(2880), luck.randrange(120 * 2880)))
        end = min(begin + length, len(counted) - 1)
        start, until = first + begin * HALF, first + end * HALF
        n_halves = counted[end] - counted[begin]
        assert of.worked(start, until) == n_halves * HALF, (start, until)
        if not n_halves:
            continue
        # The first half-minute by which so many are over.
        earliest = bisect_left(counted, counted[begin] + n_halves)
        assert of.after(start, n_halves * HALF, "work_hour") == first + earliest * HALF
        if n_halves % 120 == 0:
            found = of.add(start, n_halves // 120, "work_hour")
            assert found.at == first + earliest * HALF
        share = of.share(start, until, 0.5, "work_day")
        assert of.worked(start, share) == n_halves * HALF / 2


@given(
    minutes,
    st.integers(0, 10 * 24 * 60),
    st.sampled_from(["work_hour", "work_day", "natural_day", "urgent_hour"]),
)
def test_what_is_left_runs_out_when_it_says_and_begins_again_elsewhere(start, n, urgency):
    end = start + n * MINUTE
    of = calendar()
    rest = of.left(start, end, urgency)
    assert of.after(start, rest, urgency) <= max(end, of.after(start, timedelta(), urgency))
    assert of.left(end, of.after(end, rest, urgency), urgency) == rest
    assert of.left(end, start, urgency) == timedelta()
