"""Which matter a person's own words mean: BM25 over grams, families of words and experience."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Final

from server.responsibility.list.fields import EntryView
from server.responsibility.search import gram_weights, grams
from server.responsibility.search.gram_weights import NOTHING, Layer, Learned

_PAIR_APART: Final = 0.7  # of that, where they stand in two pieces of a text
_ALIKE: Final = 0.4
_SOUND: Final = 0.4
_UNLIKELY: Final = 0.85
_CIRCUMSTANCE: Final = 0.1  # how far time or place may move a score, up or down
_SMOOTH: Final = 5
_LONGEST_TEXT: Final = 500
#: Up to so many characters a text is a question; a longer one tells what happened.
LONGEST_QUESTION: Final = 10
# What a question has in common with its answer says more than one word of a single matter does.
_ENOUGH: Final = 1 + 1e-9


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
class Circumstances:
    """When and where something is said: band of the day, township's code, village's name."""

    band: str = ""
    township: str = ""
    village: str = ""


NOWHERE: Final = Circumstances()
_BANDS: Final = ((6, "night"), (12, "morning"), (18, "afternoon"), (22, "evening"))


def band_of(local: datetime) -> str:
    """Return the part of the day in which a local time lies."""
    return next((band for until, band in _BANDS if local.hour < until), "night")


@dataclass(frozen=True, slots=True)
class _Document:
    entry: EntryView
    pieces: tuple[str, ...]
    families: frozenset[str]
    learned: Learned | None


class Suggester:
    """An inverted index over entries, immutable; a question takes well under a millisecond."""

    __slots__ = ("_documents", "_elsewhere", "_numbers", "_postings", "_shares", "_sounds")

    def __init__(self, entries: Sequence[EntryView], layer: Layer = NOTHING) -> None:
        fields = [gram_weights.fields(entry, layer) for entry in entries]
        learned = [layer.learned.get(entry.matter_code) for entry in entries]
        self._documents = [
            _document(entry, each, known)
            for entry, each, known in zip(entries, fields, learned, strict=True)
        ]
        self._numbers = {entry.matter_code: n for n, entry in enumerate(entries)}
        misled = [layer.misled.get(entry.matter_code, {}) for entry in entries]
        self._postings = gram_weights.postings(fields, learned, misled)
        self._sounds = defaultdict[str, list[str]](list)
        for gram in self._postings:
            if len(gram) == 2:
                self._sounds[grams.sounds(gram)].append(gram)
        self._elsewhere = [
            (rule, _named_after(entries, rule["rarely"])) for rule in grams.rules().surroundings
        ]
        self._shares = _shares([known for known in learned if known is not None])

    def suggest(
        self, text: str, k: int = 5, *, circumstances: Circumstances = NOWHERE
    ) -> list[Suggestion]:
        """Return up to `k` matters that share words with the text, the likeliest first."""
        pieces = grams.pieces(text[:_LONGEST_TEXT])
        scores = defaultdict[int, float](float)
        for gram, share in self._asked(pieces).items():
            for number, weight in self._postings.get(gram, ()):
                scores[number] += weight * share
        for number in self._unlikely(pieces, circumstances) & scores.keys():
            scores[number] *= _UNLIKELY
        if self._shares and (circumstances.band or circumstances.township):
            for number in scores:
                scores[number] *= self._prior(number, circumstances)
        best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:k]
        if not best:
            return []
        top = best[0][1]
        return [self._suggestion(number, score / top, pieces) for number, score in best]

    def answers(
        self, question: str, k: int = 5, *, circumstances: Circumstances = NOWHERE
    ) -> list[Suggestion]:
        """Return as `suggest` does what a question is about; none where nothing is.

        A text too long for a question gets all that is suggested.
        """
        found = self.suggest(question, k, circumstances=circumstances)
        pieces = grams.pieces(question[:_LONGEST_TEXT])
        if sum(map(len, pieces)) > LONGEST_QUESTION:
            return found
        telling = self._telling(pieces)
        return [each for each in found if self._is_about(each.code, pieces, telling)]

    def _telling(self, pieces: Sequence[str]) -> Mapping[str, float]:
        """Return how far each word of a question tells matters apart: 1 is one from all others.

        No single character is a word, and what every complaint says tells nothing.
        """
        whole = math.log(len(self._documents) + 1)
        return {
            gram: 1 - math.log(len(held)) / whole
            for gram in self._asked(pieces)
            if len(gram) > 1 and not gram.startswith("##") and gram not in grams.rules().weak
            if (held := self._postings.get(gram))
        }

    def _is_about(self, code: str, pieces: Sequence[str], telling: Mapping[str, float]) -> bool:
        """Tell whether a matter says all that is asked, or has enough words in common with it."""
        number = self._numbers[code]
        common = {
            gram: share
            for gram, share in telling.items()
            if any(number == each for each, _ in self._postings[gram])
        }
        return sum(common.values()) > _ENOUGH or all(
            self._says(piece, number, common) for piece in pieces
        )

    def _says(self, piece: str, number: int, common: Mapping[str, float]) -> bool:
        """Tell whether a matter says all of a piece: but for a slip of sound, or its kin."""
        said = set[int]()
        for at in range(len(piece) - 1):
            two = piece[at : at + 2]
            alike = self._sounds.get(grams.sounds(two), ())
            if any(each in common and not {*each}.isdisjoint(two) for each in (two, *alike)):
                said |= {at, at + 1}
        for word in grams.words(piece):
            if self._documents[number].families.intersection(grams.rules().families[word]):
                said |= {piece.find(word) + at for at in range(len(word))}
        return len(said) == len(piece) > 1

    def _asked(self, pieces: Sequence[str]) -> dict[str, float]:
        """Return the grams of a text, and for less: words that mean alike or sound alike."""
        own = dict.fromkeys(grams.grams(pieces), 1.0)
        found = dict.fromkeys(grams.grams(grams.alike(pieces)), _ALIKE) | own
        for gram in own:
            if len(gram) == 2 and gram not in self._postings:
                for other in self._sounds.get(grams.sounds(gram), ()):
                    found.setdefault(other, _SOUND)
        names = dict.fromkeys(name for piece in pieces for name in grams.families(piece))
        for pair in combinations(sorted(names)[: gram_weights.MOST_FAMILIES], 2):
            found[gram_weights.pair(pair)] = _PAIR_APART
        found |= dict.fromkeys((t for piece in pieces for t in gram_weights.families(piece)), 1.0)
        return found

    def _unlikely(self, pieces: Sequence[str], circumstances: Circumstances) -> set[int]:
        """Return the documents that belong to the country when the text speaks of the town."""
        return {
            number
            for rule, documents in self._elsewhere
            if any(word in piece for piece in pieces for word in rule["say"])
            or circumstances.village.endswith(tuple(rule["villages"]))
            for number in documents
        }

    def _prior(self, number: int, circumstances: Circumstances) -> float:
        """Return how much likelier a matter is then and there than at all, within bounds."""
        learned = self._documents[number].learned
        if learned is None:
            return 1.0
        prior = 1.0
        for counts, key in (
            (learned.bands, circumstances.band),
            (learned.townships, circumstances.township),
        ):
            expected = learned.n * self._shares.get(key, 0.0)
            if expected:
                ratio = (counts.get(key, 0) + _SMOOTH) / (expected + _SMOOTH)
                prior *= 1 + _CIRCUMSTANCE * max(-1.0, min(1.0, math.log2(ratio)))
        return prior

    def _suggestion(self, number: int, score: float, pieces: Sequence[str]) -> Suggestion:
        document = self._documents[number]
        shared = grams.common(pieces, document.pieces)
        kin = [
            word
            for piece in pieces
            for word in grams.words(piece)
            if len(word) > 1
            and document.families.intersection(grams.rules().families[word])
            and not any(word in part or part in word for part in shared)
        ]
        return Suggestion(
            code=document.entry.matter_code,
            name=document.entry.name,
            domain=document.entry.domain,
            score=round(score, 4),
            why=tuple(dict.fromkeys([*shared, *kin]))[:5],
        )


def _document(
    entry: EntryView, fields: Mapping[str, list[str]], learned: Learned | None
) -> _Document:
    pieces = tuple(fields["name"] + fields["words"] + fields["description"])
    families = frozenset(name for piece in pieces for name in grams.families(piece))
    return _Document(entry, pieces, families, learned)


def _shares(learned: Sequence[Learned]) -> dict[str, float]:
    """Return which share of all that was confirmed fell into each band and township."""
    total = sum(each.n for each in learned)
    counts = Counter[str]()
    for each in learned:
        counts.update(each.bands)
        counts.update(each.townships)
    return {key: n / total for key, n in counts.items()} if total else {}


def _named_after(entries: Sequence[EntryView], words: Sequence[str]) -> list[int]:
    return [
        number for number, entry in enumerate(entries) if any(word in entry.name for word in words)
    ]
