"""One server process: opens its parts, serves, works, and ends in order."""

import asyncio
import contextlib
import importlib.util
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from gridwhistle import worker
from gridwhistle.assembly import Front, Parts, make_app
from media.store import Store
from server import db
from server.bus.bus import opened as bus_opened
from server.cases.door.knowledge import CHANGED, Knowledge
from server.errors import NotReady
from server.outbox.relay import stop_if_cancelled
from server.settings import Settings

_SHUTDOWN_SECONDS: Final = 10.0
_BACKLOG: Final = 1024
_WATCH_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What one process does: which front it serves, if any, and whether it works the outbox."""

    front: Front | None = "all"
    works: bool = True
    shares_port: bool = False


@contextlib.asynccontextmanager
async def parts_opened(settings: Settings) -> AsyncIterator[Parts]:
    """Hold open what a process needs: database, bus, photo store, knowledge."""
    store = Store.from_url(
        settings.photo_store_url, min_free_ratio=settings.disk_min_free_percent / 100
    )
    try:
        async with (
            db.opened(settings.database_url, n_connections=settings.n_connections),
            bus_opened(settings) as opened_bus,
        ):
            knowledge = Knowledge(settings, settings.data_folder / "index")
            await knowledge.refresh()
            yield Parts(settings=settings, knowledge=knowledge, bus=opened_bus, store=store)
    finally:
        store.close()


async def run(
    settings: Settings,
    duty: Duty,
    *,
    announce: Callable[[], None] = lambda: None,
    alive: Callable[[], bool] = lambda: True,
    beside: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> None:
    """Serve and work until SIGINT or SIGTERM, then finish what is in hand.

    `beside` is begun when requests are answered, and given up with the server. Ends as well, with
    an error, when the private database that `alive` asks for has ended.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with parts_opened(settings) as parts:
        await db.require_durability()
        async with asyncio.TaskGroup() as group:
            group.create_task(_refreshing(parts, stop))
            group.create_task(_watching(alive, stop))
            if duty.works:
                group.create_task(_working(parts, stop))
            if duty.front is not None:
                serving = asyncio.Event()
                group.create_task(_serving(parts, duty, stop, serving.set))
                await serving.wait()
            announce()
            task = group.create_task(beside()) if beside else None
            await stop.wait()
            if task is not None:
                task.cancel()
            await parts.bus.publish(CHANGED)


async def _serving(
    parts: Parts, duty: Duty, stop: asyncio.Event, announce: Callable[[], None]
) -> None:
    app = make_app(parts, duty.front or "all")
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS, keepalive_timeout=75
    )
    await runner.setup()
    try:
        site = web.TCPSite(
            runner,
            parts.settings.host,
            parts.settings.port,
            backlog=_BACKLOG,
            reuse_port=duty.shares_port or None,
        )
        await site.start()
        announce()
        await stop.wait()
    finally:
        await runner.cleanup()


async def _working(parts: Parts, stop: asyncio.Event) -> None:
    try:
        jobs = (*worker.PERIODIC, *worker.clocks(parts))
        await worker.run(
            *(parts.settings, parts.bus, parts.store, stop),
            periodic=jobs,
            last_done=parts.last_done,
        )
    finally:
        stop.set()  # a process that cannot work says so by ending, never by silence


async def _watching(alive: Callable[[], bool], stop: asyncio.Event) -> None:
    while not stop.is_set():
        if not alive():
            stop.set()
            raise NotReady(part="database")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_WATCH_SECONDS):
                await stop.wait()


async def _refreshing(parts: Parts, stop: asyncio.Event) -> None:
    """Take up what is published elsewhere: when told, and every few seconds anyway."""
    with parts.bus.subscribed(CHANGED) as pokes:
        while not stop.is_set():
            await pokes.wait(parts.settings.poll_seconds)
            with contextlib.suppress(*worker.AWAY):
                await parts.knowledge.refresh()
            stop_if_cancelled()


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on the fastest loop that is installed."""
    factory = None
    if importlib.util.find_spec("uvloop"):
        factory = importlib.import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main)
