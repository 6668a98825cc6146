"""What a text consists of for the search: pieces, grams, families of words, sounds."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from tomllib import loads
from typing import Any, Final

from server.texts.words import folded

_BREAKS: Final = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_LONGEST_WORD: Final = 8


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known of words in general: `suggest.toml`, `families.toml`."""

    stop: frozenset[str]
    weak: frozenset[str]
    excluding: tuple[str, ...]
    alike: Mapping[str, tuple[str, ...]]
    surroundings: tuple[Mapping[str, Sequence[str]], ...]
    families: Mapping[str, tuple[str, ...]]
    asking: str
    offices: tuple[str, str]


@cache
def rules() -> Rules:
    """Return the rules, read once."""
    table, families = _table("suggest.toml"), _table("families.toml")
    of = dict[str, tuple[str, ...]]()
    for name, words in [*families["things"].items(), *families["happenings"].items()]:
        for word in words:
            of[folded(word)] = (*of.get(folded(word), ()), name)
    return Rules(
        stop=frozenset(table["stop"]),
        weak=frozenset(table["weak"]),
        excluding=tuple(table["excluding"]),
        surroundings=tuple(table["surroundings"]),
        alike={word: tuple(group["mean"]) for group in table["alike"] for word in group["say"]},
        families=of,
        asking=table["asking"],
        offices=(table["offices"]["before"], table["offices"]["after"]),
    )


def pieces(text: str) -> list[str]:
    """Return the runs of characters between spaces and marks."""
    return [piece for piece in _BREAKS.split(folded(text)) if piece]


def grams(of: Sequence[str]) -> list[str]:
    """Return every character that says something, and every two that stand together."""
    stop = rules().stop
    found = list[str]()
    for piece in of:
        found += [char for char in piece if char not in stop]
        found += [piece[at : at + 2] for at in range(len(piece) - 1)]
    return found


def common(pieces: Sequence[str], of: Sequence[str]) -> tuple[str, ...]:
    """Return the longest strings that the text shares with others, at least two characters."""
    held = "\n".join(of)
    found = dict[str, None]()
    for piece in pieces:
        at = 0
        while at < len(piece) - 1:
            length = 0
            while at + length < len(piece) and piece[at : at + length + 1] in held:
                length += 1
            if length >= 2:
                found[piece[at : at + length]] = None
            at += max(length, 1)
    return tuple(sorted(found, key=len, reverse=True)[:5])


@lru_cache(maxsize=16384)
def families(piece: str) -> tuple[str, ...]:
    """Return the families whose words a piece holds, each once, in the order of the piece."""
    known = rules().families
    return tuple(dict.fromkeys(name for word in words(piece) for name in known[word]))


def alike(of: Sequence[str]) -> list[str]:
    """Return what lists call the things that the pieces name."""
    return [
        other
        for word, others in rules().alike.items()
        if any(word in piece for piece in of)
        for other in others
    ]


@lru_cache(maxsize=8192)
def sound(char: str) -> str:
    """Return how a character sounds, without what one region or another does not tell apart."""
    try:
        code = char.encode("gb2312")
    except UnicodeEncodeError:
        return char
    starts, names = _sounds()
    if len(code) != 2 or not b"\xb0\xa1" <= code < b"\xd8\xa1":
        return char
    return names[bisect_right(starts, code) - 1]


def sounds(two: str) -> str:
    """Return how two characters sound."""
    return f"{sound(two[0])} {sound(two[1])}"


def words(piece: str) -> Iterator[str]:
    """Find the words of families, the longest from each place, none inside another."""
    known = rules().families
    at = 0
    while at < len(piece):
        for length in range(min(_LONGEST_WORD, len(piece) - at), 0, -1):
            if piece[at : at + length] in known:
                yield piece[at : at + length]
                at += length
                break
        else:
            at += 1


@cache
def _sounds() -> tuple[list[bytes], list[str]]:
    table = _table("sounds.toml")
    starts, names = list[bytes](), list[str]()
    for said in table["first"].split():
        name = said[:-1]
        for from_, to in table["initials"]:
            name = to + name[len(from_) :] if name.startswith(from_) else name
        for from_, to in table["finals"]:
            name = name[: -len(from_)] + to if name.endswith(from_) else name
        starts.append(said[-1].encode("gb2312"))
        names.append(name)
    return starts, names


def _table(name: str) -> dict[str, Any]:
    source = resources.files("server.responsibility.search").joinpath(name)
    return loads(source.read_text(encoding="utf-8"))
