"""A township's calls and the duty leader's dispatch, from a phone."""

from datetime import datetime

from aiohttp import web

from server.cases import calls, queries
from server.clock import now
from server.forms import case_verbs, task_verbs
from server.forms.cases import CallForm, CaseCard
from server.forms.tasks import TaskCard
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import actor, basis
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission

routes = Routes("/m/v1", tag="calls")


class CallAnswer(Answer):
    """A call: its case, who was called, and who has come."""

    id: str
    reason: str
    place: str
    asked_at: datetime
    case: CaseCard
    tasks: list[TaskCard]


@routes.post(
    "/calls", body=CallForm, answer=CallAnswer, status=201, permission=Permission.CASE_CALL
)
async def call(request: web.Request, form: CallForm) -> web.Response:
    """Call units to a place at a time."""
    case = await calls.call(form.call(), by=actor(request), at=now(), basis=basis(request))
    made = await queries.latest_call(case)
    return await _answer(request, made.id, status=201)


@routes.get("/calls/{id}", answer=CallAnswer)
async def one(request: web.Request) -> web.Response:
    """Show a call."""
    return await _answer(request, path_id(request, bits=64))


async def _answer(request: web.Request, call_id: int, *, status: int = 200) -> web.Response:
    found, case, tasks = await queries.call_for(actor(request), call_id)
    known = basis(request)
    return reply(
        CallAnswer(
            id=str(found.id),
            reason=found.reason,
            place=found.place_text,
            asked_at=found.asked_at,
            case=CaseCard.of(case, known),
            tasks=[TaskCard.of(task, case, known) for task in tasks],
        ),
        status=status,
    )


task_verbs.declare_arrivals(routes, "/calls/{call}/arrivals")
case_verbs.declare(routes)
