"""How much each gram says for each matter: the inverted index behind the suggestions."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from types import MappingProxyType
from typing import Final

from server.responsibility.list.fields import EntryView
from server.responsibility.search import grams
from server.texts.words import folded

_K1: Final = 2.0
# How much a gram says by the field it stands in, and how much a field's length counts.
_FIELDS: Final[Mapping[str, tuple[float, float]]] = {
    "name": (1.3, 0.5),
    "words": (1.2, 0.5),
    "description": (1.0, 0.65),
    "duties": (0.3, 0.6),
    "learned": (0.4, 0.5),
}
_FAMILY: Final = 1.2  # what a family says, beside a gram's 1
_PAIR: Final = 0.5  # and two families together
_WEAK: Final = 0.3
_RIGHT: Final = 2  # how often a gram is taken to have led rightly before anything is known
# A gram of more than this share of the matters tells none apart; only among many is it left out.
_COMMON: Final = 0.4
_FEW: Final = 50
MOST_FAMILIES: Final = 24


@dataclass(frozen=True, slots=True)
class Learned:
    """What confirmed reports of one matter taught: how many, their grams, when and where."""

    n: int
    grams: Mapping[str, int]
    bands: Mapping[str, int]
    townships: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Layer:
    """What lies over the published lists: words added and hidden by matter code, experience.

    `misled` counts for a matter by which grams it was suggested where people meant another.
    """

    added: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    hidden: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    learned: Mapping[str, Learned] = field(default_factory=lambda: MappingProxyType({}))
    misled: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: MappingProxyType({}))


NOTHING: Final = Layer()


def fields(entry: EntryView, layer: Layer) -> dict[str, list[str]]:
    """Return the pieces of an entry by the field they stand in, the layer's words among them."""
    hidden = layer.hidden.get(entry.matter_code, frozenset())
    words = [word for word in entry.words if word not in hidden]
    words += layer.added.get(entry.matter_code, ())
    return {
        "name": grams.pieces(entry.name),
        "words": [piece for word in words for piece in grams.pieces(word)],
        "description": _included(entry.description),
        "duties": grams.pieces(entry.lead_duties),
    }


def _included(description: str) -> list[str]:
    """Return the description without the clauses that say what a matter is not."""
    excluding = grams.rules().excluding
    clauses = re.split(r"[;；。\n]", folded(description))
    kept = list[str]()
    for clause in clauses:
        cut = min((at for word in excluding if (at := clause.find(word)) >= 0), default=None)
        kept += grams.pieces(clause[:cut])
    return kept


def tokens(pieces: Sequence[str]) -> Counter[str]:
    """Return the grams, families and pairs of families of some pieces, counted."""
    return Counter(grams.grams(pieces)) + Counter(t for piece in pieces for t in families(piece))


def families(piece: str) -> list[str]:
    """Return a piece's families and the pairs of them, as grams that no text can hold."""
    names = grams.families(piece)[:MOST_FAMILIES]
    return [f"#{name}" for name in names] + [pair(two) for two in combinations(names, 2)]


def pair(names: Iterable[str]) -> str:
    """Return two families as one gram."""
    return "##" + "+".join(sorted(names))


def postings(
    fields: Sequence[Mapping[str, list[str]]],
    learned: Sequence[Learned | None],
    misled: Sequence[Mapping[str, int]],
) -> dict[str, list[tuple[int, float]]]:
    """Return for each gram the numbers of the matters that hold it, with its weight there.

    A gram that led to a matter where people corrected it weighs there as often as it led rightly.
    """
    counts = {
        name: [tokens(each[name]) for each in fields] for name in _FIELDS if name != "learned"
    }
    counts["learned"] = [Counter(known.grams) if known else Counter() for known in learned]
    weights: list[dict[str, float]] = [defaultdict(float) for _ in fields]
    for name, (weight, b) in _FIELDS.items():
        lengths = [c.total() for c in counts[name] if c] or [1]
        mean = sum(lengths) / len(lengths)
        for number, count in enumerate(counts[name]):
            length = 1 - b + b * count.total() / mean
            for gram, n_times in count.items():
                weights[number][gram] += weight * n_times / length
    n_holding = Counter(gram for each in weights for gram in each)
    found = defaultdict[str, list[tuple[int, float]]](list)
    for number, each in enumerate(weights):
        for gram, tf in each.items():
            n = n_holding[gram]
            if n > _COMMON * len(fields) and len(fields) > _FEW:
                continue
            idf = math.log(1 + (len(fields) - n + 0.5) / (n + 0.5))
            share = _worth(gram) * idf * tf * (_K1 + 1) / (tf + _K1)
            if n_wrong := misled[number].get(gram):
                n_right = counts["learned"][number][gram] + _RIGHT
                share *= n_right / (n_right + n_wrong)
            found[gram].append((number, share))
    return dict(found)


def _worth(gram: str) -> float:
    """Return how much a gram can say at all: what every complaint says, says little."""
    if gram.startswith("#"):
        return _PAIR if gram.startswith("##") else _FAMILY
    return _WEAK if gram in grams.rules().weak else 1.0
