"""The phone page, as the set-up built it: from memory, packed, with a strict policy."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from aiohttp import web

from mobile_api.welcome import welcome
from server.errors import NotFound
from server.http.encodings import packing_for
from server.http.routes import Routes

routes = Routes("", tag="public")

_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webmanifest": "application/manifest+json",
}
_PACKED: Final = frozenset({"html", "js", "css", "svg", "webmanifest"})
#: Nothing from anywhere else, nothing inline; pictures also from memory, as they are taken.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
    " font-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_RIGHTS: Final = "camera=(self), geolocation=(self), microphone=()"
#: Built names carry a hash of their content: they never change.
_FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _File:
    """One built file, plain and packed: by coding, the smallest first."""

    body: bytes
    packed: dict[str, bytes]
    type: str
    tag: str


@cache
def _built() -> dict[str, _File]:
    """Return what the set-up built, by path; empty where it built nothing."""
    folder = _folder()
    return dict(_files(folder, "")) if folder.is_dir() else {}


def _folder() -> Traversable:
    """Return where the page lies: in a checkout where it is built, else in the package."""
    package = Path(__file__).parent
    source = package.parent / "web" / "phone"
    return source / "dist" if source.is_dir() else package / "page"


def _files(folder: Traversable, prefix: str) -> list[tuple[str, _File]]:
    found: list[tuple[str, _File]] = []
    for each in folder.iterdir():
        if each.is_dir():
            found += _files(each, f"{prefix}{each.name}/")
        elif (ending := each.name.rpartition(".")[2]) in _TYPES:
            body = each.read_bytes()
            packed = _packed(body, folder / f"{each.name}.br") if ending in _PACKED else {}
            # Weak: the same for every packing.
            tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
            found.append((prefix + each.name, _File(body, packed, _TYPES[ending], tag)))
    return found


def _packed(body: bytes, brotli: Traversable) -> dict[str, bytes]:
    packed = {"gzip": gzip.compress(body, 9, mtime=0)}
    return {"br": brotli.read_bytes(), **packed} if brotli.is_file() else packed


@routes.get("/", files=("text/html",), public=True)
async def page(request: web.Request) -> web.StreamResponse:
    """Answer the phone page; what this is, in plain HTML, where the page was not built."""
    if "index.html" not in _built():
        return await welcome(request)
    return _answer(request, "index.html", "no-cache")


@routes.get("/assets/{name}", files=("*/*",), public=True)
async def asset(request: web.Request) -> web.StreamResponse:
    """Answer a part of the page; its name changes with its content."""
    return _answer(request, f"assets/{request.match_info['name']}", _FOREVER)


@routes.get(
    "/{name:(index\\.html|sw\\.js|workbox-\\w+\\.js|manifest\\.webmanifest|icon[\\w-]*\\.\\w+)}",
    files=("*/*",),
    public=True,
)
async def root(request: web.Request) -> web.StreamResponse:
    """Answer a file of the page that has to lie at the root."""
    return _answer(request, request.match_info["name"], "no-cache")


def _answer(request: web.Request, path: str, caching: str) -> web.StreamResponse:
    found = _built().get(path)
    if found is None:
        raise NotFound()
    headers = {
        "Content-Type": found.type,
        "Cache-Control": caching,
        "ETag": found.tag,
        "Content-Security-Policy": _POLICY,
        "Permissions-Policy": _RIGHTS,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("If-None-Match") == found.tag:
        return web.Response(status=304, headers=headers)
    if coding := packing_for(request.headers.get("Accept-Encoding", ""), found.packed):
        headers["Content-Encoding"] = coding
        return web.Response(body=found.packed[coding], headers=headers)
    return web.Response(body=found.body, headers=headers)
