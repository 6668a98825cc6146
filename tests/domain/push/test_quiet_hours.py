"""In quiet hours the inbox has everything at once; who is woken, and when."""

from datetime import UTC, datetime

import pytest
from tortoise.transactions import in_transaction

from server.events import AttentionNeeded, CaseMoved, WorkAssigned
from server.outbox.receivers import Inside
from server.outbox.record import record
from server.outbox.relay import pay_to
from server.people.models import Account, Grant, Unit
from server.push import inbox
from server.push.queries import last_seqs, messages

NIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 23:00 in the county
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


async def owe(*events, by_night: bool = True) -> list[int]:
    """Who is woken of what is owed now and written to the inboxes."""
    woken: list[int] = []

    async def write(batch) -> frozenset[int]:
        return await inbox.write(batch, by_night=by_night)

    async def wake(accounts) -> None:
        woken.extend(sorted(accounts))

    async with in_transaction():
        await record(*events)
    while await pay_to("inbox", Inside(take=write, then=wake), at=NIGHT):
        pass
    return woken


async def test_a_follower_sleeps_while_units_and_those_who_must_step_in_are_woken():
    unit = Unit(code="W", name="Works", kind="department")
    await unit.save()
    follower, worker, leader = [await person(name) for name in ("follower", "worker", "leader")]
    officer = await person("officer", unit)
    woken = await owe(
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
    assert sorted(woken) == sorted([worker, leader, officer])


async def test_of_an_urgent_matter_everybody_hears_at_any_hour():
    follower = await person("follower")
    woken = await owe(CaseMoved(**about("A", followers=(follower,), urgent=True)))
    assert await last_seqs([follower], quiet=True) == {follower: 1}
    assert woken == [follower]


async def test_outside_of_quiet_hours_everybody_is_woken_at_once():
    follower = await person("follower")
    woken = await owe(CaseMoved(**about("A", followers=(follower,))), by_night=False)
    assert await last_seqs([follower], quiet=True) == {follower: 1}
    assert woken == [follower]


async def test_what_is_held_delays_nothing_that_comes_after_and_keeps_its_order():
    follower = await person("follower")
    held = CaseMoved(**about("A", followers=(follower,)))
    urgent = CaseMoved(**about("B", followers=(follower,), urgent=True))
    later = CaseMoved(**about("C", followers=(follower,)))
    assert await owe(held) == []
    assert await owe(urgent) == [follower]
    assert await owe(later) == []
    # Whoever is woken reads on from where they were: nothing is passed over.
    told = await messages(follower, after=0, limit=9)
    assert [(one.seq, one.no) for one in told] == [(1, "A"), (2, "B"), (3, "C")]
    # By night a socket looks as far as what was loud, in the morning to the end.
    assert await last_seqs([follower], quiet=True) == {follower: 2}
    assert await last_seqs([follower]) == {follower: 3}


async def test_a_second_delivery_wakes_nobody_again():
    follower = await person("follower")
    event = CaseMoved(**about("A", followers=(follower,)))
    assert await owe(event, by_night=False) == [follower]
    assert await owe(event, by_night=False) == []
    assert await last_seqs([follower]) == {follower: 1}
