"""Who of a unit handles its task (指定经办人): named by its head, or taken on by oneself."""

from collections.abc import Collection
from datetime import datetime

from server.cases.door.access import allowed_on_task
from server.cases.door.journal import Act, Journal
from server.cases.door.moving import moving_task
from server.cases.models.case import Case
from server.cases.models.task import Task
from server.cases.reading import queries
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Stage, TaskStage, Verb, possible_on_task
from server.errors import AlreadyDone, AssignsOthers, NotPermitted, UnfitAssignee
from server.people.actor import SYSTEM, Actor
from server.people.queries import AccountView, Worker, account, workers
from server.permissions import Permission
from server.texts.catalogue import text


async def assign(
    task_id: int, person: int | None, *, by: Actor, at: datetime, basis: Basis
) -> Task:
    """Name who handles a unit's task, or nobody any more (None); both persons hear of it.

    Raises AlreadyDone where it is theirs already, UnfitAssignee, AssignsOthers.
    """
    act = Act(verb=Verb.ASSIGN, by=by, at=at)
    async with moving_task(task_id, act, basis) as opened:
        task, entry, journal = opened.task, opened.entry, opened.journal
        before = task.assignee_id
        if person == before:
            raise AlreadyDone(verb=Verb.ASSIGN)
        _require_own(task, {person or before or 0}, by)
        found = await workers(task.unit_id, [person]) if person is not None else []
        if person is not None and not found:
            raise UnfitAssignee()
        task.assignee_id = person
        name = found[0].name if found else ""
        entry.step.note = name or text("word.unassigned")
        if person is not None and person != by.id:
            journal.give_work(entry, person)
        if before is not None and before != by.id:
            journal.call_attention(entry, [before], what=name)
    return opened.task


def _require_own(task: Task, concerned: set[int], by: Actor) -> None:
    """Refuse with AssignsOthers who may dispose of nobody but themselves; see `persons`."""
    if not _manages(task, by) and not concerned <= by.persons:
        raise AssignsOthers()


def _manages(task: Task, by: Actor) -> bool:
    return by.covers_unit(Permission.TASK_ASSIGN_OTHERS, task.unit_id)


async def persons(task_id: int, *, by: Actor, basis: Basis) -> list[Worker]:
    """Return whom somebody may give a task to; raises NotFound, NotPermitted."""
    task, case = await queries.task_for(by, task_id)
    if Verb.ASSIGN not in allowed_on_task(by, case, task, basis):
        raise NotPermitted(verb=Verb.ASSIGN)
    return await workers(task.unit_id, None if _manages(task, by) else by.persons)


async def let_go_of(unit_ids: Collection[int], *, at: datetime, basis: Basis) -> None:
    """Do as `let_go` for whoever handles a task of these units, which were regrouped."""
    held = Task.filter(unit_id__in=list(unit_ids), assignee_id__not_isnull=True)
    rows = held.exclude(stage=TaskStage.DONE.value).distinct().values_list("assignee_id")
    for person in sorted({int(i) for (i,) in await rows}):
        await let_go(await account(person), at=at, basis=basis)


async def let_go(person: AccountView, *, at: datetime, basis: Basis) -> int:
    """Give to nobody what was given to somebody who cannot do it any more; returns how many.

    The units of it hear, within the transaction.
    """
    held = Task.filter(assignee_id=person.id).exclude(stage=TaskStage.DONE.value)
    n_gone = 0
    for task_id, case_id in await held.order_by("case_id", "id").values_list("id", "case_id"):
        case = await Case.filter(id=case_id).select_for_update().get()
        task = await Task.get(id=task_id)
        if task.assignee_id != person.id or await workers(task.unit_id, [person.id]):
            continue
        task.assignee_id = None
        await task.save(update_fields=["assignee_id"])
        able = possible_on_task(Stage(case.stage), Part(task.part), TaskStage(task.stage))
        if Verb.ASSIGN in able:  # else it is at rest, and nobody is to do anything about it
            journal = Journal(case, basis)
            entry = journal.add(Act(verb=Verb.ASSIGN, by=SYSTEM, at=at, task=task))
            entry.step.note = text("word.unassigned")
            unit = basis.units.by_id[task.unit_id].name
            journal.give_units_work(
                Verb.ASSIGN, [task.unit_id], at=at, what=person.name, unit=unit
            )
            await journal.write()
            n_gone += 1
    return n_gone
