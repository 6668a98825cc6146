"""Fixtures: the demo county in a database per test, an application on it, people to be."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient

from gridwhistle import worker
from gridwhistle.assembly import Parts, make_app
from gridwhistle.demo import loading
from media.derive import Decoder
from media.sample import jpeg
from media.store import Store
from server import db as database
from server.bus.local import LocalBus
from server.cases.door.knowledge import Knowledge
from server.clock import now
from server.outbox.receivers import Inside, Outside
from server.outbox.relay import pay_to
from server.people.actor import Actor
from server.people.actors import actor_for
from server.people.queries import account_id_of
from server.people.sign_in import sessions
from server.settings import Settings
from tests.answers import as_described

DEMO_TEMPLATE = "gw_demo"
#: Where Knowledge holds what it has read.
_HELD = ("_places", "_lists", "_calendar")


async def _load(url: str) -> None:
    async with database.opened(url):
        await loading.load(None, at=now())


@pytest.fixture(scope="session")
def demo_template(databases) -> str:
    """The name of a database with the demo county in it, made once a run."""
    url = databases.create()
    databases.run(_load(url))
    databases.rename(url, DEMO_TEMPLATE)
    return DEMO_TEMPLATE


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory) -> Path:
    """Where the index files of the demo county are kept for the run."""
    return tmp_path_factory.mktemp("index")


@pytest.fixture
def county_url(databases, demo_template) -> Iterator[str]:
    """The URL of a database of this test alone, with the demo county in it."""
    url = databases.clone(demo_template)
    yield url
    databases.drop(url)


@dataclass
class County:
    """The demo county, open: its parts, and short ways to do things as somebody."""

    parts: Parts

    @property
    def basis(self):
        return self.parts.knowledge.basis

    async def actor(self, username: str) -> Actor:
        """The actor of an account, as of now: on shift or not."""
        return await actor_for(await account_id_of(username), self.basis.shift_hours.at(now()))

    async def deliver(self, at: datetime | None = None) -> int:
        """Pay what the outbox owes by now or a moment, as the worker would; return how much."""
        parts, total, paid = self.parts, 0, True
        with Decoder() as decoder:
            receivers = worker.receivers(parts.bus, parts.store, decoder, parts.settings)
            while paid:
                paid = 0
                for name, receiver in receivers.items():
                    assert isinstance(receiver, Inside | Outside)
                    paid += await pay_to(name, receiver, at=at or now())
                total += paid
        return total


@pytest.fixture(scope="session")
def known() -> dict[str, Knowledge]:
    """What a process knows that has read the demo county, by its settings.

    Who changes a county before it is opened clears this then, and again afterwards.
    """
    return {}


async def _knowing(settings: Settings, folder: Path, known: dict[str, Knowledge]) -> Knowledge:
    """A process that has read the demo county; only the first of its kind really does."""
    key = settings.model_dump_json(exclude={"database_url", "data_folder"})
    if key not in known:
        known[key] = Knowledge(settings, folder)
        await known[key].refresh()
    found = Knowledge(settings, folder)
    # What is held is swapped and never edited: only the dicts must be one's own.
    for part, same in ((vars(found)[n], vars(known[key])[n]) for n in _HELD):
        vars(part).update({k: dict(v) if type(v) is dict else v for k, v in vars(same).items()})
    # To refresh it would ask three dozen questions of a copy of what was read already.
    found._basis = replace(
        known[key].basis, places=found._places, lists=found._lists, policy=settings
    )
    return found


@cache
def _settings(_environment: frozenset[tuple[str, str]]) -> Settings:
    """The settings of an environment; to read them takes as long as some tests."""
    return Settings.read()


@asynccontextmanager
async def county_in(
    folder: Path, url: str, index_folder: Path, known: dict[str, Knowledge]
) -> AsyncIterator[County]:
    """The demo county of a database open in this process, its photos below a folder."""
    settings = _settings(frozenset(os.environ.items())).model_copy(
        update={
            "database_url": url,
            "data_folder": folder,
            "demo": True,
            "demo_key": "demo",
        }
    )
    store = Store.local(folder / "photos")
    async with database.opened(url):
        knowledge = await _knowing(settings, index_folder, known)
        yield County(Parts(settings=settings, knowledge=knowledge, bus=LocalBus(), store=store))
    store.close()
    shutil.rmtree(folder / "photos", ignore_errors=True)


@pytest.fixture
async def county(county_url, index_folder, known, tmp_path) -> AsyncIterator[County]:
    """The demo county, open in this process."""
    async with county_in(tmp_path, county_url, index_folder, known) as opened:
        yield opened


@dataclass
class Person:
    """A client signed in as one account."""

    client: TestClient
    username: str
    token: str

    async def call(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """The status and the JSON (or text) of an answer."""
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        async with self.client.request(method, path, headers=headers, **more) as answer:
            if "json" in answer.content_type:
                body = await answer.json(content_type=None)
                as_described(method, path, answer.status, answer.content_type, body)
                return answer.status, body
            return answer.status, await answer.read()

    async def get(self, path: str, **more: Any) -> Any:
        """The JSON of an answer that must be 200."""
        status, body = await self.call("GET", path, **more)
        assert status == 200, (path, status, body)
        return body

    async def post(self, path: str, body: Any = None, expect: int | None = None) -> Any:
        """The JSON of an answer that must be a success, or `expect`."""
        status, answer = await self.call("POST", path, json={} if body is None else body)
        assert status == expect if expect else status < 300, (path, status, answer)
        return answer

    async def photo(self, **facts: Any) -> str:
        """The id of a new photo of one's own."""
        data = facts.pop("data", None) or jpeg(320, 240, seed=uuid4().int % 2**31, **facts)
        form = FormData()
        form.add_field("photo", data, filename="photo.jpg", content_type="image/jpeg")
        status, body = await self.call("POST", "/m/v1/photos", data=form)
        assert status in (200, 201), body
        return body["id"]


@pytest.fixture
async def someone(county, aiohttp_client) -> Callable[[str], Awaitable[Person]]:
    """Signs in as an account of the demo county: `await someone("grid0202")`."""
    client = await aiohttp_client(make_app(county.parts))

    async def sign_in(username: str, face: str = "phone") -> Person:
        account_id = await account_id_of(username)
        assert account_id is not None, username
        session = await sessions.open_session(
            account_id, face=sessions.Face(face), at=now(), settings=county.parts.settings
        )
        return Person(client, username, session.token)

    return sign_in
