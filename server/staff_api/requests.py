"""What units ask for on cases: more time, a pause, an exemption; asked, granted, refused."""

from datetime import datetime
from typing import Annotated, Self

from aiohttp import web

from server.cases.door.briefing import called
from server.cases.reading import queries
from server.cases.reading.reporters import reporters_named, reporters_names
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Stage
from server.cases.work import requests
from server.cases.work.request_queries import RequestView, asked, requests_of, waiting
from server.http.answers import reply
from server.http.forms import Answer, Page, PageQuery
from server.http.keys import actor, basis, call_of
from server.http.paging import cursor, path_no, uncursor
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts import request_verbs
from server.shared_api.acts.requests import AskForm, WishedCall
from server.shared_api.cases import CaseCard, card
from server.shared_api.said import Said
from server.texts.catalogue import text
from server.texts.closed import one_of

routes = Routes("/s/v1", tag="requests")


class RequestRow(Answer):
    """A request with what one must know of its case to answer it.

    `call` is the one that is asked for, for who may make it, while it waits.
    """

    id: str
    no: str
    title: str
    stage: Stage
    due_at: datetime | None
    what: Annotated[str, one_of("suspend", "extend", "exempt", "redo", "call")]
    what_text: str
    unit: str
    at: datetime
    reason: Said
    ground: str
    until: datetime | None
    limit: int | None
    granted: bool | None
    answered_at: datetime | None
    answer: Said
    call: WishedCall | None

    @classmethod
    def of(cls, view: RequestView, known: Basis) -> Self:
        """Build the row of a request."""
        return cls(
            id=str(view.id),
            no=view.no,
            title=view.title,
            stage=Stage(view.stage),
            due_at=view.due_at,
            what=view.what,
            what_text=text(f"request.{view.what}"),
            unit=called(view.unit_id, known.units),
            at=view.at,
            reason=view.reason,
            ground=text(f"suspend_ground.{view.ground}") if view.ground else "",
            until=view.until,
            limit=view.limit,
            granted=view.granted,
            answered_at=view.answered_at,
            answer=view.answer,
            call=WishedCall.of(view.call) if view.call else None,
        )


@routes.get(
    "/requests", query=PageQuery, answer=Page[RequestRow], permission=Permission.CASE_REFUSE
)
async def listed(request: web.Request, query: PageQuery) -> web.Response:
    """List the requests that wait for my answer, the oldest first."""
    after = uncursor(query.after, int)
    since = int(str(after[0])) if after else 0
    rows = await waiting(actor(request), limit=query.limit + 1, after=since)
    shown = rows[: query.limit]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    known = basis(request)
    return reply(
        Page[RequestRow](items=[RequestRow.of(row, known) for row in shown], next=following),
        hidden=await reporters_named(row.no for row in shown),
    )


class RequestsAnswer(Answer):
    """What was asked for, earliest first."""

    items: list[RequestRow]


@routes.get("/requests/mine", answer=RequestsAnswer, permission=Permission.CASE_READ)
async def mine(request: web.Request) -> web.Response:
    """List what I or my unit asked for and no one has answered yet, a hundred at most."""
    known = basis(request)
    rows = await asked(actor(request), limit=100)
    return reply(
        RequestsAnswer(items=[RequestRow.of(row, known) for row in rows]),
        hidden=await reporters_named(row.no for row in rows),
    )


@routes.get("/cases/{no}/requests", answer=RequestsAnswer, permission=Permission.CASE_READ)
async def of_case(request: web.Request) -> web.Response:
    """Show what was asked for on a case, and what was answered."""
    case = await queries.case_for(actor(request), path_no(request))
    known = basis(request)
    rows = [RequestRow.of(row, known) for row in await requests_of(case, actor(request))]
    return reply(RequestsAnswer(items=rows), hidden=await reporters_names(case))


@routes.post("/cases/{no}/ask", body=AskForm, answer=CaseCard, permission=Permission.CASE_ASK)
async def ask(request: web.Request, form: AskForm) -> web.Response:
    """Ask as the unit that leads for a pause, more time, or an exemption (申请)."""
    by, at, known = call_of(request)
    wish = form.wish(known.zone)
    return card(await requests.ask(path_no(request), wish, by=by, at=at, basis=known), known)


request_verbs.declare(routes)
