"""Fixtures: a PostgreSQL that syncs to disk, and the demo county in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gridwhistle.demo import loading
from gridwhistle.services import postgres as private_postgres
from server import db as database
from server.clock import now
from tests.services import Databases

DEMO = "gw_durable_demo"


async def _load(url: str) -> None:
    async with database.opened(url):
        await loading.load(None, at=now())


@pytest.fixture(scope="session")
def durable_databases(service_folder: Path) -> Iterator[Databases]:
    """Makes databases of a server that keeps what it acknowledged; only `DEMO` to begin with.

    Servers refuse any other in which fsync is off.
    """
    server = private_postgres.start(service_folder / "durable")
    try:
        made = Databases(server)
        url = made.create()
        made.run(_load(url))
        made.rename(url, DEMO)
        yield made
        made.close()
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def durable_county(durable_databases: Databases) -> Iterator[str]:
    """The URL of a database with the demo county, of this module's tests together."""
    url = durable_databases.clone(DEMO)
    yield url
    durable_databases.drop(url)
