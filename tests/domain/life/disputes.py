"""What people do to a case when units dispute whose it is, each with chances of its own."""

from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import conferences, returns
from server.cases.disputes.conferences import Decision
from server.cases.disputes.returns import Claim, Ruling
from server.cases.models.dispute import Return
from server.cases.rules.flow import TaskStage
from tests.domain.life.play import UNITS, Turn

PENDING, ACCEPTED, ARRIVED = TaskStage.PENDING, TaskStage.ACCEPTED, TaskStage.ARRIVED


async def give_back(t: Turn):
    task = await t.task(PENDING, ACCEPTED)
    by = await t.who(*t.people_of(task.unit_id))
    claim = Claim(ground="not_on_list", reason="不归我", proper_unit=t.rng.choice(UNITS))
    await returns.give_back(task.id, claim, by=by, at=t.at, basis=t.basis)


async def rule(t: Turn):
    by = await t.who("dispatcher1", "dispatcher2")
    given = await Return.filter(case_id=t.case.id, upheld__isnull=True)
    one = t.rng.choice(given).id if given else None
    upheld = t.rng.random() < 0.6
    choice = Choice(lead=t.rng.choice(UNITS)) if upheld and t.rng.random() < 0.4 else Choice()
    ruling = Ruling(upheld=upheld, reason="查过", return_id=one, choice=choice)
    await returns.rule(t.case.no, ruling, by=by, at=t.at, basis=t.basis)


async def convene(t: Turn):
    await conferences.convene(t.case.no, by=await t.who("dispatcher1"), at=t.at, basis=t.basis)


async def state(t: Turn):
    by = await t.who(*t.people_of(t.case.lead_id), "handler_U01", "handler_D08")
    await conferences.state(t.case.no, "我们认为", by=by, at=t.at, basis=t.basis)


async def decide(t: Turn):
    by = await t.who("keeper1", "leader1")
    lead = Choice(lead=t.rng.choice((*UNITS, "荣华街道")), cooperating=(t.rng.choice(UNITS),))
    decision = Decision(minutes="议定", choice=lead)
    if t.rng.random() < 0.2:
        decision = Decision(minutes="不予", declined=True, where_to_go="法院")
    await conferences.decide(t.case.no, decision, by=by, at=t.at, basis=t.basis)
