"""Built pages as they go out: from memory, packed, with a strict policy."""

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from aiohttp import web

from server.errors import NotFound
from server.http.sending.encodings import packing_for

_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webmanifest": "application/manifest+json",
}
_PACKED: Final = frozenset({"html", "js", "css", "svg", "webmanifest"})
#: Nothing from anywhere else, nothing inline but what was built so, by its hash; pictures also
#: from memory, as they are taken.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self'{styles};"
    " img-src 'self' blob: data:;"
    " font-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_INLINE: Final = {
    "scripts": re.compile(rb"<script[^>]*>([^<].*?)</script>", re.DOTALL),
    "styles": re.compile(rb"<style>(.*?)</style>", re.DOTALL),
}
_RIGHTS: Final = "camera=(self), geolocation=(self), microphone=()"
#: Built names carry a hash of their content: they never change.
FOREVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"


@dataclass(frozen=True, slots=True)
class Built:
    """One built file, plain and packed: by coding, the smallest first."""

    body: bytes
    packed: dict[str, bytes]
    type: str
    tag: str
    policy: str


def where(app: str, module: str) -> Path:
    """Return where a page lies: in a checkout where it is built, else beside the module."""
    package = Path(module).parent
    sources = (root / "web" / app for root in package.parents[:2])
    source = next((each for each in sources if each.is_dir()), None)
    return source / "dist" if source else package / "page"


@cache
def built(folder: Path) -> dict[str, Built]:
    """Return what the set-up built into a folder, by path; empty where it built nothing."""
    return dict(_files(folder, "")) if folder.is_dir() else {}


def answer(request: web.Request, found: Built | None, caching: str) -> web.StreamResponse:
    """Answer a built file, as small as the asker takes it; raises NotFound for none."""
    if found is None:
        raise NotFound()
    headers = {
        "Content-Type": found.type,
        "Cache-Control": caching,
        "ETag": found.tag,
        "Content-Security-Policy": found.policy,
        "Permissions-Policy": _RIGHTS,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("If-None-Match") == found.tag:
        return web.Response(status=304, headers=headers)
    if coding := packing_for(request.headers.get("Accept-Encoding", ""), found.packed):
        headers["Content-Encoding"] = coding
        return web.Response(body=found.packed[coding], headers=headers)
    return web.Response(body=found.body, headers=headers)


def _files(folder: Path, prefix: str) -> list[tuple[str, Built]]:
    found: list[tuple[str, Built]] = []
    for each in folder.iterdir():
        if each.is_dir():
            found += _files(each, f"{prefix}{each.name}/")
        elif (ending := each.name.rpartition(".")[2]) in _TYPES:
            body = each.read_bytes()
            packed = _packed(body, folder / f"{each.name}.br") if ending in _PACKED else {}
            # Weak: the same for every packing.
            tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
            policy = _policy(body if ending == "html" else b"")
            found.append((prefix + each.name, Built(body, packed, _TYPES[ending], tag, policy)))
    return found


def _policy(page: bytes) -> str:
    inside = {
        name: "".join(
            f" 'sha256-{base64.b64encode(hashlib.sha256(each).digest()).decode()}'"
            for each in found.findall(page)
        )
        for name, found in _INLINE.items()
    }
    return _POLICY.format(**inside)


def _packed(body: bytes, brotli: Path) -> dict[str, bytes]:
    packed = {"gzip": gzip.compress(body, 9, mtime=0)}
    return {"br": brotli.read_bytes(), **packed} if brotli.is_file() else packed
