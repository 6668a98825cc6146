"""How much a word looks like the name of a place, by which the encoding of its bytes is told."""

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

#: With what names of places end.
LAST: Final[str] = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))["last"]
_WORD: Final = re.compile(r"[^\W\d_]+")
_ASIAN: Final = re.compile(r"[\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_MARKS: Final = frozenset("·—–（）、〇○“”‘’№：，")
#: How usual the characters of each part of an encoding are: its name, its lead bytes, their worth.
_PARTS: Final = (
    ("gb2312", range(0xB0, 0xD8), 1.0),
    ("big5", range(0xA4, 0xC7), 0.8),
    ("euc_kr", range(0xB0, 0xC9), 0.7),
    ("gb2312", range(0xD8, 0xF8), 0.5),
    ("euc_jp", range(0xA4, 0xD0), 0.5),
)


def likeness(word: str) -> float:
    """Tell how much a word looks like a place's name, from -1 to 2, by what is not ASCII in it."""
    high = [each for each in word if not each.isascii()]
    if not high:
        return 0.0
    if not any(map(_ASIAN.match, high)):
        return _spelt(word)
    last = word.rstrip("0123456789()（） ")[-1:]
    return sum(map(_usual, high)) / len(high) + (last != "" and last in LAST)


def _spelt(word: str) -> float:
    """Tell whether letters stand as words are spelt: of one script, capitals in front."""
    if any(not each.isascii() and not each.isalpha() and each not in _MARKS for each in word):
        return 0.0
    words = _WORD.findall(word)
    return sum(map(_is_spelt, words)) / max(1, len(words))


def _is_spelt(word: str) -> bool:
    scripts = {unicodedata.name(each, "").partition(" ")[0] for each in word}
    n_high = sum(not each.isascii() for each in word)
    latin = scripts == {"LATIN"}
    natural = word[1:].islower() or word.isupper() or len(word) == 1
    return (
        len(scripts) == 1 and natural and (not latin or 2 * n_high <= len(word) or len(word) == 1)
    )


@lru_cache(50_000)
def _usual(char: str) -> float:
    if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn", "Cs"):
        return -1.0
    if char in _MARKS:
        return 0.5
    if not _ASIAN.match(char) or unicodedata.category(char)[0] not in "LN":
        return -0.5
    for encoding, leads, worth in _PARTS:
        try:
            raw = char.encode(encoding)
        except UnicodeError:
            continue
        if len(raw) == 2 and raw[0] in leads:
            return worth
    return 0.2
