"""Reports whose grid is not certain, for those who can say which it is."""

from datetime import datetime

from aiohttp import web

from server.cases.intake import place_choice
from server.cases.reading import queries
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import actor
from server.http.routes import Routes
from server.permissions import Permission

routes = Routes("/m/v1", tag="reports")


class LikelyGrid(Answer):
    """A grid that a report may lie in, with probability and distance in metres."""

    code: str
    name: str
    p: float
    distance_m: float


class UnconfirmedRow(Answer):
    """A report and the grids between which to choose; send one to /m/v1/reports/{no}/place."""

    no: str
    title: str
    place: str
    lon: float | None
    lat: float | None
    received_at: datetime
    candidates: list[LikelyGrid]


class UnconfirmedAnswer(Answer):
    """At most fifty, the newest first."""

    items: list[UnconfirmedRow]


@routes.get("/confirmations", answer=UnconfirmedAnswer, permission=Permission.CASE_CONFIRM_PLACE)
async def unconfirmed(request: web.Request) -> web.Response:
    """List the reports of which I am to say in which grid they lie: mine, or maybe of my grids."""
    items = [
        UnconfirmedRow(
            no=case.no,
            title=case.title,
            place=case.place.text,
            lon=case.lon,
            lat=case.lat,
            received_at=case.received_at,
            candidates=[
                LikelyGrid.model_validate(each, from_attributes=True)
                for each in queries.to_confirm(case)
            ],
        )
        for case in await place_choice.unconfirmed(actor(request), limit=50)
    ]
    return reply(UnconfirmedAnswer(items=items))
