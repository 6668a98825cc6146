"""The verbs of a task, the same on a phone and at a desk."""

from contextlib import suppress

from aiohttp import web

from server.cases.dispatch import processes
from server.cases.reading import queries
from server.cases.reading.reporters import reporters_names
from server.cases.rules.views import CaseRow, TaskRow
from server.cases.work import assigning, handling
from server.clock import now
from server.errors import AlreadyDone, NotFound
from server.http.answers import reply
from server.http.keys import actor, basis, call_of
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.tasks import (
    AcceptForm,
    AssignForm,
    CheckInForm,
    PersonRow,
    PersonsAnswer,
    ProgressForm,
    ReasonForm,
    ResolveForm,
    TaskCard,
)


def declare(routes: Routes) -> None:
    """Put the verbs of a unit's task on a front."""
    routes.post(
        "/tasks/{id}/accept", body=AcceptForm, answer=TaskCard, permission=Permission.TASK_ACCEPT
    )(accept)
    routes.get("/tasks/{id}/persons", answer=PersonsAnswer, permission=Permission.TASK_ASSIGN)(
        persons
    )
    routes.post(
        "/tasks/{id}/assign", body=AssignForm, answer=TaskCard, permission=Permission.TASK_ASSIGN
    )(assign)
    routes.post(
        "/tasks/{id}/check-in",
        body=CheckInForm,
        answer=TaskCard,
        permission=Permission.TASK_CHECK_IN,
    )(check_in)
    routes.post(
        "/tasks/{id}/progress",
        body=ProgressForm,
        answer=TaskCard,
        permission=Permission.TASK_PROGRESS,
    )(progress)
    routes.post(
        "/tasks/{id}/resolve", body=ResolveForm, answer=TaskCard, permission=Permission.TASK_DONE
    )(resolve)


def declare_arrivals(routes: Routes, prefix: str) -> None:
    """Put the township's two answers to an arrival on a front, at `prefix`/{id}."""
    routes.post(f"{prefix}/{{id}}/confirm", answer=TaskCard, permission=Permission.TASK_CONFIRM)(
        confirm
    )
    routes.post(
        f"{prefix}/{{id}}/contest",
        body=ReasonForm,
        answer=TaskCard,
        permission=Permission.TASK_CONTEST,
    )(contest)


async def accept(request: web.Request, form: AcceptForm) -> web.Response:
    """Sign for a task (签收)."""
    task_id = path_id(request, bits=64)
    await handling.accept(
        task_id, by=actor(request), at=now(), basis=basis(request), note=form.note
    )
    return await card(request, task_id)


async def persons(request: web.Request) -> web.Response:
    """List those of the unit to whom I may give a task."""
    found = await assigning.persons(
        path_id(request, bits=64), by=actor(request), basis=basis(request)
    )
    rows = [PersonRow(account=str(each.id), name=each.name, away=each.away) for each in found]
    return reply(PersonsAnswer(items=rows))


async def assign(request: web.Request, form: AssignForm) -> web.Response:
    """Say who of the unit handles a task (指定经办人); whose it is already has it."""
    task_id, (by, at, known) = path_id(request, bits=64), call_of(request)
    person = int(form.person) if form.person else None
    with suppress(AlreadyDone):
        await assigning.assign(task_id, person, by=by, at=at, basis=known)
    return await card(request, task_id)


async def check_in(request: web.Request, form: CheckInForm) -> web.Response:
    """Report in at the place (报到)."""
    task_id, at, known = path_id(request, bits=64), now(), basis(request)
    spot = form.spot(known, at)
    await handling.check_in(task_id, spot, by=actor(request), at=at, basis=known, note=form.note)
    return await card(request, task_id)


async def progress(request: web.Request, form: ProgressForm) -> web.Response:
    """Write down how far the work is, or that the lead has done a step of the process."""
    task_id, photos = path_id(request, bits=64), tuple(form.photos)
    by, known = actor(request), basis(request)
    if form.step is None:
        await handling.progress(
            task_id, form.note, photos, key=form.key, by=by, at=now(), basis=known
        )
    else:
        await processes.complete(
            task_id, form.step, form.note, photos, by=by, at=now(), basis=known
        )
    return await card(request, task_id)


async def resolve(request: web.Request, form: ResolveForm) -> web.Response:
    """Finish: a cooperating unit its part, the lead the case (办结)."""
    task_id, by, known = path_id(request, bits=64), actor(request), basis(request)
    task, _ = await queries.task_for(by, task_id)
    finish = handling.resolve if task.part == "lead" else handling.done
    await finish(task_id, form.result, tuple(form.photos), by=by, at=now(), basis=known)
    return await card(request, task_id)


async def confirm(request: web.Request) -> web.Response:
    """Confirm as the township that a unit came."""
    task_id = await _arrival(request)
    await handling.confirm(task_id, by=actor(request), at=now(), basis=basis(request))
    return await card(request, task_id)


async def contest(request: web.Request, form: ReasonForm) -> web.Response:
    """Contest as the township that a unit came, or came in time."""
    task_id = await _arrival(request)
    await handling.contest(task_id, form.reason, by=actor(request), at=now(), basis=basis(request))
    return await card(request, task_id)


async def _arrival(request: web.Request) -> int:
    """Return the task of the path; raises NotFound when it is of another call than the path's."""
    task_id = path_id(request, bits=64)
    if "call" in request.match_info:
        task, _ = await queries.task_for(actor(request), task_id)
        if task.call_id != path_id(request, "call", bits=64):
            raise NotFound()
    return task_id


async def card(request: web.Request, task_id: int) -> web.Response:
    """Answer a task as it stands now."""
    return await card_of(request, *await queries.task_for(actor(request), task_id))


async def card_of(request: web.Request, task: TaskRow, case: CaseRow) -> web.Response:
    """Answer a task as it is known already."""
    hidden = await reporters_names(case) if task.result else ()
    return reply(await TaskCard.of(task, case, basis(request), actor(request)), hidden=hidden)
