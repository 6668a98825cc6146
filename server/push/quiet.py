"""Quiet hours: when nobody is woken for what can wait until morning. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
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

    def until(self, at: datetime) -> datetime | None:
        """Return when the quiet hours are over that an instant lies in; None outside of them."""
        if self.span is None:
            return None
        begin, end = self.span
        local = at.astimezone(self.zone)
        clock = local.time()
        if begin < end:
            quiet, over = begin <= clock < end, local.date()
        else:
            quiet = clock >= begin or clock < end
            over = local.date() + timedelta(days=clock >= begin)
        return datetime.combine(over, end, self.zone).astimezone(at.tzinfo) if quiet else None
