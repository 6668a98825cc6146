"""What runs by itself: the receivers of the outbox, the periodic jobs, and the loops over them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import structlog
from tortoise.exceptions import BaseORMException

from gridwhistle.assembly import Parts, vault_of
from media.derive import Decoder
from media.store import Store
from server import clock
from server.bus.bus import Bus
from server.calendar.outlook import outlook
from server.cases.clocks import timing
from server.cases.ends import leaving
from server.files.deriving import make_copies
from server.governance import learning
from server.governance.reminding import remind_late
from server.outbox.receivers import Inside, Outside, Owed, Receiver
from server.outbox.relay import pay_to, stop_if_cancelled
from server.patrols import commands as patrols
from server.people.sign_in import sessions
from server.push import inbox, live, tickets
from server.push.quiet import QuietHours
from server.settings import Settings
from server.texts.catalogue import text

_log: Final = structlog.get_logger(__name__)

# What a database that is away for a while answers with; everything else is a fault of ours.
AWAY: Final = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection cut in the middle, before the driver saw it
    BaseORMException,
)
_STOP_SECONDS: Final = 20
_ROUND: Final = 100
#: So long the timers are worked off at one turn, so that who is told to stop does.
_TIMERS_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something to be done every so often, by any worker; doing it twice does no harm."""

    name: str
    every: timedelta
    run: Callable[[datetime, Settings], Awaitable[object]]


async def _prune_tickets(at: datetime, settings: Settings) -> None:
    await tickets.prune(at=at)


async def _purge_sessions(at: datetime, settings: Settings) -> None:
    await sessions.purge(at=at)


async def _learn(at: datetime, settings: Settings) -> None:
    await learning.learn(at=at, zone=settings.zone)


async def _forget_tracks(at: datetime, settings: Settings) -> None:
    await patrols.forget(days=settings.track_days, at=at)


PERIODIC: Final = (
    Job(name="learn_words", every=timedelta(minutes=10), run=_learn),
    Job(name="prune_tickets", every=timedelta(minutes=5), run=_prune_tickets),
    Job(name="forget_tracks", every=timedelta(hours=1), run=_forget_tracks),
    Job(name="purge_sessions", every=timedelta(hours=1), run=_purge_sessions),
)


def clocks(parts: Parts) -> tuple[Job, ...]:
    """Return the jobs that rest on what the process knows: timers, and a look at the calendar."""

    async def fire(at: datetime, settings: Settings) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + _TIMERS_SECONDS
        while loop.time() < until:
            done = await timing.fire(at=clock.now(), basis=parts.knowledge.basis)
            parts.fired.update(done.by_name)
            if not done.n_cases:
                return
            await parts.bus.publish("outbox")

    async def look_ahead(at: datetime, settings: Settings) -> None:
        today = at.astimezone(settings.zone).date()
        calendar = parts.knowledge.basis.calendar
        found = outlook(calendar, today, wanted_days=settings.calendar_days_ahead)
        for code in found.warnings:
            _log.warning("calendar", code=code, what=text(f"calendar.warning.{code}"))

    def telling(do: Callable[..., Awaitable[int]]) -> Callable[..., Awaitable[None]]:
        async def run(at: datetime, settings: Settings) -> None:
            if await do(at=at, basis=parts.knowledge.basis):
                await parts.bus.publish("outbox")

        return run

    return (
        Job(name="leaves", every=timedelta(minutes=1), run=telling(leaving.turn)),
        Job(name="remind_late", every=timedelta(minutes=10), run=telling(remind_late)),
        Job(name="timers", every=timedelta(seconds=1), run=fire),
        Job(name="calendar", every=timedelta(hours=1), run=look_ahead),
    )


def receivers(
    bus: Bus, store: Store, decoder: Decoder, settings: Settings
) -> Mapping[str, Receiver]:
    """Who receives what the outbox owes, by the names in `events.AUDIENCE`."""
    vault = vault_of(settings, store)
    quiet = QuietHours.of(settings)

    async def write(batch: Sequence[Owed]) -> frozenset[int]:
        return await inbox.write(batch, by_night=quiet.cover(clock.now()))

    async def copy(owed: Owed) -> None:
        photo = UUID(owed.facts["photo"])
        await make_copies(photo, vault=vault, decoder=decoder, at=clock.now())

    return {
        "inbox": Inside(take=write, then=live.waker(bus)),
        "live": Inside(take=live.teller(bus), batch=100),
        "photos": Outside(
            take=copy, within=timedelta(seconds=60), at_once=settings.n_photo_workers
        ),
    }


async def run(
    settings: Settings,
    bus: Bus,
    store: Store,
    stop: asyncio.Event,
    *,
    periodic: tuple[Job, ...] = PERIODIC,
    last_done: dict[str, datetime] | None = None,
) -> None:
    """Pay what is owed and do the periodic jobs until `stop` is set; note when each was done.

    A loop per receiver: one that is slow delays no other. A database that is away is waited for;
    any other failure of a loop ends the worker with it, so that nothing dies unnoticed.
    """
    noted = {} if last_done is None else last_done
    with Decoder() as decoder:
        async with asyncio.TaskGroup() as group:
            loops = [
                group.create_task(_pay(name, receiver, settings, bus, stop), name=name)
                for name, receiver in receivers(bus, store, decoder, settings).items()
            ]
            loops += [
                group.create_task(_repeat(job, settings, stop, noted), name=job.name)
                for job in periodic
            ]
            await stop.wait()
            # Whoever waits looks up; whoever works may finish what it has in hand.
            await bus.publish("outbox")
            _, late = await asyncio.wait(loops, timeout=_STOP_SECONDS)
            for loop in late:
                loop.cancel()


async def _pay(
    name: str, receiver: Receiver, settings: Settings, bus: Bus, stop: asyncio.Event
) -> None:
    with bus.subscribed("outbox") as pokes:
        while not stop.is_set():
            tried = await _tried(name, receiver)
            if tried < _at_a_turn(receiver):
                await pokes.wait(settings.poll_seconds)


def _at_a_turn(receiver: Receiver) -> int:
    """How many are tried until it is looked whether to stop; a lease runs from the same look."""
    return receiver.at_once if isinstance(receiver, Outside) else _ROUND


async def _tried(name: str, receiver: Receiver) -> int:
    try:
        limit = _at_a_turn(receiver)
        return await pay_to(name, receiver, at=clock.now(), limit=limit)
    except* AWAY as error:
        _log.warning("database_away", receiver=name, error=repr(error.exceptions[0]))
    stop_if_cancelled()
    return 0


async def _repeat(
    job: Job, settings: Settings, stop: asyncio.Event, last_done: dict[str, datetime]
) -> None:
    while not stop.is_set():
        try:
            await job.run(clock.now(), settings)
            last_done[job.name] = clock.now()
        except Exception:
            stop_if_cancelled()
            # The next turn is the retry; one job's fault must not silence the receivers.
            _log.exception("job_failed", job=job.name)
        try:
            async with asyncio.timeout(job.every.total_seconds()):
                await stop.wait()
        except TimeoutError:
            continue
