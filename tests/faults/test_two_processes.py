"""Two server processes on one PostgreSQL and one Valkey behave like one."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from uuid import UUID, uuid4

import aiohttp
import pytest

from gridwhistle.demo.spreadsheet import workbook
from gridwhistle.services import redis as private_redis
from server import db as database
from tests.faults.harness import invariants
from tests.faults.harness.phones import BOUNDARY, MULTIPART, line, phone, picture, report, upload
from tests.faults.harness.serving import Site, serving

N_KEYS, N_COPIES = 200, 16
# Two whole servers on a durable database of their own take longer to start than all of it lasts.
pytestmark = pytest.mark.slow
# Bursts at a time; each is so many simultaneous copies of one report.
N_AT_ONCE = 6
POLL_SECONDS = 1.0
LIST = "main_and_cooperating"


@pytest.fixture(scope="module")
def valkey(service_folder) -> Iterator[list[private_redis.Server]]:
    """The Valkey of these processes; a test that stops it puts another in its place."""
    servers = [private_redis.start(service_folder / "two_processes_redis")]
    yield servers
    servers[-1].stop()


@pytest.fixture(scope="module")
def two(durable_county, valkey, service_folder) -> Iterator[Site]:
    """Two processes, each serving and working, that look by themselves every second."""
    with serving(
        2,
        database_url=durable_county,
        redis_url=valkey[0].url,
        folder=service_folder / "two_processes",
        poll_seconds=POLL_SECONDS,
    ) as site:
        yield site


@pytest.fixture
async def site(two, durable_county) -> AsyncIterator[Site]:
    """The two processes, ready, and their database open here."""
    await two.ready()
    async with database.opened(durable_county):
        yield two


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with line() as session:
        yield session


async def case_numbers(*keys: UUID) -> list[str]:
    found = await invariants.rows(
        "SELECT c.no FROM report r JOIN case_file c ON c.id = r.case_id"
        " WHERE r.key = ANY($1::uuid[])",
        keys,
    )
    return [row["no"] for row in found]


async def nothing_owed(seconds: float = 20) -> None:
    """Wait until every message is in its inbox."""
    until = time.monotonic() + seconds
    while left := await invariants.rows(
        "SELECT receiver, stream, attempts, last_error FROM outbox_delivery"
        " WHERE receiver = 'inbox' AND due_at IS NOT NULL LIMIT 5"
    ):
        assert time.monotonic() < until, left
        await asyncio.sleep(0.1)


async def test_sixteen_copies_of_200_reports_at_once_make_200_cases_and_one_answer_each(
    site, http
):
    senders = [await phone(f"grid020{n}", http, site.urls) for n in (1, 2, 3, 4)]
    photos = []
    for sender in senders:
        _, answer = await sender.send("/m/v1/photos", upload(picture(sender.luck)), MULTIPART)
        photos.append(json.loads(answer)["id"])
    slots = asyncio.Semaphore(N_AT_ONCE)
    keys = [uuid4() for _ in range(N_KEYS)]

    async def burst(n: int) -> list[tuple[int, bytes]]:
        """All copies of one report at once, in turn to both; every other is dispatched."""
        who = n % len(senders)
        certain = {"photos": [photos[who]], "matter": "CJ-002"} if n % 8 < 4 else {}
        body = report(keys[n], text=f"burst {n}", **certain)
        async with slots:
            return await asyncio.gather(
                *(senders[who].send("/m/v1/reports", body, at=copy) for copy in range(N_COPIES))
            )

    answers = await asyncio.gather(*(burst(n) for n in range(N_KEYS)))
    assert [sender.refusals for sender in senders] == [[]] * 4
    assert sum(sender.n_retries for sender in senders) == 0
    for copies in answers:
        assert sorted(status for status, _ in copies) == [200] * (N_COPIES - 1) + [201]
        assert len({body for _, body in copies}) == 1
    numbers = {json.loads(copies[0][1])["no"] for copies in answers}
    stages = [json.loads(copies[0][1])["stage"] for copies in answers]
    assert stages.count("dispatched") == N_KEYS // 2
    assert numbers == set(await case_numbers(*keys))
    assert len(numbers) == N_KEYS
    await nothing_owed()
    assert await invariants.broken(photos_are_shared=True) == {}
    assert await invariants.misdelivered() == {}
    assert site.tracebacks() == []


async def test_a_key_used_again_for_something_else_is_refused_by_either(site, http):
    sender = await phone("resident1", http, site.urls)
    key = uuid4()
    _, first = await sender.send("/m/v1/reports", report(key, text="a pothole"), at=0)
    for at in (0, 1):
        status, answer = await sender.send(
            "/m/v1/reports", report(key, text="another pothole"), at=at
        )
        assert (status, json.loads(answer)["code"]) == (422, "report.key_reused")
    assert await case_numbers(key) == [json.loads(first)["no"]]


async def test_the_same_key_from_another_person_is_a_case_of_their_own(site, http):
    one, other = [await phone(name, http, site.urls) for name in ("resident1", "resident2")]
    key = uuid4()
    body = report(key, text="we both saw it")
    answers = await asyncio.gather(
        *(one.send("/m/v1/reports", body, at=at) for at in (0, 1)),
        *(other.send("/m/v1/reports", body, at=at) for at in (0, 1)),
    )
    assert sorted(status for status, _ in answers) == [200, 200, 201, 201]
    mine, theirs = (
        {json.loads(body)["no"] for _, body in pair} for pair in (answers[:2], answers[2:])
    )
    assert len(mine) == len(theirs) == 1
    assert sorted(mine | theirs) == sorted(await case_numbers(key))
    assert mine != theirs


async def listen(http, who, at: int) -> aiohttp.ClientWebSocketResponse:
    """A live socket of that person at the process `at`, from now on."""
    _, ticket = await who.send("/m/v1/live-ticket", b"{}", at=at)
    url = f"{who.urls[at]}/m/v1/live?ticket={json.loads(ticket)['ticket']}"
    return await http.ws_connect(url)


async def heard(socket, no: str, *, within: float) -> float:
    """After how many seconds a frame about that case came."""
    began = time.monotonic()
    async with asyncio.timeout(within):
        while (await socket.receive_json())["no"] != no:
            pass
    return time.monotonic() - began


async def test_a_socket_at_one_process_hears_at_once_of_what_another_did(site, http):
    me = await phone("resident3", http, site.urls)
    for listening, acting in ((0, 1), (1, 0)):
        socket = await listen(http, me, listening)
        body = report(uuid4(), text=f"said to {acting}")
        _, answer = await me.send("/m/v1/reports", body, at=acting)
        await heard(socket, json.loads(answer)["no"], within=POLL_SECONDS * 0.9)
        await socket.close()


async def publish(keeper, at: int) -> str:
    """Upload the list once more and put it into force through the process `at`."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="list.xlsx"'
    body = f"{head}\r\n\r\n".encode() + workbook() + f"\r\n--{BOUNDARY}--\r\n".encode()
    status, answer = await keeper.send(f"/s/v1/lists/{LIST}/versions", body, MULTIPART, at=at)
    assert status == 201, answer
    version = json.loads(answer)["version"]["id"]
    status, answer = await keeper.send(f"/s/v1/lists/versions/{version}/review", b"", at=at)
    assert status == 200, answer
    status, answer = await keeper.send(f"/s/v1/lists/versions/{version}/publish", b"{}", at=at)
    assert status == 200, answer
    return version


async def test_a_list_published_at_one_process_is_in_force_at_the_other_within_a_second(
    site, http
):
    keeper, me = [await phone(name, http, site.urls) for name in ("keeper1", "grid0204")]
    _, photo = await me.send("/m/v1/photos", upload(picture(me.luck)), MULTIPART)
    version = await publish(keeper, at=0)
    began = time.monotonic()
    ruled_by = ""
    while ruled_by != version:
        key = uuid4()
        certain = {"photos": [json.loads(photo)["id"]], "matter": "CJ-002"}
        await me.send("/m/v1/reports", report(key, text="which list", **certain), at=1)
        assert time.monotonic() - began < 1, f"still version {ruled_by}"
        [row] = await invariants.rows(
            "SELECT c.list_version_id AS id FROM report r JOIN case_file c ON c.id = r.case_id"
            " WHERE r.key = $1",
            key,
        )
        ruled_by = str(row["id"])


async def test_without_redis_everything_goes_on_and_arrives_when_somebody_looks(
    site, http, valkey, service_folder
):
    me = await phone("resident2", http, site.urls)
    server = valkey[-1]
    password = server.url.partition("@")[0].rpartition(":")[2]
    server.child.process.kill()
    server.child.process.wait(5)
    try:
        for listening, acting in ((0, 1), (1, 0)):
            socket = await listen(http, me, listening)
            body = report(uuid4(), text=f"without Redis, said to {acting}")
            status, answer = await me.send("/m/v1/reports", body, at=acting)
            assert status == 201
            # One look of the worker, one of the sockets, and a try at Redis in between.
            await heard(socket, json.loads(answer)["no"], within=2 * POLL_SECONDS + 1.5)
            await socket.close()
    finally:
        again = private_redis.start(
            service_folder / "two_processes_redis", port=server.port, password=password
        )
        valkey.append(again)
    await nothing_owed()
    assert await invariants.misdelivered() == {}
