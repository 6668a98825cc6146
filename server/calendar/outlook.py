"""How far the working calendar reaches, and what an operator has to do about it. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from server.calendar.working import WorkingCalendar
from server.errors import CalendarMissing
from server.texts.catalogue import text

#: From this day on next year's days are known: a provisional year is overdue (month, day).
ANNOUNCED_BY: Final = (12, 1)
_MOST_DAYS: Final = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What lies ahead of a day: `reaches` is the last day without a gap, None for none at all.

    `provisional_from` is the first day ahead that nobody has announced; `warnings` are codes.
    """

    reaches: date | None
    n_days_ahead: int
    provisional_from: date | None
    warnings: tuple[str, ...]


def outlook(calendar: WorkingCalendar, today: date, *, wanted_days: int) -> Outlook:
    """Return how far a calendar reaches from today, and what of it is missing or provisional."""
    day, reaches, provisional = today, None, None
    for _ in range(_MOST_DAYS):
        try:
            found = calendar.day(day)
        except CalendarMissing:
            break
        if provisional is None and found.name.endswith(text("calendar.provisional", name="")):
            provisional = day
        reaches, day = day, day + timedelta(days=1)
    ahead = (reaches - today).days if reaches else -1
    warnings = []
    if ahead < wanted_days:
        warnings.append("ends_soon")
    if provisional is not None and (today >= provisional or _announced(provisional, today)):
        warnings.append("provisional")
    return Outlook(
        reaches=reaches,
        n_days_ahead=max(ahead, 0),
        provisional_from=provisional,
        warnings=tuple(warnings),
    )


def _announced(day: date, today: date) -> bool:
    """Tell whether a day's year should have been announced by today."""
    return today >= date(day.year - 1, *ANNOUNCED_BY)
