"""Proposals from admission to publication, and hints to leave the list."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import uuid4

from server.cases.models.case import Case
from server.cases.models.dispute import Return
from server.cases.models.task import Call, Task
from server.clock import now
from server.governance import admitted, deciding, proposing
from server.governance import commands as governance
from server.governance.models.proposal import Opinion, Proposal
from server.governance.proposing import NewProposal
from server.people.actor import SYSTEM
from server.places.commands import load
from server.responsibility.changing.drafting import TOWNSHIP, EntryChange
from server.responsibility.list import versions
from tests.casework import (
    STAIRS_BLOCKED,
    Casework,
    rows_of,
)

_NUMBERS = count(1)
MAIN = "main_and_cooperating"
#: The department of the demo whose head proposes, and its head.
HEAD, UNIT = "head_D02", "D02"
ADMITTED = EntryChange(
    texts={
        "name": "共享单车停放劝导",
        "domain": "城乡建设",
        "lead_duties": "劝导规范停放",
        "legal_basis": "《城市市容和环境卫生管理条例》",
    },
    lead=TOWNSHIP,
    cooperating=((UNIT, "培训、提供装备，依法处罚"),),
    limit=2,
    urgency="work_day",
    words=("共享单车乱停",),
)


async def made(work, matter=STAIRS_BLOCKED, *, township="荣华街道", n=1, ago=30, **facts):
    """Closed cases of a township's; facts: cycle, overdue, exempted, returned, called, lead."""
    unit = work.basis.units.named(township)
    lead = work.basis.units.named(facts.get("lead", township))
    at = now() - timedelta(days=ago)
    for _ in range(n):
        case = await Case.create(
            no=f"MADE-{next(_NUMBERS)}",
            stage=facts.get("stage", "archived"),
            cycle=facts.get("cycle", 1),
            kind="livelihood",
            title="楼道堆物",
            township_code=unit.township_code,
            matter_code=matter,
            matter_name="楼道堆物",
            lead_id=lead.id,
            self_handled=facts.get("self_handled", False),
            received_at=at,
            closed_at=at,
        )
        if facts.get("self_handled"):
            continue
        task = await Task.create(
            case_id=case.id,
            unit_id=unit.id,
            part="lead",
            stage="done" if lead == unit else "returned",
            dispatched_at=at,
            overdue_at=at if facts.get("overdue") else None,
            exempted_at=at if facts.get("exempted") else None,
        )
        if facts.get("returned"):
            await Return.create(
                case_id=case.id,
                task_id=task.id,
                unit_id=unit.id,
                part="lead",
                task_stage="pending",
                ground="not_on_list",
                reason="不会办",
                proper_unit_id=unit.id + 1,
                by_id=1,
                at=at,
                due_at=at,
            )
        if facts.get("called"):
            await Call.create(
                case_id=case.id,
                caller_unit_id=unit.id,
                by_id=1,
                key=uuid4(),
                reason="cannot_solve_alone",
                place_text="楼下",
                asked_at=at,
                created_at=at,
            )


async def ripen(days=400):
    """Let the published lists be so old."""
    await rows_of(
        "UPDATE list_version SET starts_at = starts_at - make_interval(days => $1)"
        " WHERE state = 'published'",
        days,
    )


def admission(**changes) -> NewProposal:
    """An admission that says all it must, or one with changes."""
    given = NewProposal(
        kind="admission",
        list_type=MAIN,
        matter="",
        ground="admission",
        reason="街面劝导离群众最近",
        change=ADMITTED,
        flow="发现、劝导、上报、处罚",
        funds="每镇街每年二万元",
        staff="派驻两名协管员",
        until=now() + timedelta(days=365),
    )
    return replace(given, **changes)


def adjustment(matter: str, change: EntryChange, kind: str = "adjustment") -> NewProposal:
    """An adjustment or an exit of a matter of the demo list."""
    return NewProposal(
        kind=kind,
        list_type=MAIN,
        matter=matter,
        ground="law_changed",
        reason="法规修订",
        change=change,
    )


async def known(work: Casework, who: str):
    return {"by": await work.actor(who), "at": now(), "basis": work.basis}


async def proposed(work: Casework, wish: NewProposal | None = None, who: str = HEAD) -> Proposal:
    return await proposing.propose(wish or admission(), **await known(work, who))


async def answered(work: Casework, proposal: Proposal, *, objects: str = "") -> Proposal:
    """Everybody who was asked gives an opinion; the unit of this code objects."""
    for (unit_id,) in await Opinion.filter(
        proposal_id=proposal.id, round=proposal.round, stance=""
    ).values_list("unit_id"):
        unit = work.basis.units.by_id[unit_id]
        who = f"township{unit.code[1:]}" if unit.kind == "township" else f"head_{unit.code}"
        agrees = unit.code != objects
        words = "" if agrees else "没有执法权，也没有人手"
        proposal = await deciding.opine(
            proposal.id, words, agrees=agrees, **await known(work, who)
        )
    return proposal


async def approved(work: Casework, wish: NewProposal | None = None, who: str = HEAD) -> Proposal:
    proposal = await answered(work, await proposed(work, wish, who))
    for keeper in ("keeper1", "keeper2"):
        await deciding.review(proposal.id, "权责一致", **await known(work, keeper))
    return await deciding.approve(proposal.id, "同意", **await known(work, "leader1"))


async def next_version(work: Casework) -> int:
    keeper = await known(work, "keeper1")
    version_id, _ = await admitted.draft_next(MAIN, label="下一版", **keeper)
    await versions.submit(version_id, by=keeper["by"], at=now())
    at = now()
    await governance.publish_list(version_id, starts_at=at, by=keeper["by"], at=at)
    await work.county.parts.knowledge.refresh()
    return version_id


async def told(who: str, kind: str) -> list[str]:
    rows = await rows_of(
        "SELECT m.text FROM inbox_message m JOIN account a ON a.id = m.account_id"
        " WHERE a.username = lower($1) AND m.kind = $2 ORDER BY m.seq",
        who,
        f"governance.{kind}",
    )
    return [row["text"] for row in rows]


async def drafted(made: dict) -> int:
    """A draft generation of a county's boundaries."""
    data = json.dumps(made).encode()
    return (await load(data, label="new", datum="wgs84", by=SYSTEM, at=now())).id


async def publish(county, made: dict) -> int:
    draft_id, at = await drafted(made), now()
    await governance.publish_places(draft_id, starts_at=at, by=SYSTEM, at=at)
    await county.parts.knowledge.refresh()
    return draft_id
