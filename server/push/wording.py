"""The sentence of a message."""

import re
from collections.abc import Mapping
from typing import Any, Final

from server.texts.catalogue import text

FACTS: Final = (
    "no",
    "title",
    "lead",
    "due",
    "why",
    "reason",
    "lacking",
    "instead",
    "result",
    "place",
    "unit",
    "asked",
)
_MISSING: Final = "\x00"
_CLAUSE: Final = re.compile(r"\[([^\[\]]*)\]")
# A title with brackets must not be taken for a clause of ours.
_PLAIN: Final = str.maketrans({"[": "［", "]": "］", _MISSING: None})


def sentence(verb: str, wording: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence that tells of `verb`, worded for a `follower`, a `unit` or a `worker`.

    What stands in square brackets in the catalogue is left out when a fact in it is missing.
    Raises KeyError when the catalogue has no such sentence.
    """
    known = {name: _plain(facts.get(name)) for name in FACTS}
    filled = text(f"message.{verb}.{wording}", **known)
    return _CLAUSE.sub(_kept, filled).replace(_MISSING, "")


def _plain(fact: object) -> str:
    written = "" if fact is None else str(fact).translate(_PLAIN).strip().rstrip("。")
    return written or _MISSING


def _kept(clause: re.Match[str]) -> str:
    return "" if _MISSING in clause[1] else clause[1]
