"""The day's shifts in a command room: which one a moment falls into. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from server.settings import Settings

Hours = tuple[str, time, time]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One shift of one day, from `starts_at` to before `ends_at`.

    One that runs over midnight belongs to the day on which it begins.
    """

    day: date
    shift: str
    starts_at: datetime
    ends_at: datetime


class ShiftHours:
    """The hours of a day's shifts in the county's zone; without gaps, so that somebody may sit.

    Raises ValueError for shifts that do not make up a day, each beginning where another ends.
    """

    __slots__ = ("_hours", "_zone")

    def __init__(self, hours: Sequence[Hours], zone: ZoneInfo) -> None:
        circle = [*hours, hours[0]]
        opens = [start for _, start, _ in hours]
        if (
            any(this[2] != following[1] for this, following in pairwise(circle))
            or opens != sorted(set(opens))
            or len({name for name, _, _ in hours}) != len(hours)
        ):
            raise ValueError("shifts must make up a day, in order and without gaps")
        self._hours = tuple(hours)
        self._zone = zone

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the hours are meant."""
        return self._zone

    @property
    def names(self) -> tuple[str, ...]:
        """The shifts in the order of the day."""
        return tuple(name for name, _, _ in self._hours)

    def at(self, moment: datetime) -> Sitting:
        """Return the shift that an aware instant falls into."""
        local = moment.astimezone(self._zone)
        begun = [name for name, start, _ in self._hours if start <= local.time()]
        day = local.date() if begun else local.date() - timedelta(days=1)
        return self.of(day, begun[-1] if begun else self.names[-1])

    def of(self, day: date, shift: str) -> Sitting:
        """Return a day's shift by its name; raises KeyError for no such shift."""
        start, end = {name: (start, end) for name, start, end in self._hours}[shift]
        until = day if start < end else day + timedelta(days=1)
        return Sitting(
            day=day,
            shift=shift,
            starts_at=self._instant(day, start),
            ends_at=self._instant(until, end),
        )

    def after(self, sitting: Sitting) -> Sitting:
        """Return the shift that follows one."""
        return self.at(sitting.ends_at)

    def _instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self._zone).astimezone(UTC)


def shift_hours_of(settings: Settings) -> ShiftHours:
    """Return the shifts that a deployment has set."""
    return _shift_hours(settings.shift_hours, settings.time_zone)


@cache
def _shift_hours(hours: tuple[Hours, ...], zone: str) -> ShiftHours:
    return ShiftHours(hours, ZoneInfo(zone))
