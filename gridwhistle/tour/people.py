"""The demo county's people as the story's actors, each signed in with their own password."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import aiohttp

from gridwhistle.demo.loading import SignIn
from gridwhistle.tour.deviation import Deviation, same
from gridwhistle.tour.photos import Shot
from server.texts.catalogue import text

# What the wire brings; each reader takes out of it what it needs, and fails if it is not there.
Json: TypeAlias = Any

GOOD: Final = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT)
_OFFICERS: Final = ("handler", "township")
_DESKS: Final = ("acceptor", "dispatcher", "leader")


class NoSignIns(Exception):
    """There are no demo accounts to play with, or one that the story needs is missing."""


def read_sign_ins(path: Path) -> dict[str, SignIn]:
    """Return the demo accounts of a file by username; raises NoSignIns."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        found = [
            SignIn(
                username=row["username"],
                password=row["password"],
                role=row["role"],
                name=row["name"],
                unit=row["unit"],
                shown=row["shown"],
            )
            for row in rows
        ]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise NoSignIns(str(path)) from error
    if not found:
        raise NoSignIns(str(path))
    return {one.username: one for one in found}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's status and its JSON, or its bytes when it is none."""

    status: int
    body: Json


@dataclass(slots=True)
class Person:
    """One account, signed in; `n_heard` messages of its inbox belong to stories that are over."""

    http: aiohttp.ClientSession
    account: SignIn
    token: str
    grids: frozenset[str]
    n_heard: int = 0

    @property
    def unit(self) -> str:
        """The name of the own unit, empty without one."""
        return self.account.unit

    @property
    def who(self) -> str:
        """Role, unit and name, as a person writes them."""
        role = text(f"role.{self.account.role}")
        return text("tour.who", unit=self.account.unit, role=role, name=self.account.name).strip()

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Return whatever the server answers."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.http.request(method, path, json=body, headers=headers) as answer:
            return await _answer(answer)

    async def get(self, path: str) -> Json:
        """Return the JSON of an answer that must be good."""
        return await self.good("GET", path)

    async def post(self, path: str, body: object = None) -> Json:
        """Return the JSON of an answer that must be good."""
        return await self.good("POST", path, {} if body is None else body)

    async def good(self, method: str, path: str, body: object = None) -> Json:
        """Return the JSON of an answer that must be good, whatever the method."""
        return _good(method, path, await self.ask(method, path, body))

    async def refused(self, path: str, body: object, *, status: int, code: str) -> str:
        """Do what must be refused with this status and code; return the sentence for people."""
        answer = await self.ask("POST", path, body)
        same("refused", _told(answer), (status, code))
        return str(answer.body["title"])

    async def upload(self, shot: Shot) -> Answer:
        """Send a photo."""
        form = aiohttp.FormData()
        form.add_field("photo", shot.data, filename="photo.jpg", content_type="image/jpeg")
        return await self.send("/m/v1/photos", form)

    async def send(self, path: str, form: aiohttp.FormData) -> Answer:
        """Send a form with a file in it; the answer must be good."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.http.post(path, data=form, headers=headers) as sent:
            answer = await _answer(sent)
        _good("POST", path, answer)
        return answer

    async def find(self, path: str, wanted: Callable[[Json], bool]) -> Json | None:
        """Return the first wanted item of a paged list, however many pages it takes."""
        async for page in self.pages(path):
            for item in page["items"]:
                if wanted(item):
                    return item
        return None

    async def pages(self, path: str) -> AsyncIterator[Json]:
        """Return the pages of a list one by one."""
        after = ""
        while True:
            page = await self.get(f"{path}?limit=100{after}")
            yield page
            if page["next"] is None:
                return
            after = f"&after={quote(str(page['next']), safe='')}"


@dataclass(slots=True)
class Town:
    """Everybody who can play, signed in when first needed."""

    http: aiohttp.ClientSession
    accounts: dict[str, SignIn]
    _here: dict[str, Person] = field(default_factory=dict)
    _doors: defaultdict[str, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )

    async def person(self, username: str) -> Person:
        """Return somebody by username; raises NoSignIns for a stranger."""
        if username not in self.accounts:
            raise NoSignIns(username)
        async with self._doors[username]:  # nobody signs in twice
            if username not in self._here:
                self._here[username] = await self._signed_in(self.accounts[username])
        return self._here[username]

    async def officer(self, unit: str) -> Person:
        """Return who acts for a unit: its handler, or the township's command room."""
        for one in self.accounts.values():
            if one.unit == unit and one.role in _OFFICERS:
                return await self.person(one.username)
        raise NoSignIns(unit)

    async def head(self, unit: str) -> Person:
        """Return who answers for a unit; raises NoSignIns where it has no head."""
        for one in self.accounts.values():
            if one.unit == unit and one.role == "unit_head":
                return await self.person(one.username)
        raise NoSignIns(unit)

    async def somebody(self, name: str) -> Person:
        """Return who a script names: a username, or the unit they act for; raises NoSignIns."""
        return await (self.person(name) if name in self.accounts else self.officer(name))

    async def grid_workers(self, township: str) -> AsyncIterator[Person]:
        """Return grid workers one by one: those of a township first, then the others."""
        found = [one for one in self.accounts.values() if one.role == "grid_worker"]
        for one in sorted(found, key=lambda each: each.unit != township):
            yield await self.person(one.username)

    async def _signed_in(self, one: SignIn) -> Person:
        face = "console" if one.role in _DESKS else "phone"
        body = {"username": one.username, "password": one.password, "face": face}
        async with self.http.post("/auth/password", json=body) as sent:
            answer = await _answer(sent)
        found = _good("POST", f"/auth/password ({one.username})", answer)
        same("me", found["me"]["name"], one.name)
        grids = frozenset(str(code) for code in found["me"]["grids"])
        return Person(self.http, one, found["token"], grids)


async def _answer(answer: aiohttp.ClientResponse) -> Answer:
    if "json" in answer.content_type:
        return Answer(answer.status, await answer.json(content_type=None))
    return Answer(answer.status, await answer.read())


def _good(method: str, path: str, answer: Answer) -> Json:
    if answer.status not in GOOD:
        said = f"{method} {path}: {answer.status} {_sentence(answer.body)}"
        raise Deviation("answer", expected=text("tour.success"), got=said)
    return answer.body


def _sentence(body: object) -> str:
    if isinstance(body, dict):
        return f"{body.get('code', '')} {body.get('title', '')} {body.get('errors') or ''}".strip()
    return str(body)[:200]


def _told(answer: Answer) -> tuple[int, str]:
    code = answer.body.get("code", "") if isinstance(answer.body, dict) else ""
    return answer.status, code
