"""The life of a case: every stage, every verb, and which verb leads where. No effects here."""

from dataclasses import dataclass
from enum import Flag, StrEnum, auto
from typing import Final

from server.errors import WrongStage, WrongTaskStage


class Stage(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    VERIFYING = "verifying"
    DECLINED = "declined"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    SUSPENDED = "suspended"
    DISPUTED = "disputed"
    IN_CONFERENCE = "in_conference"
    HANDLED = "handled"
    CHECKING = "checking"
    CLOSED = "closed"
    ARCHIVED = "archived"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


class TaskStage(StrEnum):
    """Where one unit's part stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    ARRIVED = "arrived"
    DONE = "done"
    RETURNED = "returned"
    WAIVED = "waived"


class Part(StrEnum):
    """What a unit is in a case."""

    LEAD = "lead"
    COOPERATING = "cooperating"


class Verb(StrEnum):
    """What can be done to a case or a task; also the tail of its permission."""

    REPORT = "report"
    CALL = "call"
    FILE = "file"
    DECLINE = "decline"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    CHECK_IN = "check_in"
    CONFIRM = "confirm"
    CONTEST = "contest"
    PROGRESS = "progress"
    DONE = "done"
    RESOLVE = "resolve"
    CHECK = "check"
    CLOSE = "close"
    REWORK = "rework"
    APPRAISE = "appraise"
    ARCHIVE = "archive"
    REDO = "redo"
    WITHDRAW = "withdraw"
    REBIND = "rebind"
    CONFIRM_PLACE = "confirm_place"


class Told(Flag):
    """To whom an act owes a message."""

    NOBODY = 0
    FOLLOWERS = auto()
    UNITS = auto()
    ALL = FOLLOWERS | UNITS


@dataclass(frozen=True, slots=True)
class Move:
    """One edge: from which stages, to which (None: it stays), for which part of a case.

    `part` None means the verb is the case's own; `reason` marks verbs that need one.
    """

    verb: Verb
    sources: frozenset[Stage | None]
    target: Stage | None
    told: Told = Told.NOBODY
    part: Part | None = None
    reason: bool = False


def _at(*stages: Stage | None) -> frozenset[Stage | None]:
    return frozenset(stages)


FINAL: Final = _at(Stage.DECLINED, Stage.CLOSED, Stage.ARCHIVED, Stage.MERGED, Stage.WITHDRAWN)
_S: Final = Stage
_WORKING: Final = _at(_S.DISPATCHED, _S.HANDLING)
#: Before any unit has signed for it, and before the end.
EARLY: Final = frozenset({_S.SUBMITTED, _S.FILED, _S.DISPATCHED})
OPEN: Final = frozenset(stage for stage in _S if stage not in FINAL)

FLOW: Final[tuple[Move, ...]] = (
    Move(Verb.REPORT, _at(None), _S.SUBMITTED, Told.FOLLOWERS),
    Move(Verb.CALL, _at(None, _S.FILED), _S.DISPATCHED, Told.ALL),
    Move(Verb.FILE, _at(_S.SUBMITTED), _S.FILED),
    Move(Verb.DECLINE, _at(_S.SUBMITTED), _S.DECLINED, Told.FOLLOWERS, reason=True),
    Move(Verb.DISPATCH, _at(_S.FILED), _S.DISPATCHED, Told.ALL),
    Move(Verb.ACCEPT, _at(_S.DISPATCHED), _S.HANDLING, Told.ALL, part=Part.LEAD),
    Move(Verb.ACCEPT, _WORKING, None, part=Part.COOPERATING),
    Move(Verb.CHECK_IN, _WORKING, None, Told.ALL, part=Part.LEAD),
    Move(Verb.CHECK_IN, _WORKING, None, Told.ALL, part=Part.COOPERATING),
    Move(Verb.CONFIRM, _WORKING, None, Told.UNITS, part=Part.LEAD),
    Move(Verb.CONFIRM, _WORKING, None, Told.UNITS, part=Part.COOPERATING),
    Move(Verb.CONTEST, _WORKING, None, Told.UNITS, part=Part.LEAD, reason=True),
    Move(Verb.CONTEST, _WORKING, None, Told.UNITS, part=Part.COOPERATING, reason=True),
    Move(Verb.PROGRESS, _at(_S.HANDLING), None, part=Part.LEAD),
    Move(Verb.PROGRESS, _WORKING, None, part=Part.COOPERATING),
    Move(Verb.DONE, _WORKING, None, Told.UNITS, part=Part.COOPERATING),
    Move(Verb.RESOLVE, _at(_S.HANDLING), _S.HANDLED, Told.ALL, part=Part.LEAD),
    Move(Verb.CHECK, _at(_S.HANDLED), _S.CHECKING),
    Move(Verb.CHECK, _at(_S.CHECKING), None),
    Move(Verb.CLOSE, _at(_S.CHECKING), _S.CLOSED, Told.ALL),
    Move(Verb.REWORK, _at(_S.CHECKING), _S.HANDLING, Told.ALL, reason=True),
    Move(Verb.APPRAISE, _at(_S.CLOSED), None),
    Move(Verb.ARCHIVE, _at(_S.CLOSED), _S.ARCHIVED),
    Move(Verb.REDO, _at(_S.CLOSED, _S.ARCHIVED), _S.HANDLING, Told.ALL, reason=True),
    Move(Verb.WITHDRAW, _at(*EARLY), _S.WITHDRAWN, Told.ALL),
    Move(Verb.REBIND, _at(*OPEN), None, Told.UNITS, reason=True),
    Move(Verb.CONFIRM_PLACE, _at(*EARLY), None, Told.UNITS),
)


@dataclass(frozen=True, slots=True)
class TaskMove:
    """One edge of a task's life (target None: it stays)."""

    verb: Verb
    sources: frozenset[TaskStage]
    target: TaskStage | None


_T: Final = TaskStage
_AT_WORK: Final = frozenset({_T.ACCEPTED, _T.ARRIVED})

TASK_FLOW: Final[tuple[TaskMove, ...]] = (
    TaskMove(Verb.ACCEPT, frozenset({_T.PENDING}), _T.ACCEPTED),
    TaskMove(Verb.CHECK_IN, frozenset({_T.ACCEPTED}), _T.ARRIVED),
    TaskMove(Verb.CONFIRM, frozenset({_T.ARRIVED, _T.DONE}), None),
    TaskMove(Verb.CONTEST, frozenset({_T.ARRIVED, _T.DONE}), None),
    TaskMove(Verb.PROGRESS, _AT_WORK, None),
    TaskMove(Verb.DONE, _AT_WORK, _T.DONE),
    TaskMove(Verb.RESOLVE, _AT_WORK, _T.DONE),
)

#: Verbs that reach a case through one unit's task.
TASK_VERBS: Final = frozenset(move.verb for move in FLOW if move.part)


def edge(stage: Stage | None, verb: Verb, part: Part | None = None) -> Move:
    """Return the row of the table that applies, or refuse with WrongStage."""
    for move in FLOW:
        if move.verb is verb and move.part is part and stage in move.sources:
            return move
    raise WrongStage(stage=stage, verb=verb, possible=possible(stage))


def task_after(stage: TaskStage, verb: Verb) -> TaskStage:
    """Return the task's next stage, or refuse with WrongTaskStage."""
    for move in TASK_FLOW:
        if move.verb is verb and stage in move.sources:
            return move.target or stage
    raise WrongTaskStage(stage=stage, verb=verb)


def possible(stage: Stage | None) -> list[str]:
    """Return the verbs that apply at a stage, in the table's order."""
    return list(dict.fromkeys(m.verb.value for m in FLOW if stage in m.sources))
