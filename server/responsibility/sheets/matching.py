"""Written names matched to units and matters, with how sure one may be; doubt is for a person."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from server.people.units import Units, UnitView
from server.responsibility.files.workbook import Unreadable
from server.responsibility.sheets.columns import plain

#: How sure a match is: the unit's name, its short name, a part that only one unit's name has.
EXACT: Final = 1.0
SHORT: Final = 0.9
AFFIX: Final = 0.8
_ALIKE: Final = 0.6
_ALIKE_MATTER: Final = 0.4
_MOST_CANDIDATES: Final = 3
_SHORTEST_AFFIX: Final = 4
_SHORTEST_WITHIN: Final = 3
_MOST_NAMES: Final = 2_000
_MOST_UNKNOWN: Final = 200
_NUMBERED: Final = re.compile(r"([A-Za-z]+[-_]?)(\d{1,6})")
_NEW_CODE: Final = "N-"


@dataclass(frozen=True, slots=True)
class Match:
    """How a written name was understood; None is the township of the place."""

    written: str
    unit_id: int | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a written name may mean."""

    value: str
    name: str
    confidence: float


@dataclass(slots=True)
class Question:
    """What only a person can say before a draft is whole; `rows` are where it is asked.

    `kind` is column, unit, lead, limit, choice or matter; `samples` are what stands in a column;
    `value`s of candidates are unit ids, limits,
    codes of a field or of matters; a unit may also be new, the township of the place, or nobody.
    `new_code` is what a matter that is none of the candidates would get.
    """

    id: str
    kind: str
    column: str
    written: str
    rows: list[int]
    candidates: tuple[Candidate, ...] = ()
    new_code: str = ""
    samples: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the question as it is kept with its version."""
        return {
            "id": self.id,
            "kind": self.kind,
            "column": self.column,
            "written": self.written,
            "rows": self.rows,
            "new_code": self.new_code,
            "samples": list(self.samples),
            "candidates": [
                {"value": each.value, "name": each.name, "confidence": each.confidence}
                for each in self.candidates
            ],
        }


class UnitMatcher:
    """Finds units by what offices write; looks each name up once."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._active = [unit for unit in units.all() if unit.active]
        self._named = [
            (plain(name), unit) for unit in self._active for name in (unit.name, *unit.short_names)
        ]
        self._known: dict[str, Match | None] = {}
        self._alike: dict[str, tuple[Candidate, ...]] = {}

    def match(self, written: str) -> Match | None:
        """Return the unit, or None where no name, short name or part of one is certain.

        Raises Unreadable for more names than any county has.
        """
        if written not in self._known:
            if len(self._known) == _MOST_NAMES:
                raise Unreadable("too_many_unit_names", most=_MOST_NAMES)
            self._known[written] = self._match(written)
        return self._known[written]

    def known(self, written: str) -> int | None:
        """Return the active unit of exactly this name, short name or code, or who took it over."""
        named = self._units.named(written)
        unit = self._units.acting(named.id) if named is not None else None
        return unit.id if unit is not None else None

    def by_id(self, unit_id: str) -> UnitView | None:
        """Return the active unit of an id written as a text."""
        if not (unit_id.isascii() and unit_id.isdigit() and len(unit_id) < 10):
            return None
        unit = self._units.by_id.get(int(unit_id))
        return unit if unit is not None and unit.active else None

    def within(self, said: str) -> list[int]:
        """Return the units that a text names, the first one first, whatever else it says."""
        text = plain(said)
        found = dict[int, int]()
        for name, unit in self._named:
            if len(name) >= _SHORTEST_WITHIN and (at := text.find(name)) >= 0:
                found[unit.id] = min(at, found.get(unit.id, at))
        return sorted(found, key=lambda each: found[each])[:_MOST_CANDIDATES]

    def candidates(self, written: str) -> tuple[Candidate, ...]:
        """Return the units whose names are alike, the likeliest first.

        Raises Unreadable for the two hundred and first name: each is held against every unit's.
        """
        if written not in self._alike:
            if len(self._alike) == _MOST_UNKNOWN:
                raise Unreadable("too_many_unknown_units", most=_MOST_UNKNOWN)
            self._alike[written] = self._candidates(written)
        return self._alike[written]

    def _candidates(self, written: str) -> tuple[Candidate, ...]:
        said = plain(written)
        best = dict[int, float]()
        for name, unit in self._named:
            best[unit.id] = max(best.get(unit.id, 0.0), _likeness(said, name))
        ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple(
            Candidate(str(unit_id), self._units.by_id[unit_id].name, round(score, 2))
            for unit_id, score in ranked[:_MOST_CANDIDATES]
            if score >= _ALIKE
        )

    def _match(self, written: str) -> Match | None:
        named = self._units.named(written)
        unit = self._units.acting(named.id) if named is not None else None
        if unit is not None:
            exact = plain(unit.name) == plain(written)
            return Match(written, unit.id, EXACT if exact else SHORT)
        said = plain(written)
        if named is None and len(said) >= _SHORTEST_AFFIX:
            found = {
                unit.id
                for name, unit in self._named
                if len(name) >= _SHORTEST_AFFIX and _is_part(said, name)
            }
            if len(found) == 1:
                return Match(written, found.pop(), AFFIX)
        return None


class Catalogue:
    """The county's matters by code and by name, and the next free code of a domain."""

    def __init__(self, rows: Sequence[tuple[str, str, str]]) -> None:
        self.names = {code: name for code, name, _ in rows}
        self._by_name = defaultdict[str, list[tuple[str, str]]](list)
        for code, name, domain in rows:
            self._by_name[plain(name)].append((code, plain(domain)))
        self._grams = {code: grams(plain(name)) for code, name in self.names.items()}
        self._holding = defaultdict[str, list[str]](list)
        for code, held in self._grams.items():
            for gram in held:
                self._holding[gram].append(code)
        self._taken = set(self.names)
        self._last = Counter[str]()
        prefixes = defaultdict[str, Counter[str]](Counter)
        for code, _, domain in rows:
            if numbered := _NUMBERED.fullmatch(code):
                prefix, number = numbered[1], int(numbered[2])
                self._last[prefix] = max(self._last[prefix], number)
                prefixes[domain][prefix] += 1
        self._prefixes = {
            domain: counts.most_common(1)[0][0] for domain, counts in prefixes.items() if domain
        }

    def code_of(self, name: str, domain: str, *, alone: bool) -> str:
        """Return the code of the matter of exactly this name, '' for none.

        Where another shares the name, in the catalogue or, not `alone`, in the sheet, the domain
        tells which it is.
        """
        found = self._by_name.get(plain(name), [])
        if not alone or len(found) > 1:
            found = [each for each in found if each[1] == plain(domain)]
        return found[0][0] if len(found) == 1 else ""

    def reserve(self, codes: Iterable[str]) -> None:
        """Keep codes that a sheet brings from being given to its other rows."""
        self._taken.update(codes)

    def candidates(self, name: str) -> tuple[Candidate, ...]:
        """Return matters of similar names, the likeliest first."""
        said = grams(plain(name))
        shared = Counter(code for gram in said for code in self._holding.get(gram, ()))
        scored = [
            (2 * n / (len(said) + len(self._grams[code])), code) for code, n in shared.items()
        ]
        best = sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:_MOST_CANDIDATES]
        return tuple(
            Candidate(code, self.names[code], round(score, 2))
            for score, code in best
            if score >= _ALIKE_MATTER
        )

    def new_code(self, domain: str) -> str:
        """Return a free code like those of the domain, and take it."""
        prefix = self._prefixes.get(domain, _NEW_CODE)
        while True:
            self._last[prefix] += 1
            code = f"{prefix}{self._last[prefix]:03d}"
            if code not in self._taken:
                self._taken.add(code)
                return code


def _is_part(said: str, name: str) -> bool:
    """Tell whether one is the beginning or the end of the other."""
    short, long = sorted((said, name), key=len)
    return short != long and (long.startswith(short) or long.endswith(short))


def _likeness(said: str, name: str) -> float:
    matcher = SequenceMatcher(None, said, name, autojunk=False)
    bounds = (matcher.real_quick_ratio, matcher.quick_ratio)  # the cheapest first
    ratio = matcher.ratio() if all(bound() >= _ALIKE for bound in bounds) else 0.0
    return max(ratio, _ALIKE) if is_short_for(said, name) else ratio


def is_short_for(said: str, name: str) -> bool:
    """Tell whether the characters of a text stand in a name in this order: 公安 in 区公安分局."""
    rest = iter(name)
    return len(said) > 1 and all(each in rest for each in said)


def grams(name: str) -> frozenset[str]:
    """Return every two characters that stand side by side in a name."""
    return frozenset(name[at : at + 2] for at in range(len(name) - 1))
