"""Which matter a person's own words mean: character 1+2-gram BM25 over the list's texts."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from tomllib import loads
from typing import Final

from server.responsibility.entries import EntryView

_K1: Final = 1.2
# How much a gram says by the field it stands in, and how much a field's length counts.
_FIELDS: Final[Mapping[str, tuple[float, float]]] = {
    "name": (1.6, 0.3),
    "words": (1.5, 0.5),
    "description": (1.0, 0.5),
    "duties": (0.3, 0.6),
}
_SINGLE: Final = 1.0
_WEAK: Final = 0.3
_UNLIKELY: Final = 0.85
# A gram of more than this share of the matters tells none apart; only among many is it left out.
_COMMON: Final = 0.4
_FEW: Final = 50
_ALIKE: Final = 0.4
_LONGEST_TEXT: Final = 500
_BREAKS: Final = re.compile(r"[^0-9a-z\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A matter that may be meant; `why` holds what text and matter have in common.

    `score` is relative: 1 is the best of this answer.
    """

    code: str
    name: str
    domain: str
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    stop: frozenset[str]
    weak: frozenset[str]
    excluding: tuple[str, ...]
    alike: Mapping[str, tuple[str, ...]]
    surroundings: tuple[Mapping[str, Sequence[str]], ...]


@dataclass(frozen=True, slots=True)
class _Document:
    entry: EntryView
    pieces: tuple[str, ...]


class Suggester:
    """An inverted index over entries, immutable; a question takes well under a millisecond."""

    __slots__ = ("_documents", "_elsewhere", "_postings")

    def __init__(self, entries: Sequence[EntryView]) -> None:
        fields = [_fields(entry) for entry in entries]
        self._documents = [
            _Document(entry, tuple(each["name"] + each["words"] + each["description"]))
            for entry, each in zip(entries, fields, strict=True)
        ]
        self._postings = _postings(fields)
        self._elsewhere = [
            (surroundings["say"], _named_after(entries, surroundings["rarely"]))
            for surroundings in _rules().surroundings
        ]

    def suggest(self, text: str, k: int = 5) -> list[Suggestion]:
        """Return up to `k` matters that share words with the text, the likeliest first."""
        pieces = _pieces(text[:_LONGEST_TEXT])
        scores = defaultdict[int, float](float)
        for gram, share in _asked(pieces).items():
            for number, weight in self._postings.get(gram, ()):
                scores[number] += weight * share
        for number in self._unlikely(pieces) & scores.keys():
            scores[number] *= _UNLIKELY
        best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:k]
        if not best:
            return []
        top = best[0][1]
        return [self._suggestion(number, score / top, pieces) for number, score in best]

    def _unlikely(self, pieces: Sequence[str]) -> set[int]:
        """Return the documents that belong to the country when the text speaks of the town."""
        return {
            number
            for said, documents in self._elsewhere
            if any(word in piece for piece in pieces for word in said)
            for number in documents
        }

    def _suggestion(self, number: int, score: float, pieces: Sequence[str]) -> Suggestion:
        document = self._documents[number]
        return Suggestion(
            code=document.entry.matter_code,
            name=document.entry.name,
            domain=document.entry.domain,
            score=round(score, 4),
            why=_common(pieces, document.pieces),
        )


@cache
def _rules() -> _Rules:
    source = resources.files("server.responsibility").joinpath("suggest.toml")
    table = loads(source.read_text(encoding="utf-8"))
    return _Rules(
        stop=frozenset(table["stop"]),
        weak=frozenset(table["weak"]),
        excluding=tuple(table["excluding"]),
        surroundings=tuple(table["surroundings"]),
        alike={word: tuple(group["mean"]) for group in table["alike"] for word in group["say"]},
    )


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _pieces(text: str) -> list[str]:
    return [piece for piece in _BREAKS.split(_normal(text)) if piece]


def _grams(pieces: Sequence[str]) -> list[str]:
    stop = _rules().stop
    found = list[str]()
    for piece in pieces:
        found += [char for char in piece if char not in stop]
        found += [piece[at : at + 2] for at in range(len(piece) - 1)]
    return found


def _asked(pieces: Sequence[str]) -> dict[str, float]:
    """Return the grams of a text, and for less those of words that mean alike."""
    own = dict.fromkeys(_grams(pieces), 1.0)
    alike = [
        other
        for word, others in _rules().alike.items()
        if any(word in piece for piece in pieces)
        for other in others
    ]
    return dict.fromkeys(_grams(alike), _ALIKE) | own


def _fields(entry: EntryView) -> dict[str, list[str]]:
    return {
        "name": _pieces(entry.name),
        "words": [piece for word in entry.words for piece in _pieces(word)],
        "description": _included(entry.description),
        "duties": _pieces(entry.lead_duties),
    }


def _included(description: str) -> list[str]:
    """Return the description without the clauses that say what a matter is not."""
    excluding = _rules().excluding
    clauses = re.split(r"[;；。\n]", _normal(description))
    kept = list[str]()
    for clause in clauses:
        cut = min((at for word in excluding if (at := clause.find(word)) >= 0), default=None)
        kept += _pieces(clause[:cut])
    return kept


def _postings(fields: Sequence[Mapping[str, list[str]]]) -> dict[str, list[tuple[int, float]]]:
    counts = {name: [Counter(_grams(each[name])) for each in fields] for name in _FIELDS}
    weights: list[dict[str, float]] = [defaultdict(float) for _ in fields]
    for name, (weight, b) in _FIELDS.items():
        mean = sum(c.total() for c in counts[name]) / max(len(fields), 1) or 1.0
        for number, count in enumerate(counts[name]):
            length = 1 - b + b * count.total() / mean
            for gram, n_times in count.items():
                weights[number][gram] += weight * n_times / length
    n_holding = Counter(gram for each in weights for gram in each)
    postings = defaultdict[str, list[tuple[int, float]]](list)
    for number, each in enumerate(weights):
        for gram, tf in each.items():
            n = n_holding[gram]
            if n > _COMMON * len(fields) and len(fields) > _FEW:
                continue
            idf = math.log(1 + (len(fields) - n + 0.5) / (n + 0.5))
            share = _worth(gram) * idf * tf * (_K1 + 1) / (tf + _K1)
            postings[gram].append((number, share))
    return dict(postings)


def _worth(gram: str) -> float:
    """Return how much a gram can say at all: what every complaint says, says little."""
    worth = _SINGLE if len(gram) == 1 else 1.0
    return worth * _WEAK if gram in _rules().weak else worth


def _named_after(entries: Sequence[EntryView], words: Sequence[str]) -> list[int]:
    return [
        number for number, entry in enumerate(entries) if any(word in entry.name for word in words)
    ]


def _common(pieces: Sequence[str], of: Sequence[str]) -> tuple[str, ...]:
    """Return the longest strings that the text shares with a matter, at least two characters."""
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
