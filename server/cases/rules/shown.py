"""Who reads of an act, its words and its photos: closed by default, one row to a verb."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from typing import Final

from server.cases.rules.flow import Verb
from server.cases.rules.views import StepRow


class Reader(IntEnum):
    """Who reads a history; what the next may read, those before may too."""

    STAFF = 0  # offices that look after every case
    UNIT = 1  # who works on this one
    REPORTER = 2  # who reported it
    FOLLOWER = 3  # who merely follows it


class Purpose(StrEnum):
    """What a photo of a case is there to show."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    CHECK = "check"
    VERIFY = "verify"


class AsReporter(Enum):
    """Whether somebody acts as the one who reported the case, whose unit nobody is to read."""

    NEVER = "never"
    OWN = "own"  # whoever reported it; others do it by their office
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Shown:
    """The widest readers of an act, of its reason, of its note and of its photos."""

    act: Reader = Reader.STAFF
    reason: Reader = Reader.STAFF
    note: Reader = Reader.STAFF
    photos: Reader = Reader.STAFF
    by_reporter: AsReporter = AsReporter.NEVER


_UNIT: Final = Reader.UNIT
_REPORTER: Final = Reader.REPORTER
_FOLLOWER: Final = Reader.FOLLOWER
_UNSTATED: Final = Shown()

#: By verb: to whom the act is shown, its reason, its note and, if it can have any, its photos.
SHOWN: Final[Mapping[Verb, Shown]] = {
    Verb.REPORT: Shown(_FOLLOWER, _UNIT, _UNIT, _REPORTER, by_reporter=AsReporter.ALWAYS),
    Verb.CALL: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.VERIFY: Shown(_FOLLOWER, _UNIT, _UNIT, _REPORTER),
    Verb.INQUIRE: Shown(_FOLLOWER, _UNIT, _FOLLOWER),
    Verb.SUPPLEMENT: Shown(_FOLLOWER, _UNIT, _UNIT, _REPORTER, by_reporter=AsReporter.ALWAYS),
    Verb.FILE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.DECLINE: Shown(_FOLLOWER, _FOLLOWER, _UNIT),
    Verb.OBJECT: Shown(_FOLLOWER, _UNIT, _UNIT, by_reporter=AsReporter.ALWAYS),
    Verb.SELF_HANDLE: Shown(_FOLLOWER, _UNIT, _FOLLOWER, _FOLLOWER),
    Verb.DISPATCH: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.ACCEPT: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.ROUTE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.RETURN: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.RULE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.CONVENE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.STATE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.DECIDE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.CHECK_IN: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.CONFIRM: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.CONTEST: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.PROGRESS: Shown(_FOLLOWER, _UNIT, _FOLLOWER, _REPORTER),
    Verb.WAIVE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.DONE: Shown(_FOLLOWER, _UNIT, _UNIT, _FOLLOWER),
    Verb.ASK: Shown(_FOLLOWER, _UNIT, _UNIT, by_reporter=AsReporter.OWN),
    Verb.REFUSE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.LAPSE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.SUSPEND: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.RESUME: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.EXTEND: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.EXEMPT: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.RESOLVE: Shown(_FOLLOWER, _UNIT, _FOLLOWER, _FOLLOWER),
    Verb.CHECK: Shown(_FOLLOWER, _UNIT, _UNIT, _REPORTER),
    Verb.CLOSE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.REWORK: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.APPRAISE: Shown(_FOLLOWER, _UNIT, _UNIT, by_reporter=AsReporter.OWN),
    Verb.ARCHIVE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.REDO: Shown(_FOLLOWER, _UNIT, _UNIT, by_reporter=AsReporter.OWN),
    Verb.MERGE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.UNMERGE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.WITHDRAW: Shown(_FOLLOWER, _UNIT, _UNIT, by_reporter=AsReporter.ALWAYS),
    Verb.URGE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.SUPERVISE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.INSTRUCT: Shown(_UNIT, _UNIT, _UNIT),
    Verb.REPLY: Shown(_UNIT, _UNIT, _UNIT),
    Verb.ESCALATE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.REBIND: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.CONFIRM_PLACE: Shown(_FOLLOWER, _UNIT, _UNIT, by_reporter=AsReporter.ALWAYS),
    Verb.RECUSE: Shown(_FOLLOWER, _UNIT, _UNIT),
}

#: The acts by which photos of each purpose come.
BRINGS: Final[Mapping[Purpose, frozenset[Verb]]] = {
    Purpose.BEFORE: frozenset({Verb.REPORT, Verb.SUPPLEMENT, Verb.SELF_HANDLE}),
    Purpose.DURING: frozenset({Verb.PROGRESS}),
    Purpose.AFTER: frozenset({Verb.DONE, Verb.RESOLVE, Verb.SELF_HANDLE}),
    Purpose.CHECK: frozenset({Verb.CHECK}),
    Purpose.VERIFY: frozenset({Verb.VERIFY}),
}


def shown(verb: str) -> Shown:
    """Return who reads of a verb; of one without a row, staff alone."""
    return SHOWN.get(Verb(verb), _UNSTATED)


def photos_shown(reader: Reader) -> frozenset[Purpose]:
    """Return the purposes whose photos somebody sees, by whichever act they came."""
    return frozenset(
        purpose
        for purpose, verbs in BRINGS.items()
        if all(shown(verb).photos >= reader for verb in verbs)
    )


def by_reporter(step: StepRow, reporters: Set[int]) -> bool:
    """Tell whether somebody acted as the reporter: of which unit that is, nobody is to read."""
    how = shown(step.verb).by_reporter
    return how is AsReporter.ALWAYS or (how is AsReporter.OWN and step.by_id in reporters)
