"""Cases on the map of a desk, and for a command room how the county stands right now."""

from datetime import datetime
from typing import Final, Self

from aiohttp import web

from server.cases.figures import on_the_map
from server.cases.figures.counts import GridStanding, JustClosed, today
from server.cases.figures.on_the_map import Cluster
from server.cases.rules.basis import Basis
from server.clock import now
from server.errors import BadInput
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import actor, basis
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.cases import CaseCard
from server.staff_api.case_filters import CasesFilter

routes: Final = Routes("/s/v1", tag="cases")


class SpotRow(Answer):
    """Cases near each other, in WGS-84 at their mean; `no` is the number of one that is alone.

    Only one that is alone has a point of its own, and with it a doubt about that.
    """

    lon: float
    lat: float
    n: int
    n_overdue: int
    no: str
    point_sure: bool

    @classmethod
    def of(cls, spot: Cluster) -> Self:
        """Build the row of a spot."""
        return cls(
            lon=spot.lon,
            lat=spot.lat,
            n=spot.n,
            n_overdue=spot.n_overdue,
            no=spot.no,
            point_sure=spot.sure,
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

    township_code: str
    grid_code: str
    n_open: int
    n_overdue: int

    @classmethod
    def of(cls, grid: GridStanding) -> Self:
        """Build the row of a grid."""
        return cls(
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


class WallAnswer(Answer):
    """How the county stands at an instant; today begins at midnight of its zone.

    Numbers are of the cases that I may see. Complaints about units are not among the last closed.
    """

    at: datetime
    n_open: int
    n_overdue: int
    n_received: int
    n_closed: int
    grids: list[GridRow]
    closed: list[JustClosedRow]


@routes.get("/wall", answer=WallAnswer, permission=Permission.CASE_READ)
async def wall(request: web.Request) -> web.Response:
    """Say how the county stands right now (指挥): by grid, today, the last closed."""
    at, known = now(), basis(request)
    midnight = at.astimezone(known.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    found = await today(actor(request), midnight=midnight, at=at)
    return reply(
        WallAnswer(
            at=at,
            n_open=sum(each.n_open for each in found.grids),
            n_overdue=sum(each.n_overdue for each in found.grids),
            n_received=found.n_received,
            n_closed=found.n_closed,
            grids=[GridRow.of(each) for each in found.grids],
            closed=[_closed(each, known) for each in found.closed],
        )
    )
