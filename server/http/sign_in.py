"""Who is signed in on a request: bearer tokens and the desk's cookies to actors, kept briefly."""

import asyncio
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypedDict

from aiohttp import web
from aiohttp.typedefs import Handler

from server import clock
from server.http.keys import ACTOR, NOT_ON_WALL, NOT_OWN_PAGE, ON_WALL, SETTINGS
from server.http.security import came_by_https
from server.people.actor import Actor
from server.people.shifts import shift_hours_of
from server.people.sign_in import sessions

REMEMBERED_SECONDS: Final = 4.0
N_REMEMBERED: Final = 10_000
_MAX_TOKEN: Final = 200
#: The desk's session; no script reads it, and no page of another site sends it.
COOKIE: Final = "gridwhistle_desk"
#: Says what only the desk's own page was told: the answer to signing in, and to `/me`.
CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class _Seen:
    actor: Actor | None
    until: float
    shift_ends_at: datetime


class SignIns:
    """The tokens that this process saw in the last few seconds, and whom they stand for.

    A revocation elsewhere is noticed when the entry runs out; one here at once, by `forget`. None
    outlives the shift in which it was read, so that what a duty leader may ends with it.
    """

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._n_forgotten = 0

    async def actor_of(self, request: web.Request, token: str) -> Actor | None:
        """Return whom a token that came with the request stands for, None for nobody."""
        hashed = sessions.token_hash(token)
        now, at, settings = asyncio.get_running_loop().time(), clock.now(), request.app[SETTINGS]
        seen = self._seen.get(hashed)
        if seen is not None and seen.until > now and at < seen.shift_ends_at:
            return seen.actor
        before = self._n_forgotten
        found = await sessions.actor_of(hashed, at=at, settings=settings)
        # What was read while somebody revoked may be older than the revocation.
        if before == self._n_forgotten:
            ends_at = shift_hours_of(settings).at(at).ends_at
            self._remember(hashed, _Seen(found, now + REMEMBERED_SECONDS, ends_at))
        return found

    def forget(self, account_id: int) -> None:
        """Look every token of this account up anew at its next use."""
        self._n_forgotten += 1
        held = [
            hashed
            for hashed, seen in self._seen.items()
            if seen.actor is not None and seen.actor.id == account_id
        ]
        for hashed in held:
            del self._seen[hashed]

    def forget_all(self) -> None:
        """Look every token up anew at its next use."""
        self._n_forgotten += 1
        self._seen.clear()

    def _remember(self, hashed: str, seen: _Seen) -> None:
        self._seen.pop(hashed, None)
        while len(self._seen) >= N_REMEMBERED:
            del self._seen[next(iter(self._seen))]
        self._seen[hashed] = seen


SIGN_INS: Final = web.AppKey("sign_ins", SignIns)


@web.middleware
async def sign_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the signed-in actor on the request; a bad token is the same as none."""
    token = token_of(request)
    found = await request.app[SIGN_INS].actor_of(request, token) if token else None
    if token is not None and found is not None:
        if found.face == sessions.DISPLAY and not _on_wall(request):
            request[NOT_ON_WALL] = True
        elif _from_own_page(request, token):
            request[ACTOR] = found
        else:
            request[NOT_OWN_PAGE] = True
    return await handler(request)


def token_of(request: web.Request) -> str | None:
    """Return the request's bearer token, else the desk's, if it has one that could be ours."""
    if "Authorization" in request.headers:
        scheme, _, token = request.headers["Authorization"].partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else ""
    else:
        token = request.cookies.get(COOKIE, "")
    return token if token.isascii() and 0 < len(token) <= _MAX_TOKEN else None


def csrf_of(request: web.Request) -> str:
    """Return what the desk's page must say when it writes; empty where no cookie signs in."""
    token = token_of(request)
    return csrf_for(token) if token and _came_by_cookie(request) else ""


def csrf_for(token: str) -> str:
    """Return what belongs to a session by cookie: told to its page, and kept nowhere."""
    return sessions.token_hash(f"csrf {token}")[:32]


def set_cookie(request: web.Request, response: web.Response, token: str) -> None:
    """Sign the desk in by an answer; the server ends the session, not the browser."""
    response.set_cookie(COOKIE, token, **_flags(request))


def clear_cookie(request: web.Request, response: web.Response) -> None:
    """Take the desk's cookie back by an answer."""
    response.del_cookie(COOKIE, **_flags(request))


class _Flags(TypedDict):
    path: str
    secure: bool
    httponly: bool
    samesite: str


def _flags(request: web.Request) -> _Flags:
    return {
        "path": "/",
        "secure": came_by_https(request),
        "httponly": True,
        "samesite": "Strict",
    }


def _on_wall(request: web.Request) -> bool:
    """Tell whether it asks for what a wall shows; whatever does not say so is not on it."""
    return request.match_info.handler in request.app[ON_WALL]


def _came_by_cookie(request: web.Request) -> bool:
    return "Authorization" not in request.headers


def _from_own_page(request: web.Request, token: str) -> bool:
    """Tell whether it came by more than a cookie, or reads, or says what only we told."""
    if request.method in _SAFE or not _came_by_cookie(request):
        return True
    said = request.headers.get(CSRF_HEADER, "")
    return hmac.compare_digest(said.encode(), csrf_for(token).encode())
