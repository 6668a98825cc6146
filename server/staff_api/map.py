"""Cases on the map of a desk, and for a command room how the county stands right now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Self

from aiohttp import web
from pydantic import Field

from server.cases.door.briefing import called
from server.cases.figures import on_the_map
from server.cases.figures.counts import GridStanding, JustClosed, soonest, today
from server.cases.figures.on_the_map import Cluster
from server.cases.reading import made_calls
from server.cases.reading.made_calls import MadeCall
from server.cases.reading.queries import Narrowing
from server.cases.reading.reporters import reporters_names
from server.cases.reading.states import Clock, States
from server.cases.rules.basis import Basis
from server.cases.rules.flow import TASK_GONE
from server.cases.rules.views import CaseRow as CaseView
from server.clock import now
from server.errors import BadInput
from server.http.answers import reply
from server.http.boxes import Box, read_box
from server.http.forms import Answer, Query
from server.http.keys import actor, basis, call_of
from server.http.routes import Routes
from server.people.actor import Actor
from server.permissions import Permission
from server.shared_api.cases import CaseCard
from server.shared_api.said import Said
from server.staff_api.case_filters import CasesFilter

routes: Final = Routes("/s/v1", tag="cases")
#: Of what changes fast a wall shows so many.
_SHOWN: Final = 6


class SpotRow(Answer):
    """Cases near each other, in WGS-84 at their mean; `no` is the number of one that is alone."""

    lon: float
    lat: float
    n: int
    n_overdue: int
    n_unsure: int
    no: str

    @classmethod
    def of(cls, spot: Cluster) -> Self:
        """Build the row of a spot."""
        return cls(
            lon=spot.lon,
            lat=spot.lat,
            n=spot.n,
            n_overdue=spot.n_overdue,
            n_unsure=spot.n_unsure,
            no=spot.no,
        )


class SpotsAnswer(Answer):
    """The spots of a box, at most some two thousand; `n` cases in all."""

    n: int
    items: list[SpotRow]


@routes.get("/map/cases", query=CasesFilter, answer=SpotsAnswer, permission=Permission.CASE_READ)
async def spots(request: web.Request, query: CasesFilter) -> web.Response:
    """Show where the cases that I may see lie in a box, near ones taken together."""
    by, at, box = actor(request), now(), query.box()
    if box is None:
        raise BadInput([{"pointer": "/bbox", "reason": "missing"}])
    narrowing = await query.narrowing(basis(request), by=by, at=at)
    found = await on_the_map.spots(by, narrowing, box=box, at=at)
    items = [SpotRow.of(each) for each in found]
    return reply(SpotsAnswer(n=sum(each.n for each in items), items=items))


class GridRow(Answer):
    """A grid with open cases, and how many of them are late; codes are empty for no place."""

    township: str
    township_code: str
    grid_code: str
    n_open: int
    n_overdue: int

    @classmethod
    def of(cls, grid: GridStanding, townships: Mapping[str, str]) -> Self:
        """Build the row of a grid; townships are named by their codes."""
        return cls(
            township=townships.get(grid.township_code, ""),
            township_code=grid.township_code,
            grid_code=grid.grid_code,
            n_open=grid.n_open,
            n_overdue=grid.n_overdue,
        )


class JustClosedRow(Answer):
    """A case closed lately, and the photo that shows it settled; null without one."""

    case: CaseCard
    photo: str | None


def _closed(last: JustClosed, known: Basis) -> JustClosedRow:
    photo = str(last.photo_id) if last.photo_id else None
    return JustClosedRow(case=CaseCard.of(last.case, known), photo=photo)


class SoonRow(Answer):
    """A case whose time is over within a day."""

    no: str
    title: str
    lead: str
    due_at: datetime | None


class WallUnit(Answer):
    """A unit that was called, and how far it has come."""

    id: str
    unit: str
    accepted_at: datetime | None
    arrive_due_at: datetime | None
    arrived_at: datetime | None


class WallCall(Answer):
    """A call of one's own unit on which somebody has still to come or to be judged."""

    id: str
    title: str
    place: Said
    units: list[WallUnit]

    @classmethod
    def of(cls, made: MadeCall, known: Basis) -> Self:
        """Build the row of a call."""
        return cls(
            id=str(made.call.id),
            title=made.case.title,
            place=made.call.place_text,
            units=[
                WallUnit(
                    id=str(task.id),
                    unit=called(task.unit_id, known.units),
                    accepted_at=task.accepted_at,
                    arrive_due_at=task.arrive_due_at,
                    arrived_at=task.arrived_at,
                )
                for task in made.tasks
                if task.stage not in TASK_GONE
            ],
        )


class WallQuery(Query):
    """Where the spots are wanted; none of them without a box."""

    bbox: str = Field(default="", max_length=100)


class WallAnswer(Answer):
    """How the county stands at an instant; today begins at midnight of its zone.

    Numbers are of the cases that I may see. Complaints about units are not among the last closed.
    This is all that a wall shows, and all that its session reads.
    """

    at: datetime
    n_open: int
    n_overdue: int
    n_received: int
    n_closed: int
    grids: list[GridRow]
    closed: list[JustClosedRow]
    soon: list[SoonRow]
    calls: list[WallCall]
    spots: list[SpotRow]


@routes.get(
    "/wall",
    query=WallQuery,
    answer=WallAnswer,
    permission=Permission.CASE_READ,
    on_wall=True,
)
async def wall(request: web.Request, query: WallQuery) -> web.Response:
    """Say how the county stands right now (指挥): by grid, on the map, what ends soon."""
    by, at, known = call_of(request)
    box = read_box(query.bbox)
    midnight = at.astimezone(known.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    found = await today(by, midnight=midnight, at=at)
    calls, places = await made_calls.going_on(by, limit=_SHOWN), known.places.at(at)
    townships = {row.code: row.name for row in places.rows("township")} if places else {}
    return reply(
        WallAnswer(
            at=at,
            n_open=sum(each.n_open for each in found.grids),
            n_overdue=sum(each.n_overdue for each in found.grids),
            n_received=found.n_received,
            n_closed=found.n_closed,
            grids=[GridRow.of(each, townships) for each in found.grids],
            closed=[_closed(each, known) for each in found.closed],
            soon=[_soon(each, known) for each in await soonest(by, at=at, limit=_SHOWN)],
            calls=[WallCall.of(each, known) for each in calls],
            spots=[SpotRow.of(each) for each in await _spots(by, box, at)] if box else [],
        ),
        hidden=await reporters_names(*(each.case for each in calls)),
    )


async def _spots(by: Actor, box: Box, at: datetime) -> list[Cluster]:
    """Return the spots of those whose time runs, and of those whose time is over."""
    found = list[Cluster]()
    for clock in (Clock.RUNNING, Clock.LATE):
        narrowing = Narrowing(states=States(clock=clock))
        found += await on_the_map.spots(by, narrowing, box=box, at=at)
    return found


def _soon(case: CaseView, known: Basis) -> SoonRow:
    lead = called(case.lead_id, known.units)
    return SoonRow(no=case.no, title=case.title, lead=lead, due_at=case.due_at)
