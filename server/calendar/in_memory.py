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
        self._fingerprint: str | None = None
        self._current = WorkingCalendar({}, self._spans, zone)

    @property
    def current(self) -> WorkingCalendar:
        """The calendar as last read; before the first reading it knows no day."""
        return self._current

    async def refresh(self) -> bool:
        """Read the calendar again if a day changed since; tell whether one did."""
        fingerprint = await queries.fingerprint()
        if fingerprint == self._fingerprint:
            return False
        self._current = await queries.load(self._zone, self._spans)
        self._fingerprint = fingerprint
        return True
