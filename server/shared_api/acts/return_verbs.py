"""A task that is not the unit's, or not needed: the same on a phone and at a desk."""

from aiohttp import web

from server.cases.disputes import returns
from server.cases.work import handling
from server.http.keys import call_of
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts import task_verbs
from server.shared_api.disputes import ReturnForm
from server.shared_api.tasks import ReasonForm, TaskCard


def declare(routes: Routes) -> None:
    """Put returning and waiving a task on a front."""
    routes.post(
        "/tasks/{id}/return", body=ReturnForm, answer=TaskCard, permission=Permission.TASK_RETURN
    )(give_back)
    routes.post(
        "/tasks/{id}/waive", body=ReasonForm, answer=TaskCard, permission=Permission.TASK_WAIVE
    )(waive)


async def give_back(request: web.Request, form: ReturnForm) -> web.Response:
    """Give a task back with a ground and the proper unit (退单)."""
    task_id, (by, at, known) = path_id(request, bits=64), call_of(request)
    await returns.give_back(task_id, form.claim(), by=by, at=at, basis=known)
    return await task_verbs.card(request, task_id)


async def waive(request: web.Request, form: ReasonForm) -> web.Response:
    """Release a cooperating unit from its part, as the lead (免除配合)."""
    by, at, known = call_of(request)
    task, case = await handling.waive(
        path_id(request, bits=64), form.reason, by=by, at=at, basis=known
    )
    return await task_verbs.card_of(request, task, case)
