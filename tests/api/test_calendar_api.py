"""How far the calendar reaches, for administrators, metrics and the command line."""

import asyncio
import os
import sys
from datetime import date, timedelta

import pytest

from server.calendar.outlook import outlook
from server.calendar.working import Day, WorkingCalendar
from server.clock import now
from server.settings import Settings
from tests.casework import Casework, rows_of

SETTINGS = Settings.read()
FIRST = date(2026, 6, 1)


def calendar(n_days: int, provisional_after: int = 10_000) -> WorkingCalendar:
    days = {
        FIRST + timedelta(days=n): Day(True, "（暂定）" if n > provisional_after else "")
        for n in range(n_days)
    }
    return WorkingCalendar(days, SETTINGS.work_spans, SETTINGS.zone)


@pytest.mark.parametrize(
    ("n_days", "provisional_after", "today", "warnings"),
    [
        (400, 10_000, FIRST, ()),
        (61, 10_000, FIRST, ()),
        (60, 10_000, FIRST, ("ends_soon",)),
        (400, 10_000, FIRST + timedelta(days=500), ("ends_soon",)),
        (400, 213, date(2026, 11, 30), ()),
        (400, 213, date(2026, 12, 1), ("provisional",)),
        (400, 213, date(2027, 2, 1), ("provisional",)),
        (400, 10, FIRST, ("provisional",)),
    ],
)
def test_an_operator_is_warned_before_it_matters(n_days, provisional_after, today, warnings):
    found = outlook(calendar(n_days, provisional_after), today, wanted_days=60)
    assert found.warnings == warnings


def test_a_calendar_without_today_reaches_nowhere():
    found = outlook(calendar(0), FIRST, wanted_days=60)
    assert (found.reaches, found.n_days_ahead, found.warnings) == (None, 0, ("ends_soon",))


async def test_an_administrator_sees_how_far_it_reaches_and_loads_more(county, someone):
    boss = await someone("admin1", face="console")
    before = await boss.get("/s/v1/calendar")
    assert (before["reaches"], before["provisional_from"]) == ("2027-12-31", "2027-01-01")
    day = {"day": "2028-01-01", "is_work": False, "name": "元旦"}
    after = await boss.post("/s/v1/calendar", {"days": [day]})
    assert after["reaches"] == "2028-01-01"
    assert after["n_days_ahead"] == before["n_days_ahead"] + 1
    assert not county.basis.calendar.day(date(2028, 1, 1)).is_work
    status, body = await boss.call("POST", "/s/v1/calendar", json={"days": [{"day": "x"}]})
    assert (status, body["code"]) == (400, "bad_input")
    nobody = await someone("leader1", face="console")
    status, body = await nobody.call("GET", "/s/v1/calendar")
    assert (status, body["code"]) == (403, "not_permitted")


async def test_metrics_say_how_far_it_reaches_and_what_the_clock_is_behind_with(county, someone):
    work = Casework(county)
    case = await work.filed()
    await rows_of(
        "UPDATE case_file SET wake_at = $2 WHERE id = $1 RETURNING id",
        case.id,
        now() - timedelta(minutes=10),
    )
    county.parts.fired["urge"] += 2
    person = await someone("admin1", face="console")
    _, said = await person.call("GET", "/metrics")
    figures = dict(
        line.rsplit(" ", 1) for line in said.decode().splitlines() if not line.startswith("#")
    )
    assert float(figures["gridwhistle_calendar_days_ahead"]) > 300
    assert float(figures["gridwhistle_timers_due"]) == 1
    assert 600 <= float(figures["gridwhistle_timers_lag_seconds"]) < 700
    assert float(figures['gridwhistle_timers_fired{kind="urge"}']) == 2


async def check(county) -> tuple[int | None, str]:
    """How `gridwhistle calendar check` ends, and what it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gridwhistle", "calendar", "check"),
        env=dict(os.environ) | {"DATABASE_URL": county.parts.settings.database_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


@pytest.mark.slow  # a program for each way to fail
async def test_the_command_line_fails_when_something_is_to_be_done(county):
    assert await rows_of("UPDATE calendar_day SET name = '' RETURNING day")
    code, said = await check(county)
    assert (code, "2027-12-31" in said) == (0, True)
    today = now().date()
    await rows_of("DELETE FROM calendar_day WHERE day > $1 RETURNING day", today)
    code, said = await check(county)
    assert code == 1
    assert "工作日历快要用完" in said
