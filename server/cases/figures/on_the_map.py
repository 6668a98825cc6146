"""Cases on a map: at most some two thousand spots, however many cases there are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.expressions import Q, RawSQL
from tortoise.functions import Avg, Count, Max

from server.cases.door.access import covered
from server.cases.models.case import Case
from server.cases.reading.queries import Narrowing, conditions
from server.cases.reading.states import Clock, at_clock
from server.people.actor import Actor
from server.permissions import Permission

#: Squares along the longer side of what is looked at.
_SQUARES: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Cases near each other, in WGS-84 at their mean; `no` is the number of one that is alone.

    Of that one `sure` tells whether its point is where it lies, and not merely about there.
    """

    lon: float
    lat: float
    n: int
    n_overdue: int
    no: str
    sure: bool


async def spots(
    actor: Actor, narrowing: Narrowing, *, box: tuple[float, float, float, float], at: datetime
) -> list[Cluster]:
    """Return the visible cases of a box (west, south, east, north), near ones taken together."""
    condition = covered(actor, Permission.CASE_READ)
    if condition is None:
        return []
    west, south, east, north = box
    side = max(east - west, north - south, 1e-6) / _SQUARES
    wanted = [*conditions(narrowing, at), Q(lon__gte=west, lon__lte=east)]
    found = Case.filter(condition, *wanted, lat__gte=south, lat__lte=north)
    late = Count("id", _filter=at_clock(Clock.LATE, at))
    rows = (
        await found.annotate(
            x=RawSQL(f"floor(lon / {side!r})"),
            y=RawSQL(f"floor(lat / {side!r})"),
            n=Count("id"),
            late=late,
            mean_lon=Avg("lon"),
            mean_lat=Avg("lat"),
            one=Max("no"),
        )
        .group_by("x", "y")
        .limit((_SQUARES + 2) ** 2)
        .values("x", "y", "n", "late", "mean_lon", "mean_lat", "one")
    )
    alone = [row["one"] for row in rows if row["n"] == 1]
    places = dict(await Case.filter(no__in=alone).values_list("no", "place"))
    vague = {no for no, place in places.items() if not place.point_sure}
    return [
        Cluster(
            lon=row["mean_lon"],
            lat=row["mean_lat"],
            n=row["n"],
            n_overdue=row["late"],
            no=row["one"] if row["n"] == 1 else "",
            sure=row["n"] > 1 or row["one"] not in vague,
        )
        for row in rows
    ]
