"""Fixtures: a real PostgreSQL and a real Valkey of this run's own, a fresh database per test."""

import asyncio
import fcntl
import hashlib
import itertools
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
import tortoise
from tortoise.apps import Apps
from tortoise.models import Model

from gridwhistle.services import postgres as private_postgres
from gridwhistle.services import redis as private_redis
from gridwhistle.services.binaries import Binaries, binaries
from server import db as database
from tests.parts import ROOT

#: A cluster with the migrated template is kept here from run to run, see `_lay`.
KEPT = ROOT / "var" / "test-cluster"
TEMPLATE = "gw_template"
#: Databases and write-ahead log of a run stay below this.
_ROOM_IN_MEMORY = 3 * 2**30
#: Below it are the types that the server brings, of the same number and kind everywhere.
_FIRST_OID_OF_A_DATABASE = 16384


class Databases:
    """Makes and drops databases of one server; usable inside and outside a running loop."""

    def __init__(self, server: private_postgres.Server) -> None:
        self.server = server
        self._numbers = itertools.count(1)
        # A loop in a thread of its own: fixtures are set up with and without a loop running.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connection = self._run(asyncpg.connect(server.url))
        named = self._connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE)
        if not self._run(named):
            self._execute(f"CREATE DATABASE {TEMPLATE}")
            self._run(database.migrate(server.url_of(TEMPLATE)))

    def create(self) -> str:
        """The URL of a new migrated database."""
        return self._clone(TEMPLATE)

    def create_empty(self) -> str:
        """The URL of a new database without any table."""
        return self._clone("template0")

    def clone(self, template: str) -> str:
        """The URL of a new copy of another database of this server."""
        return self._clone(template)

    def rename(self, url: str, name: str) -> None:
        """Give a database that nobody is connected to another name."""
        self._execute(f"ALTER DATABASE {url.rpartition('/')[2]} RENAME TO {name}")

    def run(self, work):
        """Run a coroutine on the loop of the maker, while fixtures are set up."""
        return self._run(work)

    def drop(self, url: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def close(self) -> None:
        self._run(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _clone(self, template: str) -> str:
        name = f"gw_test_{next(self._numbers)}"
        # Five times as fast as the other strategy; before 15 it is the only one and has no name.
        how = "STRATEGY file_copy" if int(self.server.version.partition(".")[0]) >= 15 else ""
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} {how}")
        return self.server.url_of(name)

    def _execute(self, sql: str) -> None:
        self._run(self._connection.execute(sql))

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(_awaited(work), self._loop).result(300)


async def _awaited(work):
    return await work


def programs() -> list[Binaries]:
    """The PostgreSQL that tests run on: the machine's first, or of the version asked for."""
    wanted = os.environ.get("GRIDWHISTLE_TEST_POSTGRES")
    found = [each for each in binaries() if wanted in (None, each.major)]
    assert found, f"there is no PostgreSQL {wanted or ''} here"
    return found


def _lay(folder: Path) -> None:
    """Lay a new cluster with the migrated template into a folder.

    To migrate takes ten seconds of a core, so the first process that wants one keeps a copy of
    its cluster for the others and for later runs, until anything that it depends on changes.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = KEPT / _fingerprint()
        if not kept.is_dir():
            for stale in KEPT.glob(f"{programs()[0].major}-*/"):
                shutil.rmtree(stale)
            server = private_postgres.start(folder, unsafe_for_tests=True, among=programs())
            Databases(server).close()
            server.stop()
            _copy(folder, KEPT / "unfinished")
            (KEPT / "unfinished").rename(kept)
        else:
            _copy(kept, folder)


def _fingerprint() -> str:
    """What the migrated cluster depends on: migrations and who carries them out."""
    carriers = tortoise.__version__, programs()[:1], os.geteuid()
    found = hashlib.sha256(repr(carriers).encode())
    files = [Path(__file__), ROOT / "server/db.py", *sorted(ROOT.glob("server/migrations/*.*"))]
    for file in files:
        found.update(file.read_bytes())
    return f"{programs()[0].major}-{found.hexdigest()[:16]}"


def _copy(source: Path, target: Path) -> None:
    """Copy a folder with its owners, which the copying of the library does not keep."""
    subprocess.run(["cp", "-Rp", str(source), str(target)], check=True)


@pytest.fixture(scope="session")
def service_folder() -> Iterator[Path]:
    """A throw-away folder that an unprivileged account can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="gridwhistle-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def quick_folder(service_folder: Path) -> Iterator[Path]:
    """A throw-away folder in memory where the machine has room: there a database is copied
    ten times as fast as on a disk."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or shutil.disk_usage(memory).free < _ROOM_IN_MEMORY:
        yield service_folder
        return
    folder = Path(tempfile.mkdtemp(prefix="gridwhistle-test-", dir=memory))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(quick_folder: Path) -> Iterator[private_postgres.Server]:
    """The PostgreSQL of this run; without fsync, so not for tests that kill it."""
    folder = quick_folder / "postgres"
    _lay(folder)
    server = private_postgres.start(folder, unsafe_for_tests=True, among=programs())
    yield server
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_server(service_folder: Path) -> Iterator[private_redis.Server]:
    """The Valkey or Redis of this run; `redis_server.url` reaches it."""
    server = private_redis.start(service_folder / "redis")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def databases(postgres: private_postgres.Server) -> Iterator[Databases]:
    """The maker of databases of this run."""
    made = Databases(postgres)
    yield made
    made.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A migrated database of this test alone."""
    url = databases.create()
    yield url
    databases.drop(url)


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """A database of this test alone, without any table."""
    url = databases.create_empty()
    yield url
    databases.drop(url)


def _prepare_models_once() -> None:
    """Let the ORM, opened anew by each test, prepare its models the first time only.

    It derives the same from the same classes each time, for as long as all else of a set-up takes.
    """
    prepare, prepared = Apps._build_initial_querysets, set[type[Model]]()

    def once(apps: Apps) -> None:
        models = {model for app in apps.values() for model in app.values()}
        if not models <= prepared:
            prepare(apps)
            prepared.update(models)

    Apps._build_initial_querysets = once


def _ask_of_types_once() -> None:
    """Let the driver ask a server what a type of its own is the first time only.

    Each connection asks anew for each kind of array, and a test, whose connections are all new,
    would pay for several answers that are the same in every database.
    """
    ask, told = asyncpg.Connection._introspect_types, dict[frozenset[int], Any]()

    async def once(connection: asyncpg.Connection, oids: Iterable[int], *within: float | None):
        wanted = frozenset(oids)
        if max(wanted) >= _FIRST_OID_OF_A_DATABASE:
            return await ask(connection, wanted, *within)
        if wanted not in told:
            rows, statement = await ask(connection, wanted, *within)
            # Nothing of a connection is kept longer than it.
            told[wanted] = [dict(row) for row in rows], SimpleNamespace(name=statement.name)
        return told[wanted]

    asyncpg.Connection._introspect_types = once


_prepare_models_once()
_ask_of_types_once()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[None]:
    """The ORM, open on a migrated database of this test alone."""
    async with database.opened(database_url):
        yield
