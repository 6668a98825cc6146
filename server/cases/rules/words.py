"""The words by which a case is found: how they are kept, and how a question asks for them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from server.texts.catalogue import text
from server.texts.words import folded, runs

#: A case's number from its beginning, or as far as its end, with the mark in its middle.
_NUMBER: Final = re.compile(r"(?<!\d)(?:(\d{6})-(\d{1,8})|(\d{1,6})-(\d{8}))(?!\d)")
#: What people say before a number.
_CALLED: Final = re.compile(rf"(?:{text('search.number')})[\s:]*(?=\d)")
_DIGITS: Final = re.compile(r"[0-9]+")
#: A year begins with so many digits: fewer are the end of a number alone.
_SHORTEST_BEGINNING: Final = 3
#: Marks that no word holds: a unit by its id, a number from its beginning and from its end.
_UNIT, _FROM, _BACK = "#", "<", ">"
_MOST_CHARS: Final = 50_000  # of one case: far below what a column of lexemes holds


def asked(question: str) -> list[str]:
    """Return the words of a question, each once; the number of a case is one of them."""
    numbered = _CALLED.sub("", folded(question))
    return list(dict.fromkeys(runs(_NUMBER.sub(_joined, numbered))))


def _joined(number: re.Match[str]) -> str:
    return "".join(part for part in number.groups() if part)


def kept(no: str, texts: Iterable[str], unit_ids: Iterable[int]) -> str:
    """Return what is kept of a case to find it by: its number, its units and all its texts.

    `lexemes_of` in the database makes of it what the index holds.
    """
    digits = "".join(runs(no))
    units = (f"{_UNIT}{unit_id}" for unit_id in sorted(set(unit_ids)))
    said = (run for each in texts for run in runs(each))
    marks = [f"{_FROM}{digits}", f"{_BACK}{digits[::-1]}", *units]
    return " ".join([*marks, *dict.fromkeys(said)])[:_MOST_CHARS]


@dataclass(frozen=True, slots=True)
class Sought:
    """One word of a question: what the index is asked, and what the text is then to hold.

    `besides` is the part of the question that no text answers: a unit, an end of a number.
    """

    lexemes: str
    text: str = ""
    besides: str = ""


def sought(word: str, unit_ids: Sequence[int]) -> Sought:
    """Return how one word of `runs` is looked for; the units bear it in their names.

    One character is looked for as the beginning of two, a longer word as all its pairs.
    """
    besides = [f"'{_UNIT}{unit_id}'" for unit_id in unit_ids]
    if _DIGITS.fullmatch(word):
        besides.append(f"'{_BACK}{word[::-1]}':*")
        if len(word) >= _SHORTEST_BEGINNING:
            besides.append(f"'{_FROM}{word}':*")
    pairs = dict.fromkeys(word[at : at + 2] for at in range(len(word) - 1))
    own = " & ".join(f"'{pair}'" for pair in pairs) or f"'{word}':*"
    return Sought(
        lexemes=" | ".join([f"({own})", *besides]),
        text=word if len(word) > 2 else "",
        besides=" | ".join(besides),
    )
