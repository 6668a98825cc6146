"""Live sockets: each hears of new messages of one inbox, in order, from the number it names.

It also hears that something else waits, of which there is no message: a frame without a number.
"""

import asyncio
import json
from collections.abc import Collection, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import WSCloseCode, web

from server import clock
from server.bus.bus import Bus
from server.bus.pokes import Pokes
from server.outbox.relay import stop_if_cancelled
from server.people.actors import actors_for
from server.people.sign_in.sessions import present
from server.push.live import cases_of, topic, waits
from server.push.queries import InboxLine, last_seqs, messages
from server.push.quiet import QuietHours
from server.push.tickets import Bearer

_log: Final = structlog.get_logger(__name__)

# Who cannot take a frame for so long is cut off and may come again, naming where it was.
SLOW_SECONDS: Final = 10.0
# A session that was ended must not be told more for longer than five seconds.
WATCH_SECONDS: Final = 2.5
#: So long after one "look again" comes no other: what is changed by many costs a desk no more.
LOOK_AGAIN_SECONDS: Final = 1.0
MAX_PER_ACCOUNT: Final = 8
_BATCH: Final = 100
#: Of no message, and so without a number: something waits that one may act on, or was changed.
_LOOK_AGAIN: Final = json.dumps({"seq": 0, "kind": "", "no": "", "stage": "", "at": ""})


@dataclass(slots=True, eq=False)
class _Open:
    socket: web.WebSocketResponse
    request: web.Request
    bearer: Bearer
    sent: int
    pokes: Pokes
    waits: Pokes
    cases: frozenset[str] | None

    @property
    def account_id(self) -> int:
        """Whose inbox it tells."""
        return self.bearer.account_id


def unopened() -> web.WebSocketResponse:
    """Return a socket of the kind that is served here, not yet opened.

    Uncompressed, since compression would take eight times the memory; nothing big comes in.
    """
    return web.WebSocketResponse(
        heartbeat=25, compress=False, timeout=2, max_msg_size=1024, writer_limit=16 * 1024
    )


class Sockets:
    """The open sockets of this process, and the one look at the database for all of them."""

    def __init__(self, bus: Bus, *, poll_seconds: float, quiet: QuietHours) -> None:
        self._bus = bus
        self._quiet = quiet
        self._every = min(poll_seconds, WATCH_SECONDS)
        self._open: dict[int, list[_Open]] = {}
        self._closing = False

    @property
    def n_open(self) -> int:
        """How many sockets are open."""
        return sum(len(several) for several in self._open.values())

    async def serve(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        bearer: Bearer,
        *,
        since: int,
        cases: Collection[str] | None = None,
    ) -> None:
        """Send the messages with numbers above `since` as they come, until the socket ends.

        It also hears to look again when a topic of its `cases` is woken, as long as these are
        what its account reaches; then it ends, so that the page comes again.
        """
        account_id = bearer.account_id
        with (
            self._bus.subscribed(topic(account_id)) as pokes,
            self._bus.subscribed(waits(account_id), *(cases or ())) as waiting,
        ):
            topics = frozenset(cases) if cases is not None else None
            it = _Open(socket, request, bearer, since, pokes, waiting, topics)
            several = self._open.setdefault(account_id, [])
            several.append(it)
            try:
                if len(several) > MAX_PER_ACCOUNT:
                    await _close(several[0], WSCloseCode.POLICY_VIOLATION, b"too many")
                if self._closing:
                    await _close(it, WSCloseCode.GOING_AWAY, b"stopping")
                await self._both_ways(it)
            finally:
                several.remove(it)
                if not several and self._open.get(account_id) is several:
                    del self._open[account_id]

    async def watch(self) -> None:
        """Wake sockets whose wake-up was lost and end those of people signed out, for ever."""
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.look()
            except Exception as error:
                stop_if_cancelled()
                # The next look is the retry; meanwhile the bus still wakes.
                _log.warning("sockets_look_failed", error=repr(error))

    async def look(self) -> None:
        """Look once for all open sockets: who is signed in, reaches what, and has new messages."""
        accounts = list(self._open)
        if not accounts:
            return
        at = clock.now()
        looked_at = self._every_open()
        here = await present({it.bearer.family for it in looked_at}, at=at)
        last = await last_seqs(accounts, quiet=self._quiet.cover(at))
        desks = {it.account_id for it in looked_at if it.cases is not None}
        actors = await actors_for(desks, at=at) if desks else {}
        gone, moved = list[_Open](), list[_Open]()
        for it in looked_at:
            actor = actors.get(it.account_id)
            if it.bearer.family not in here:
                gone.append(it)
            elif it.cases is not None and actor and it.cases != frozenset(cases_of(actor)):
                moved.append(it)
            elif last.get(it.account_id, 0) > it.sent:
                it.pokes.poke()
        await _close_all(gone, WSCloseCode.POLICY_VIOLATION, b"signed out")
        await _close_all(moved, WSCloseCode.SERVICE_RESTART, b"other rights")

    async def close(self) -> None:
        """End every socket, now and from now on: the process is stopping."""
        self._closing = True
        await _close_all(self._every_open(), WSCloseCode.GOING_AWAY, b"stopping")

    def _every_open(self) -> list[_Open]:
        return [it for several in self._open.values() for it in several]

    async def _both_ways(self, it: _Open) -> None:
        async with asyncio.TaskGroup() as group:
            sending = [
                group.create_task(_sending(it, _messages(it))),
                group.create_task(_sending(it, _look_again(it))),
            ]
            # What comes in is not listened to, only its end.
            async for _ in it.socket:
                pass
            for each in sending:
                each.cancel()


async def _messages(it: _Open) -> None:
    while not it.socket.closed:
        await _send_new(it)
        await it.pokes.wait()


async def _look_again(it: _Open) -> None:
    while await it.waits.wait() and not it.socket.closed:
        async with asyncio.timeout(SLOW_SECONDS):
            await it.socket.send_str(_LOOK_AGAIN)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _sending(it: _Open, frames: Coroutine[None, None, None]) -> None:
    try:
        await frames
    except ConnectionError:
        return
    except TimeoutError:
        _log.info("socket_too_slow", account=it.account_id)
        _cut(it)
    except Exception as error:
        # The phone comes again with the number it has; its inbox holds the rest.
        _log.warning("socket_failed", error=repr(error))
        await _close(it, WSCloseCode.INTERNAL_ERROR, b"")


async def _send_new(it: _Open) -> None:
    while True:
        batch = await messages(it.account_id, after=it.sent, limit=_BATCH)
        for told in batch:
            async with asyncio.timeout(SLOW_SECONDS):
                await it.socket.send_str(_frame(told))
            it.sent = told.seq
        if len(batch) < _BATCH:
            return


def _frame(told: InboxLine) -> str:
    frame = {
        "seq": told.seq,
        "kind": told.kind,
        "no": told.no,
        "stage": told.stage,
        "at": told.at.isoformat(),
    }
    return json.dumps(frame, ensure_ascii=False)


async def _close_all(several: list[_Open], code: int, why: bytes) -> None:
    async with asyncio.TaskGroup() as group:
        for it in several:
            group.create_task(_close(it, code, why))


async def _close(it: _Open, code: int, why: bytes) -> None:
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(3):
            await it.socket.close(code=code, message=why)
            return
    _cut(it)


def _cut(it: _Open) -> None:
    if it.request.transport is not None:
        it.request.transport.abort()
