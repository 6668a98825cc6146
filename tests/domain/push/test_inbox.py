"""The inbox: one message per person and event, numbered without a gap, in plain words."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tortoise import Tortoise
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.transactions import in_transaction

from server.errors import NotPermitted
from server.events import CaseMoved, WorkAssigned
from server.outbox.dead_letters import dead, waiting
from server.outbox.receivers import Inside
from server.outbox.record import record
from server.outbox.relay import pay_to
from server.people.models import Account, Grant, Unit
from server.people.sign_in import sessions
from server.people.sign_in.sessions import Face
from server.push import inbox, tickets
from server.push.commands import mark_read
from server.push.models import LiveTicket
from server.push.queries import last_seqs, messages, standing
from server.push.wording import sentence
from server.settings import Settings

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TOLD = {"title": "Street light", "lead": "Works", "due": "noon"}
INBOX = Inside(take=inbox.write)
pytestmark = pytest.mark.usefixtures("db")


async def person(name: str, *, unit: Unit | None = None, role: str = "", active=True) -> int:
    account = Account(name=name, username=name, unit=unit, active=active, created_at=AT)
    await account.save()
    if role:
        await Grant(account=account, role=role).save()
    return account.id


async def department(code: str) -> Unit:
    unit = Unit(code=code, name=code, kind="department")
    await unit.save()
    return unit


def moved(no: str, version: int, followers=(), units=(), **changed) -> CaseMoved:
    told = {
        "stream": f"case:{no}",
        "at": AT,
        "no": no,
        "version": version,
        "verb": "dispatch",
        "stage": "dispatched",
        "followers": tuple(followers),
        "units": tuple(units),
        "facts": TOLD,
    }
    return CaseMoved(**(told | changed))


async def owe_and_pay(*events) -> None:
    async with in_transaction():
        await record(*events)
    while await pay_to("inbox", INBOX, at=AT):
        pass


async def test_followers_and_members_of_units_get_one_message_each_in_their_own_words():
    unit = await department("Works")
    reporter = await person("reporter")
    handler = await person("handler", unit=unit, role="handler")
    head = await person("head", unit=unit, role="unit_head")
    gone = await person("gone", unit=unit, role="handler", active=False)
    clerk = await person("clerk", unit=unit, role="list_keeper")
    await owe_and_pay(moved("A", 3, [reporter, head], [unit.id]))
    assert await dead(limit=9) == []
    (told,) = await messages(reporter, after=0, limit=9)
    assert told.seq == 1
    assert told.text == sentence("dispatch", "follower", TOLD | {"no": "A"})
    assert all(fact in told.text for fact in ("A", "Street light", "Works", "noon"))
    assert (told.kind, told.no, told.stage, told.at) == ("case.dispatch", "A", "dispatched", AT)
    (task,) = await messages(handler, after=0, limit=9)
    assert task.text == sentence("dispatch", "unit", TOLD | {"no": "A"}) != told.text
    (both,) = await messages(head, after=0, limit=9)
    assert both.text == told.text, "who follows a case of the own unit hears it once"
    assert await messages(gone, after=0, limit=9) == []
    assert await messages(clerk, after=0, limit=9) == []


async def test_who_merely_follows_reads_days_and_who_reported_the_moments():
    """From the minute by which it is due follows the minute at which it was reported."""
    reporter, follower, late = [await person(name) for name in ("reporter", "follower", "late")]
    moments = {
        "due": "11月30日 17:28",
        "why": "自11月30日（周一）13:28起4小时",
        "asked": "11月30日 15:28",
        "until": "12月1日 09:28",
        "steps": "市政：抢修（11月30日 16:28前）",
        "result": "约好9:30到场",
    }
    for version, verb in enumerate(("dispatch", "call", "suspend", "progress"), start=1):
        told = moved(
            "A", version, [reporter, follower], verb=verb, reporters=(reporter,), facts=moments
        )
        await owe_and_pay(told)
        exact, by_day = [
            (await messages(each, after=version - 1, limit=1))[0].text
            for each in (reporter, follower)
        ]
        assert exact == sentence(verb, "follower", moments | {"no": "A"})
        assert ":28" not in by_day
        assert ("约好9:30" in by_day) is (verb == "progress")  # what somebody wrote stays
        assert (exact != by_day) is (verb != "progress")
    works = await department("D")
    handler = await person("handler", unit=works, role="handler")
    await owe_and_pay(moved("B", 1, [handler, follower], [works.id], facts=moments))
    (told,) = await messages(handler, after=0, limit=9)
    assert told.text == sentence("dispatch", "follower", moments | {"no": "B"})
    # As a server of before would owe it, which did not say who reported it.
    titled = moments | {"titles": {str(late): "灯"}}
    await owe_and_pay(moved("A", 9, [late], facts=titled))
    (told,) = await messages(late, after=0, limit=9)
    assert "“灯”" in told.text


async def test_who_is_given_a_check_is_asked_in_words_of_its_own():
    worker = await person("worker")
    assigned = WorkAssigned(
        stream="case:A",
        at=AT,
        no="A",
        version=5,
        verb="check",
        stage="checking",
        followers=(worker,),
        units=(),
        facts=TOLD,
    )
    await owe_and_pay(assigned)
    (asked,) = await messages(worker, after=0, limit=9)
    assert asked.kind == "work.check"
    assert asked.text == sentence("check", "worker", TOLD | {"no": "A"})


async def test_what_is_delivered_twice_is_written_once_and_leaves_no_gap():
    reporter = await person("reporter")
    newcomer = await person("newcomer")
    await owe_and_pay(moved("A", 1, [reporter]))
    await owe_and_pay(moved("A", 1, [reporter, newcomer]))
    await owe_and_pay(moved("A", 2, [reporter, newcomer]))
    assert [told.seq for told in await messages(reporter, after=0, limit=9)] == [1, 2]
    assert [told.seq for told in await messages(newcomer, after=0, limit=9)] == [1, 2]


async def test_those_are_woken_who_got_something_new_and_nobody_else_once_it_is_written():
    reporter = await person("reporter")
    newcomer = await person("newcomer")
    await owe_and_pay(moved("A", 1, [reporter]))
    woken: list[tuple[int, int]] = []

    async def wake(accounts) -> None:
        assert not isinstance(Tortoise.get_connection("default"), TransactionalDBClient)
        woken.extend((await last_seqs(accounts)).items())

    async with in_transaction():
        await record(moved("A", 1, [reporter]), moved("B", 1, [newcomer]))
    await pay_to("inbox", Inside(take=inbox.write, then=wake), at=AT)
    assert woken == [(newcomer, 1)]
    assert await waiting(limit=9) == []


async def test_writers_at_once_number_everybody_without_gap_or_deadlock():
    people = [await person(f"p{n}") for n in range(6)]
    every = [moved(f"C{n}", 1, people[n % 3 :: 2] + people[: n % 4]) for n in range(40)]
    async with in_transaction():
        await record(*every)

    async def relay() -> None:
        while await pay_to("inbox", INBOX, at=AT, limit=10):
            pass

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(relay())
    assert await waiting(limit=99) == []
    for account in people:
        owed = sum(account in event.followers for event in every)
        told = await messages(account, after=0, limit=99)
        assert [one.seq for one in told] == list(range(1, owed + 1))
        assert len({one.no for one in told}) == owed


async def test_a_case_with_a_thousand_followers_is_told_in_one_go():
    await Account.bulk_create([Account(name=f"p{n}", created_at=AT) for n in range(1000)])
    everyone = await Account.all().values_list("id", flat=True)
    await owe_and_pay(moved("A", 1, everyone), moved("B", 1, everyone))
    assert await last_seqs(everyone) == dict.fromkeys(everyone, 2)


async def test_the_mark_of_what_was_read_goes_only_forward_and_not_past_the_end():
    reporter = await person("reporter")
    await owe_and_pay(*(moved("A", version, [reporter]) for version in (1, 2, 3)))
    for seq, expected in ((2, 2), (1, 2), (99, 3)):
        await mark_read(reporter, seq=seq)
        assert (await standing(reporter)).read_seq == expected


async def bearer() -> tickets.Bearer:
    """Somebody who is signed in on a phone."""
    account = await person("reporter")
    session = await sessions.open_session(account, face=Face.PHONE, at=AT, settings=Settings())
    return tickets.Bearer(account, await sessions.family_of(session.token))


async def test_a_ticket_opens_once_and_only_within_its_minute():
    whose = await bearer()
    ticket = await tickets.issue(whose, at=AT)
    assert await LiveTicket.filter(hash=ticket).count() == 0, "only its hash is kept"
    assert await tickets.redeem(ticket, at=AT + timedelta(seconds=59)) == whose
    late = await tickets.issue(whose, at=AT)
    for refused, at in (
        (ticket, AT),
        (late, AT + tickets.VALID_FOR),
        ("", AT),
        ("\udcff", AT),
    ):
        with pytest.raises(NotPermitted):
            await tickets.redeem(refused, at=at)


async def test_a_ticket_of_somebody_who_is_out_by_now_opens_nothing():
    whose = await bearer()
    ticket = await tickets.issue(whose, at=AT)
    await Account.filter(id=whose.account_id).update(active=False)
    with pytest.raises(NotPermitted):
        await tickets.redeem(ticket, at=AT)


async def test_one_ticket_tried_many_times_at_once_opens_one_socket():
    ticket = await tickets.issue(await bearer(), at=AT)
    tries = [tickets.redeem(ticket, at=AT) for _ in range(8)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(answer, tickets.Bearer) for answer in answers) == 1


async def test_tickets_that_nobody_used_are_pruned():
    whose = await bearer()
    await tickets.issue(whose, at=AT)
    fresh = await tickets.issue(whose, at=AT + timedelta(seconds=30))
    await tickets.prune(at=AT + tickets.VALID_FOR)
    assert await LiveTicket.all().count() == 1
    assert await tickets.redeem(fresh, at=AT + tickets.VALID_FOR) == whose
