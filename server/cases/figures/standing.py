"""How a county's open cases stand by township and lead unit, and what came and went day by day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tortoise.expressions import Q, RawSQL
from tortoise.functions import Count

from server.cases.door.access import covered
from server.cases.models.case import Case
from server.cases.reading.states import Clock, at_clock
from server.cases.rules.flow import OPEN
from server.people.actor import Actor
from server.permissions import Permission

#: What stands beside each other, and over how many days, today the last.
N_DAYS: Final = 14
_OPEN: Final = sorted(stage.value for stage in OPEN)
#: Townships times units times days: a county has fewer.
_MOST: Final = 50_000


@dataclass(slots=True)
class Standing:
    """Cases that are open, overdue, due within a day; what came and was closed, by the day."""

    n_open: int = 0
    n_overdue: int = 0
    n_soon: int = 0
    received: list[int] = field(default_factory=lambda: [0] * N_DAYS)
    closed: list[int] = field(default_factory=lambda: [0] * N_DAYS)


@dataclass(frozen=True, slots=True)
class Standings:
    """All together, by township (its code) and by lead unit (None before there is one)."""

    days: Sequence[date]
    all: Standing = field(default_factory=Standing)
    by_township: dict[str, Standing] = field(default_factory=dict)
    by_lead: dict[int | None, Standing] = field(default_factory=dict)

    def of(self, township_code: str, lead_id: int | None) -> tuple[Standing, ...]:
        """Return all in which a case of a township and a lead is counted."""
        return (
            self.all,
            self.by_township.setdefault(township_code, Standing()),
            self.by_lead.setdefault(lead_id, Standing()),
        )


async def standings(actor: Actor, *, at: datetime, zone: ZoneInfo) -> Standings:
    """Return how the cases stand that the actor may see; three statements, however many."""
    today = at.astimezone(zone).date()
    days = [today - timedelta(days=n) for n in reversed(range(N_DAYS))]
    found = Standings(days=days)
    condition = covered(actor, Permission.CASE_READ)
    if condition is None:
        return found
    rows = (
        await Case.filter(condition, stage__in=_OPEN)
        .annotate(
            n=Count("id"),
            late=Count("id", _filter=at_clock(Clock.LATE, at)),
            soon=Count("id", _filter=at_clock(Clock.SOON, at)),
        )
        .group_by("township_code", "lead_id")
        .limit(_MOST)
        .values_list("township_code", "lead_id", "n", "late", "soon")
    )
    for township_code, lead_id, n, late, soon in rows:
        for each in found.of(township_code, lead_id):
            each.n_open += n
            each.n_overdue += late
            each.n_soon += soon
    begin = datetime.combine(days[0], datetime.min.time(), zone)
    place = {day: n for n, day in enumerate(days)}
    for name in ("received", "closed"):
        for township_code, lead_id, day, n in await _by_day(condition, name, begin, at, zone):
            for each in found.of(township_code, lead_id):
                getattr(each, name)[place[day]] += n
    return found


async def _by_day(
    condition: Q, name: str, begin: datetime, at: datetime, zone: ZoneInfo
) -> list[tuple[Any, ...]]:
    """Return townships, leads, days, and how many cases then came or were closed."""
    moment = f"{name}_at"
    within = Case.filter(condition, **{f"{moment}__gte": begin, f"{moment}__lte": at})
    day = RawSQL(f"({moment} AT TIME ZONE '{zone.key}')::date")
    counted = within.annotate(day=day, n=Count("id")).group_by("township_code", "lead_id", "day")
    rows = await counted.limit(_MOST).values_list("township_code", "lead_id", "day", "n")
    return [tuple(row) for row in rows]
