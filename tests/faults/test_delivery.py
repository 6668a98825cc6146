"""What is owed arrives although parts die: relays, processes, Redis, connections."""

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tortoise import Tortoise
from tortoise.transactions import in_transaction

from gridwhistle import worker
from gridwhistle.services import redis as private_redis
from media.store import Store
from server.bus.bus import opened
from server.bus.local import LocalBus
from server.bus.redis import RedisBus
from server.events import AUDIENCE, CaseMoved
from server.outbox.dead_letters import waiting
from server.outbox.receivers import Inside, Owed
from server.outbox.record import record
from server.outbox.relay import pay_to
from server.people.models import Account
from server.push import inbox, live
from server.push.queries import messages
from server.settings import Settings

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def moved(no: str, version: int, followers: list[int]) -> CaseMoved:
    return CaseMoved(
        stream=f"case:{no}",
        at=AT,
        no=no,
        version=version,
        verb="accept",
        stage="handling",
        followers=tuple(followers),
        units=(),
        facts={"title": "Street light"},
    )


async def people(n: int) -> list[int]:
    await Account.bulk_create([Account(name=f"p{i}", created_at=AT) for i in range(n)])
    return list(await Account.all().order_by("id").values_list("id", flat=True))


async def owe(luck: random.Random, accounts: list[int], *, n_cases: int, n_each: int):
    """Record so many events of so many cases, in one order; return who is owed what."""
    ledger: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    events = []
    followers = {
        f"C{c}": luck.sample(accounts, min(len(accounts), luck.randint(1, 3)))
        for c in range(n_cases)
    }
    for version in range(1, n_each + 1):
        for no, several in followers.items():
            events.append(moved(no, version, several))
            for account in several:
                ledger[account][no].append(version)
    async with in_transaction():
        await record(*events)
    return ledger


async def told(account: int) -> dict[str, list[int]]:
    """What an inbox holds per case; its numbers must run without a gap."""
    found = await messages(account, after=0, limit=100_000)
    assert [one.seq for one in found] == list(range(1, len(found) + 1))
    rows = await Tortoise.get_connection("default").execute_query_dict(
        "SELECT no, event FROM inbox_message WHERE account_id = $1 ORDER BY seq", [account]
    )
    by_case: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_case[row["no"]].append(int(row["event"].split(":")[1]))
    return by_case


async def owed_to(receiver: str) -> bool:
    """Whether anything is still owed to the receiver."""
    return any(letter.receiver == receiver for letter in await waiting(limit=5000))


async def nothing_owed(receiver: str, *, within: float) -> None:
    until = time.monotonic() + within
    while await owed_to(receiver):
        assert time.monotonic() < until, "deliveries are stuck"
        await asyncio.sleep(0.05)


@pytest.fixture
def store():
    held = Store.from_url("memory://")
    yield held
    held.close()


async def until_paid(take) -> None:
    at = AT
    while await owed_to("inbox"):
        await pay_to("inbox", Inside(take=take, batch=5), at=at)
        at += timedelta(minutes=10)  # what failed is due again


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
async def test_a_thousand_events_survive_relays_killed_at_random_points(seed):
    luck = random.Random(seed)
    ledger = await owe(luck, await people(20), n_cases=100, n_each=10)

    async def flaky(batch: list[Owed]) -> None:
        """Write, be killed before or after it and before the end, or fail at the end."""
        for _ in range(2):
            if luck.random() < 0.06:
                asyncio.current_task().cancel()
            await inbox.write(batch)
        if luck.random() < 0.03:
            raise ValueError("done, and yet failed")

    async def lives() -> int:
        """Start a relay again and again, as often as it is killed; return how often."""
        n_killed = 0
        while True:
            relay = asyncio.create_task(until_paid(flaky))
            await asyncio.wait([relay])
            if not relay.cancelled():
                relay.result()
                return n_killed
            n_killed += 1

    assert sum(await asyncio.gather(lives(), lives(), lives())) > 5, "some must have been killed"
    for account, owed in ledger.items():
        assert await told(account) == owed


async def said(process, word: str) -> None:
    """Wait until the child says the word, whatever it logs before."""
    async with asyncio.timeout(30):
        while (line := await process.stdout.readline()) != f"{word}\n".encode():
            assert line, "the child ended without a word"


@asynccontextmanager
async def child(module: str, *arguments: str, word: str, **environment: str) -> AsyncIterator:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"tests.faults.{module}",
        *arguments,
        cwd=ROOT,
        env=dict(os.environ) | environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await said(process, word)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()


@pytest.mark.usefixtures("db")
async def test_worker_processes_killed_outright_lose_nothing_and_double_nothing(database_url):
    ledger = await owe(random.Random(3), await people(10), n_cases=60, n_each=10)
    environment = {"DATABASE_URL": database_url, "REDIS_URL": ""}
    for wait in (0.05, 0.15, 0.25):
        async with child("one_worker", word="working", **environment) as process:
            await asyncio.sleep(wait)
            process.kill()
    assert await waiting(limit=1), "the last worker must find something left"
    async with child("one_worker", word="working", **environment):
        await nothing_owed("inbox", within=30)
    for account, owed in ledger.items():
        assert await told(account) == owed


async def lose_connections() -> None:
    """End every connection of this database but the one that says so."""
    for _ in range(20):
        # The pool may lend one that was cut a moment ago; then another one says it.
        with contextlib.suppress(*worker.AWAY):
            await Tortoise.get_connection("default").execute_query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return
    raise AssertionError("no connection to say it by")


@pytest.mark.usefixtures("db")
async def test_a_worker_cancelled_while_its_connections_go_ends_nonetheless(store):
    settings = Settings(poll_seconds=0.001)
    for wait in range(8):
        working = asyncio.create_task(worker.run(settings, LocalBus(), store, asyncio.Event()))
        await asyncio.sleep(0.02)
        await lose_connections()
        await asyncio.sleep(wait / 2000)
        working.cancel()
        done, _ = await asyncio.wait([working], timeout=5)
        assert done, "the cancellation was lost"


async def test_every_receiver_of_the_audience_is_there_and_no_other(store):
    named = {name for several in AUDIENCE.values() for name in several}
    assert set(worker.receivers(LocalBus(), store, Settings())) == named


@pytest.mark.usefixtures("db")
async def test_the_worker_outlives_the_loss_of_every_database_connection(store):
    accounts = await people(3)
    stop = asyncio.Event()
    settings = Settings(poll_seconds=0.05)
    async with asyncio.TaskGroup() as group:
        working = group.create_task(worker.run(settings, LocalBus(), store, stop))
        ledger = await owe(random.Random(4), accounts, n_cases=20, n_each=5)
        for _ in range(3):
            await lose_connections()
            await asyncio.sleep(0.05)
        await nothing_owed("inbox", within=3)
        stop.set()
        await asyncio.wait_for(working, 5)
    for account, owed in ledger.items():
        assert await told(account) == owed


@pytest.mark.usefixtures("db")
async def test_a_job_that_fails_is_tried_again_and_stops_nobody(store):
    runs = []

    async def fail(at: datetime, settings: Settings) -> None:
        runs.append(at)
        raise ValueError("broken job")

    stop = asyncio.Event()
    job = worker.Job(name="broken", every=timedelta(milliseconds=50), run=fail)
    async with asyncio.TaskGroup() as group:
        group.create_task(
            worker.run(Settings(poll_seconds=0.05), LocalBus(), store, stop, periodic=(job,))
        )
        accounts = await people(1)
        ledger = await owe(random.Random(5), accounts, n_cases=2, n_each=2)
        await nothing_owed("inbox", within=5)
        stop.set()
    assert len(runs) > 1
    assert await told(accounts[0]) == ledger[accounts[0]]


@pytest.mark.usefixtures("db")
async def test_a_worker_that_is_woken_pays_long_before_it_would_look_by_itself(store):
    accounts = await people(1)
    bus, stop = LocalBus(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(Settings(poll_seconds=60), bus, store, stop))
        with bus.subscribed(live.topic(accounts[0])) as pokes:
            await asyncio.sleep(0.1)
            await owe(random.Random(6), accounts, n_cases=1, n_each=1)
            await bus.publish("outbox")
            assert await pokes.wait(5), "from the outbox to the sockets without a poll"
        began = time.monotonic()
        stop.set()
    assert time.monotonic() - began < 2


async def test_the_worker_ends_as_a_whole_when_one_of_its_loops_dies(monkeypatch, store):
    async def broken(name, receiver, *, at, limit) -> int:
        if name == "live":
            raise ZeroDivisionError
        return 0

    monkeypatch.setattr(worker, "pay_to", broken)
    with pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(
            worker.run(Settings(), LocalBus(), store, asyncio.Event(), periodic=()), 5
        )
    assert caught.group_contains(ZeroDivisionError)


@pytest.fixture
async def two_buses(redis_server):
    settings = Settings.model_validate({"REDIS_URL": redis_server.url})
    async with opened(settings) as one, opened(settings) as other:
        yield one, other


async def test_a_wake_up_reaches_another_process(redis_server):
    settings = Settings.model_validate({"REDIS_URL": redis_server.url})
    environment = {"REDIS_URL": redis_server.url}
    async with (
        child("one_listener", "outbox", word="listening", **environment) as process,
        opened(settings) as bus,
    ):
        await bus.publish("something else")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(process.stdout.readline(), 0.2)
        await bus.publish("outbox")
        await said(process, "poked")


async def test_wake_ups_cross_both_ways_and_come_once(two_buses):
    one, other = two_buses
    with one.subscribed("a", "b") as here, other.subscribed("b") as there:
        await one.publish("b")
        assert await here.wait(1)
        assert await there.wait(1)
        assert not await here.wait(0.1), "the own wake-up must not come back"
        await other.publish("a")
        assert await here.wait(1)
        assert not await there.wait(0.05)


async def test_a_listener_that_lags_is_woken_once_for_many(two_buses):
    one, other = two_buses
    with other.subscribed("a") as there:
        for _ in range(500):
            await one.publish("a")
        await asyncio.sleep(0.3)
        assert await there.wait(1)
        assert not await there.wait(0.1)


async def test_redis_may_be_away_and_come_back(service_folder):
    server = private_redis.start(service_folder / "redis_away")
    settings = Settings.model_validate({"REDIS_URL": server.url})
    try:
        async with opened(settings) as one, opened(settings) as other:
            server.stop()
            with one.subscribed("a") as here, other.subscribed("a") as there:
                began = time.monotonic()
                for _ in range(20):
                    await one.publish("a")
                assert time.monotonic() - began < 1, "a request must not wait for Redis"
                assert await here.wait(1), "within the process Redis is not needed"
                assert not await there.wait(0.1)
                password = server.url.split("@")[0].rpartition(":")[2]
                server = private_redis.start(
                    service_folder / "redis_away", port=server.port, password=password
                )
                assert await there.wait(10), "who may have missed something looks again"
                until = time.monotonic() + 5
                while not await there.wait(0.1):
                    await one.publish("a")
                    assert time.monotonic() < until
    finally:
        server.stop()


async def test_a_redis_that_hangs_costs_a_request_less_than_half_a_second(service_folder):
    server = private_redis.start(service_folder / "redis_hangs")
    try:
        async with opened(Settings.model_validate({"REDIS_URL": server.url})) as bus:
            os.kill(server.pid, signal.SIGSTOP)
            began = time.monotonic()
            await bus.publish("a")
            assert 0.2 < time.monotonic() - began < 0.6
            began = time.monotonic()
            await bus.publish("a")
            assert time.monotonic() - began < 0.1, "one try, then none for a while"
    finally:
        os.kill(server.pid, signal.SIGCONT)
        server.stop()


async def test_a_redis_that_was_never_there_stops_nobody():
    bus = RedisBus("redis://127.0.0.1:1/0")
    async with bus.opened():
        with bus.subscribed("a") as here:
            await bus.publish("a")
            assert await here.wait(1)


@pytest.mark.usefixtures("db")
async def test_with_two_workers_and_redis_every_message_is_written_once(redis_server, store):
    accounts = await people(8)
    stop = asyncio.Event()
    settings = Settings.model_validate({"REDIS_URL": redis_server.url})
    async with (
        opened(settings) as one,
        opened(settings) as other,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(worker.run(settings, one, store, stop))
        group.create_task(worker.run(settings, other, store, stop))
        ledger = await owe(random.Random(7), accounts, n_cases=30, n_each=5)
        await one.publish("outbox")
        await nothing_owed("inbox", within=20)
        stop.set()
    for account, owed in ledger.items():
        assert await told(account) == owed
