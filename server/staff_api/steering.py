"""What leaders do at a desk: watch cases, instruct, urge, supervise."""

from datetime import datetime

from aiohttp import web
from pydantic import Field

from server.cases.reading import watch_list
from server.cases.reading.watch_list import Figures
from server.cases.work import steering as commands
from server.http.answers import no_content, reply
from server.http.forms import Answer, Form, PageQuery
from server.http.keys import actor, call_of
from server.http.paging import before_id, cursor, path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts import steering
from server.shared_api.cases import CaseCard

routes = Routes("/s/v1", tag="steering")


class WatchForm(Form):
    """Why one watches the case, for oneself."""

    note: str = Field(default="", max_length=500)


class WatchQuery(PageQuery):
    """Where in the list to go on."""


class Watched(Answer):
    """A case on my list, since when, and what I noted."""

    case: CaseCard
    since: datetime
    note: str


class FiguresRow(Answer):
    """Open cases of one township or lead unit on my list, by how they stand in time."""

    name: str
    n_open: int
    n_overdue: int
    n_due_today: int


class WatchList(Answer):
    """The cases that I watch, and the board over all of them."""

    items: list[Watched]
    next: str | None
    by_township: list[FiguresRow]
    by_department: list[FiguresRow]


@routes.get("/watch", query=WatchQuery, answer=WatchList, permission=Permission.CASE_WATCH)
async def watched(request: web.Request, query: WatchQuery) -> web.Response:
    """Show the cases on my own list (领导关注), with figures by township and department."""
    by, at, known = call_of(request)
    rows = await watch_list.watched(by, limit=query.limit + 1, before_id=before_id(query.after))
    shown = rows[: query.limit]
    board = await watch_list.watch_board(by, at=at, zone=known.zone)
    places = known.places.at(at)
    townships = {row.code: row.name for row in places.rows("township")} if places else {}
    leads = {unit.id: unit.name for unit in known.units.all()}
    items = [
        Watched(case=CaseCard.of(case, known), since=row.since, note=row.note)
        for row, case in shown
    ]
    return reply(
        WatchList(
            items=items,
            next=cursor([shown[-1][0].id]) if len(rows) > query.limit else None,
            by_township=[
                _figures(townships.get(code, ""), each)
                for code, each in sorted(board.by_township.items())
            ],
            by_department=[
                _figures(leads.get(unit or 0, ""), each)
                for unit, each in sorted(board.by_lead.items(), key=lambda item: item[0] or 0)
            ],
        )
    )


def _figures(name: str, figures: Figures) -> FiguresRow:
    return FiguresRow(
        name=name,
        n_open=figures.n_open,
        n_overdue=figures.n_overdue,
        n_due_today=figures.n_due_today,
    )


@routes.post("/cases/{no}/watch", body=WatchForm, status=204, permission=Permission.CASE_WATCH)
async def watch(request: web.Request, form: WatchForm) -> web.Response:
    """Put a case on my own list."""
    by, at, _ = call_of(request)
    await commands.watch(path_no(request), form.note.strip(), by=by, at=at)
    return no_content()


@routes.post("/cases/{no}/unwatch", status=204, permission=Permission.CASE_WATCH)
async def unwatch(request: web.Request) -> web.Response:
    """Take a case off my own list."""
    await commands.unwatch(path_no(request), by=actor(request))
    return no_content()


routes.post("/cases/{no}/unfollow", status=204, permission=Permission.CASE_FOLLOW)(
    steering.unfollow
)
steering.declare(routes)
