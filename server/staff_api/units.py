"""Staff handlers for units."""

from aiohttp import web
from pydantic import Field

from server.http.answers import reply
from server.http.forms import Answer, Page, PageQuery
from server.http.paging import after_id, cursor
from server.http.routes import Routes
from server.people.queries import units_page
from server.people.units import UnitKind, UnitView
from server.permissions import Permission

routes = Routes("/s/v1", tag="units")


class UnitQuery(PageQuery):
    """Which units: of a kind, with a text in code, name or short names."""

    kind: UnitKind | None = None
    q: str | None = Field(default=None, max_length=80)


class UnitAnswer(Answer):
    """One unit."""

    id: str
    code: str
    name: str
    short_names: list[str]
    kind: UnitKind
    parent: str | None
    township: str | None
    phone: str
    active: bool

    @classmethod
    def of(cls, unit: UnitView) -> "UnitAnswer":
        """Return the answer about a unit."""
        return cls(
            id=str(unit.id),
            code=unit.code,
            name=unit.name,
            short_names=list(unit.short_names),
            kind=unit.kind,
            parent=str(unit.parent_id) if unit.parent_id is not None else None,
            township=unit.township_code or None,
            phone=unit.phone,
            active=unit.active,
        )


@routes.get("/units", query=UnitQuery, answer=Page[UnitAnswer], permission=Permission.UNIT_READ)
async def units(request: web.Request, query: UnitQuery) -> web.Response:
    """List the units."""
    found = await units_page(
        after=after_id(query.after, bits=32), limit=query.limit + 1, kind=query.kind, q=query.q
    )
    shown = found[: query.limit]
    on = cursor([shown[-1].id]) if len(found) > query.limit else None
    return reply(Page[UnitAnswer](items=[UnitAnswer.of(unit) for unit in shown], next=on))
