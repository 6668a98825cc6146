"""Quiet hours: at which moments, and for which settings."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from server.push.quiet import QuietHours
from server.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")


def local(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        (local(2, 21, 59, 59), False),
        (local(2, 22), True),
        (local(2, 23, 59, 59), True),
        (local(3, 0), True),
        (local(3, 6, 59, 59), True),
        (local(3, 7), False),
        (local(3, 12), False),
        (local(31, 23), True),
    ],
)
def test_a_night_ends_in_the_morning(at, quiet):
    hours = QuietHours(span=(time(22), time(7)), zone=ZONE)
    assert hours.cover(at) is quiet
    assert hours.cover(at.astimezone(UTC)) is quiet


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        (local(2, 12, 29), False),
        (local(2, 12, 30), True),
        (local(2, 13, 59), True),
        (local(2, 14), False),
        (local(2, 23), False),
    ],
)
def test_a_rest_at_noon_is_within_the_day(at, quiet):
    assert QuietHours(span=(time(12, 30), time(14)), zone=ZONE).cover(at) is quiet


def test_none_is_none_at_any_hour_and_a_demo_has_none():
    settings = Settings.read().model_copy(update={"quiet_hours": "22:00-07:00"})
    for changes in ({"quiet_hours": ""}, {"quiet_hours": "22:00-22:00"}, {"demo": True}):
        quiet = QuietHours.of(settings.model_copy(update=changes))
        assert not any(quiet.cover(local(2, hour)) for hour in range(24))
    usual = QuietHours.of(settings.model_copy(update={"demo": False}))
    assert usual.cover(local(2, 23))


@pytest.mark.parametrize("said", ["22-7", "24:00-07:00", "22:00", "22:60-07:00", "night"])
def test_what_are_no_hours_is_refused_at_the_start(said, monkeypatch):
    monkeypatch.setenv("GRIDWHISTLE_QUIET_HOURS", said)
    with pytest.raises(ValidationError):
        Settings.read()
