"""The county's base map: where it lies, and its bytes in ranges, as maps ask for them."""

import asyncio
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from geo.basemap.about import attribution_of
from geo.ground.errors import GeoError
from server.errors import NotFound
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import SETTINGS
from server.http.routes import Routes
from server.settings import Settings

routes = Routes("/m/v1", tag="public")

_log: Final = structlog.get_logger(__name__)
_TYPE: Final = "application/vnd.pmtiles"
#: A file's name is the hash of its content: what is kept of it never gets old.
_FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _Held:
    """The file as it was read: replaced by another, it is another."""

    path: Path
    changed: tuple[int, int]
    name: str
    attribution: str


class BasemapAnswer(Answer):
    """Where the base map's file is, null without one; whom it is from; its approval's number."""

    file: str | None
    attribution: str
    approval: str


@routes.get("/public/basemap", answer=BasemapAnswer, public=True)
async def basemap(request: web.Request) -> web.Response:
    """Say which file of streets, water and names lies under the county's map."""
    settings = request.app[SETTINGS]
    held = await asyncio.to_thread(_current, settings)
    if held is None:
        return reply(BasemapAnswer(file=None, attribution="", approval=""))
    file = f"/m/v1/basemap/{held.name}"
    said = BasemapAnswer(file=file, attribution=held.attribution, approval=settings.map_approval)
    return reply(said)


@routes.get("/basemap/{name}", files=(_TYPE,), public=True)
async def file(request: web.Request) -> web.Response:
    """Answer the base map's file or a range of it, never packed: it is so inside."""
    held = await asyncio.to_thread(_current, request.app[SETTINGS])
    if held is None or held.name != request.match_info["name"]:
        raise NotFound
    size, tag = held.changed[1], f'"{held.name.partition(".")[0]}"'
    headers = {
        "Content-Type": _TYPE,
        "Accept-Ranges": "bytes",
        "Cache-Control": _FOREVER,
        "ETag": tag,
    }
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    asked = _range(request, tag, size)
    if asked is None:
        return web.Response(body=await asyncio.to_thread(_read, held, 0, size), headers=headers)
    start, stop = asked
    if start >= stop:
        headers["Content-Range"] = f"bytes */{size}"
        return web.Response(status=416, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    body = await asyncio.to_thread(_read, held, start, stop)
    return web.Response(status=206, body=body, headers=headers)


def _range(request: web.Request, tag: str, size: int) -> tuple[int, int] | None:
    """Give from where to where a request asks, empty for what is not there; None for all."""
    if "Range" not in request.headers or request.headers.get("If-Range", tag) != tag:
        return None
    try:
        asked = request.http_range
    except ValueError:
        return 0, 0
    start, stop, _ = asked.indices(size)
    return start, stop


def _current(settings: Settings) -> _Held | None:
    """Return the base map as it lies there now; None without one."""
    path = settings.basemap_file
    try:
        about = path.stat()
    except OSError:
        return None
    return _seen(path, (about.st_mtime_ns, about.st_size))


@lru_cache(maxsize=4)
def _seen(path: Path, changed: tuple[int, int]) -> _Held | None:
    try:
        attribution = attribution_of(path)
    except GeoError as error:
        _log.warning("basemap_unreadable", file=path.name, reason=error.facts["why"])
        return None
    with path.open("rb") as opened:
        name = hashlib.file_digest(opened, "sha256").hexdigest()[:32]
    return _Held(path, changed, f"{name}.pmtiles", attribution)


def _read(held: _Held, start: int, stop: int) -> bytes:
    """Read a range; raises NotFound where another file was put there meanwhile."""
    try:
        with held.path.open("rb") as opened:
            about = os.fstat(opened.fileno())
            if (about.st_mtime_ns, about.st_size) != held.changed:
                raise NotFound
            opened.seek(start)
            return opened.read(stop - start)
    except OSError as error:
        raise NotFound from error
