"""The sentence of a message."""

from collections.abc import Mapping
from typing import Any, Final

from server.events import AUDIENCE
from server.texts.catalogue import outlines, text

FACTS: Final = (
    "no",
    "title",
    "lead",
    "lead_phone",
    "due",
    "why",
    "reason",
    "lacking",
    "instead",
    "result",
    "place",
    "address",
    "unit",
    "asked",
    "until",
    "proper",
    "ruling",
    "request",
    "survivor",
    "merged",
    "question",
    "what",
    "called",
    "far",
    "steps",
)
# The sentence has an end of its own.
_ENDINGS: Final = "。！？；，、.!?;, "
# Brackets are the catalogue's own.
_PLAIN: Final = str.maketrans({"[": "［", "]": "］", "\x00": None})


def sentence(verb: str, wording: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence that tells of `verb`, worded for one kind of people.

    What stands in square brackets in the catalogue is left out when a fact in it is missing.
    Raises KeyError when the catalogue has no such sentence.
    """
    return text(f"message.{verb}.{wording}", **{name: _plain(facts.get(name)) for name in FACTS})


def kinds() -> list[str]:
    """Return what a message may be about: what was announced, and which act by its verb."""
    announced = [
        event.kind.partition(".")[0] for event, told in AUDIENCE.items() if "inbox" in told
    ]
    verbs = dict.fromkeys(key.partition(".")[0] for key in outlines("message"))
    return [f"{each}.{verb}" for each in announced for verb in verbs]


def _plain(fact: object) -> str:
    return "" if fact is None else str(fact).translate(_PLAIN).strip().rstrip(_ENDINGS)
