"""Who reads of an act, its words and its photos: closed by default, one row to a verb."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from server import permissions
from server.cases.rules.flow import Verb


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


@dataclass(frozen=True, slots=True)
class Shown:
    """The widest readers of an act, of its reason, of its note and of its photos.

    A `coded` reason is the key of a sentence, and no words of whoever acted.
    """

    act: Reader = Reader.STAFF
    reason: Reader = Reader.STAFF
    note: Reader = Reader.STAFF
    photos: Reader = Reader.STAFF
    coded: bool = False


#: Stands for the role of who acts as a reporter: which other one they hold nobody is to read.
REPORTER: Final = "reporter"
#: What who reported a case does as such.
OF_REPORTERS: Final = frozenset(
    Verb(permission.removeprefix("case."))
    for permission in permissions.OF_REPORTERS
    if permission.startswith("case.")
)

#: By which ways reports come.
CHANNELS: Final = ("wechat", "mailbox", "patrol", "hotline", "leader", "supplement")
USUAL_CHANNEL: Final = "wechat"
PATROL: Final = "patrol"

_UNIT: Final = Reader.UNIT
_REPORTER: Final = Reader.REPORTER
_FOLLOWER: Final = Reader.FOLLOWER
_UNSTATED: Final = Shown()

#: By verb: to whom the act is shown, its reason, its note and, if it can have any, its photos.
SHOWN: Final[Mapping[Verb, Shown]] = {
    Verb.REPORT: Shown(_FOLLOWER, _UNIT, _UNIT, _REPORTER),
    Verb.CALL: Shown(_FOLLOWER, _UNIT, _UNIT, coded=True),
    Verb.VERIFY: Shown(_FOLLOWER, _UNIT, _UNIT, _REPORTER),
    Verb.INQUIRE: Shown(_FOLLOWER, _UNIT, _FOLLOWER),
    Verb.SUPPLEMENT: Shown(_FOLLOWER, _UNIT, _UNIT, _REPORTER),
    Verb.FILE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.DECLINE: Shown(_FOLLOWER, _FOLLOWER, _UNIT, coded=True),
    Verb.OBJECT: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.SELF_HANDLE: Shown(_FOLLOWER, _UNIT, _FOLLOWER, _FOLLOWER),
    Verb.DISPATCH: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.ACCEPT: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.ROUTE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.ASSIGN: Shown(_UNIT, _UNIT, _UNIT),
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
    Verb.ASK: Shown(_FOLLOWER, _UNIT, _UNIT),
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
    Verb.APPRAISE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.ARCHIVE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.REDO: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.MERGE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.UNMERGE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.WITHDRAW: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.URGE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.SUPERVISE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.INSTRUCT: Shown(_UNIT, _UNIT, _UNIT),
    Verb.REPLY: Shown(_UNIT, _UNIT, _UNIT),
    Verb.ESCALATE: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.REBIND: Shown(_FOLLOWER, _UNIT, _UNIT),
    Verb.CONFIRM_PLACE: Shown(_FOLLOWER, _UNIT, _UNIT),
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


def channel_shown(channel: str, reader: Reader) -> str:
    """Return by which way a report came, as somebody may read it.

    What came in on a patrol came from the grid's worker, and that is often one person: to whom
    not every case is shown it came like anybody's.
    """
    return USUAL_CHANNEL if channel == PATROL and reader > Reader.STAFF else channel


def channels_meant(channel: str, reader: Reader) -> tuple[str, ...]:
    """Return the ways by which what is shown to somebody under one of them may have come."""
    return tuple(each for each in CHANNELS if channel_shown(each, reader) == channel)


def photos_shown(reader: Reader) -> frozenset[Purpose]:
    """Return the purposes whose photos somebody sees, by whichever act they came."""
    return frozenset(
        purpose
        for purpose, verbs in BRINGS.items()
        if all(shown(verb).photos >= reader for verb in verbs)
    )


def as_reporter(verb: Verb, way: str, by: int | None, reporters: Set[int]) -> bool:
    """Tell whether an account does something as who reported the case.

    Whatever a reporter may do, an account that reported the case does as such, also where an
    office of its own would let it; but what it asks for as a unit it asks for as a unit. What it
    reported and settled itself says by its role who reported it, too.
    """
    if verb is Verb.ASK and way != Verb.REDO:
        return False
    as_such = verb in OF_REPORTERS or verb is Verb.SELF_HANDLE
    return verb is Verb.REPORT or (as_such and by in reporters)
