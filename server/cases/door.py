"""The door: the only way by which an existing case changes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from tortoise.transactions import in_transaction

from server.cases import flow
from server.cases.access import require, require_task, sees_task
from server.cases.flow import TaskStage
from server.cases.journal import Act, Journal
from server.cases.models.case import Case
from server.cases.models.task import Task
from server.cases.turns import wind
from server.errors import NotFound
from server.people.actor import SYSTEM


@dataclass(slots=True)
class Open:
    """A locked case in the hands of one command."""

    case: Case
    journal: Journal


@asynccontextmanager
async def moving(
    no: str, act: Act, *, way: Callable[[Case], Awaitable[str]] | None = None
) -> AsyncIterator[Open]:
    """Lock a case, check that the act may be done to it, and on leaving save, journal, announce.

    `way` is asked, once the case is locked, which of the verb's edges it takes.
    Raises NotFound (also when the actor may not see it), NotPermitted, WrongStage, ReasonMissing.
    """
    async with in_transaction():
        case = await Case.filter(no=no).select_for_update().get_or_none()
        if case is None:
            raise NotFound(no=no)
        await require(act.by, act.verb, case)
        if way is not None:
            act = replace(act, way=await way(case))
        journal = Journal(case)
        journal.add(act)
        yield Open(case, journal)
        await journal.write()


@dataclass(slots=True)
class OpenTask:
    """A locked case and one unit's locked task in it."""

    case: Case
    task: Task
    journal: Journal


@asynccontextmanager
async def moving_task(task_id: int, act: Act) -> AsyncIterator[OpenTask]:
    """Lock a task's case and the task, check, move both, and on leaving write both.

    Raises NotFound, NotPermitted, WrongTaskStage, WrongStage, ReasonMissing.
    """
    async with in_transaction():
        found = await Task.get_or_none(id=task_id)
        if found is None:
            raise NotFound()
        case = await Case.filter(id=found.case_id).select_for_update().get()
        task = await Task.get(id=task_id)  # again, now that nobody else can change it
        if act.by is not SYSTEM:
            if not sees_task(act.by, case, task):
                raise NotFound()
            require_task(act.by, act.verb, case, task)
        moved = flow.task_after(TaskStage(task.stage), act.verb)
        journal = Journal(case)
        journal.add(replace(act, task=task))
        task.stage = moved.value
        yield OpenTask(case, task, journal)
        wind(task)
        await task.save()
        await journal.write()
