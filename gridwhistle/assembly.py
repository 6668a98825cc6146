"""The aiohttp application, put together from settings and the parts of one process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from aiohttp import web
from aiohttp.typedefs import Handler

from media.limits import Limits
from media.store import Store
from mobile_api import (
    auth,
    calls,
    confirmations,
    inbox,
    live,
    matters,
    page,
    patrols,
    photos,
    public,
    reports,
    tasks,
    welcome,
)
from server.bus.bus import Bus
from server.cases.knowledge import Knowledge
from server.clock import now
from server.errors import NotReady
from server.files.commands import Vault
from server.http import edge, openapi, probes
from server.http.keys import BUS, KNOWLEDGE, VAULT
from server.http.probes import READINESS
from server.settings import Settings
from server.staff_api import accounts, deliveries, lists, places, rebinding, units
from server.staff_api import cases as staff_cases
from server.staff_api import tasks as staff_tasks

Front = Literal["all", "phones", "staff"]

_PHONES: Final = (
    photos.routes,
    reports.routes,
    confirmations.routes,
    matters.routes,
    tasks.routes,
    calls.routes,
    inbox.routes,
    live.routes,
    public.routes,
    patrols.routes,
    welcome.routes,
    page.routes,
)
_STAFF: Final = (
    staff_cases.routes,
    staff_tasks.routes,
    lists.routes,
    places.routes,
    rebinding.routes,
    units.routes,
    accounts.routes,
    deliveries.routes,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a process holds open for its application."""

    settings: Settings
    knowledge: Knowledge
    bus: Bus
    store: Store


def vault_of(settings: Settings, store: Store) -> Vault:
    """Return where photos go and which are taken."""
    limits = Limits(max_bytes=settings.photo_max_bytes, max_pixels=settings.photo_max_pixels)
    return Vault(store=store, limits=limits, zone=settings.zone)


def make_app(parts: Parts, front: Front = "all") -> web.Application:
    """Return the application of one front, or of both; opening the parts is the caller's."""
    app = edge.make_app(parts.settings)
    app.middlewares.append(_waking)
    app[BUS] = parts.bus
    app[KNOWLEDGE] = parts.knowledge
    app[VAULT] = vault_of(parts.settings, parts.store)
    app[READINESS].append(_ready(parts.knowledge))
    auth.add_to(app)
    if front in ("all", "phones"):
        live.install(app, parts.bus)
        for routes in _PHONES:
            routes.add_to(app)
    if front in ("all", "staff"):
        for routes in _STAFF:
            routes.add_to(app)
    probes.routes.add_to(app)
    openapi.routes.add_to(app)
    return app


@web.middleware
async def _waking(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Wake the worker after a request that may have left something owed."""
    answer = await handler(request)
    if request.method != "GET" and answer.status < 400:
        await request.app[BUS].publish("outbox")
    return answer


def _ready(knowledge: Knowledge) -> Callable[[], Awaitable[None]]:
    """Return the check that boundaries and a list are in force."""

    async def check() -> None:
        boundaries = knowledge.basis.places.at(now())
        if boundaries is None or not boundaries.rows("township"):
            raise NotReady(part="places")
        if not knowledge.basis.lists.at(now()).entries():
            raise NotReady(part="list")

    return check
