"""Bugs planted in the server are seen by the same load and the same ledger."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import uuid4

import asyncpg
import pytest

from gridwhistle.services import redis as private_redis
from server import db as database
from tests.faults.conftest import DEMO
from tests.faults.harness import invariants
from tests.faults.harness.ledger import harm
from tests.faults.harness.load import Ledgers, fates_of, load
from tests.faults.harness.phones import line, phone, report
from tests.faults.harness.serving import Site, serving

pytestmark = pytest.mark.slow
N_PROCESSES = 2


@pytest.fixture
def url(durable_databases) -> Iterator[str]:
    url = durable_databases.clone(DEMO)
    yield url
    durable_databases.drop(url)


@pytest.fixture
def with_bug(url, service_folder) -> Callable[[str], AbstractContextManager[Site]]:
    """Server processes with this bug."""

    @contextmanager
    def started(bug: str) -> Iterator[Site]:
        valkey = private_redis.start(service_folder / f"{bug}_redis")
        try:
            with serving(
                N_PROCESSES,
                database_url=url,
                redis_url=valkey.url,
                folder=service_folder / bug,
                command=("tests.faults.harness.planted", bug, "serve", "--shared-port"),
            ) as site:
                yield site
        finally:
            valkey.stop()

    return started


async def test_an_answer_before_anything_is_written_is_seen_when_processes_are_killed(with_bug):
    with with_bug("answers_early") as site:
        await site.ready()
        async with database.opened(site.database_url):
            ledgers = Ledgers()
            await load(site, 1, ledgers, seconds=15)
            await site.ready()
            fates = await fates_of(site, ledgers)
    assert harm(fates["reports"])["lost"]
    assert harm(fates["photos"]) == {}


async def test_a_photo_kept_without_its_last_byte_is_seen(with_bug):
    with with_bug("cuts_photos") as site:
        await site.ready()
        async with database.opened(site.database_url):
            ledgers = Ledgers()
            await load(site, 2, ledgers, seconds=1.5)
            fates = await fates_of(site, ledgers)
    assert set(fates["photos"]) == {"damaged"}
    assert len(fates["reports"]["damaged"]) > 1


async def test_looking_for_the_key_before_inserting_it_is_seen_by_a_burst(with_bug, url):
    connection = await asyncpg.connect(url)
    names = await connection.fetch(
        "SELECT indexrelid::regclass::text AS name, (SELECT conname FROM pg_constraint"
        " WHERE conindid = indexrelid AND contype = 'u') AS constraint_name FROM pg_index"
        " WHERE indrelid = 'report'::regclass AND indisunique AND NOT indisprimary"
    )
    for row in names:
        if row["constraint_name"]:
            await connection.execute(
                f"ALTER TABLE report DROP CONSTRAINT {row['constraint_name']}"
            )
        else:
            await connection.execute(f"DROP INDEX {row['name']}")
    await connection.close()
    with with_bug("checks_first") as site:
        await site.ready()
        async with database.opened(url), line() as http:
            sender = await phone("resident1", http, site.urls)
            for n in range(10):
                body = report(uuid4(), text=f"burst {n}")
                await asyncio.gather(
                    *(sender.send("/m/v1/reports", body, at=at) for at in range(16))
                )
            assert "keys are unique" in await invariants.broken()
