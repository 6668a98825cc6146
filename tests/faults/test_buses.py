"""Wake-ups between processes: crossing, lagging, and Redis away, hanging or never there."""

import asyncio
import os
import signal
import time

import pytest
from redis.asyncio import Redis

from gridwhistle.services import redis as private_redis
from server.bus.bus import opened
from server.bus.redis import RedisBus
from server.settings import Settings
from tests.faults.harness.children import child, said


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


async def test_it_speaks_as_servers_before_redis_6_understand(two_buses, redis_server):
    one, other = two_buses
    with other.subscribed("a") as there:
        await one.publish("a")
        assert await there.wait(1)
        async with Redis.from_url(redis_server.url, protocol=3) as asking:
            everybody = await asking.client_list()
            own = str(await asking.client_id())
    spoken = {each["id"]: each["resp"] for each in everybody}
    assert spoken.pop(own) == "3"
    assert set(spoken.values()) == {"2"}


async def test_a_listener_that_lags_is_woken_once_for_many(two_buses):
    one, other = two_buses
    with other.subscribed("a") as there:
        for _ in range(500):
            await one.publish("a")
        await asyncio.sleep(0.3)
        assert await there.wait(1)
        assert not await there.wait(0.1)


@pytest.mark.slow  # how long it takes is the promise
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


@pytest.mark.slow  # how long it takes is the promise
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
