"""Why acts that people ask for most are not open to somebody as a case stands, in a sentence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.cases.disputes.returns import why_not_returned
from server.cases.door.access import allowed_on_task, require
from server.cases.door.briefing import called
from server.cases.door.hindrances import hindrance
from server.cases.models.case import Case
from server.cases.rules.basis import Basis
from server.cases.rules.flow import (
    FINAL,
    FLOW,
    TASK_FLOW,
    TASK_OPEN,
    TASK_VERBS,
    Part,
    Stage,
    TaskStage,
    Verb,
    possible_on_case,
    possible_on_task,
)
from server.cases.rules.traits import Trait, verbs_with
from server.cases.rules.views import TaskRow
from server.errors import NotPermitted, Problem, WrongStage, WrongTaskStage
from server.people.actor import Actor
from server.permissions import Permission, granting
from server.texts.catalogue import text

_ASKED: Final = verbs_with(Trait.ASKED)
_OF_CASE: Final = (_ASKED - TASK_VERBS) | verbs_with(Trait.BARRED)
_OF_PART: Final = {
    part: _ASKED & {move.verb for move in FLOW if move.part is part} for part in Part
}


@dataclass(frozen=True, slots=True)
class Closed:
    """An act that is not open to somebody now, on which task where it is of one, and why."""

    verb: Verb
    why: Problem | str
    task_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks why not, of which case, when, on what it rests."""

    by: Actor
    case: Case
    at: datetime
    basis: Basis


async def why_not(asked: Asked, tasks: Sequence[TaskRow], may: Collection[Verb]) -> list[Closed]:
    """Return the acts that people ask for most and the reader cannot do, each with the reason.

    `may` are those of the case that are open. Of a case that is over nothing is said.
    """
    if Stage(asked.case.stage) in FINAL:
        return []
    found = list[Closed]()
    own = [task for task in tasks if task.unit_id in asked.by.unit_ids]
    for task in own:
        if task.stage in TASK_OPEN:
            found += await _of_part(asked, task)
    if not own:
        lead = called(asked.case.lead_id, asked.basis.units)
        found += [
            Closed(verb, text("why_not.units", lead=lead))
            for verb in Verb
            if verb in _OF_PART[Part.LEAD]
        ]
    for verb in Verb:
        if verb in _OF_CASE and verb not in may and (why := await _of_case(asked, verb)):
            found.append(Closed(verb, why))
    return found


async def _of_case(asked: Asked, verb: Verb) -> Problem | str | None:
    by, case = asked.by, asked.case
    permission = Permission(f"case.{verb}")
    if permission not in by.permissions:
        return _offices(permission) if verb is Verb.CLOSE else None
    if verb not in possible_on_case(Stage(case.stage)):
        return WrongStage(stage=case.stage, verb=verb) if verb in _ASKED else None
    try:
        await require(by, verb, case)
    except NotPermitted:
        return None
    except Problem as problem:
        return problem
    found = await hindrance(verb, by, case, at=asked.at, basis=asked.basis)
    # What of the verb is for others alone is no answer to a question that nobody had.
    return None if isinstance(found, NotPermitted) else found


def _offices(permission: Permission) -> str:
    offices = text("format.and").join(text(f"role.{role}") for role in granting(permission))
    return text("why_not.office", offices=offices)


async def _of_part(asked: Asked, task: TaskRow) -> list[Closed]:
    by, case, basis = asked.by, asked.case, asked.basis
    allowed = allowed_on_task(by, case, task, basis)
    stage, part = TaskStage(task.stage), Part(task.part)
    possible = possible_on_task(Stage(case.stage), part, stage)
    found = list[Closed]()
    for verb in [each for each in Verb if each in _OF_PART[part]]:
        problem: Problem | None = None
        if verb is Verb.RETURN and verb in allowed:
            problem = await why_not_returned(task, case, at=asked.at, basis=basis)
        elif verb not in possible:
            able = any(move.verb is verb and stage in move.sources for move in TASK_FLOW)
            problem = (
                WrongStage(stage=case.stage, verb=verb)
                if able
                else WrongTaskStage(stage=stage, verb=verb)
            )
        elif verb not in allowed:
            problem = NotPermitted(verb=verb)
        if problem is not None:
            found.append(Closed(verb, problem, task.id))
    return found
