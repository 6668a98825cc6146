"""Who is signed in on a request: bearer tokens to actors, remembered for a few seconds."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from server import clock
from server.http.keys import ACTOR, SETTINGS
from server.people.actor import Actor
from server.people.shifts import shift_hours_of
from server.people.sign_in import sessions

REMEMBERED_SECONDS: Final = 4.0
N_REMEMBERED: Final = 10_000
_MAX_TOKEN: Final = 200


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

    async def actor_of(self, request: web.Request) -> Actor | None:
        """Return the actor of the request's bearer token, None without a valid one."""
        token = bearer(request)
        if token is None:
            return None
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
    if "Authorization" in request.headers:
        found = await request.app[SIGN_INS].actor_of(request)
        if found is not None:
            request[ACTOR] = found
    return await handler(request)


def bearer(request: web.Request) -> str | None:
    """Return the request's bearer token, if it has one that could be ours."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.isascii() or not 0 < len(token) <= _MAX_TOKEN:
        return None
    return token
