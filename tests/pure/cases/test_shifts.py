"""The day's shifts: every moment falls into exactly one, also at night and over midnight."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.people.shifts import ShiftHours, shift_hours_of
from server.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")
USUAL = (
    ("morning", time(6), time(14)),
    ("afternoon", time(14), time(22)),
    ("night", time(22), time(6)),
)
ROTA = ShiftHours(USUAL, ZONE)
FROM_MIDNIGHT = ShiftHours(
    (
        ("night", time(0), time(8)),
        ("morning", time(8), time(16)),
        ("afternoon", time(16), time(0)),
    ),
    ZONE,
)


def local(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "day", "shift"),
    [
        (local(3, 6), 3, "morning"),
        (local(3, 13, 59), 3, "morning"),
        (local(3, 14), 3, "afternoon"),
        (local(3, 22), 3, "night"),
        (local(4, 0), 3, "night"),
        (local(4, 5, 59), 3, "night"),
        (local(4, 6), 4, "morning"),
    ],
)
def test_a_night_shift_belongs_to_the_day_on_which_it_begins(moment, day, shift):
    found = ROTA.at(moment.astimezone(UTC))
    assert (found.day, found.shift) == (date(2026, 3, day), shift)


def test_a_shift_that_ends_at_midnight_belongs_to_its_own_day():
    assert FROM_MIDNIGHT.at(local(3, 0)).shift == "night"
    late = FROM_MIDNIGHT.at(local(3, 23, 59))
    assert (late.day, late.shift, late.ends_at) == (date(2026, 3, 3), "afternoon", local(4, 0))


@given(
    st.integers(0, 10 * 365 * 86_400).map(
        lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=n)
    ),
    st.sampled_from([ROTA, FROM_MIDNIGHT]),
)
def test_every_moment_lies_in_the_shift_that_is_found_for_it(moment, shift_hours):
    found = shift_hours.at(moment)
    assert found.starts_at <= moment < found.ends_at
    assert found.ends_at - found.starts_at == timedelta(hours=8)  # no summer time in China
    assert shift_hours.of(found.day, found.shift) == found
    following = shift_hours.after(found)
    assert following.starts_at == found.ends_at
    assert following.shift != found.shift


@pytest.mark.parametrize(
    "hours",
    [
        (("morning", time(6), time(14)), ("night", time(22), time(6))),  # nobody from 14 to 22
        (USUAL[1], USUAL[0], USUAL[2]),  # out of order
        (("morning", time(6), time(14)), ("morning", time(14), time(6))),  # one name twice
        (("morning", time(6), time(6)), ("night", time(6), time(6))),
    ],
)
def test_shifts_that_do_not_make_up_a_day_are_no_shift_hours(hours):
    with pytest.raises(ValueError, match="shifts must make up a day"):
        ShiftHours(hours, ZONE)


def test_the_shifts_are_a_setting():
    usual = shift_hours_of(Settings.read())
    assert usual.at(local(4, 3)) == ROTA.at(local(4, 3))
    other = Settings.read().model_copy(
        update={"shifts": "night 00:00-08:00, morning 08:00-16:00, afternoon 16:00-00:00"}
    )
    assert shift_hours_of(other).at(local(4, 3)) == FROM_MIDNIGHT.at(local(4, 3))
