"""What the domain announces, and to whom each announcement is owed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; past tense, never edited.

    `stream` orders deliveries: those of one stream reach a receiver in the order recorded, and
    none before its `due_at`; without one, at once.
    """

    kind: ClassVar[str]
    stream: str
    at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMoved(Event):
    """An act on a case that followers or units must hear of (a row marked for telling).

    `version` is the history step's number; `followers` are account ids and `units` unit ids,
    snapshot at the act; of the followers, `reporters` reported the case and read of moments
    exactly. `facts` are what the sentence needs (unit names, deadlines, reason).
    Who did it (`by`) is told nothing as one of a unit, nor who is told otherwise (`besides`). Of
    an `urgent` matter everybody hears at any hour.
    """

    kind: ClassVar[str] = "case.moved"
    no: str
    version: int
    verb: str
    stage: str
    followers: tuple[int, ...]
    units: tuple[int, ...]
    facts: Mapping[str, Any]
    by: int | None = None
    besides: tuple[int, ...] = ()
    reporters: tuple[int, ...] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkAssigned(Event):
    """Persons or units were given something to do on a case: a check, a step of a process.

    Who is told otherwise (`besides`) is told nothing as one of a unit.
    """

    kind: ClassVar[str] = "work.assigned"
    no: str
    version: int
    verb: str
    stage: str
    followers: tuple[int, ...]
    units: tuple[int, ...]
    facts: Mapping[str, Any]
    besides: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionNeeded(Event):
    """Something on a case is for certain persons to decide or to know: those who step in.

    What is `quiet` can wait until the quiet hours are over.
    """

    kind: ClassVar[str] = "attention.needed"
    no: str
    version: int
    verb: str
    stage: str
    followers: tuple[int, ...]
    units: tuple[int, ...]
    facts: Mapping[str, Any]
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceMoved(Event):
    """A proposal to change a list, or an objection to a burden, moved or is over its time."""

    kind: ClassVar[str] = "governance.moved"
    no: str
    version: int
    verb: str
    stage: str
    followers: tuple[int, ...]
    units: tuple[int, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLeft(Event):
    """What became of staff: nobody left, taken over by others, on leave. Of no case."""

    kind: ClassVar[str] = "staff.left"
    no: str
    version: str
    verb: str
    stage: str
    followers: tuple[int, ...]
    units: tuple[int, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWaits(Event):
    """A case came to stand where an office of the county has to act, or who sits in a township.

    They work off what waits, one after another, and are written no message of each: pages that
    lie open look again. Nothing of the case is told.
    """

    kind: ClassVar[str] = "case.waits"
    role: str
    township: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChanged(Event):
    """A case was changed: desks that may show it, as they lie open, look again.

    Nothing of the case is told, not even its number: `case` is its row, by which those are found
    who look at it; `township` is empty where not even the township is to hear that something was.
    """

    kind: ClassVar[str] = "case.changed"
    case: int
    township: str
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoStored(Event):
    """An original was stored; its display copies are owed."""

    kind: ClassVar[str] = "photo.stored"
    photo: str


AUDIENCE: Final[Mapping[type[Event], tuple[str, ...]]] = {
    CaseMoved: ("inbox",),
    WorkAssigned: ("inbox",),
    AttentionNeeded: ("inbox",),
    GovernanceMoved: ("inbox",),
    StaffLeft: ("inbox",),
    CaseWaits: ("live",),
    CaseChanged: ("live",),
    PhotoStored: ("photos",),
}
