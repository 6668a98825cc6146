"""The county's places by name, to choose from where nobody can point at a map."""

import asyncio
from typing import Final

from aiohttp import web
from pydantic import Field

from server.clock import now
from server.http.answers import reply
from server.http.forms import Answer, Query
from server.http.keys import basis
from server.http.routes import Routes
from server.permissions import Permission
from server.places.boundaries import Level
from server.places.by_words import by_words, path

routes = Routes("/m/v1", tag="places")

_MOST: Final = 20


class PlacesQuery(Query):
    """Words of names, a code, or an address; of which level, all without."""

    q: str = Field(min_length=1, max_length=200)
    level: Level | None = None


class PlaceByName(Answer):
    """A township, village or grid to choose; `place` names it with those it lies in."""

    code: str
    name: str
    level: Level
    place: str


class PlacesByNameAnswer(Answer):
    """At most twenty; what fits best comes first."""

    items: list[PlaceByName]


@routes.get(
    "/places", query=PlacesQuery, answer=PlacesByNameAnswer, permission=Permission.CASE_REPORT
)
async def places(request: web.Request, query: PlacesQuery) -> web.Response:
    """Find townships, villages and grids by their names, or by an address that names one."""
    boundaries = basis(request).places.at(now())
    found = (
        await asyncio.to_thread(by_words, boundaries, query.q, limit=_MOST, level=query.level)
        if boundaries
        else []
    )
    rows = [
        PlaceByName(
            code=row.code,
            name=row.name,
            level=row.level,
            place=path(boundaries.chain(row.code)) if boundaries else "",
        )
        for row in found
    ]
    return reply(PlacesByNameAnswer(items=rows))
