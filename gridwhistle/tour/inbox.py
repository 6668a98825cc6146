"""Listening to inboxes: what comes, in which order, and that nothing comes twice."""

import asyncio
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
    """

    person: Person
    base: int
    socket: aiohttp.ClientWebSocketResponse | None = None
    seq: int = 0
    cases: set[str] = field(default_factory=set)
    owed: list[tuple[str, str]] = field(default_factory=list)

    async def next(self, no: str, kind: str) -> str:
        """Wait for the next message of the story, which must be this one; return its words."""
        self.owed.append((no, kind))
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
        heard: list[tuple[str, str]] = []
        after = self.base
        while items := await self._page(after):
            numbers = [item["seq"] for item in items]
            same("message_numbers", numbers, list(range(after + 1, after + 1 + len(items))))
            heard += [(item["no"], item["kind"]) for item in items if item["no"] in self.cases]
            after = numbers[-1]
        same("message_order", (self.person.who, heard), (self.person.who, self.owed))

    async def _of_the_story(self) -> Json:
        while True:
            message = await (self._by_socket() if self.socket else self._by_asking())
            same("message_numbers", message["seq"], self.seq + 1)
            self.seq += 1
            if message["no"] in self.cases:
                return message

    async def _by_asking(self) -> Json:
        while True:
            if items := await self._page(self.seq, limit=1):
                return items[0]
            await asyncio.sleep(_EVERY_SECONDS)

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


async def listen(person: Person, *, live: bool = False) -> Ear:
    """Return an ear that hears what comes from now on; `live` opens a socket."""
    base = 0
    while items := (await person.get(f"/m/v1/inbox?after={base}&limit=100"))["items"]:
        base = items[-1]["seq"]
    ear = Ear(person, base, seq=base)
    if live:
        ticket = (await person.post("/m/v1/live-ticket"))["ticket"]
        path = f"/m/v1/live?ticket={ticket}&since={base}"
        ear.socket = await person.http.ws_connect(path)
    return ear
