"""Listening to inboxes: what comes, in which order, and that nothing comes twice."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import aiohttp

from gridwhistle.tour.deviation import Deviation, holds, same
from gridwhistle.tour.people import Json, Person

PATIENCE_SECONDS: Final = 30.0
_EVERY_SECONDS: Final = 0.05


@dataclass(slots=True)
class Ear:
    """One person's inbox from the moment the story began, by socket if there is one.

    `cases` are the numbers of the story's cases; messages about others are counted, no more.
    `owed` is what must have come so far, in order: the number of a case and the kind each.
    """

    person: Person
    base: int
    socket: aiohttp.ClientWebSocketResponse | None = None
    seq: int = 0
    cases: set[str] = field(default_factory=set)
    owed: list[tuple[str, str]] = field(default_factory=list)
    _n_heard: int = 0
    _waiting: deque[Json] = field(default_factory=deque)

    def owe(self, no: str, kind: str) -> None:
        """Expect a message, without waiting for it; `next` and `settled` will hold to it."""
        self.owed.append((no, kind))

    async def next(self, no: str, kind: str) -> str:
        """Wait for a message after all others owed; return its words."""
        self.owe(no, kind)
        words = ""
        while self._n_heard < len(self.owed):
            words = await self._next_owed(*self.owed[self._n_heard])
            self._n_heard += 1
        return words

    async def _next_owed(self, no: str, kind: str) -> str:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                message = await self._of_the_story()
        except TimeoutError as error:
            raise Deviation("message_comes", expected=kind, got=self.person.who) from error
        got = (self.person.who, message["no"], message["kind"])
        same("message_kind", got, (self.person.who, no, kind))
        holds("message_words", no in message["text"], message["text"])
        return str(message["text"])

    async def settled(self) -> None:
        """Read everything again: numbers without gaps, and the story's messages once each."""
        items = await whole_after(self.person, self.base)
        numbers = [item["seq"] for item in items]
        expected = list(range(self.base + 1, self.base + 1 + len(items)))
        same("message_numbers", numbers, expected)
        self.person.n_heard = self.base + len(items)
        heard = [(item["no"], item["kind"]) for item in items if item["no"] in self.cases]
        same("message_order", (self.person.who, heard), (self.person.who, self.owed))

    async def _of_the_story(self) -> Json:
        while True:
            message = await (self._by_socket() if self.socket else self._by_asking())
            same("message_numbers", message["seq"], self.seq + 1)
            self.seq += 1
            if message["no"] in self.cases:
                return message

    async def _by_asking(self) -> Json:
        while not self._waiting:
            self._waiting.extend(await self._page(self.seq))
            if not self._waiting:
                await asyncio.sleep(_EVERY_SECONDS)
        return self._waiting.popleft()

    async def _by_socket(self) -> Json:
        if self.socket is None:
            raise TypeError
        heard = await self.socket.receive()
        same("socket_open", heard.type, aiohttp.WSMsgType.TEXT)
        frame = heard.json()
        [message] = await self._page(frame["seq"] - 1, limit=1)
        same("frame", _essence(frame), _essence(message))
        return message

    async def _page(self, after: int, limit: int = 100) -> Sequence[Json]:
        page = await self.person.get(f"/m/v1/inbox?after={after}&limit={limit}")
        items: Sequence[Json] = page["items"]
        return items


def _essence(message: Json) -> tuple[object, ...]:
    """Return what a frame and the inbox must agree on."""
    at = datetime.fromisoformat(message["at"])
    return message["seq"], message["kind"], message["no"], message["stage"], at


async def whole_after(person: Person, after: int) -> list[Json]:
    """Return all messages of an inbox after a number, in order."""
    items: list[Json] = []
    following: int | None = after
    while following is not None:
        page = await person.get(f"/m/v1/inbox?after={following}&limit=100")
        items += page["items"]
        following = page["next"]
    return items


async def listen(person: Person, *, live: bool = False) -> Ear:
    """Return an ear that hears what comes from now on; `live` opens a socket."""
    earlier = await whole_after(person, person.n_heard)
    base = earlier[-1]["seq"] if earlier else person.n_heard
    ear = Ear(person, base, seq=base)
    if live:
        ticket = (await person.post("/m/v1/live-ticket"))["ticket"]
        path = f"/m/v1/live?ticket={ticket}&since={base}"
        ear.socket = await person.http.ws_connect(path)
    return ear
