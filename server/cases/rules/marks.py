"""What else an act is, for those who look at many verbs alike: one row to a verb that is any."""

from collections.abc import Mapping
from enum import Flag, auto
from typing import Final

from server.cases.rules.flow import Verb


class Mark(Flag):
    """What an act does beside moving its case along the flow."""

    GIVES = auto()  # units are given the case, or a part of it
    SENDS = auto()  # it says where the case goes: whoever did it rules on none of its returns
    AGAIN = auto()  # the case is handled once more, in whichever way
    TIMES = auto()  # the time of its lead is moved, stopped or forgiven
    OF_LEAD = auto()  # it is granted to the unit that leads, and to no other
    STEERS = auto()  # somebody above sees to it
    WORDS = auto()  # it is found by other words, though nothing of its own need have changed


_M: Final = Mark
#: By verb; one without a row is none of these.
MARKS: Final[Mapping[Verb, Mark]] = {
    Verb.CALL: _M.GIVES | _M.SENDS | _M.WORDS,
    Verb.SUPPLEMENT: _M.WORDS,
    Verb.FILE: _M.SENDS,
    Verb.DISPATCH: _M.GIVES | _M.SENDS | _M.WORDS,
    Verb.RULE: _M.GIVES | _M.WORDS,
    Verb.DECIDE: _M.GIVES | _M.WORDS,
    Verb.SUSPEND: _M.TIMES | _M.OF_LEAD,
    Verb.RESUME: _M.TIMES,
    Verb.EXTEND: _M.TIMES | _M.OF_LEAD,
    Verb.EXEMPT: _M.TIMES,
    Verb.REWORK: _M.GIVES | _M.TIMES | _M.AGAIN,
    Verb.REDO: _M.GIVES | _M.TIMES | _M.AGAIN,
    Verb.MERGE: _M.WORDS,
    Verb.UNMERGE: _M.WORDS,
    Verb.URGE: _M.STEERS,
    Verb.SUPERVISE: _M.STEERS,
    Verb.INSTRUCT: _M.STEERS,
    Verb.RECUSE: _M.GIVES | _M.WORDS,
}


def marked(mark: Mark) -> frozenset[Verb]:
    """Return the verbs that are marked so."""
    return frozenset(verb for verb, marks in MARKS.items() if mark in marks)
