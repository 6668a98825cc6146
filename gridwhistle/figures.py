"""What an operator watches of one process and of what all of them owe, for `/metrics`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from server import db
from server.calendar.outlook import outlook
from server.cases.clocks import timing
from server.cases.door.knowledge import Knowledge
from server.clock import now
from server.events import AUDIENCE
from server.http.metrics import Figure
from server.outbox.dead_letters import owing_by_receiver
from server.settings import Settings

Reading = Callable[[], Awaitable[Sequence[Figure]]]


def process(last_done: Mapping[str, datetime]) -> Reading:
    """Return the reading of a process's own: its connections, its periodic jobs."""

    async def read() -> Sequence[Figure]:
        pool = db.pool_use()
        connections = {"used": pool.n_used, "idle": pool.n_idle, "most": pool.n_most}
        return [
            *(
                Figure(
                    name="pool_connections",
                    what="Connections to the database: used, idle, and the most there may be",
                    value=n,
                    kind=kind,
                )
                for kind, n in connections.items()
            ),
            *(
                Figure(
                    name="job_last_success_seconds",
                    what="When each periodic job of this process last succeeded, in Unix time",
                    value=at.timestamp(),
                    kind=name,
                )
                for name, at in last_done.items()
            ),
        ]

    return read


async def owed() -> Sequence[Figure]:
    """Read what is owed to each receiver, how long the first of it, and what was given up."""
    at, found = now(), await owing_by_receiver()
    figures = list[Figure]()
    for receiver in sorted({name for names in AUDIENCE.values() for name in names}):
        owing = found.get(receiver)
        since = owing.since if owing else None
        age = max(0.0, (at - since).total_seconds()) if since else 0.0
        figures += [
            Figure(
                name="outbox_owed",
                what="Deliveries owed to a receiver",
                value=owing.n_owed if owing else 0,
                kind=receiver,
            ),
            Figure(
                name="outbox_oldest_seconds",
                what="How long the first of them has been owed",
                value=age,
                kind=receiver,
            ),
            Figure(
                name="outbox_dead",
                what="Deliveries given up",
                value=owing.n_dead if owing else 0,
                kind=receiver,
            ),
        ]
    return figures


def clocks(settings: Settings, knowledge: Knowledge, fired: Mapping[str, int]) -> Reading:
    """Return the reading of what the clock has done, what it is behind with, and its calendar."""
    days_wanted, zone = settings.calendar_days_ahead, settings.zone

    async def read() -> Sequence[Figure]:
        at = now()
        known = knowledge.basis.calendar
        ahead = outlook(known, at.astimezone(zone).date(), wanted_days=days_wanted)
        behind = await timing.backlog(at)
        return [
            Figure(
                name="calendar_days_ahead",
                what="Days that the working calendar reaches ahead",
                value=ahead.n_days_ahead,
            ),
            Figure(
                name="calendar_warnings",
                what="What an operator has to do about the working calendar",
                value=len(ahead.warnings),
            ),
            Figure(
                name="timers_due",
                what="Cases and tasks that wait for the clock",
                value=behind.n_due,
            ),
            Figure(
                name="timers_lag_seconds",
                what="How long the first of them has waited",
                value=behind.lag.total_seconds(),
            ),
            *(
                Figure(
                    name="timers_fired", what="Timers fired by this process", value=n, kind=name
                )
                for name, n in fired.items()
            ),
        ]

    return read
