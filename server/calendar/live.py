"""The calendar that a process holds in memory."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from server.calendar import queries
from server.calendar.working import Span, WorkingCalendar


class CalendarInForce:
    """Holds the working calendar; `refresh` reads it anew, swapped by one reference."""

    def __init__(self, zone: ZoneInfo, spans: Sequence[Span]) -> None:
        self._zone = zone
        self._spans = tuple(spans)
        self._current = WorkingCalendar({}, self._spans, zone)

    @property
    def current(self) -> WorkingCalendar:
        """The calendar as last read; before the first reading it knows no day."""
        return self._current

    async def refresh(self) -> None:
        """Read the calendar again."""
        self._current = await queries.load(self._zone, self._spans)
