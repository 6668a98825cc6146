"""Returns, rulings and conferences, by whoever may."""

from dataclasses import replace

from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import conferences, returns
from server.cases.disputes.conferences import Decision
from server.cases.disputes.returns import Claim, Ruling
from server.cases.models.case import Case
from server.clock import now
from server.push.models import Message

MINUTES = "路灯的配电箱属于供电设施，由供电公司办理"
WORKS, POWER, WATER = "区住房和城乡建设局", "区供电公司", "区城乡水务局"
CLAIM = Claim(ground="not_on_list", reason="是供电设施", proper_unit=POWER)
CLOCK = ("due_at", "due_why", "limit", "urgency", "received_at")


async def convene(work, case, *, who="dispatcher1", at=None):
    by = await work.actor(who)
    await conferences.convene(case.no, by=by, at=at or now(), basis=work.basis)
    return await Case.get(id=case.id)


async def in_conference(work, case=None, **changes):
    return await convene(work, await disputed(work, case, **changes))


async def state(work, case, words="不归我们管", *, who="handler_D08"):
    return await conferences.state(
        case.no, words, by=await work.actor(who), at=now(), basis=work.basis
    )


async def decide(work, case, *, who="keeper1", at=None, minutes=MINUTES, **about):
    choice = {k: about.pop(k) for k in ("lead", "cooperating", "limit", "urgency") if k in about}
    decision = Decision(minutes=minutes, choice=Choice(**choice), **about)
    by = await work.actor(who)
    await conferences.decide(case.no, decision, by=by, at=at or now(), basis=work.basis)
    return await Case.get(id=case.id)


def clock(case) -> dict:
    return {name: getattr(case, name) for name in CLOCK}


async def give_back(work, task, *, at=None, who=None, **changes):
    by = await work.actor(who or work.officer_of(task.unit_id))
    return await returns.give_back(
        task.id, replace(CLAIM, **changes), by=by, at=at or now(), basis=work.basis
    )


async def disputed(work, case=None, **changes):
    """A case whose lead has returned it."""
    case = case or await work.report()
    [task] = await open_lead(work, case)
    await give_back(work, task, **changes)
    return await Case.get(id=case.id)


async def open_lead(work, case):
    return [task for task in await work.tasks(case, "lead") if task.stage not in ("returned",)]


async def rule(work, case, upheld=True, *, who="dispatcher1", at=None, reason="属实", **choice):
    return_id = choice.pop("return_id", None)
    ruling = Ruling(upheld=upheld, reason=reason, return_id=return_id, choice=Choice(**choice))
    by = await work.actor(who)
    await returns.rule(case.no, ruling, by=by, at=at or now(), basis=work.basis)
    return await Case.get(id=case.id)


async def heard(county, verb):
    """Who has how many messages about a verb, by account."""
    await county.deliver()
    rows = await Message.filter(event__endswith=f":{verb}").values_list("account_id", flat=True)
    return {account: rows.count(account) for account in rows}
