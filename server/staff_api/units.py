"""Staff handlers for units."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field

from server.cases.door.knowledge import CHANGED
from server.clock import now
from server.http.answers import no_content, reply
from server.http.forms import Answer, Form, Page, PageQuery
from server.http.keys import BUS, KNOWLEDGE, actor
from server.http.paging import after_id, before_id, cursor, path_id
from server.http.routes import Routes
from server.people import reorganising
from server.people.queries import units_page
from server.people.units import UnitKind, UnitView
from server.permissions import Permission
from server.texts.closed import one_of

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


class RenameForm(Form):
    """The new name, and the document that orders it."""

    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
    document: str = Field(min_length=1, max_length=120, pattern=r"\S")


class MergeUnitsForm(Form):
    """Into which unit (its id), and the document that orders it."""

    into: str = Field(pattern=r"^[1-9][0-9]{0,8}$")
    document: str = Field(min_length=1, max_length=120, pattern=r"\S")


class UnitChangeAnswer(Answer):
    """One renaming or merger; `now` is the new name, or the successor's."""

    id: str
    unit: str
    kind: Annotated[str, one_of("renamed", "merged")]
    was: str
    now: str
    document: str
    at: datetime


@routes.post(
    "/units/{id}/rename", body=RenameForm, status=204, permission=Permission.UNIT_REORGANISE
)
async def rename(request: web.Request, form: RenameForm) -> web.Response:
    """Give a unit another name; the old one is still understood."""
    unit_id = path_id(request)
    await reorganising.rename(unit_id, form.name, form.document, by=actor(request), at=now())
    return await _told(request)


@routes.post(
    "/units/{id}/merge", body=MergeUnitsForm, status=204, permission=Permission.UNIT_REORGANISE
)
async def merge(request: web.Request, form: MergeUnitsForm) -> web.Response:
    """Merge a unit into another, which goes on with its matters, tasks and people."""
    unit_id, into = path_id(request), int(form.into)
    await reorganising.merge(unit_id, into, form.document, by=actor(request), at=now())
    return await _told(request)


async def _told(request: web.Request) -> web.Response:
    await request.app[KNOWLEDGE].refresh()
    await request.app[BUS].publish(CHANGED)
    return no_content()


@routes.get(
    "/unit-changes",
    query=PageQuery,
    answer=Page[UnitChangeAnswer],
    permission=Permission.UNIT_READ,
)
async def changes(request: web.Request, query: PageQuery) -> web.Response:
    """List renamings and mergers of units, the newest first."""
    start = before_id(query.after, bits=32)
    rows = await reorganising.changes(limit=query.limit + 1, before_id=start)
    shown = rows[: query.limit]
    items = [
        UnitChangeAnswer(
            id=str(each.id),
            unit=str(each.unit_id),
            kind=each.kind,
            was=each.was,
            now=each.now,
            document=each.document,
            at=each.at,
        )
        for each in shown
    ]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    return reply(Page[UnitChangeAnswer](items=items, next=following))


@routes.get("/units", query=UnitQuery, answer=Page[UnitAnswer], permission=Permission.UNIT_READ)
async def units(request: web.Request, query: UnitQuery) -> web.Response:
    """List the units."""
    found = await units_page(
        after=after_id(query.after, bits=32), limit=query.limit + 1, kind=query.kind, q=query.q
    )
    shown = found[: query.limit]
    on = cursor([shown[-1].id]) if len(found) > query.limit else None
    return reply(Page[UnitAnswer](items=[UnitAnswer.of(unit) for unit in shown], next=on))
