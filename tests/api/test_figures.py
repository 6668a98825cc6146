"""What `/metrics` tells an operator: what is owed, which jobs ran, sockets, connections."""

import asyncio
from datetime import timedelta

import pytest

from gridwhistle import worker
from gridwhistle.worker import Job
from server.clock import now
from server.outbox.models import Delivery
from tests.casework import Casework


@pytest.fixture
async def client(someone):
    return (await someone("resident1")).client


async def figures(client) -> dict[str, float]:
    said = await (await client.get("/metrics")).text()
    lines = (line.rsplit(" ", 1) for line in said.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


async def test_what_is_owed_is_told_by_receiver_with_the_age_of_the_first(county, client):
    seen = await figures(client)
    for receiver in ("inbox", "live", "photos"):  # also while nothing is owed
        assert seen[f'gridwhistle_outbox_owed{{kind="{receiver}"}}'] == 0
        assert seen[f'gridwhistle_outbox_oldest_seconds{{kind="{receiver}"}}'] == 0
    await Casework(county).report()
    n = await Delivery.filter(receiver="inbox").count()
    first = await Delivery.filter(receiver="inbox").order_by("id").first()
    await Delivery.filter(id=first.id).update(recorded_at=now() - timedelta(minutes=10))
    await Delivery.create(
        receiver="live", kind="x", stream="x", facts={}, recorded_at=now(), due_at=None
    )
    seen = await figures(client)
    assert seen['gridwhistle_outbox_owed{kind="inbox"}'] == n > 0
    assert 600 <= seen['gridwhistle_outbox_oldest_seconds{kind="inbox"}'] < 700
    assert seen['gridwhistle_outbox_dead{kind="live"}'] == 1
    await county.deliver()
    seen = await figures(client)
    assert seen['gridwhistle_outbox_owed{kind="inbox"}'] == 0
    assert seen['gridwhistle_outbox_oldest_seconds{kind="inbox"}'] == 0


async def test_a_job_tells_when_it_last_succeeded_and_one_that_fails_does_not(county, client):
    done, stop = asyncio.Event(), asyncio.Event()

    async def works(at, settings):
        done.set()

    async def fails(at, settings):
        raise ValueError("a fault of ours")

    jobs = (
        Job(name="fails", every=timedelta(hours=1), run=fails),
        Job(name="works", every=timedelta(hours=1), run=works),
    )
    parts = county.parts
    before = now().timestamp()
    async with asyncio.TaskGroup() as group:
        group.create_task(
            worker.run(
                *(parts.settings, parts.bus, parts.store, stop),
                periodic=jobs,
                last_done=parts.last_done,
            )
        )
        await done.wait()
        stop.set()
    seen = await figures(client)
    assert seen['gridwhistle_job_last_success_seconds{kind="works"}'] >= before
    assert 'gridwhistle_job_last_success_seconds{kind="fails"}' not in seen


async def test_sockets_and_connections_are_counted(client, someone):
    assert (await figures(client))["gridwhistle_sockets_open"] == 0
    person = await someone("resident1")
    ticket = (await person.post("/m/v1/live-ticket"))["ticket"]
    async with client.ws_connect(f"/m/v1/live?ticket={ticket}") as socket:
        await socket.ping()
        seen = await figures(client)
        assert seen["gridwhistle_sockets_open"] == 1
    kinds = {kind: seen[f'gridwhistle_pool_connections{{kind="{kind}"}}'] for kind in KINDS}
    assert kinds["most"] == 10
    assert 0 <= kinds["used"] + kinds["idle"] <= kinds["most"]


KINDS = ("used", "idle", "most")
