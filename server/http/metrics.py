"""What Prometheus may know: requests by route template, never by what they were about."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from server.http.problems import DATABASE_AWAY

_READ_SECONDS: Final = 3.0
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure read when it is asked for; `kind` tells several of one name apart."""

    name: str
    what: str
    value: float
    kind: str = ""


class Metrics:
    """The figures of one application; others may register theirs in `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._gauges: dict[str, Gauge] = {}
        self._requests = Counter(
            "gridwhistle_http_requests",
            "Answers by method, route and status",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "gridwhistle_http_seconds",
            "Seconds to the answer by method and route",
            ("method", "route"),
            registry=self.registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; a socket's life (status 101) is no response time."""
        self._requests.labels(method, route, str(status)).inc()
        if status != 101:
            self._seconds.labels(method, route).observe(seconds)

    def put(self, figure: Figure) -> None:
        """Take in a figure as it is now."""
        labels = ("kind",) if figure.kind else ()
        gauge = self._gauges.get(figure.name)
        if gauge is None:
            gauge = Gauge(
                f"gridwhistle_{figure.name}", figure.what, labels, registry=self.registry
            )
            self._gauges[figure.name] = gauge
        (gauge.labels(figure.kind) if figure.kind else gauge).set(figure.value)

    def text(self) -> bytes:
        """Return all figures in the Prometheus text format."""
        return generate_latest(self.registry)


#: What else is to be read before the figures are shown.
FIGURES: Final = web.AppKey("figures", list[Callable[[], Awaitable[Sequence[Figure]]]])
METRICS: Final = web.AppKey("metrics", Metrics)


@web.middleware
async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count the request under its route's template."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    status = 500
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as redirect:
        status = redirect.status
        raise
    finally:
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "none"
        method = request.method if request.method in _METHODS else "other"
        request.app[METRICS].observe(method, route, status, loop.time() - start)


async def show(request: web.Request) -> web.Response:
    """Answer all figures in the Prometheus text format."""
    for read in request.app[FIGURES]:
        # A database that is away must not hide the other figures.
        with contextlib.suppress(*DATABASE_AWAY):
            async with asyncio.timeout(_READ_SECONDS):
                for figure in await read():
                    request.app[METRICS].put(figure)
    body = request.app[METRICS].text()
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
