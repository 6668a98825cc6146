"""Loading the working calendar."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

import chinese_calendar
from tortoise.transactions import in_transaction

from server.calendar.models import CalendarDay
from server.calendar.working import Day
from server.errors import BadInput, CalendarMissing
from server.texts.catalogue import text

_HEADER: Final = ["day", "is_work", "name"]
_MOST_BYTES: Final = 1_000_000
_YES: Final = {"1": True, "0": False, "true": True, "false": False}
# The holidays whose dates the moon does not move: month, day, key of the name.
_FIXED: Final = {
    (1, 1): "new_years_day",
    (5, 1): "labour_day",
    (5, 2): "labour_day",
    (10, 1): "national_day",
    (10, 2): "national_day",
    (10, 3): "national_day",
}


async def seed(years: Iterable[int]) -> int:
    """Load years as the State Council announced them; return how many days were new.

    Days already loaded stay as they are, provisional ones give way. From chinesecalendar.
    Raises CalendarMissing(year) for a year that it does not know; then nothing is written.
    """
    return await _add({day: found for year in years for day, found in _announced(year)})


async def seed_provisional(year: int) -> int:
    """Load a year not yet announced: weekends and fixed-date holidays, every day marked so.

    For trying the system out; a real import or `seed` replaces it. Returns how many were new.
    """
    days = {day: _provisional(day) for day in _days_of(year)}
    return await _add(days, keep_provisional=True)


async def load_csv(data: bytes) -> int:
    """Load days from CSV with the header `day,is_work,name`, replacing those; return how many.

    Raises BadInput naming each line that is no day; then nothing is written.
    """
    return await load_days(_read_csv(data))


async def load_days(days: Mapping[date, Day]) -> int:
    """Load days, replacing those; return how many. No deadline that is set moves."""
    rows = [CalendarDay(day=day, is_work=d.is_work, name=d.name) for day, d in days.items()]
    async with in_transaction():
        await CalendarDay.bulk_create(
            rows, on_conflict=["day"], update_fields=["is_work", "name"], batch_size=2000
        )
    return len(rows)


async def _add(days: dict[date, Day], *, keep_provisional: bool = False) -> int:
    async with in_transaction():
        if not keep_provisional and days:
            stale = CalendarDay.filter(
                day__gte=min(days), day__lte=max(days), name__endswith=_mark()
            )
            held = await stale.values_list("day", flat=True)
            await CalendarDay.filter(day__in=[day for day in held if day in days]).delete()
        known = set(await CalendarDay.filter(day__in=list(days)).values_list("day", flat=True))
        rows = [
            CalendarDay(day=day, is_work=d.is_work, name=d.name)
            for day, d in days.items()
            if day not in known
        ]
        # Two processes that seed at once both succeed: the second finds the rows there.
        await CalendarDay.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    return len(rows)


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def _announced(year: int) -> Iterator[tuple[date, Day]]:
    for day in _days_of(year):
        try:
            is_work = chinese_calendar.is_workday(day)
            _, name = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError as error:
            raise CalendarMissing(year=year) from error
        yield day, Day(is_work, _name(name, is_work))


def _name(holiday: str | None, is_work: bool) -> str:
    if holiday is None:
        return ""
    name = text(f"calendar.holiday.{chinese_calendar.Holiday(holiday).name}")
    return text("calendar.make_up", holiday=name) if is_work else name


def _mark() -> str:
    return text("calendar.provisional", name="")


def _provisional(day: date) -> Day:
    key = _FIXED.get((day.month, day.day))
    is_work = key is None and day.weekday() < 5
    name = text(f"calendar.holiday.{key}") if key else ""
    if not (is_work or key):
        name = text("calendar.weekend")
    return Day(is_work, text("calendar.provisional", name=name))


def _read_csv(data: bytes) -> dict[date, Day]:
    if len(data) > _MOST_BYTES:
        raise BadInput([{"pointer": "/", "reason": "too_large"}])
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput([{"pointer": "/", "reason": "not_csv"}]) from error
    if not lines or lines[0] != _HEADER:
        raise BadInput([{"pointer": "/1", "reason": "header", "expected": ",".join(_HEADER)}])
    days = dict[date, Day]()
    errors = list[dict[str, str]]()
    for number, line in enumerate(lines[1:], 2):
        try:
            shown, is_work, name = line
            day = date.fromisoformat(shown)
            found = Day(_YES[is_work.strip().lower()], name.strip()[:40])
        except (ValueError, KeyError):
            errors.append({"pointer": f"/{number}", "reason": "not_a_day"})
            continue
        if day in days:
            errors.append({"pointer": f"/{number}", "reason": "twice"})
        days[day] = found
    if errors:
        raise BadInput(errors[:100])
    return days
