"""Work on tasks: settled on the spot, asked for, answered, refused."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from server.cases.door.schedule import planned_at
from server.cases.intake import reporting
from server.cases.models.case import Case
from server.cases.models.task import Task
from server.cases.rules.deadlines import Timer
from server.cases.work import checking, on_the_spot, requests
from server.cases.work.on_the_spot import Handled
from server.cases.work.requests import Wish
from server.clock import now
from server.errors import Problem
from server.people.actor import Actor
from tests.casework import everything, new_report

SMALL_ADS = "CJ-006"  # livelihood, one work day; a department leads, may be settled on the spot
WORKER = "grid0202"
DAY = timedelta(days=1)


async def settle(work, case, who=WORKER, *, result="已铲除", before=(), after=None):
    if after is None:
        after = (await work.photo(who),)
    by = await work.actor(who)
    handled = Handled(result=result, photos=after)
    await on_the_spot.self_handle(case.no, handled, before, by=by, at=now(), basis=work.basis)
    return await Case.get(id=case.id)


async def done_already(work, who=WORKER, **changes):
    """What a grid worker reports and has settled."""
    given = {
        "matter": SMALL_ADS,
        "photos": (await work.photo(who),),
        "handled": Handled(result="顺手铲了", photos=(await work.photo(who),)),
    }
    return new_report(**given | changes)


async def send(work, new, who=WORKER):
    by = await work.actor(who)
    return await reporting.report(new, by=by, at=now(), basis=work.basis)


def pause_until(at: datetime) -> Wish:
    return Wish(what="suspend", reason="冬季无法施工", until=at, ground="season")


async def head(work, case):
    """The head of the unit that leads."""
    return await work.actor(f"head_{work.basis.units.by_id[case.lead_id].code}")


async def helping_township(work, case) -> tuple[Task, Actor]:
    """The task of the township that cooperates, and who sits in its command room."""
    [task] = [
        each
        for each in await work.tasks(case, "cooperating")
        if work.basis.units.by_id[each.unit_id].kind == "township"
    ]
    return task, await work.actor(work.officer_of(task.unit_id))


async def ask(work, case, wish, *, by=None, at=None) -> Case:
    by = by or await head(work, case)
    return await requests.ask(case.no, wish, by=by, at=at or now(), basis=work.basis)


async def answer(work, command, case, *, by="dispatcher1", at=None, **more: Any) -> Case:
    by = await work.actor(by) if isinstance(by, str) else by
    await command(case.no, by=by, at=at or now(), basis=work.basis, **more)
    return await Case.get(id=case.id)


async def refused(problem: type[Problem], doing) -> Problem:
    """Assert that something is refused so and that nothing changed."""
    before = await everything()
    with pytest.raises(problem) as caught:
        await doing
    assert await everything() == before
    return caught.value


def at_of(case, timer) -> datetime | None:
    return planned_at(case, Timer(timer))


async def worker_of(work, case):
    """The grid worker of a case's grid, by username."""
    for number in range(1, 5):
        if case.grid_code in (await work.actor(f"grid02{number:02}")).grid_codes:
            return f"grid02{number:02}"
    raise LookupError


async def sent_back(work, case, reason="还在"):
    await work.check(case, passed=False)
    by = await work.actor("acceptor1")
    await checking.rework(case.no, reason, by=by, at=now(), basis=work.basis)
    return await Case.get(id=case.id)
