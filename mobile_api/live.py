"""Opening a live socket with a one-time ticket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import Field

from mobile_api.inbox import MAX_SEQ
from server import clock
from server.bus.bus import Bus
from server.errors import BadInput, NotPermitted
from server.http.answers import reply
from server.http.forms import Answer, Query
from server.http.keys import SETTINGS, actor
from server.http.metrics import FIGURES, Figure
from server.http.routes import Routes
from server.http.sign_in import token_of
from server.people.actors import actor_for
from server.people.sign_in import sessions
from server.push import tickets
from server.push.live import cases_of
from server.push.queries import standing
from server.push.quiet import QuietHours
from server.push.sockets import Sockets, unopened

routes: Final = Routes("/m/v1", tag="live")
SOCKETS: Final = web.AppKey("sockets", Sockets)


class LiveTicket(Answer):
    """What opens one socket within a minute."""

    ticket: str


class LiveQuery(Query):
    """The ticket, and the number of the last message that the phone has; without it, from now.

    `cases` asks to hear as well that a case which one may read was changed.
    """

    ticket: str = Field(max_length=100)
    since: int | None = Field(default=None, ge=0, le=MAX_SEQ)
    cases: bool = False


def install(app: web.Application, bus: Bus) -> None:
    """Hold the live sockets of an application, and end them when it stops."""
    settings = app[SETTINGS]
    app[SOCKETS] = Sockets(bus, poll_seconds=settings.poll_seconds, quiet=QuietHours.of(settings))
    app[FIGURES].append(_figures(app[SOCKETS]))
    app.cleanup_ctx.append(_watched)
    app.on_shutdown.append(_closed)


def _figures(sockets: Sockets) -> Callable[[], Awaitable[Sequence[Figure]]]:
    async def read() -> Sequence[Figure]:
        what = "Live sockets that are open in this process"
        return [Figure(name="sockets_open", what=what, value=sockets.n_open)]

    return read


@routes.post("/live-ticket", answer=LiveTicket, each_time=True)
async def issue_ticket(request: web.Request) -> web.Response:
    """Return a ticket for one socket."""
    account_id, token = actor(request).id, token_of(request)
    if account_id is None or token is None:
        raise NotPermitted
    whose = tickets.Bearer(account_id, await sessions.family_of(token))
    return reply(LiveTicket(ticket=await tickets.issue(whose, at=clock.now())))


@routes.get("/live", query=LiveQuery, status=101, public=True)
async def live(request: web.Request, query: LiveQuery) -> web.StreamResponse:
    """Open a socket that sends {seq, kind, no, stage, at} for each message of one's own.

    One of no number and no case says that something may wait, or was changed where that was asked
    for, of which there is no message; it comes once a second at most.
    """
    # Before the ticket is used up: a request that cannot succeed costs none.
    _require_own_origin(request)
    socket = unopened()
    if not socket.can_prepare(request):
        raise BadInput([{"pointer": "", "reason": "not_a_websocket"}])
    whose = await tickets.redeem(query.ticket, at=clock.now())
    since = query.since
    if since is None:
        since = (await standing(whose.account_id)).last_seq
    cases = cases_of(await actor_for(whose.account_id)) if query.cases else None
    await socket.prepare(request)
    await request.app[SOCKETS].serve(request, socket, whose, since=since, cases=cases)
    return socket


def _require_own_origin(request: web.Request) -> None:
    """Refuse a page of another site: browsers send its origin, and our cookies or tickets."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
        raise NotPermitted


async def _watched(app: web.Application) -> AsyncIterator[None]:
    watching = asyncio.create_task(app[SOCKETS].watch(), name="sockets")  # noqa: TID251
    yield
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def _closed(app: web.Application) -> None:
    await app[SOCKETS].close()
