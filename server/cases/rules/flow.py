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
    VERIFY = "verify"
    INQUIRE = "inquire"
    SUPPLEMENT = "supplement"
    FILE = "file"
    DECLINE = "decline"
    OBJECT = "object"
    SELF_HANDLE = "self_handle"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    ROUTE = "route"
    ASSIGN = "assign"
    RETURN = "return"
    RULE = "rule"
    CONVENE = "convene"
    STATE = "state"
    DECIDE = "decide"
    CHECK_IN = "check_in"
    CONFIRM = "confirm"
    CONTEST = "contest"
    PROGRESS = "progress"
    WAIVE = "waive"
    DONE = "done"
    ASK = "ask"
    REFUSE = "refuse"
    LAPSE = "lapse"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    EXEMPT = "exempt"
    RESOLVE = "resolve"
    CHECK = "check"
    CLOSE = "close"
    REWORK = "rework"
    APPRAISE = "appraise"
    ARCHIVE = "archive"
    REDO = "redo"
    MERGE = "merge"
    UNMERGE = "unmerge"
    WITHDRAW = "withdraw"
    URGE = "urge"
    SUPERVISE = "supervise"
    INSTRUCT = "instruct"
    REPLY = "reply"
    ESCALATE = "escalate"
    REBIND = "rebind"
    CONFIRM_PLACE = "confirm_place"
    RECUSE = "recuse"


class Audience(Flag):
    """To whom an act owes a message."""

    NOBODY = 0
    FOLLOWERS = auto()
    UNITS = auto()
    ALL = FOLLOWERS | UNITS


@dataclass(frozen=True, slots=True)
class Move:
    """One edge: from which stages, to which (None: it stays), for which part of a case.

    `part` None means the verb is the case's own; `reason` marks verbs that need one. `way` tells
    edges of one verb from one stage apart: a ruling upholds or refuses, a withdrawn report takes
    its case along or not. The empty way is the usual one. `indirect` marks what nobody does to the
    case itself: an answer to what was given to somebody, a request, what befalls another case.
    """

    verb: Verb
    sources: frozenset[Stage | None]
    target: Stage | None
    told: Audience = Audience.NOBODY
    part: Part | None = None
    reason: bool = False
    way: str = ""
    indirect: bool = False


def _at(*stages: Stage | None) -> frozenset[Stage | None]:
    return frozenset(stages)


_S: Final = Stage
FINAL: Final = _at(_S.DECLINED, _S.CLOSED, _S.ARCHIVED, _S.MERGED, _S.WITHDRAWN)
_WORKING: Final = _at(_S.DISPATCHED, _S.HANDLING)
#: Before any unit has signed for it, and before the end.
EARLY: Final = frozenset({_S.SUBMITTED, _S.VERIFYING, _S.FILED, _S.DISPATCHED})
OPEN: Final = frozenset(stage for stage in _S if stage not in FINAL)
#: While it is disputed who leads, the cooperating units go on.
_HELPING: Final = _WORKING | {_S.DISPUTED, _S.IN_CONFERENCE}
#: Units are at work, or it is disputed whose work it is.
AFTER_DISPATCH: Final = _HELPING | {_S.SUSPENDED}
#: A unit has the case, or had it.
GIVEN: Final = AFTER_DISPATCH | {_S.HANDLED, _S.CHECKING}
_ENDED: Final = _at(_S.CLOSED, _S.ARCHIVED)
_L: Final = Part.LEAD
_C: Final = Part.COOPERATING

FLOW: Final[tuple[Move, ...]] = (
    # Taking on.
    Move(Verb.REPORT, _at(None), _S.SUBMITTED, Audience.FOLLOWERS),
    Move(Verb.CALL, _at(None, _S.FILED), _S.DISPATCHED, Audience.ALL),
    Move(Verb.CALL, _WORKING, None, Audience.ALL, way="join"),
    Move(Verb.VERIFY, _at(_S.SUBMITTED), _S.VERIFYING, way="ask"),
    Move(Verb.VERIFY, _at(_S.VERIFYING), _S.SUBMITTED, indirect=True),
    Move(Verb.INQUIRE, _at(_S.SUBMITTED), None, Audience.FOLLOWERS),
    Move(Verb.SUPPLEMENT, _at(_S.SUBMITTED, _S.VERIFYING, _S.FILED), None),
    Move(Verb.SUPPLEMENT, GIVEN, None, Audience.UNITS),
    Move(Verb.FILE, _at(_S.SUBMITTED), _S.FILED),
    Move(Verb.DECLINE, _at(_S.SUBMITTED), _S.DECLINED, Audience.FOLLOWERS, reason=True),
    Move(Verb.OBJECT, _at(_S.DECLINED), _S.SUBMITTED, reason=True),
    Move(Verb.SELF_HANDLE, _at(_S.SUBMITTED, _S.FILED, _S.DISPATCHED), _S.HANDLED, Audience.ALL),
    # Who does it.
    Move(Verb.DISPATCH, _at(_S.FILED), _S.DISPATCHED, Audience.ALL),
    Move(Verb.ACCEPT, _at(_S.DISPATCHED), _S.HANDLING, Audience.ALL, part=_L),
    Move(Verb.ACCEPT, _HELPING, None, part=_C),
    Move(Verb.ROUTE, _WORKING, None, part=_L),
    Move(Verb.ROUTE, _WORKING, None, part=_C),
    Move(Verb.ASSIGN, AFTER_DISPATCH, None, part=_L),
    Move(Verb.ASSIGN, AFTER_DISPATCH, None, part=_C),
    # Returns, and who settles them.
    Move(Verb.RETURN, _WORKING, _S.DISPUTED, Audience.ALL, part=_L, reason=True),
    Move(Verb.RETURN, _HELPING, None, Audience.UNITS, part=_C, reason=True),
    Move(Verb.RULE, _at(_S.DISPUTED), _S.DISPATCHED, Audience.ALL, reason=True, way="uphold"),
    Move(
        Verb.RULE, _at(_S.DISPUTED), _S.DISPATCHED, Audience.ALL, reason=True, way="refuse_pending"
    ),
    Move(Verb.RULE, _at(_S.DISPUTED), _S.HANDLING, Audience.ALL, reason=True, way="refuse"),
    Move(Verb.RULE, AFTER_DISPATCH, None, Audience.UNITS, reason=True, way="cooperating"),
    Move(Verb.CONVENE, _at(_S.DISPUTED), _S.IN_CONFERENCE, Audience.UNITS),
    Move(Verb.STATE, _at(_S.DISPUTED, _S.IN_CONFERENCE), None, reason=True),
    Move(Verb.DECIDE, _at(_S.IN_CONFERENCE), _S.DISPATCHED, Audience.ALL, reason=True),
    Move(
        Verb.DECIDE, _at(_S.IN_CONFERENCE), _S.DECLINED, Audience.ALL, reason=True, way="decline"
    ),
    # At work.
    Move(Verb.CHECK_IN, _WORKING, None, Audience.ALL, part=_L),
    Move(Verb.CHECK_IN, _HELPING, None, Audience.ALL, part=_C),
    Move(Verb.CONFIRM, _WORKING, None, Audience.UNITS, part=_L),
    Move(Verb.CONFIRM, _HELPING, None, Audience.UNITS, part=_C),
    Move(Verb.CONTEST, _WORKING, None, Audience.UNITS, part=_L, reason=True),
    Move(Verb.CONTEST, _HELPING, None, Audience.UNITS, part=_C, reason=True),
    Move(Verb.PROGRESS, _at(_S.HANDLING), None, part=_L),
    Move(Verb.PROGRESS, _HELPING, None, part=_C),
    Move(Verb.WAIVE, _WORKING, None, Audience.UNITS, part=_C, reason=True),
    Move(Verb.DONE, _HELPING, None, Audience.UNITS, part=_C),
    # Time: asked for by a unit (or a reporter, for a second redo), granted or refused.
    Move(Verb.ASK, OPEN | _ENDED, None, reason=True, indirect=True),
    Move(Verb.ASK, OPEN | _ENDED, None, reason=True, way="redo", indirect=True),
    Move(Verb.REFUSE, OPEN | _ENDED, None, Audience.UNITS, reason=True),
    Move(Verb.REFUSE, _ENDED, None, Audience.FOLLOWERS, reason=True, way="redo"),
    Move(Verb.LAPSE, OPEN | FINAL, None, reason=True),
    Move(Verb.SUSPEND, _at(_S.HANDLING), _S.SUSPENDED, Audience.ALL, reason=True),
    Move(Verb.RESUME, _at(_S.SUSPENDED), _S.HANDLING, Audience.ALL),
    Move(Verb.EXTEND, _at(_S.HANDLING), None, Audience.ALL, reason=True),
    Move(Verb.EXEMPT, OPEN | _ENDED, None, Audience.UNITS, reason=True),
    # The end, and after it.
    Move(Verb.RESOLVE, _at(_S.HANDLING), _S.HANDLED, Audience.ALL, part=_L),
    Move(Verb.CHECK, _at(_S.HANDLED), _S.CHECKING, indirect=True),
    Move(Verb.CHECK, _at(_S.CHECKING), None, indirect=True),
    Move(Verb.CLOSE, _at(_S.CHECKING), _S.CLOSED, Audience.ALL),
    Move(Verb.REWORK, _at(_S.CHECKING), _S.HANDLING, Audience.ALL, reason=True),
    # Handled on the spot before: now to the list's lead, or to the dispatcher where it has none.
    Move(Verb.REWORK, _at(_S.CHECKING), _S.DISPATCHED, Audience.ALL, reason=True, way="to_lead"),
    Move(Verb.REWORK, _at(_S.CHECKING), _S.FILED, Audience.ALL, reason=True, way="to_dispatcher"),
    Move(Verb.APPRAISE, _at(_S.CLOSED), None),
    Move(Verb.APPRAISE, _at(_S.CLOSED), None, Audience.UNITS, way="unsolved"),
    Move(Verb.ARCHIVE, _at(_S.CLOSED), _S.ARCHIVED),
    Move(Verb.REDO, _ENDED, _S.HANDLING, Audience.ALL, reason=True),
    Move(Verb.REDO, _ENDED, _S.DISPATCHED, Audience.ALL, reason=True, way="to_lead"),
    Move(Verb.REDO, _ENDED, _S.FILED, Audience.ALL, reason=True, way="to_dispatcher"),
    # One matter reported twice, and reports taken back.
    Move(Verb.MERGE, OPEN, _S.MERGED, Audience.ALL, reason=True),
    Move(Verb.MERGE, OPEN, None, Audience.UNITS, reason=True, way="survive", indirect=True),
    *(
        Move(Verb.UNMERGE, _at(_S.MERGED), stage, Audience.ALL, reason=True, way=stage.value)
        for stage in _S
        if stage in OPEN
    ),
    Move(
        Verb.UNMERGE,
        OPEN | _ENDED,
        None,
        Audience.UNITS,
        reason=True,
        way="survive",
        indirect=True,
    ),
    Move(Verb.WITHDRAW, EARLY, _S.WITHDRAWN, Audience.ALL),
    Move(Verb.WITHDRAW, EARLY, None, Audience.FOLLOWERS, way="goes_on"),
    # From above, and by the clock.
    Move(Verb.URGE, OPEN, None, Audience.UNITS),
    Move(Verb.SUPERVISE, OPEN, None, Audience.UNITS),
    Move(Verb.INSTRUCT, OPEN, None, Audience.UNITS, reason=True),
    Move(Verb.REPLY, OPEN | _ENDED, None),
    Move(Verb.ESCALATE, OPEN, None),
    # Where it lies.
    Move(Verb.REBIND, OPEN, None, Audience.UNITS, reason=True),
    Move(Verb.CONFIRM_PLACE, EARLY, None, Audience.UNITS),
    # Of which unit it complains, who has no part in it: whoever led it leads it no more.
    Move(Verb.RECUSE, OPEN | FINAL, None, Audience.ALL, reason=True),
    Move(Verb.RECUSE, GIVEN, _S.DISPATCHED, Audience.ALL, reason=True, way="to_lead"),
    Move(Verb.RECUSE, GIVEN, _S.FILED, Audience.ALL, reason=True, way="to_dispatcher"),
)


@dataclass(frozen=True, slots=True)
class TaskMove:
    """One edge of a task's life (target None: it stays).

    `by_lead` marks what is done to a task by the unit that leads its case, whosever the task;
    `by_caller` what whoever called a unit says of its arrival, and no unit of its own.
    """

    verb: Verb
    sources: frozenset[TaskStage]
    target: TaskStage | None
    way: str = ""
    by_lead: bool = False
    by_caller: bool = False


_T: Final = TaskStage
_AT_WORK: Final = frozenset({_T.ACCEPTED, _T.ARRIVED})
#: Stages at which a unit still owes its part.
TASK_OPEN: Final = frozenset({_T.PENDING, _T.ACCEPTED, _T.ARRIVED})
#: A unit whose part ended so has none in the case any more.
TASK_GONE: Final = tuple(stage.value for stage in (_T.RETURNED, _T.WAIVED))

TASK_FLOW: Final[tuple[TaskMove, ...]] = (
    TaskMove(Verb.ACCEPT, frozenset({_T.PENDING}), _T.ACCEPTED),
    # A unit that is called to a case in which it has a part already: it is to come (again).
    TaskMove(Verb.CALL, frozenset({_T.PENDING, _T.ACCEPTED}), None),
    TaskMove(Verb.CALL, frozenset({_T.ARRIVED, _T.DONE}), _T.ACCEPTED),
    TaskMove(Verb.CALL, frozenset({_T.WAIVED}), _T.PENDING),
    TaskMove(Verb.ROUTE, TASK_OPEN, None),
    TaskMove(Verb.ASSIGN, TASK_OPEN, None),
    TaskMove(Verb.RETURN, TASK_OPEN, _T.RETURNED),
    # A return that is refused puts the unit back where it was.
    *(TaskMove(Verb.RULE, frozenset({_T.RETURNED}), at, at.value) for at in sorted(TASK_OPEN)),
    # A conference may hold the unit to its task after all; it signs for it anew.
    TaskMove(Verb.DECIDE, frozenset({_T.RETURNED}), _T.PENDING),
    TaskMove(Verb.WAIVE, TASK_OPEN, _T.WAIVED, by_lead=True),
    TaskMove(Verb.CHECK_IN, frozenset({_T.ACCEPTED}), _T.ARRIVED),
    TaskMove(Verb.CONFIRM, frozenset({_T.ARRIVED, _T.DONE}), None, by_caller=True),
    TaskMove(Verb.CONTEST, frozenset({_T.ARRIVED, _T.DONE}), None, by_caller=True),
    TaskMove(Verb.PROGRESS, _AT_WORK, None),
    TaskMove(Verb.DONE, _AT_WORK, _T.DONE),
    TaskMove(Verb.RESOLVE, _AT_WORK, _T.DONE),
)

#: By which verb a township said of an arrival what it says.
VERDICTS: Final = {"confirmed": Verb.CONFIRM, "contested": Verb.CONTEST}
#: Stages at which a cooperating unit's return can be ruled on.
RULED_COOPERATING: Final = AFTER_DISPATCH
#: Verbs that reach a case through one unit's task.
TASK_VERBS: Final = frozenset(move.verb for move in FLOW if move.part)
#: Verbs that the lead does to another unit's task.
BY_LEAD: Final = frozenset(move.verb for move in TASK_FLOW if move.by_lead)
#: Verbs that judge whether a unit came.
BY_CALLER: Final = frozenset(move.verb for move in TASK_FLOW if move.by_caller)
#: Verbs that bring a unit's part on to its end, the next first.
ONWARD: Final = tuple(
    move.verb
    for move in TASK_FLOW
    if move.sources <= TASK_OPEN and move.target in {*_AT_WORK, _T.DONE}
)
#: Verbs with which a unit's part is over, done or not.
ENDING: Final = frozenset(
    move.verb for move in TASK_FLOW if move.target and move.target not in TASK_OPEN
)


def edge(stage: Stage | None, verb: Verb, part: Part | None = None, way: str = "") -> Move:
    """Return the row of the table that applies, or refuse with WrongStage."""
    for move in FLOW:
        if move.verb is verb and move.part is part and move.way == way and stage in move.sources:
            return move
    raise WrongStage(stage=stage, verb=verb, possible=possible(stage))


def task_after(stage: TaskStage, verb: Verb, way: str = "") -> TaskStage:
    """Return the task's next stage, or refuse with WrongTaskStage."""
    for move in TASK_FLOW:
        if move.verb is verb and move.way == way and stage in move.sources:
            return move.target or stage
    able = dict.fromkeys(move.verb.value for move in TASK_FLOW if stage in move.sources)
    raise WrongTaskStage(stage=stage, verb=verb, possible=list(able))


def possible_on_task(stage: Stage, part: Part, task: TaskStage) -> list[Verb]:
    """Return the verbs that apply to a task and reach its case, in the table's order."""
    reaching = {m.verb for m in FLOW if m.part is part and stage in m.sources}
    return [m.verb for m in TASK_FLOW if not m.way and task in m.sources and m.verb in reaching]


def possible(stage: Stage | None) -> list[Verb]:
    """Return the verbs that apply at a stage, in the table's order."""
    return list(dict.fromkeys(m.verb for m in FLOW if stage in m.sources))


def possible_on_case(stage: Stage) -> list[Verb]:
    """Return the verbs that are done to a case itself at a stage, in the table's order."""
    moves = (m for m in FLOW if stage in m.sources and not (m.part or m.indirect))
    return list(dict.fromkeys(move.verb for move in moves))
