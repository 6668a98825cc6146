"""Who is told of an act, and that every message says of its case what has to be known."""

from dataclasses import FrozenInstanceError

import pytest

from server.cases.door.journal import Act
from server.cases.ends import closing, merging
from server.cases.models.case import Follower
from server.cases.rules.flow import Verb
from server.cases.rules.told import once
from server.cases.work import steering
from server.clock import now
from server.events import AttentionNeeded, CaseMoved, WorkAssigned
from server.outbox.models import Delivery
from server.people.queries import members
from server.push.models import Message
from tests.casework import Casework, rows_of


async def told(verb, *, kind="case.moved"):
    """What is owed of the last act of a verb."""
    found = [row.facts for row in await Delivery.filter(kind=kind).order_by("id")]
    return [facts for facts in found if facts["verb"] == verb][-1]


async def heard(case, verb):
    """Whoever has a message of an act."""
    event = f"case.{verb}"
    found = Message.filter(no=case.no, kind=event).values_list("account_id", flat=True)
    return set(await found)


async def test_nobody_edits_an_act(county):
    work = Casework(county)
    facts = {"result": "好"}
    act = Act(verb=Verb.FILE, by=await work.actor("acceptor1"), at=now(), facts=facts)
    facts["result"] = "不好"
    assert act.facts == {"result": "好"}
    with pytest.raises(TypeError):
        act.facts["result"] = "不好"
    with pytest.raises(FrozenInstanceError):
        act.facts = {}


async def test_a_message_says_who_leads_and_until_when_though_its_command_says_nothing(county):
    work = Casework(county)
    case = await work.handling()
    lead = work.basis.units.by_id[case.lead_id]
    facts = (await told("accept"))["facts"]
    assert (facts["lead"], facts["unit"], facts["place"]) == (
        lead.name,
        lead.name,
        case.place.text,
    )
    assert facts["due"]
    assert facts["why"] == case.due_why


async def test_of_its_own_act_a_unit_hears_nothing_and_the_others_do(county):
    work = Casework(county)
    case = await work.report()
    helper = (await work.tasks(case, "cooperating"))[0].unit_id
    await work.handling(case)
    await county.deliver()
    own, others = set(await members([case.lead_id])), set(await members([helper]))
    found = await heard(case, "accept")
    assert others <= found
    assert not (own & found)


async def test_of_what_an_office_does_its_own_unit_hears_but_not_the_person(county):
    """A leader who also works for the unit that leads a case urges it: its people must hear."""
    work = Casework(county)
    case = await work.handling()
    chief = (await work.actor("leader1")).id
    await rows_of("UPDATE account SET unit_id = $1 WHERE id = $2", case.lead_id, chief)
    await rows_of(
        "INSERT INTO account_grant (account_id, role, place_code) VALUES ($1, 'handler', '')",
        chief,
    )
    work = Casework(county)  # the actor anew, now of that unit
    by = await work.actor("leader1")
    assert case.lead_id in by.unit_ids
    await steering.urge(case.no, "快", by=by, at=now(), basis=work.basis)
    assert case.lead_id in (await told("urge"))["units"]
    await county.deliver()
    own = set(await members([case.lead_id]))
    assert chief in own
    assert await heard(case, "urge") >= own - {chief}
    assert chief not in await heard(case, "urge")


async def test_who_acts_as_the_reporter_has_a_receipt_and_their_unit_hears_of_it(county):
    """Somebody of the lead unit reported it as a citizen, and takes the report back."""
    work = Casework(county)
    case = await work.report()
    case = await work.report(work.officer_of(case.lead_id))
    by = await work.actor(work.officer_of(case.lead_id))
    await closing.withdraw(case.no, "弄错了", by=by, at=now(), basis=work.basis)
    owed = await told("withdraw")
    assert case.lead_id in owed["units"]
    assert owed["followers"] == [by.id]
    await county.deliver()
    found = await heard(case, "withdraw")
    assert found >= set(await members([case.lead_id]))
    text = await Message.get(account_id=by.id, no=case.no, kind="case.withdraw")
    assert "请停止处理" not in text.text  # as who reported it, not as one of the unit


async def test_a_follower_who_acts_hears_of_it_only_as_the_reporter(county):
    work = Casework(county)
    case = await work.handling()
    task, by = await work.lead(case)
    await Follower.create(case_id=case.id, account_id=by.id, since=now(), reporter=False)
    await work.helped(case)
    await work.resolve(case)
    owed = await told("resolve")
    reporter = (await work.actor("resident1")).id
    assert (reporter in owed["followers"], by.id in owed["followers"]) == (True, False)
    assert task.unit_id not in owed["units"]


async def test_a_report_that_is_dispatched_at_once_is_told_in_one_message(county):
    work = Casework(county)
    case = await work.report()
    await county.deliver()
    assert case.stage == "dispatched"
    reporter = (await work.actor("resident1")).id
    [message] = await Message.filter(no=case.no, account_id=reporter)
    assert message.kind == "case.dispatch"
    assert case.place.text in message.text


async def test_whoever_belongs_to_both_cases_of_a_merging_is_told_once(county):
    work = Casework(county)
    gone, kept = await work.report(), await work.report("resident2")
    assert gone.lead_id == kept.lead_id
    by = await work.actor("dispatcher1")
    await Message.all().delete()
    await merging.merge(gone.no, kept.no, "同一件事", by=by, at=now(), basis=work.basis)
    await county.deliver()
    for account in await members([kept.lead_id]):
        [message] = await Message.filter(account_id=account, kind="case.merge")
        assert message.no == kept.no
        assert gone.no in message.text


async def test_nobody_is_told_two_things_of_one_case_at_one_moment():
    at = now()
    moved = {"stream": "s", "at": at, "no": "1", "stage": "", "facts": {}}
    told = [
        CaseMoved(version=1, verb="report", followers=(1, 2), units=(), **moved),
        CaseMoved(version=2, verb="dispatch", followers=(2, 3), units=(7, 8), **moved),
        AttentionNeeded(version=2, verb="escalate", followers=(3, 4), units=(), **moved),
        AttentionNeeded(version=2, verb="lapse", followers=(4,), units=(), **moved),
        WorkAssigned(version=3, verb="dispatch", followers=(), units=(8,), **moved),
    ]
    left = once(told)
    assert [(each.verb, each.followers, each.units) for each in left] == [
        ("report", (1,), ()),
        ("dispatch", (2,), (7,)),
        ("escalate", (3, 4), ()),
        ("lapse", (4,), ()),
        ("dispatch", (), (8,)),
    ]
    assert left[1].besides == (3, 4)  # not as one of a unit either
    assert [each.followers for each in once(told[:1], heard=told[1:2])] == [(1,)]


async def test_who_merely_follows_a_case_is_told_the_day_and_who_reported_it_the_minute(county):
    work = Casework(county)
    case = await work.report()
    await closing.follow(case.no, by=await work.actor("resident3"), at=now())
    await work.handling(case)
    await county.deliver()
    local = case.due_at.astimezone(work.basis.zone)
    day, clock = f"{local.month}月{local.day}日", f"{local:%H:%M}"
    said = {
        username: (
            await Message.get(
                no=case.no, kind="case.accept", account_id=(await work.actor(username)).id
            )
        ).text
        for username in ("resident1", "resident3")
    }
    assert f"{day} {clock}" in said["resident1"]
    assert day in said["resident3"]
    assert clock not in said["resident3"]
