"""A township's calls and the duty leader's dispatch, from a phone."""

from datetime import datetime

from aiohttp import web

from server.cases import calls, dispatching, handling, queries, screening
from server.clock import now
from server.forms.cases import CallForm, CaseCard, DispatchForm, FileForm
from server.forms.tasks import ReasonForm, TaskCard
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


@routes.post(
    "/calls/{id}/arrivals/{task}/confirm", answer=TaskCard, permission=Permission.TASK_CONFIRM
)
async def confirm(request: web.Request) -> web.Response:
    """Confirm that a unit came."""
    task_id = path_id(request, "task", bits=64)
    await handling.confirm(task_id, by=actor(request), at=now(), basis=basis(request))
    return await _card(request, task_id)


@routes.post(
    "/calls/{id}/arrivals/{task}/contest",
    body=ReasonForm,
    answer=TaskCard,
    permission=Permission.TASK_CONTEST,
)
async def contest(request: web.Request, form: ReasonForm) -> web.Response:
    """Contest that a unit came, or came in time."""
    task_id = path_id(request, "task", bits=64)
    await handling.contest(task_id, form.reason, by=actor(request), at=now(), basis=basis(request))
    return await _card(request, task_id)


@routes.post(
    "/cases/{no}/dispatch",
    body=DispatchForm,
    answer=CaseCard,
    permission=Permission.CASE_DISPATCH,
)
async def dispatch(request: web.Request, form: DispatchForm) -> web.Response:
    """Give a filed case to its units."""
    no = request.match_info["no"]
    case = await dispatching.dispatch(
        no, form.choice(), by=actor(request), at=now(), basis=basis(request)
    )
    return reply(CaseCard.of(case, basis(request)))


@routes.post("/cases/{no}/file", body=FileForm, answer=CaseCard, permission=Permission.CASE_FILE)
async def file(request: web.Request, form: FileForm) -> web.Response:
    """Take a reported case on."""
    case = await screening.file(
        request.match_info["no"],
        matter=form.matter,
        place=form.place,
        note=form.note,
        by=actor(request),
        at=now(),
        basis=basis(request),
    )
    return reply(CaseCard.of(case, basis(request)))


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


async def _card(request: web.Request, task_id: int) -> web.Response:
    task, case = await queries.task_for(actor(request), task_id)
    return reply(TaskCard.of(task, case, basis(request)))
