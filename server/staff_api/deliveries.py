"""What could not be delivered, shown and tried again; what is behind."""

from datetime import datetime
from typing import Final

from aiohttp import web

from server import clock
from server.cases.clocks import timing
from server.http.answers import no_content, reply
from server.http.forms import Answer, Page, PageQuery
from server.http.paging import after_id, cursor, path_id
from server.http.routes import Routes
from server.outbox import dead_letters
from server.permissions import Permission
from server.shared_api.enumerations import EventKind, ReceiverName

routes: Final = Routes("/s/v1", tag="deliveries")


class DeliveryQuery(PageQuery):
    """Those given up, or those still owed."""

    dead: bool = True


class DeliveryLine(Answer):
    """One delivery; `due_at` is null once it was given up."""

    id: str
    receiver: ReceiverName
    kind: EventKind
    stream: str
    recorded_at: datetime
    due_at: datetime | None
    attempts: int
    last_error: str


@routes.get(
    "/deliveries",
    query=DeliveryQuery,
    answer=Page[DeliveryLine],
    permission=Permission.DELIVERY_READ,
)
async def list_deliveries(request: web.Request, query: DeliveryQuery) -> web.Response:
    """Return deliveries, oldest first."""
    listed = dead_letters.dead if query.dead else dead_letters.waiting
    letters = await listed(limit=query.limit, after=after_id(query.after))
    items = [
        DeliveryLine(
            id=str(letter.id),
            receiver=letter.receiver,
            kind=letter.kind,
            stream=letter.stream,
            recorded_at=letter.recorded_at,
            due_at=letter.due_at,
            attempts=letter.attempts,
            last_error=letter.last_error,
        )
        for letter in letters
    ]
    full = len(items) == query.limit
    last = cursor([letters[-1].id]) if full else None
    return reply(Page[DeliveryLine](items=items, next=last))


class BacklogAnswer(Answer):
    """What is behind: deliveries given up or owed, and cases and tasks that wait for the clock."""

    n_dead: int
    n_owed: int
    owed_since: datetime | None
    n_timers_due: int
    timers_lag_s: int


@routes.get("/backlog", answer=BacklogAnswer, permission=Permission.DELIVERY_READ)
async def backlog(request: web.Request) -> web.Response:
    """Say what is behind: what is owed to receivers, what waits for the clock."""
    owing = await dead_letters.owing()
    timers = await timing.backlog(clock.now())
    return reply(
        BacklogAnswer(
            n_dead=owing.n_dead,
            n_owed=owing.n_owed,
            owed_since=owing.since,
            n_timers_due=timers.n_due,
            timers_lag_s=int(timers.lag.total_seconds()),
        )
    )


@routes.post("/deliveries/{id}/replay", status=204, permission=Permission.DELIVERY_MANAGE)
async def replay_delivery(request: web.Request) -> web.Response:
    """Owe a given-up delivery again."""
    await dead_letters.replay(path_id(request, bits=64), at=clock.now())
    return no_content()
