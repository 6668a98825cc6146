"""Replay (沙盘) at a desk: closed cases answered by a list or by boundaries not yet in force."""

from datetime import timedelta
from typing import Final, Self

from aiohttp import web
from pydantic import Field

from server.cases.door.briefing import called
from server.cases.rules.basis import Basis
from server.clock import now
from server.governance.replay import replaying
from server.governance.replay.replaying import BeforeAfter, Elsewhere, Replay, TownshipWork
from server.http.answers import reply
from server.http.forms import Answer, Moment, Query
from server.http.keys import basis
from server.http.routes import Routes
from server.permissions import Permission

routes: Final = Routes("/s/v1", tag="lists")
_DAYS: Final = 365
_MOST_ID: Final = 2**31 - 1


class ReplayQuery(Query):
    """A version of a list or a generation of boundaries to try, or both, and the period.

    Without a period, the 365 days until now.
    """

    version: int | None = Field(default=None, ge=1, le=_MOST_ID)
    generation: int | None = Field(default=None, ge=1, le=_MOST_ID)
    since: Moment | None = None
    until: Moment | None = None


class Difference(Answer):
    """A number of cases by what is in force, and by what is tried."""

    n_before: int
    n_after: int

    @classmethod
    def of(cls, counts: BeforeAfter) -> Self:
        """Build it from counts."""
        return cls(n_before=counts.before, n_after=counts.after)


class UnitDifference(Answer):
    """A unit and how many cases would be its to lead."""

    unit_id: int
    unit: str
    leading: Difference


class TownshipDifference(Answer):
    """A township's unit: cases that it would lead, and those in which it would help."""

    unit_id: int
    unit: str
    leading: Difference
    helping: Difference

    @classmethod
    def of(cls, unit_id: int, name: str, burden: TownshipWork) -> Self:
        """Build the row of a township."""
        leads, helps = Difference.of(burden.leads), Difference.of(burden.helps)
        return cls(unit_id=unit_id, unit=name, leading=leads, helping=helps)


class MatterDifference(Answer):
    """A matter and how many of its cases would go to another lead."""

    matter_code: str
    title: str
    n: int


class ElsewhereRow(Answer):
    """A case that would go elsewhere; units are null where the list names none.

    `settled_by` is who had it in the end. The point (WGS-84) is rounded to some hundred metres.
    """

    no: str
    title: str
    matter_code: str
    lead_before: str | None
    lead_after: str | None
    settled_by: str | None
    township_before: str
    township_after: str
    grid_code_before: str
    grid_code_after: str
    lon: float | None
    lat: float | None

    @classmethod
    def of(cls, row: Elsewhere, known: Basis) -> Self:
        """Build the row of a case."""
        case = row.case
        return cls(
            no=case.no,
            title=case.title,
            matter_code=case.matter_code,
            lead_before=called(row.before.lead_id, known.units) or None,
            lead_after=called(row.after.lead_id, known.units) or None,
            settled_by=called(case.lead_id, known.units) or None,
            township_before=_township(case.township_code, known),
            township_after=_township(row.township_code, known),
            grid_code_before=case.grid_code,
            grid_code_after=row.grid_code,
            lon=None if case.lon is None else round(case.lon, 3),
            lat=None if case.lat is None else round(case.lat, 3),
        )


class SpotAnswer(Answer):
    """A square of the map by its middle (WGS-84), and how many differing cases lie in it."""

    lon: float
    lat: float
    n: int


class ReplayAnswer(Answer):
    """What would have come of the closed cases of a period, complaints about units left out.

    Counts are of all `n_cases`; `all_cases` is false where there are more than were looked at,
    then those closed last. `without_lead` fall on nobody, `off_list` stand on no list;
    `as_settled` go to who settled them in the end. `units` and `by_matter` name the greatest
    changes first; `cases` are the latest, at most 2,000.
    """

    n_cases: int
    all_cases: bool
    n_elsewhere: int
    n_moved: int
    without_lead: Difference
    off_list: Difference
    as_settled: Difference
    units: list[UnitDifference]
    townships: list[TownshipDifference]
    by_matter: list[MatterDifference]
    cases: list[ElsewhereRow]
    spots: list[SpotAnswer]

    @classmethod
    def of(cls, found: Replay, known: Basis) -> Self:
        """Build the answer."""
        by_change = sorted(
            found.leads.items(), key=lambda each: (-abs(each[1].after - each[1].before), each[0])
        )
        titles = {row.case.matter_code: row.case.title for row in reversed(found.shown)}
        return cls(
            n_cases=found.n_cases,
            all_cases=found.all_cases,
            n_elsewhere=found.n_elsewhere,
            n_moved=found.n_moved,
            without_lead=Difference.of(found.without_lead),
            off_list=Difference.of(found.off_list),
            as_settled=Difference.of(found.as_settled),
            units=[
                UnitDifference(
                    unit_id=unit_id,
                    unit=called(unit_id, known.units),
                    leading=Difference.of(each),
                )
                for unit_id, each in by_change
            ],
            townships=[
                TownshipDifference.of(unit_id, called(unit_id, known.units), burden)
                for unit_id, burden in found.townships.items()
            ],
            by_matter=[
                MatterDifference(matter_code=code, title=titles.get(code, code), n=n)
                for code, n in found.matters.items()
            ],
            cases=[ElsewhereRow.of(each, known) for each in found.shown],
            spots=[SpotAnswer(lon=each.lon, lat=each.lat, n=each.n) for each in found.spots],
        )


def _township(code: str, known: Basis) -> str:
    unit = known.units.township_unit(code) if code else None
    return unit.name if unit is not None else ""


@routes.get("/replay", query=ReplayQuery, answer=ReplayAnswer, permission=Permission.LIST_REPLAY)
async def replay(request: web.Request, query: ReplayQuery) -> web.Response:
    """Say what a list or boundaries would have said of closed cases (沙盘); nothing is changed."""
    at, known = now(), basis(request)
    until = query.until or at
    found = await replaying.replay(
        version_id=query.version,
        generation_id=query.generation,
        since=query.since or until - timedelta(days=_DAYS),
        until=until,
        at=at,
        basis=known,
    )
    return reply(ReplayAnswer.of(found, known))
