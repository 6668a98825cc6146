"""Cases of matters with a process, and what units do with their steps."""

from server.cases.dispatch import processes
from server.cases.models.case import Case
from server.cases.work import handling
from server.clock import now

#: 违法建设 in 荣华街道: 镇街, 自然资源局, then 执法局 (the lead) and 住建局 side by side, …
BUILDING = "CJ-001"
TOWNSHIP, LAND, LEAD, HOUSING, POLICE = (
    "荣华街道",
    "区自然资源局",
    "区综合行政执法局",
    "区住房和城乡建设局",
    "区公安分局",
)
LABOUR = "MS-011"  # 拖欠农民工工资: the lead has two steps of its own


async def begun(work, matter=BUILDING) -> Case:
    """A case with a process, dispatched by the list at once: a grid worker reported it."""
    case = await work.report("grid0202", matter=matter)
    assert case.stage == "dispatched"
    return case


async def states(case) -> list[tuple[int, str]]:
    found = await processes.standings(await Case.get(id=case.id))
    return [(each.position, each.state) for each in found]


async def units_at_work(work, case) -> list[str]:
    tasks = [task for task in await work.tasks(case) if task.stage != "done"]
    return [work.basis.units.by_id[task.unit_id].name for task in tasks]


async def finish(work, case, at=None) -> None:
    """Let every cooperating unit that has a task now sign for it and finish it."""
    for task in await work.tasks(case, "cooperating"):
        by, moment = await work.actor(work.officer_of(task.unit_id)), at or now()
        if task.stage == "pending":
            await handling.accept(task.id, by=by, at=moment, basis=work.basis)
        if task.stage in ("pending", "accepted"):
            await handling.done(task.id, "好了", by=by, at=moment, basis=work.basis)


async def complete(work, case, position, at=None):
    task, by = await work.lead(case)
    return await processes.complete(
        task.id, position, "办了", by=by, at=at or now(), basis=work.basis
    )
