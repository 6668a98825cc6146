"""What is owed arrives although parts die: relays, processes, Redis, connections."""

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from tortoise import Tortoise
from tortoise.transactions import in_transaction

from gridwhistle import worker
from media.derive import Decoder
from media.store import Store
from server.bus.bus import opened
from server.bus.local import LocalBus
from server.events import AUDIENCE, CaseMoved
from server.outbox.dead_letters import waiting
from server.outbox.models import Delivery
from server.outbox.receivers import Inside, Owed
from server.outbox.record import record
from server.outbox.relay import pay_to
from server.people.models import Account
from server.push import inbox, live
from server.push.queries import messages
from server.settings import Settings
from tests.faults.harness.children import child

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


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


async def at_most_owed(n_left: int, *, within: float) -> None:
    """Wait until the inbox is owed so few deliveries."""
    until = time.monotonic() + within
    while await Delivery.filter(receiver="inbox").count() > n_left:
        assert time.monotonic() < until, "deliveries are stuck"
        await asyncio.sleep(0.002)


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
@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
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


@pytest.mark.slow  # four whole processes; the default run cancels workers in the same places
@pytest.mark.usefixtures("db")
async def test_worker_processes_killed_outright_lose_nothing_and_double_nothing(database_url):
    ledger = await owe(random.Random(3), await people(10), n_cases=60, n_each=10)
    environment = {"DATABASE_URL": database_url, "REDIS_URL": ""}
    n_owed = await Delivery.filter(receiver="inbox").count()
    # By what is left and not by the time: how fast a machine is does not matter then.
    for n_left in (n_owed - 1, n_owed * 3 // 4, n_owed // 2):
        async with child("one_worker", word="working", **environment) as process:
            await at_most_owed(n_left, within=30)
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


@pytest.mark.slow
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
    assert set(worker.receivers(LocalBus(), store, Decoder(), Settings())) == named


@pytest.mark.slow
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
@pytest.mark.slow  # how long it takes is the promise
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
