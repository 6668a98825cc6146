"""Tasks at a desk: the unit's board and the same verbs as on foot."""

from aiohttp import web
from pydantic import Field

from server.cases import handling, queries
from server.clock import now
from server.forms.tasks import (
    AcceptForm,
    CheckInForm,
    ProgressForm,
    ReasonForm,
    ResolveForm,
    TaskCard,
)
from server.http.answers import reply
from server.http.forms import Page, PageQuery
from server.http.keys import actor, basis
from server.http.paging import cursor, path_id, uncursor
from server.http.routes import Routes
from server.permissions import Permission

routes = Routes("/s/v1", tag="tasks")


class TaskQuery(PageQuery):
    """Which stage; without one, all that are open."""

    stage: str = Field(default="", pattern="^(|pending|accepted|arrived|done|returned|waived)$")


@routes.get("/tasks", query=TaskQuery, answer=Page[TaskCard], permission=Permission.TASK_READ)
async def board(request: web.Request, query: TaskQuery) -> web.Response:
    """List my unit's tasks, the most urgent first."""
    after = uncursor(query.after, int)
    offset = int(str(after[0])) if after else 0
    rows = await queries.task_board(
        actor(request), stage=query.stage, limit=query.limit + 1, offset=offset
    )
    known = basis(request)
    return reply(
        Page[TaskCard](
            items=[TaskCard.of(task, case, known) for task, case in rows[: query.limit]],
            next=cursor([offset + query.limit]) if len(rows) > query.limit else None,
        )
    )


@routes.get("/tasks/{id}", answer=TaskCard, permission=Permission.TASK_READ)
async def one(request: web.Request) -> web.Response:
    """Show one task."""
    return await _card(request, path_id(request, bits=64))


@routes.post(
    "/tasks/{id}/accept", body=AcceptForm, answer=TaskCard, permission=Permission.TASK_ACCEPT
)
async def accept(request: web.Request, form: AcceptForm) -> web.Response:
    """Sign for a task (签收)."""
    task_id = path_id(request, bits=64)
    await handling.accept(
        task_id, by=actor(request), at=now(), basis=basis(request), note=form.note
    )
    return await _card(request, task_id)


@routes.post(
    "/tasks/{id}/check-in", body=CheckInForm, answer=TaskCard, permission=Permission.TASK_CHECK_IN
)
async def check_in(request: web.Request, form: CheckInForm) -> web.Response:
    """Report in at the place (报到)."""
    task_id, at, known = path_id(request, bits=64), now(), basis(request)
    spot = form.spot(known, at)
    await handling.check_in(task_id, spot, by=actor(request), at=at, basis=known, note=form.note)
    return await _card(request, task_id)


@routes.post(
    "/tasks/{id}/progress", body=ProgressForm, answer=TaskCard, permission=Permission.TASK_PROGRESS
)
async def progress(request: web.Request, form: ProgressForm) -> web.Response:
    """Write down how far the work is."""
    task_id = path_id(request, bits=64)
    await handling.progress(task_id, form.note, tuple(form.photos), by=actor(request), at=now())
    return await _card(request, task_id)


@routes.post("/tasks/{id}/resolve", body=ResolveForm, answer=TaskCard)
async def resolve(request: web.Request, form: ResolveForm) -> web.Response:
    """Finish: a cooperating unit its part, the lead the case (办结)."""
    task_id, by, known = path_id(request, bits=64), actor(request), basis(request)
    task, _ = await queries.task_for(by, task_id)
    finish = handling.resolve if task.part == "lead" else handling.done
    await finish(task_id, form.result, tuple(form.photos), by=by, at=now(), basis=known)
    return await _card(request, task_id)


@routes.post("/tasks/{id}/confirm", answer=TaskCard, permission=Permission.TASK_CONFIRM)
async def confirm(request: web.Request) -> web.Response:
    """Confirm as the township that a unit came."""
    task_id = path_id(request, bits=64)
    await handling.confirm(task_id, by=actor(request), at=now(), basis=basis(request))
    return await _card(request, task_id)


@routes.post(
    "/tasks/{id}/contest", body=ReasonForm, answer=TaskCard, permission=Permission.TASK_CONTEST
)
async def contest(request: web.Request, form: ReasonForm) -> web.Response:
    """Contest as the township that a unit came, or came in time."""
    task_id = path_id(request, bits=64)
    await handling.contest(task_id, form.reason, by=actor(request), at=now(), basis=basis(request))
    return await _card(request, task_id)


async def _card(request: web.Request, task_id: int) -> web.Response:
    task, case = await queries.task_for(actor(request), task_id)
    return reply(TaskCard.of(task, case, basis(request)))
