"""One finger, two taps: the second does nothing, and is answered as the first."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final

from aiohttp import web

from server.cases.door.briefing import lately
from server.cases.rules.basis import Basis
from server.clock import now
from server.errors import AlreadyDone, NotFound, NotReady, Problem
from server.http.answers import no_content, reply_stored
from server.http.keys import actor, basis
from server.http.problems import RETRY_SECONDS
from server.http.sign_in import token_of
from server.people import taps
from server.people.queries import names
from server.people.taps import Asked, Doer, Told
from server.permissions import Permission
from server.texts.catalogue import text

#: So often a second tap looks whether the first has ended, every so many seconds.
_LOOKS: Final = 400
_LOOK_SECONDS: Final = 0.05
#: What names one thing, among what the parts of a path are called.
_IDS: Final = frozenset({"id", "no"})
_CONFLICT: Final = 409
#: So often who was slower looks whether the faster one has ended.
_LOOKS_AT_OTHERS: Final = 40

Answering = Callable[[], Awaitable[web.StreamResponse]]


class _ToldBefore(Exception):
    """The first of two taps was answered; the second is to be answered so as well."""

    def __init__(self, told: Told) -> None:
        super().__init__()
        self.told = told


class Tap:
    """One asking, from when all of it is known until it is answered."""

    def __init__(self, request: web.Request, permission: Permission | None) -> None:
        self._request = request
        self._permission = permission
        self._begun: tuple[int, Asked] | None = None

    async def begin(self, *more: bytes) -> None:
        """Go on unless this is a second tap; `more` is what else belongs to what is asked."""
        asked = _asked(self._request, self._permission, more)
        for _ in range(_LOOKS):
            found = await taps.begin(asked, at=now())
            if isinstance(found, Told):
                raise _ToldBefore(found)
            if found is not None:
                self._begun = found, asked
                return
            await asyncio.sleep(_LOOK_SECONDS)
        raise NotReady(retry_after=RETRY_SECONDS)

    async def done(self, answer: web.StreamResponse) -> None:
        """Keep the answer for a second tap."""
        if self._begun is None or not isinstance(answer, web.Response):
            return
        number, asked = self._begun
        body = answer.body
        told = Told(answer.status, bytes(body) if isinstance(body, bytes) else b"")
        await taps.done(number, told, asked, at=now())

    async def undone(self, refused: BaseException) -> Told | None:
        """Let go; return what was answered where it stands as it was asked for, and made so."""
        if self._begun is None:
            return None
        number, asked = self._begun
        before = await taps.undo(number, asked)
        if not isinstance(refused, Problem):
            return None
        conflict = refused.status == _CONFLICT
        if conflict and before is not None:
            return before
        if (conflict or isinstance(refused, NotFound)) and not refused.facts.get("happened"):
            happened = await self._faster(asked, refused)
            refused.facts |= {"happened": happened} if happened else {}
        return None

    async def _faster(self, asked: Asked, refused: Problem) -> str:
        """Return who did something to the same thing last, and when; empty for nobody lately."""
        for _ in range(_LOOKS_AT_OTHERS):
            if not await taps.at_work(asked.thing, at=now()):
                break
            await asyncio.sleep(_LOOK_SECONDS)
        last = await taps.last_done(asked, for_unit=isinstance(refused, AlreadyDone))
        if last is None:
            return ""
        # That there was something learns who asked for the very same as a colleague.
        colleague = (last.said, last.unit_id) == (asked.said, asked.unit_id)
        if isinstance(refused, NotFound) and not (colleague and asked.area):
            return ""
        return await _said_of(last, asked, basis(self._request))


TAP: Final = web.RequestKey("tap", Tap)


async def once(
    request: web.Request,
    answering: Answering,
    *,
    permission: Permission | None,
    upload: bool,
) -> web.StreamResponse:
    """Answer, or say what a first tap was answered; of an upload who reads it begins the tap."""
    tap = request[TAP] = Tap(request, permission)
    try:
        if not upload:
            await tap.begin()
        answer = await answering()
    except _ToldBefore as second:
        return _said(second.told)
    except BaseException as refused:
        told = await tap.undone(refused)
        if told is None:
            raise
        return _said(told)
    await tap.done(answer)
    return answer


def _asked(request: web.Request, permission: Permission | None, more: tuple[bytes, ...]) -> Asked:
    by = actor(request)
    said = sha256(by.request.encode())
    for each in more:
        said.update(sha256(each).digest())
    role = by.role_granting({permission} if permission else set())
    return Asked(
        account_id=by.id or 0,
        token=token_of(request) or "",
        role=role or "",
        unit_id=by.unit_id,
        said=said.hexdigest(),
        thing=_thing(request) or said.hexdigest(),
        area=permission or "",
    )


def _thing(request: web.Request) -> str:
    """Return a hash of what a path names one of, on whichever front; empty for none."""
    for name, value in request.match_info.items():
        if name in _IDS:
            noun = request.path.removeprefix("/m/v1").removeprefix("/s/v1").split(f"/{value}")[0]
            return sha256(f"{noun}/{value}".encode(errors="replace")).hexdigest()
    return ""


async def _said_of(last: Doer, asked: Asked, known: Basis) -> str:
    """Return who did something and when: among staff with the family name."""
    if last.account_id == asked.account_id:
        who = text("refusal.you")
    else:
        unit = known.units.by_id.get(last.unit_id or 0)
        name = (await names([last.account_id])).get(last.account_id, "") if asked.area else ""
        who = text(
            "refusal.who",
            unit=unit.name if unit else "",
            role=text(f"role.{last.role}") if last.role else "",
            name=name[:1],
        )
    return text("refusal.faster", who=who, at=lately(last.at, now(), known.zone))


def _said(told: Told) -> web.Response:
    return reply_stored(told.body, status=told.status) if told.body else no_content()
