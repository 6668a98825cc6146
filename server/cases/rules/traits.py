"""What else an act is, for those who look at many verbs alike: one row to a verb that is any."""

from collections.abc import Mapping
from enum import Flag, auto
from typing import Final

from server.cases.rules.flow import Verb


class Trait(Flag):
    """What an act does beside moving its case along the flow."""

    GIVES = auto()  # units are given the case, or a part of it
    SENDS = auto()  # it says where the case goes: whoever did it rules on none of its returns
    AGAIN = auto()  # the case is handled once more, in whichever way
    TIMES = auto()  # the time of its lead is moved, stopped or forgiven
    OF_LEAD = auto()  # it is granted to the unit that leads, and to no other
    STEERS = auto()  # somebody above sees to it
    ASKED = auto()  # people ask for it most: why it is not open to them is said at every stage
    BARRED = auto()  # at its own stage it is said whom something of the case keeps from it
    WORDS = auto()  # it is found by other words, though nothing of its own need have changed


_T: Final = Trait
#: By verb; one without a row is none of these.
TRAITS: Final[Mapping[Verb, Trait]] = {
    Verb.CALL: _T.GIVES | _T.SENDS | _T.WORDS,
    Verb.SUPPLEMENT: _T.WORDS,
    Verb.FILE: _T.SENDS | _T.ASKED,
    Verb.DISPATCH: _T.GIVES | _T.SENDS | _T.WORDS | _T.ASKED,
    Verb.ACCEPT: _T.ASKED,
    Verb.RETURN: _T.ASKED,
    Verb.RULE: _T.GIVES | _T.WORDS | _T.BARRED,
    Verb.STATE: _T.BARRED,
    Verb.DECIDE: _T.GIVES | _T.WORDS | _T.BARRED,
    Verb.DONE: _T.ASKED,
    Verb.SUSPEND: _T.TIMES | _T.OF_LEAD,
    Verb.RESUME: _T.TIMES,
    Verb.EXTEND: _T.TIMES | _T.OF_LEAD,
    Verb.EXEMPT: _T.TIMES,
    Verb.RESOLVE: _T.ASKED,
    Verb.CLOSE: _T.ASKED,
    Verb.REWORK: _T.GIVES | _T.TIMES | _T.AGAIN | _T.BARRED,
    Verb.REDO: _T.GIVES | _T.TIMES | _T.AGAIN | _T.BARRED,
    Verb.MERGE: _T.WORDS,
    Verb.UNMERGE: _T.WORDS,
    Verb.URGE: _T.STEERS,
    Verb.SUPERVISE: _T.STEERS,
    Verb.INSTRUCT: _T.STEERS,
    Verb.RECUSE: _T.GIVES | _T.WORDS,
}


def verbs_with(trait: Trait) -> frozenset[Verb]:
    """Return the verbs that have a trait."""
    return frozenset(verb for verb, traits in TRAITS.items() if trait in traits)
