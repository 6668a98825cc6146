"""A grid worker's rounds, with a track only where they consented."""

from datetime import datetime
from typing import Protocol, Self
from uuid import UUID

from aiohttp import web
from pydantic import Field

from server.clock import now
from server.http.answers import reply
from server.http.forms import Answer, Form, Moment, Page, PageQuery
from server.http.keys import actor, basis
from server.http.paging import before_id, cursor, path_id
from server.http.routes import Routes
from server.patrols import commands, queries
from server.patrols.commands import Walked
from server.permissions import Permission
from server.places.position import to_wgs84
from server.shared_api.positions import PositionForm

routes = Routes("/m/v1", tag="patrols")


class PatrolRow(Protocol):
    """A patrol as the answer shows it."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    consented_at: datetime | None
    metres: float


class PatrolForm(Form):
    """Beginning a patrol; `track` says that its way may be recorded."""

    key: UUID = Field(strict=False)
    track: bool = False


class PointForm(Form):
    """Where one was at an instant."""

    at: Moment = Field(strict=False)
    position: PositionForm


class PointsForm(Form):
    """Some minutes of a way; what was sent before does no harm."""

    points: list[PointForm] = Field(min_length=1, max_length=200)


class PatrolAnswer(Answer):
    """A patrol: from when to when, how far in metres, whether its way is recorded."""

    id: str
    started_at: datetime
    ended_at: datetime | None
    track: bool
    metres: float

    @classmethod
    def of(cls, patrol: PatrolRow) -> Self:
        """Build the answer of a patrol."""
        return cls(
            id=str(patrol.id),
            started_at=patrol.started_at,
            ended_at=patrol.ended_at,
            track=patrol.consented_at is not None,
            metres=patrol.metres,
        )


@routes.post(
    "/patrols", body=PatrolForm, answer=PatrolAnswer, status=201, permission=Permission.PATROL_MAKE
)
async def start(request: web.Request, form: PatrolForm) -> web.Response:
    """Begin a patrol."""
    made = await commands.start(form.key, track=form.track, by=actor(request), at=now())
    return reply(PatrolAnswer.of(made), status=201)


@routes.get(
    "/patrols", query=PageQuery, answer=Page[PatrolAnswer], permission=Permission.PATROL_MAKE
)
async def mine(request: web.Request, query: PageQuery) -> web.Response:
    """List my patrols, the latest first."""
    before = before_id(query.after)
    rows = await queries.mine(actor(request), limit=query.limit + 1, before_id=before)
    shown = rows[: query.limit]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    items = [PatrolAnswer.of(each) for each in shown]
    return reply(Page[PatrolAnswer](items=items, next=following))


@routes.post(
    "/patrols/{id}/points",
    each_time=True,
    body=PointsForm,
    answer=PatrolAnswer,
    permission=Permission.PATROL_MAKE,
)
async def add_points(request: web.Request, form: PointsForm) -> web.Response:
    """Add to the track of a patrol of mine."""
    boundaries = basis(request).places.at(now())
    box = boundaries.box if boundaries else None
    walked = []
    for point in form.points:
        given = point.position
        lon, lat = to_wgs84(given.lon, given.lat, given.datum, box)
        walked.append(Walked(at=point.at, lon=lon, lat=lat, accuracy=given.accuracy))
    patrol = await commands.add_points(path_id(request, bits=64), walked, by=actor(request))
    return reply(PatrolAnswer.of(patrol))


@routes.post("/patrols/{id}/end", answer=PatrolAnswer, permission=Permission.PATROL_MAKE)
async def end(request: web.Request) -> web.Response:
    """End a patrol of mine."""
    patrol = await commands.end(path_id(request, bits=64), by=actor(request), at=now())
    return reply(PatrolAnswer.of(patrol))


@routes.post("/patrols/{id}/untrack", answer=PatrolAnswer, permission=Permission.PATROL_MAKE)
async def untrack(request: web.Request) -> web.Response:
    """Take back the consent to a track: what was recorded is erased."""
    patrol = await commands.withdraw_consent(path_id(request, bits=64), by=actor(request))
    return reply(PatrolAnswer.of(patrol))
