"""Quiet hours: when nobody is woken for what can wait until morning. Pure."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Self
from zoneinfo import ZoneInfo

from server.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From one time of day to another on the county's clock, mostly over midnight; or none."""

    span: tuple[time, time] | None
    zone: ZoneInfo

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Take the quiet hours out of the deployment's settings; a demo has none."""
        return cls(span=None if settings.demo else settings.quiet_span, zone=settings.zone)

    def cover(self, at: datetime) -> bool:
        """Tell whether an instant lies in the quiet hours; their end no longer does."""
        if self.span is None:
            return False
        begin, end = self.span
        clock = at.astimezone(self.zone).time()
        return begin <= clock < end if begin < end else clock >= begin or clock < end
