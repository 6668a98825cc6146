"""Who is told of an act, and that every message says of its case what has to be known."""

from dataclasses import FrozenInstanceError

import pytest

from server.cases.door.journal import Act
from server.cases.ends import closing
from server.cases.models.case import Follower
from server.cases.rules.flow import Verb
from server.cases.work import steering
from server.clock import now
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
