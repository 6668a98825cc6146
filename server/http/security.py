"""What every answer carries, and from where a request really comes."""

import ipaddress
import secrets
from functools import cache
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from server.http.keys import REQUEST_ID, SETTINGS

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
FORWARDING_HEADERS: Final = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
    "X-Real-IP",
    "X-Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
)
_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@web.middleware
async def request_ids(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give each request an id of our own making, for the log and the answer."""
    request[REQUEST_ID] = secrets.token_hex(8)
    return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add the protective headers; a handler that set one of them keeps its own."""
    headers = response.headers
    headers.pop("Server", None)
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Content-Security-Policy", API_POLICY)
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    if request_id := request.get(REQUEST_ID):
        headers["X-Request-Id"] = request_id
    if came_by_https(request):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


def client_address(request: web.Request) -> str:
    """Return the address of the client: the peer, or whom a trusted proxy names.

    Of `X-Forwarded-For` only the entries that trusted proxies appended count, from the right.
    """
    networks = _networks(request.app[SETTINGS].trust_forwarded_from)
    found = _peer(request)
    if found is None:
        return "unknown"
    named = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    for entry in reversed(named):
        if not _within(found, networks):
            break
        nearer = _address(entry.strip())
        if nearer is None:
            break
        found = nearer
    return str(found)


def came_by_https(request: web.Request) -> bool:
    """Tell whether the client spoke HTTPS, to us or to a trusted proxy."""
    if request.scheme == "https":
        return True
    peer = _peer(request)
    networks = _networks(request.app[SETTINGS].trust_forwarded_from)
    trusted = peer is not None and _within(peer, networks)
    return trusted and request.headers.get("X-Forwarded-Proto", "").lower() == "https"


def is_direct_and_local(request: web.Request) -> bool:
    """Tell whether a program on this machine called us itself, through no proxy.

    The Host must be a loopback name too: a foreign page whose name was made to resolve to this
    machine is refused by that.
    """
    peer = _peer(request)
    if peer is None or not peer.is_loopback:
        return False
    forwarded = any(name in request.headers for name in FORWARDING_HEADERS)
    return not forwarded and request.url.host in _LOOPBACK_NAMES


def _peer(request: web.Request) -> Address | None:
    name = request.transport.get_extra_info("peername") if request.transport else None
    return _address(str(name[0])) if isinstance(name, tuple) and name else None


def _address(written: str) -> Address | None:
    try:
        found = ipaddress.ip_address(written)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


@cache
def _networks(written: str) -> tuple[Network, ...]:
    """Return the networks of a comma-separated setting; raises ValueError for what is none."""
    parts = (part.strip() for part in written.split(","))
    return tuple(ipaddress.ip_network(part) for part in parts if part)
