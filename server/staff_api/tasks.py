"""Tasks at a desk: the unit's board and the same verbs as on foot."""

from aiohttp import web
from pydantic import Field

from server.cases import queries
from server.forms import return_verbs, task_verbs
from server.forms.tasks import TaskCard
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
    return await task_verbs.card(request, path_id(request, bits=64))


task_verbs.declare(routes)
return_verbs.declare(routes)
task_verbs.declare_arrivals(routes, "/tasks")
