"""What Prometheus may know: requests by route template, never by what they were about."""

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


class Metrics:
    """The figures of one application; others may register theirs in `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
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

    def text(self) -> bytes:
        """Return all figures in the Prometheus text format."""
        return generate_latest(self.registry)


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
    body = request.app[METRICS].text()
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
