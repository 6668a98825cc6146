"""The words by which a case is found: how they are kept, and how a question asks for them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_RUN: Final = re.compile(r"[^\W_]+")
#: A case's number from its beginning, or as far as its end, with the mark in its middle.
_NUMBER: Final = re.compile(r"(?<!\d)(?:(\d{6})-(\d{1,8})|(\d{1,6})-(\d{8}))(?!\d)")
_DIGITS: Final = re.compile(r"[0-9]{3,}")
#: Marks that no word holds: a unit by its id, a number from its beginning and from its end.
_UNIT, _FROM, _BACK = "#", "<", ">"
_MOST_CHARS: Final = 50_000  # of one case: far below what a column of lexemes holds


def asked(question: str) -> list[str]:
    """Return the words of a question, each once; the number of a case is one of them."""
    folded = unicodedata.normalize("NFKC", question)
    return list(dict.fromkeys(runs(_NUMBER.sub(_joined, folded))))


def _joined(number: re.Match[str]) -> str:
    return "".join(part for part in number.groups() if part)


def runs(text: str) -> list[str]:
    """Return the letters and digits of a text between spaces and marks, in one width and case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _RUN.findall(unicodedata.normalize("NFKC", folded))


def kept(no: str, texts: Iterable[str], unit_ids: Iterable[int]) -> str:
    """Return what is kept of a case to find it by: its number, its units and all its texts.

    `lexemes_of` in the database makes of it what the index holds.
    """
    digits = "".join(runs(no))
    units = (f"{_UNIT}{unit_id}" for unit_id in sorted(set(unit_ids)))
    said = (run for text in texts for run in runs(text))
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
        besides += [f"'{_FROM}{word}':*", f"'{_BACK}{word[::-1]}':*"]
    pairs = dict.fromkeys(word[at : at + 2] for at in range(len(word) - 1))
    own = " & ".join(f"'{pair}'" for pair in pairs) or f"'{word}':*"
    return Sought(
        lexemes=" | ".join([f"({own})", *besides]),
        text=word if len(word) > 2 else "",
        besides=" | ".join(besides),
    )
