"""The outbox: order per stream, patience, and what is given up."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from tortoise import Tortoise
from tortoise.transactions import in_transaction

from server.errors import NotFound
from server.events import CaseMoved, PhotoStored
from server.outbox.dead_letters import dead, replay, waiting
from server.outbox.receivers import Inside, Outside
from server.outbox.record import record
from server.outbox.relay import PATIENCE, pay_to
from tests.domain.acts.push import pay

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("db")


def moved(no: str, version: int) -> CaseMoved:
    return CaseMoved(
        stream=f"case:{no}",
        at=AT,
        no=no,
        version=version,
        verb="accept",
        stage="handling",
        followers=(1,),
        units=(),
        facts={},
    )


async def owe(*events) -> None:
    async with in_transaction():
        await record(*events)


class Heard:
    """Notes what came, in order; refuses what it is told to refuse."""

    def __init__(self, *refused: str) -> None:
        self.came: dict[str, list[int]] = defaultdict(list)
        self.refused = set(refused)

    async def take(self, owed) -> None:
        await asyncio.sleep(0)
        if owed.facts["no"] in self.refused:
            raise ValueError(owed.facts["no"])
        self.came[owed.facts["no"]].append(owed.facts["version"])

    async def take_all(self, batch) -> None:
        noted = [(owed.facts["no"], owed.facts["version"]) for owed in batch]
        await asyncio.sleep(0)
        if self.refused & {no for no, _ in noted}:
            raise ValueError(noted)
        for no, version in noted:
            self.came[no].append(version)


async def test_what_a_rolled_back_transaction_announced_is_owed_to_nobody():
    async def fail_after_announcing() -> None:
        async with in_transaction():
            await record(moved("A", 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_announcing()
    assert await waiting(limit=10) == []


async def test_four_relays_keep_the_order_of_every_stream_and_pay_each_delivery_once():
    nos = [f"C{n}" for n in range(8)]
    await owe(*(moved(no, version) for version in range(1, 13) for no in nos))
    heard = Heard()
    receiver = Inside(take=heard.take_all, batch=5)

    async def relay() -> None:
        while await waiting(limit=1):
            await pay_to("inbox", receiver, at=AT, limit=7)

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(relay())
    assert heard.came == {no: list(range(1, 13)) for no in nos}


async def test_four_relays_keep_the_order_for_a_receiver_outside_too():
    nos = [f"C{n}" for n in range(5)]
    await owe(*(moved(no, version) for version in range(1, 7) for no in nos))
    heard = Heard()
    receiver = Outside(take=heard.take, at_once=3)

    async def relay() -> None:
        while await waiting(limit=1):
            await pay_to("inbox", receiver, at=AT, limit=7)

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(relay())
    assert heard.came == {no: list(range(1, 7)) for no in nos}


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
async def test_a_failing_delivery_delays_only_its_own_stream(inside):
    await owe(moved("good", 1), moved("bad", 1), moved("bad", 2), moved("good", 2))
    heard = Heard("bad")
    receiver = Inside(take=heard.take_all) if inside else Outside(take=heard.take, at_once=4)
    await pay({"inbox": receiver}, at=AT)
    assert heard.came == {"good": [1, 2]}
    left = await waiting(limit=10)
    assert [(letter.attempts, letter.stream) for letter in left] == [
        (1, "case:bad"),
        (0, "case:bad"),
    ]
    assert left[0].last_error.startswith("ValueError")
    assert AT < left[0].due_at <= AT + timedelta(seconds=6)
    heard.refused.clear()
    assert await pay({"inbox": receiver}, at=AT) == 0, "it must not be tried before its time"
    await pay({"inbox": receiver}, at=AT + timedelta(seconds=10))
    assert heard.came["bad"] == [1, 2]


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
async def test_what_is_given_up_is_listed_lets_the_next_pass_and_can_be_replayed(inside):
    await owe(moved("A", 1))
    heard = Heard("A")
    receiver = Inside(take=heard.take_all) if inside else Outside(take=heard.take)
    at = AT
    for _ in range(len(PATIENCE) + 1):
        assert await dead(limit=10) == []
        assert await pay({"inbox": receiver}, at=at) == 1
        at += timedelta(hours=50)
    (letter,) = await dead(limit=10)
    assert (letter.due_at, letter.attempts, letter.receiver) == (None, 10, "inbox")
    assert await dead(limit=10, after=letter.id) == []
    assert await waiting(limit=10) == []

    heard.refused.clear()
    await owe(moved("A", 2))
    await pay({"inbox": receiver}, at=at)
    assert heard.came == {"A": [2]}, "what was given up stands in nobody's way"
    await replay(letter.id, at=at)
    await pay({"inbox": receiver}, at=at)
    assert heard.came == {"A": [2, 1]}
    assert await dead(limit=10) == []
    with pytest.raises(NotFound):
        await replay(letter.id, at=at)


async def test_what_is_not_given_up_cannot_be_replayed():
    await owe(moved("A", 1))
    (letter,) = await waiting(limit=10)
    with pytest.raises(NotFound):
        await replay(letter.id, at=AT)


async def test_a_relay_that_dies_outside_has_only_used_up_an_attempt_until_its_lease_ends():
    await owe(moved("A", 1))
    began = asyncio.Event()

    async def hang(owed) -> None:
        began.set()
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        dying = group.create_task(pay_to("inbox", Outside(take=hang), at=AT))
        await began.wait()
        dying.cancel()
    heard = Heard()
    assert await pay_to("inbox", Outside(take=heard.take), at=AT) == 0
    later = AT + timedelta(seconds=31)
    assert await pay_to("inbox", Outside(take=heard.take), at=later) == 1
    assert heard.came == {"A": [1]}


async def test_a_delivery_that_kills_every_relay_is_given_up_in_the_end():
    await owe(moved("A", 1))
    await Tortoise.get_connection("default").execute_query(
        "UPDATE outbox_delivery SET attempts = $1", [len(PATIENCE) + 1]
    )
    heard = Heard()
    await pay_to("inbox", Outside(take=heard.take), at=AT)
    assert heard.came == {}
    assert [letter.attempts for letter in await dead(limit=10)] == [len(PATIENCE) + 2]


async def test_an_effect_that_takes_too_long_is_cut_off_and_tried_again():
    await owe(moved("slow", 1))
    receiver = Outside(take=lambda owed: asyncio.sleep(60), within=timedelta(milliseconds=20))
    await pay_to("inbox", receiver, at=AT)
    (letter,) = await waiting(limit=10)
    assert (letter.attempts, letter.last_error) == (1, "TimeoutError()")


async def test_effect_and_acknowledgement_inside_are_one_transaction():
    await owe(moved("A", 1))

    async def half(batch) -> None:
        await record(PhotoStored(stream="photo", at=AT, photo="p"))
        raise ValueError("half way")

    await pay_to("inbox", Inside(take=half), at=AT)
    assert [letter.receiver for letter in await waiting(limit=10)] == ["inbox"]


async def test_a_limit_holds_per_receiver():
    await owe(*(moved(f"C{n}", 1) for n in range(9)))
    heard = Heard()
    assert await pay({"inbox": Inside(take=heard.take_all, batch=2)}, at=AT, limit=5) == 5
    assert len(heard.came) == 5
