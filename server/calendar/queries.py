"""Reading the calendar."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from tortoise import Tortoise

from server.calendar.models import CalendarDay
from server.calendar.working import Day, Span, WorkingCalendar

# A century: more is no calendar of ours.
_MOST_DAYS = 36_600
_FINGERPRINT = """
SELECT coalesce(md5(string_agg(day::text || is_work::text || name, ',' ORDER BY day)), '')
       AS fingerprint
FROM calendar_day
"""


async def load(zone: ZoneInfo, spans: Sequence[Span]) -> WorkingCalendar:
    """Return the working calendar as it is in the database now."""
    rows = (
        await CalendarDay.all().order_by("-day").limit(_MOST_DAYS).values("day", "is_work", "name")
    )
    days = {row["day"]: Day(row["is_work"], row["name"]) for row in rows}
    return WorkingCalendar(days, spans, zone)


async def fingerprint() -> str:
    """Return a text that changes whenever a day does, without reading the days."""
    rows = await Tortoise.get_connection("default").execute_query_dict(_FINGERPRINT)
    return str(rows[0]["fingerprint"])


async def years() -> tuple[int, ...]:
    """Return the years of which at least one day is loaded, in order."""
    rows = await CalendarDay.all().order_by("-day").limit(_MOST_DAYS).values("day")
    return tuple(sorted({row["day"].year for row in rows}))
