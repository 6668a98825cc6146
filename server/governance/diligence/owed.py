"""The duties that the life of a case itself sets a unit, judged against their limits. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from server.cases.rules.flow import BY_CALLER, ENDING, TASK_OPEN, Part, TaskStage, Verb
from server.cases.rules.shown import Purpose
from server.cases.rules.traits import Trait, verbs_with
from server.cases.rules.views import InstructionView, PhotoRow, ReturnView, StepRow, TaskRow


class State(StrEnum):
    """How a duty of procedure stands."""

    DONE = "done"
    LATE = "late"
    NOT_DONE = "not_done"
    NOT_DUE = "not_due"
    LIFTED = "lifted"  # the unit was released from it before its limit was over


class Owed(StrEnum):
    """What the life of a case asks of a unit."""

    ACCEPT = "accept"  # K3
    ARRIVE = "arrive"  # K4, when called
    HANDLE = "handle"  # K5, the lead
    COOPERATE = "cooperate"  # K5, or the limit of its own step
    HELPED = "helped"  # the lead: every cooperating unit done or released
    RESULT = "result"  # the lead: words and a photo after
    RETURN = "return"
    REPLY = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One duty of procedure and how it was met; `steps` are versions of the case's history.

    `late` is by how much, None where it is not late or the time has been given anew since;
    `about` tells duties of one kind apart. An exemption is noted: the overdue fact stays.
    """

    owed: Owed
    state: State
    about: str = ""
    due_at: datetime | None = None
    done_at: datetime | None = None
    late: timedelta | None = None
    exempted_at: datetime | None = None
    steps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a case holds of one unit's part in it; `helpers` are the other units' tasks.

    While the case is `suspended` its clock stands, and nothing of it falls due.
    """

    tasks: Sequence[TaskRow]
    helpers: Sequence[TaskRow] = ()
    returns: Sequence[ReturnView] = ()
    instructions: Sequence[InstructionView] = ()
    steps: Sequence[StepRow] = ()
    photos: Sequence[PhotoRow] = ()
    suspended: bool = False


_RELEASED: Final = (TaskStage.RETURNED, TaskStage.WAIVED)
_OF_TIME: Final = verbs_with(Trait.TIMES)


def judged(
    due_at: datetime | None,
    done_at: datetime | None,
    *,
    at: datetime,
    missed: bool = False,
    lifted: bool = False,
) -> tuple[State, timedelta | None]:
    """Return how a duty stands at an instant, and by how much it was late.

    `missed` says that its limit was over at some time, though it may have been moved since.
    """
    if done_at is not None:
        if due_at is not None and done_at > due_at:
            return State.LATE, done_at - due_at
        return (State.LATE if missed else State.DONE), None
    if missed:
        return State.NOT_DONE, None
    if lifted:
        return State.LIFTED, None
    over = due_at is not None and at > due_at
    return (State.NOT_DONE if over else State.NOT_DUE), None


def duties(past: Past, *, at: datetime) -> tuple[Duty, ...]:
    """Return a unit's duties of procedure, task by task, then its returns and replies."""
    found = list[Duty]()
    for task in past.tasks:
        if task.accept_due_at is not None:
            found.append(_signed(task, past, at))
        if task.arrive_due_at is not None:
            found.append(_arrived(task, past, at))
        found.append(_handled(task, past, at))
        if task.part == Part.LEAD:
            found += _of_lead(task, past)
    found += [_returned(each, past) for each in past.returns]
    found += [_answered(each, past, at) for each in past.instructions]
    return tuple(found)


def _signed(task: TaskRow, past: Past, at: datetime) -> Duty:
    # What the clock signed for, the unit did not.
    signed_at = None if task.accepted_by_clock else task.accepted_at
    state, late = judged(
        task.accept_due_at,
        signed_at,
        at=at,
        missed=task.accepted_by_clock,
        lifted=task.stage in _RELEASED,
    )
    return Duty(
        owed=Owed.ACCEPT,
        about=task.step,
        due_at=task.accept_due_at,
        done_at=signed_at,
        state=state,
        late=late,
        steps=_steps(past, {task.id}, Verb.ACCEPT),
    )


def _arrived(task: TaskRow, past: Past, at: datetime) -> Duty:
    contested = task.arrival == "contested"
    came_at = None if contested else task.arrived_at
    state, late = judged(
        task.arrive_due_at,
        came_at,
        at=at,
        missed=contested or task.late_at is not None or _came_late(task),
        lifted=task.stage in _RELEASED,
    )
    return Duty(
        owed=Owed.ARRIVE,
        about=task.step,
        due_at=task.arrive_due_at,
        done_at=came_at,
        state=state,
        late=late,
        steps=_steps(past, {task.id}, Verb.CHECK_IN, *BY_CALLER),
    )


def _came_late(task: TaskRow) -> bool:
    return any(each.late_at is not None for each in task.earlier_calls)


def _handled(task: TaskRow, past: Past, at: datetime) -> Duty:
    lead = task.part == Part.LEAD
    due_at = None if past.suspended and task.done_at is None else task.due_at
    state, late = judged(
        due_at,
        task.done_at,
        at=at,
        missed=task.overdue_at is not None,
        lifted=task.stage in _RELEASED,
    )
    of_time = {step.version for step in past.steps if lead and step.verb in _OF_TIME}
    return Duty(
        owed=Owed.HANDLE if lead else Owed.COOPERATE,
        about=task.step,
        due_at=due_at,
        done_at=task.done_at,
        state=state,
        late=late,
        exempted_at=task.exempted_at,
        steps=tuple(sorted(of_time.union(_steps(past, {task.id}, Verb.PROGRESS, *ENDING)))),
    )


def _of_lead(task: TaskRow, past: Past) -> Iterator[Duty]:
    """Yield what only a lead owes, and owes when it declares the case handled."""

    def at_the_end(owed: Owed, met: bool, steps: tuple[int, ...]) -> Duty:
        state = State.DONE if met else State.NOT_DONE
        if task.done_at is None:
            state = State.LIFTED if task.stage in _RELEASED else State.NOT_DUE
        return Duty(owed=owed, about=task.step, done_at=task.done_at, state=state, steps=steps)

    if past.helpers:
        helped = all(each.stage not in TASK_OPEN for each in past.helpers)
        ended = _steps(past, {each.id for each in past.helpers}, *ENDING)
        yield at_the_end(Owed.HELPED, helped, ended)
    resolved = _steps(past, {task.id}, Verb.RESOLVE)
    seen = any(
        each.purpose == Purpose.AFTER and each.step_version in resolved for each in past.photos
    )
    yield at_the_end(Owed.RESULT, bool(task.result) and seen, resolved)


def _returned(given: ReturnView, past: Past) -> Duty:
    """Return the duty that a return met: only one in time and with a ground is taken at all."""
    steps = [
        step.version
        for step in past.steps
        if (step.verb == Verb.RETURN and step.at == given.at)
        or (step.verb == Verb.RULE and step.at == given.ruled_at)
    ]
    return Duty(
        owed=Owed.RETURN,
        about=given.ground,
        done_at=given.at,
        state=State.DONE,
        steps=tuple(steps),
    )


def _answered(given: InstructionView, past: Past, at: datetime) -> Duty:
    state, late = judged(given.reply_due_at, given.replied_at, at=at)
    times = {(Verb.INSTRUCT.value, given.at), (Verb.REPLY.value, given.replied_at)}
    return Duty(
        owed=Owed.REPLY,
        due_at=given.reply_due_at,
        done_at=given.replied_at,
        state=state,
        late=late,
        steps=tuple(step.version for step in past.steps if (step.verb, step.at) in times),
    )


def _steps(past: Past, tasks: set[int], *verbs: Verb) -> tuple[int, ...]:
    """Return the versions at which one of these was done to one of these tasks."""
    return tuple(
        step.version for step in past.steps if step.task_id in tasks and step.verb in verbs
    )
