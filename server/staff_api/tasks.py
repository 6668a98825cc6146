"""Tasks at a desk: the unit's board and the same verbs as on foot."""

from aiohttp import web

from server.cases.reading.reporters import reporters_named
from server.http.answers import reply
from server.http.forms import Page
from server.http.keys import actor, basis
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts import return_verbs, task_verbs
from server.shared_api.tasks import TaskCard, TaskQuery, page_of

routes = Routes("/s/v1", tag="tasks")


@routes.get("/tasks", query=TaskQuery, answer=Page[TaskCard], permission=Permission.TASK_READ)
async def board(request: web.Request, query: TaskQuery) -> web.Response:
    """List my unit's tasks, the most urgent first."""
    cards, following = await page_of(actor(request), query, basis(request))
    hidden = await reporters_named(each.no for each in cards if each.result)
    return reply(Page[TaskCard](items=cards, next=following), hidden=hidden)


@routes.get("/tasks/{id}", answer=TaskCard, permission=Permission.TASK_READ)
async def one(request: web.Request) -> web.Response:
    """Show one task."""
    return await task_verbs.card(request, path_id(request, bits=64))


task_verbs.declare(routes)
return_verbs.declare(routes)
task_verbs.declare_arrivals(routes, "/tasks")
