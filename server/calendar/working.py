"""By when something is due: arithmetic over working days and working hours."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

from server.errors import CalendarMissing
from server.texts.catalogue import text

Urgency = Literal[
    "urgent_minute",
    "urgent_hour",
    "natural_day",
    "work_minute",
    "work_hour",
    "work_day",
]
Span = tuple[time, time]

_ROUND_THE_CLOCK: Final[Mapping[str, timedelta]] = {
    "urgent_minute": timedelta(minutes=1),
    "urgent_hour": timedelta(hours=1),
    "natural_day": timedelta(days=1),
}
_WORKING: Final[Mapping[str, timedelta]] = {
    "work_minute": timedelta(minutes=1),
    "work_hour": timedelta(hours=1),
}
_DAY: Final = timedelta(days=1)
_CLOCK: Final = re.compile(r"\s?(?<!\d)\d{1,2}:\d\d(?!\d)")
URGENCIES: Final = frozenset({*_ROUND_THE_CLOCK, *_WORKING, "work_day"})


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar; `name` says why it is off, or why it is worked."""

    is_work: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The instant until which, in UTC, and how it came about in a sentence.

    `counted_from` is the instant of counting: `at` itself, or the next opening after it.
    `skipped` names the days left out, each name once.
    """

    at: datetime
    why: str
    counted_from: datetime
    skipped: tuple[str, ...] = ()


class WorkingCalendar:
    """The county's days and hours of work, in its own zone; immutable."""

    __slots__ = ("_day_length", "_days", "_spans", "_zone")

    def __init__(self, days: Mapping[date, Day], spans: Sequence[Span], zone: ZoneInfo) -> None:
        ends = [moment for span in spans for moment in span]
        if not spans or any(a >= b for a, b in pairwise(ends)):
            raise ValueError("working hours must be spans in order that do not touch")
        self._days = dict(days)
        self._spans = tuple(spans)
        self._zone = zone
        a_day = date.min
        lengths = (datetime.combine(a_day, b) - datetime.combine(a_day, a) for a, b in spans)
        self._day_length = sum(lengths, timedelta())

    def __len__(self) -> int:
        return len(self._days)

    def add(self, at: datetime, limit: int, urgency: str) -> Deadline:
        """Return when `limit` units of `urgency` are over that begin at an aware instant.

        `urgent_*` and `natural_day` run round the clock; the others count working time only, a
        `work_day` the hours of one. What begins outside working hours begins at the next opening;
        the end is the first instant at which the time is over, and so may be a closing, never an
        opening.
        Raises CalendarMissing for a day that is not loaded, ValueError for what is no limit.
        """
        time_given = self.length(limit, urgency)
        if at.tzinfo is None:
            raise ValueError(f"no limit: {limit} {urgency} from {at}")
        return self._deadline(at, self.after(at, time_given, urgency), limit, urgency)

    def length(self, limit: int, urgency: str) -> timedelta:
        """Return how much time a limit gives; raises ValueError for what is no limit."""
        if limit < 0 or urgency not in URGENCIES:
            raise ValueError(f"no limit: {limit} {urgency}")
        unit = _ROUND_THE_CLOCK.get(urgency) or _WORKING.get(urgency) or self._day_length
        return unit * limit

    def after(self, start: datetime, rest: timedelta, urgency: str) -> datetime:
        """Return when so much time is over after an instant, counted as limits of `urgency` are.

        Raises CalendarMissing for a day that is not loaded.
        """
        if urgency in _ROUND_THE_CLOCK:
            return (start + rest).astimezone(UTC)
        return self._utc(self._after_working(self._opening(self._local(start)), rest))

    def left(self, start: datetime, end: datetime, urgency: str) -> timedelta:
        """Return how much time lies between two instants, counted as limits of `urgency` are.

        None where the end is not after the start. Raises CalendarMissing for a day that is not
        loaded.
        """
        if end <= start:
            return timedelta()
        return end - start if urgency in _ROUND_THE_CLOCK else self.worked(start, end)

    def share(self, start: datetime, end: datetime, part: float, urgency: str) -> datetime:
        """Return when a share of the time from `start` to `end` is over, counted as the limit is.

        Raises CalendarMissing for a day that is not loaded.
        """
        return self.after(start, self.left(start, end, urgency) * part, urgency)

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """Return how much working time lies between two instants; raises CalendarMissing."""
        first, last = self._local(start), self._local(end)
        total, day = timedelta(), first.date()
        while datetime.combine(day, time.min) < last:
            for opens, closes in self._spans if self.day(day).is_work else ():
                begin = max(first, datetime.combine(day, opens))
                total += max(min(last, datetime.combine(day, closes)) - begin, timedelta())
            day += _DAY
        return total

    def is_open(self, at: datetime) -> bool:
        """Tell whether an instant lies within working hours; raises CalendarMissing."""
        local = self._local(at)
        return self._opening(local) == local

    def say(self, at: datetime) -> str:
        """Return an instant as people of the county say it: date, weekday, time of day."""
        return moment_text(self._local(at))

    def day(self, day: date) -> Day:
        """Return what the calendar says of a day; raises CalendarMissing."""
        found = self._days.get(day)
        if found is None:
            raise CalendarMissing(year=day.year, day=day.isoformat())
        return found

    def _local(self, at: datetime) -> datetime:
        # The wall clock of the county, without a zone: all arithmetic is on it.
        return at.astimezone(self._zone).replace(tzinfo=None)

    def _utc(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self._zone).astimezone(UTC)

    def _work_days(self, first: date) -> Iterator[date]:
        day = first
        while True:
            if self.day(day).is_work:
                yield day
            day += _DAY

    def _opening(self, local: datetime) -> datetime:
        # The instant itself when within working hours (the closing is not), else the next one.
        for day in self._work_days(local.date()):
            for opens, closes in self._spans:
                if local < datetime.combine(day, closes):
                    return max(local, datetime.combine(day, opens))
        raise AssertionError  # pragma: no cover - the days never end

    def _after_working(self, start: datetime, rest: timedelta) -> datetime:
        for day in self._work_days(start.date()):
            for opens, closes in self._spans:
                begin = max(start, datetime.combine(day, opens))
                room = datetime.combine(day, closes) - begin
                if room >= rest:
                    return begin + rest
                rest -= max(room, timedelta())
        raise AssertionError  # pragma: no cover - the days never end

    def _deadline(self, at: datetime, end: datetime, limit: int, urgency: str) -> Deadline:
        round_the_clock = urgency in _ROUND_THE_CLOCK
        start = at if round_the_clock else self._utc(self._opening(self._local(at)))
        skipped = () if round_the_clock else self._skipped(at, end)
        key = "calendar.why_skipping" if skipped else "calendar.why"
        why = text(
            key,
            limit=limit_text(limit, urgency),
            start=moment_text(self._local(start)),
            end=moment_text(self._local(end)),
            skipped=text("calendar.and").join(skipped),
        )
        return Deadline(end, why, start.astimezone(UTC), skipped)

    def _skipped(self, at: datetime, end: datetime) -> tuple[str, ...]:
        day, last = self._local(at).date(), self._local(end).date()
        names = dict[str, None]()
        while day < last:
            found = self.day(day)
            if not found.is_work:
                names[found.name or text("calendar.weekend")] = None
            day += _DAY
        return tuple(names)


def limit_text(limit: int, urgency: str) -> str:
    """Return a limit as people say it: a number and its unit."""
    return text(f"calendar.limit.{urgency}", limit=limit)


def by_the_day(sentence: str) -> str:
    """Return a sentence with the days that it names, and no time of day."""
    return _CLOCK.sub("", sentence)


def moment_text(local: datetime) -> str:
    """Return a wall-clock moment as people say it: date, weekday, time of day."""
    return text(
        "calendar.moment",
        month=local.month,
        day=local.day,
        weekday=text(f"calendar.weekday.{local.weekday()}"),
        clock=f"{local:%H:%M}",
    )
