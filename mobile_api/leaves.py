"""One's own leave (请假): when, and who stands in; and for whom one stands in."""

from typing import Final

from aiohttp import web

from server.clock import now
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import actor
from server.http.routes import Routes
from server.people.duty import leaves
from server.shared_api.leaves import LeaveAnswer, LeaveForm, LeaveRow, SubstituteRow, end, enter

routes: Final = Routes("/m/v1", tag="leaves")


class OwnLeaves(Answer):
    """One's own leaves, and those in which one stands in; `substitutes` can for oneself."""

    items: list[LeaveRow]
    substitutes: list[SubstituteRow]


@routes.get("/leaves", answer=OwnLeaves)
async def own_leaves(request: web.Request) -> web.Response:
    """List one's own leaves and those in which one stands in, that run or are to come."""
    mine = actor(request).id or 0
    items = [LeaveRow.of(each) for each in await leaves.leaves_with(mine, at=now())]
    substitutes = [SubstituteRow.of(each) for each in await leaves.substitutes_for(mine)]
    return reply(OwnLeaves(items=items, substitutes=substitutes))


@routes.post("/leaves", body=LeaveForm, answer=LeaveAnswer, status=201)
async def enter_own_leave(request: web.Request, body: LeaveForm) -> web.Response:
    """Enter one's own leave; what waits for one goes to the substitute when it begins."""
    return await enter(request, body.of(actor(request).id or 0))


@routes.post("/leaves/{id}/end", status=204)
async def end_own_leave(request: web.Request) -> web.Response:
    """Take one's own leave back, or end it before its time."""
    return await end(request)
