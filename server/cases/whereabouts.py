"""Open cases by where they lie, for whoever compares boundaries."""

from dataclasses import dataclass
from typing import Final

from server.cases.access import covered
from server.cases.flow import OPEN
from server.cases.models.case import Case
from server.people.actor import Actor
from server.permissions import Permission

_OPEN: Final = sorted(stage.value for stage in OPEN)
Codes = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where an open case lies: position, codes of county to grid, and who said so.

    `named` tells that a person named the place, so that the position does not decide it.
    """

    id: int
    no: str
    stage: str
    title: str
    lon: float | None
    lat: float | None
    generation_id: int
    codes: Codes
    text: str
    named: bool

    @property
    def code(self) -> str:
        """The code of the smallest place known; '' for none."""
        return next((code for code in reversed(self.codes) if code), "")


async def open_positions(limit: int) -> list[tuple[float, float]]:
    """Return the WGS-84 positions (lon, lat) of open cases, the newest first."""
    found = Case.filter(stage__in=_OPEN, lon__isnull=False, lat__isnull=False)
    rows = await found.order_by("-id").limit(limit).values_list("lon", "lat")
    return [(float(lon), float(lat)) for lon, lat in rows]


async def bound_otherwise(
    generation_id: int, *, by: Actor, after_id: int, limit: int
) -> list[Whereabouts]:
    """Return open cases placed by another generation, by id; those that the actor may rebind."""
    condition = covered(by, Permission.CASE_REBIND)
    if condition is None:
        return []
    found = Case.filter(condition, stage__in=_OPEN, id__gt=after_id, generation_id__isnull=False)
    rows = await found.exclude(generation_id=generation_id).order_by("id").limit(limit)
    return [whereabouts(case) for case in rows]


def whereabouts(case: Case) -> Whereabouts:
    """Return where a case lies."""
    return Whereabouts(
        id=case.id,
        no=case.no,
        stage=case.stage,
        title=case.title,
        lon=case.lon,
        lat=case.lat,
        generation_id=case.generation_id or 0,
        codes=(case.county_code, case.township_code, case.village_code, case.grid_code),
        text=str(case.place.get("text", "")),
        named=bool(case.place.get("by")),
    )
