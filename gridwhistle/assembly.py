"""The aiohttp application, put together from settings and the parts of one process."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from aiohttp import web
from aiohttp.typedefs import Handler

from gridwhistle import figures
from media.limits import Limits
from media.store import Store
from mobile_api import (
    auth,
    basemap,
    calls,
    cases,
    confirmations,
    inbox,
    leaves,
    live,
    matters,
    page,
    patrols,
    photos,
    platforms,
    public,
    reports,
    rooms,
    steering,
    supplements,
    tasks,
    todo,
    units,
    verifications,
    welcome,
)
from mobile_api import places as named_places
from mobile_api import proposals as phone_proposals
from server.bus.bus import Bus
from server.cases.door.knowledge import Knowledge
from server.clock import now
from server.errors import NotReady
from server.files.commands import Vault
from server.http import edge, probes
from server.http.description import openapi
from server.http.keys import BUS, KNOWLEDGE, VAULT
from server.http.metrics import FIGURES
from server.http.probes import READINESS
from server.settings import Settings
from server.staff_api import (
    account_sheets,
    accounts,
    board,
    burdens,
    calendar,
    case_sheet,
    deliveries,
    desk,
    diligence,
    disputes,
    entries,
    exit_hints,
    exports,
    lists,
    merges,
    places,
    proposals,
    rebinding,
    replay,
    requests,
    screening,
    standard_texts,
    versions,
    words,
)
from server.staff_api import cases as staff_cases
from server.staff_api import leaves as staff_leaves
from server.staff_api import map as staff_map
from server.staff_api import page as staff_page
from server.staff_api import platforms as staff_platforms
from server.staff_api import precedents as staff_precedents
from server.staff_api import processes as staff_processes
from server.staff_api import rooms as staff_rooms
from server.staff_api import steering as staff_steering
from server.staff_api import tasks as staff_tasks
from server.staff_api import units as staff_units

Front = Literal["all", "phones", "staff"]

_PHONES: Final = (
    photos.routes,
    reports.routes,
    supplements.routes,
    verifications.routes,
    confirmations.routes,
    matters.routes,
    tasks.routes,
    todo.routes,
    cases.routes,
    named_places.routes,
    units.routes,
    platforms.routes,
    calls.routes,
    rooms.routes,
    steering.routes,
    phone_proposals.routes,
    leaves.routes,
    inbox.routes,
    live.routes,
    public.routes,
    basemap.routes,
    patrols.routes,
    welcome.routes,
    page.routes,
)
_STAFF: Final = (
    staff_cases.routes,
    exports.routes,
    case_sheet.routes,
    desk.routes,
    standard_texts.routes,
    staff_map.routes,
    board.routes,
    staff_tasks.routes,
    disputes.routes,
    staff_precedents.routes,
    proposals.routes,
    burdens.routes,
    screening.routes,
    merges.routes,
    staff_rooms.routes,
    staff_leaves.routes,
    staff_steering.routes,
    diligence.routes,
    staff_platforms.routes,
    staff_processes.routes,
    lists.routes,
    versions.routes,
    entries.routes,
    words.routes,
    exit_hints.routes,
    replay.routes,
    places.routes,
    rebinding.routes,
    staff_units.routes,
    account_sheets.routes,
    accounts.routes,
    deliveries.routes,
    requests.routes,
    calendar.routes,
    staff_page.routes,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a process holds open for its application."""

    settings: Settings
    knowledge: Knowledge
    bus: Bus
    store: Store
    #: How often this process's clock did each of its timers.
    fired: Counter[str] = field(default_factory=Counter)
    #: When each periodic job of this process last succeeded.
    last_done: dict[str, datetime] = field(default_factory=dict)


def vault_of(settings: Settings, store: Store) -> Vault:
    """Return where photos go and which are taken."""
    limits = Limits(
        max_bytes=settings.photo_max_bytes,
        max_pixels=settings.photo_max_pixels,
        max_jpeg_pixels=settings.photo_max_jpeg_pixels,
    )
    return Vault(store=store, limits=limits, zone=settings.zone)


def make_app(parts: Parts, front: Front = "all") -> web.Application:
    """Return the application of one front, or of both; opening the parts is the caller's."""
    app = edge.make_app(parts.settings)
    app.middlewares.append(_waking)
    app[BUS] = parts.bus
    app[KNOWLEDGE] = parts.knowledge
    app[VAULT] = vault_of(parts.settings, parts.store)
    app[READINESS].append(_ready(parts.knowledge))
    app[FIGURES] += [
        figures.process(parts.last_done),
        figures.owed,
        figures.clocks(parts.settings, parts.knowledge, parts.fired),
    ]
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
