"""Open cases around a point, told so coarsely that asking about finds nobody's home."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from server.cases.door.evidence import METRES_PER_DEGREE, metres
from server.cases.door.placing import radius
from server.cases.models.case import Case, Follower
from server.cases.models.report import Report
from server.cases.rules.basis import Basis
from server.cases.rules.flow import FINAL
from server.cases.rules.records import VAGUE_M
from server.people.actor import Actor
from server.texts.catalogue import text

#: All that is less far is found; of a case no more than the square in which it lies is looked at.
_WITHIN_M: Final = 50.0
_SQUARE: Final = 0.0005
_BANDS_M: Final = (50, 100, 200, 500, 1000)
_DAYS: Final = timedelta(days=15)
_MOST: Final = 50
#: As far as the middle of a square is from its corners at the equator: nowhere farther.
_CORNER_M: Final = _SQUARE / 2 * math.sqrt(2) * METRES_PER_DEGREE


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """An open case nearby: the middle of its square, within how many metres, on which day."""

    no: str
    matter: str
    stage: str
    lon: float
    lat: float
    within_m: int
    on: date
    about: str


async def nearby(
    lon: float, lat: float, *, by: Actor, at: datetime, basis: Basis, matter: str = ""
) -> list[Near]:
    """Return what others reported around a WGS-84 point of late, the newest first.

    No complaint about a unit is for everybody's eyes, and what one reported oneself one knows.
    """
    far = (_WITHIN_M + _CORNER_M) / METRES_PER_DEGREE
    across = far / max(0.01, math.cos(math.radians(lat)))
    own = Follower.filter(account_id=by.id, reporter=True, case__received_at__gte=at - _DAYS)
    found = Case.filter(
        lon__gte=_edge(lon - across),
        lon__lt=_edge(lon + across + _SQUARE),
        lat__gte=_edge(lat - far),
        lat__lt=_edge(lat + far + _SQUARE),
        received_at__gte=at - _DAYS,
        about_unit_id__isnull=True,
    ).exclude(stage__in=[stage.value for stage in FINAL if stage])
    mine = [int(case_id) for (case_id,) in await own.values_list("case_id")]
    if mine:
        found = found.exclude(id__in=mine)
    if matter:
        found = found.filter(matter_code=matter)
    cases = await found.order_by("-id").limit(_MOST)
    radii = await _radii(cases)
    rows = [_near(case, radii.get(case.id, 0.0), lon, lat, at, basis) for case in cases]
    return [row for row in rows if row is not None]


async def _radii(cases: Sequence[Case]) -> dict[int, float]:
    """Return within how many metres of its point each case lies, by its first report."""
    sent = (
        Report.filter(case_id__in=[case.id for case in cases]).exclude(source="").order_by("-id")
    )
    return {
        int(case_id): radius(accuracy, source, datum)
        for case_id, accuracy, source, datum in await sent.values_list(
            "case_id", "accuracy", "source", "datum"
        )
    }


def _near(
    case: Case, unsure: float, lon: float, lat: float, at: datetime, basis: Basis
) -> Near | None:
    there = _middle(case.lon or 0.0), _middle(case.lat or 0.0)
    far = metres(lon, lat, *there)
    if far > _WITHIN_M + _CORNER_M or unsure > VAGUE_M:
        return None
    # A good fix is as good as the square; what is worse adds to how far it may be.
    off = far + max(0.0, unsure - _WITHIN_M)
    within = next(band for band in _BANDS_M if off <= band)
    on = case.received_at.astimezone(basis.zone).date()
    days = (at.astimezone(basis.zone).date() - on).days
    when = {0: "today", 1: "yesterday"}.get(days, "days")
    return Near(
        no=case.no,
        matter=case.matter_name,
        stage=case.stage,
        lon=there[0],
        lat=there[1],
        within_m=within,
        on=on,
        about=text("nearby.about", metres=within, when=text(f"nearby.{when}", n=days)),
    )


def _edge(degrees: float) -> float:
    return math.floor(degrees / _SQUARE) * _SQUARE


def _middle(degrees: float) -> float:
    return round(_edge(degrees) + _SQUARE / 2, 5)
