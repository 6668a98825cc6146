"""Calls and the duty leader's dispatch, from a phone; a grid worker asks the township to call."""

from datetime import datetime

from aiohttp import web

from server.cases.calls import call_requests, calling
from server.cases.reading import queries
from server.cases.work.handling import FAR_M, distance_m
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import actor, basis, call_of
from server.http.paging import path_id
from server.http.routes import Routes
from server.shared_api.acts import case_verbs, task_verbs
from server.shared_api.cases import CallForm, CaseCard
from server.shared_api.enumerations import CallReason
from server.shared_api.tasks import TaskCard

routes = Routes("/m/v1", tag="calls")


class CallAnswer(Answer):
    """A call: its case, who was called, who has come; `far` are tasks reported in far away.

    Of a call that a grid worker asks for there is only the `request` until the township calls.
    """

    id: str | None
    request: str | None
    reason: CallReason
    place: str
    asked_at: datetime | None
    case: CaseCard
    tasks: list[TaskCard]
    far: list[str]


@routes.post("/calls", body=CallForm, answer=CallAnswer, status=201)
async def call(request: web.Request, form: CallForm) -> web.Response:
    """Call units to a place at a time, or as a grid worker ask the township to."""
    by, at, known = call_of(request)
    new = form.call()
    if not call_requests.through_township(by):
        case = await calling.call(new, by=by, at=at, basis=known)
        made = await queries.call_made(by, case, new.key)
        return await _answer(request, made.id, status=201)
    wish = await call_requests.ask(new, by=by, at=at, basis=known)
    case = await queries.report_for(by, new.no)
    return reply(
        CallAnswer(
            id=None,
            request=str(wish.id),
            reason=new.reason,
            place=new.place_text,
            asked_at=new.asked_at,
            case=CaseCard.of(case, known),
            tasks=[],
            far=[],
        ),
        status=201,
    )


@routes.get("/calls/{id}", answer=CallAnswer)
async def one(request: web.Request) -> web.Response:
    """Show a call."""
    return await _answer(request, path_id(request, bits=64))


async def _answer(request: web.Request, call_id: int, *, status: int = 200) -> web.Response:
    by, known = actor(request), basis(request)
    found, case, tasks = await queries.call_for(by, call_id)
    return reply(
        CallAnswer(
            id=str(found.id),
            request=None,
            reason=found.reason,
            place=found.place_text,
            asked_at=found.asked_at,
            case=CaseCard.of(case, known),
            tasks=[TaskCard.of(task, case, known, by) for task in tasks],
            far=[str(task.id) for task in tasks if (distance_m(task, found) or 0) > FAR_M],
        ),
        status=status,
    )


task_verbs.declare_arrivals(routes, "/calls/{call}/arrivals")
case_verbs.declare(routes)
