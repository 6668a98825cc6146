"""The units by name, to choose from on a phone: whom to call, whose it is, whom it is about."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web
from pydantic import Field

from server.http.answers import reply
from server.http.forms import Answer, Query
from server.http.keys import basis
from server.http.routes import Routes
from server.people.units import UnitKind, UnitView, plain
from server.permissions import Permission
from server.texts.words import said, wanted

routes = Routes("/m/v1", tag="units")

_MOST: Final = 20


class UnitsQuery(Query):
    """Words of the code, the name or a short name."""

    q: str = Field(min_length=1, max_length=80)


class UnitRow(Answer):
    """A unit to choose."""

    code: str
    name: str
    kind: UnitKind


class UnitsAnswer(Answer):
    """At most twenty; whose name begins with the words comes first."""

    items: list[UnitRow]


@routes.get("/units", query=UnitsQuery, answer=UnitsAnswer, permission=Permission.CASE_REPORT)
async def units(request: web.Request, query: UnitsQuery) -> web.Response:
    """Find units by their names, one that was merged as who took it over."""
    words = wanted(query.q)
    beginning = "".join(words)
    known = basis(request).units
    named = (known.acting(unit.id) for unit in known.all() if words and _fits(unit, words))
    found = list({unit.id: unit for unit in named if unit is not None}.values())
    found.sort(
        key=lambda unit: (not plain(unit.name).startswith(beginning), len(unit.name), unit.name)
    )
    rows = [UnitRow(code=unit.code, name=unit.name, kind=unit.kind) for unit in found[:_MOST]]
    return reply(UnitsAnswer(items=rows))


def _fits(unit: UnitView, words: Sequence[str]) -> bool:
    return said(words, (unit.code, unit.name, *unit.short_names))
