"""In quiet hours the inbox has everything at once; who is woken, and when."""

from datetime import UTC, datetime, timedelta

import pytest
from tortoise.transactions import in_transaction

from server.events import AttentionNeeded, CaseMoved, WorkAssigned
from server.outbox.models import Delivery
from server.outbox.receivers import Inside, Outside
from server.outbox.record import record
from server.outbox.relay import pay_to
from server.people.models import Account, Grant, Unit
from server.push import inbox
from server.push.queries import last_seqs, messages

NIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 23:00 in the county
MORNING = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)  # 07:00
pytestmark = pytest.mark.usefixtures("db")


async def person(name: str, unit: Unit | None = None) -> int:
    account = Account(name=name, username=name, unit=unit, created_at=NIGHT)
    await account.save()
    if unit is not None:
        await Grant(account=account, role="handler").save()
    return account.id


def about(no: str, **changed) -> dict:
    told = {
        "stream": f"case:{no}",
        "at": NIGHT,
        "no": no,
        "version": 3,
        "verb": "dispatch",
        "stage": "dispatched",
        "followers": (),
        "units": (),
        "facts": {"title": "Street light"},
    }
    return told | changed


async def owe(*events, quiet_until: datetime | None = MORNING) -> None:
    async def write(batch) -> None:
        await inbox.write(batch, quiet_until=quiet_until)

    async with in_transaction():
        await record(*events)
    while await pay_to("inbox", Inside(take=write), at=NIGHT):
        pass


async def woken(at: datetime) -> list[int]:
    """Who is woken by a moment, in the order in which they are."""
    told: list[int] = []

    async def tell(owed) -> None:
        told.extend(owed.facts["accounts"])

    while await pay_to("live", Outside(take=tell), at=at):
        pass
    return told


async def test_a_follower_sleeps_while_units_and_those_who_must_step_in_are_woken():
    unit = Unit(code="W", name="Works", kind="department")
    await unit.save()
    follower, worker, leader = [await person(name) for name in ("follower", "worker", "leader")]
    officer = await person("officer", unit)
    await owe(
        CaseMoved(**about("A", followers=(follower,), units=(unit.id,))),
        WorkAssigned(**about("B", verb="check", followers=(worker,))),
        AttentionNeeded(**about("C", verb="escalate", followers=(leader,))),
    )
    everybody = (follower, worker, leader, officer)
    assert await last_seqs(everybody) == dict.fromkeys(everybody, 1), "the inbox has it at once"
    # A socket that looks by itself looks no further than this.
    assert await last_seqs(everybody, quiet=True) == {
        follower: 0,
        worker: 1,
        leader: 1,
        officer: 1,
    }
    assert sorted(await woken(NIGHT)) == sorted([worker, leader, officer])
    assert await woken(MORNING - timedelta(seconds=1)) == []
    assert await woken(MORNING) == [follower]
    assert await woken(MORNING + timedelta(days=1)) == []


async def test_of_an_urgent_matter_everybody_hears_at_any_hour():
    follower = await person("follower")
    await owe(CaseMoved(**about("A", followers=(follower,), urgent=True)))
    assert await last_seqs([follower], quiet=True) == {follower: 1}
    assert await woken(NIGHT) == [follower]


async def test_outside_of_quiet_hours_everybody_is_woken_at_once():
    follower = await person("follower")
    await owe(CaseMoved(**about("A", followers=(follower,))), quiet_until=None)
    assert await last_seqs([follower], quiet=True) == {follower: 1}
    assert await woken(NIGHT) == [follower]


async def test_what_is_held_delays_nothing_that_comes_after_and_keeps_its_order():
    follower = await person("follower")
    held = CaseMoved(**about("A", followers=(follower,)))
    urgent = CaseMoved(**about("B", followers=(follower,), urgent=True))
    later = CaseMoved(**about("C", followers=(follower,)))
    await owe(held)
    await owe(urgent)
    await owe(later)
    assert await woken(NIGHT) == [follower]
    # Whoever is woken reads on from where they were: nothing is passed over.
    told = await messages(follower, after=0, limit=9)
    assert [(one.seq, one.no) for one in told] == [(1, "A"), (2, "B"), (3, "C")]
    assert await last_seqs([follower], quiet=True) == {follower: 2}
    due = await Delivery.filter(receiver="live").order_by("id").values_list("due_at", flat=True)
    assert due == [MORNING, MORNING]
    assert await woken(MORNING) == [follower, follower]


async def test_a_second_delivery_wakes_nobody_again():
    follower = await person("follower")
    event = CaseMoved(**about("A", followers=(follower,)))
    await owe(event)
    await owe(event)
    assert await Delivery.filter(receiver="live").count() == 1
    assert await last_seqs([follower]) == {follower: 1}
