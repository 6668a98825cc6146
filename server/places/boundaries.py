"""Where a point lies in one generation of boundaries, held in memory."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from geo.index.places import PlaceIndex
from geo.index.probabilities import Candidate

Level = Literal["county", "township", "village", "grid"]
LEVELS: Final[tuple[Level, ...]] = ("county", "township", "village", "grid")
Box = tuple[float, float, float, float]
_MOST_CANDIDATES: Final = 12


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A place as people and records name it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """The place that holds a point, per level; None where no place of the level does."""

    county: PlaceName | None = None
    township: PlaceName | None = None
    village: PlaceName | None = None
    grid: PlaceName | None = None

    @property
    def finest(self) -> PlaceName | None:
        """The smallest place known."""
        return self.grid or self.village or self.township or self.county


@dataclass(frozen=True, slots=True)
class LikelyPlace:
    """A place in which a point of limited accuracy may lie; `p` is its probability."""

    code: str
    name: str
    township: str
    p: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A township and the probability that a point lies in it."""

    township: str
    p: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a place is certain enough, and how far a suggestion reaches."""

    certain_probability: float = 0.9
    accuracy_confidence: float = 0.68
    suggest_within_m: float = 200.0
    grid_probability: float = 0.8


@dataclass(frozen=True, slots=True)
class Location:
    """Where a report lies as far as can be told.

    `candidates` are places of the finest level, likeliest first, `townships` likewise. `certain`
    says that one township holds at least `certain_probability`; if it does not, the place may
    still be certain where one lead serves all of `certain_townships`, which is the caller's to
    ask. `grid_certain` says that one grid holds at least `grid_probability`. `why` holds codes of
    what stands against certainty: no_accuracy, border, outside_county, no_grid. `nearest` is a
    suggestion when no place of the finest level holds the point.
    """

    found: Found
    generation_id: int
    certain: bool
    grid_certain: bool
    candidates: tuple[LikelyPlace, ...]
    townships: tuple[Likelihood, ...]
    nearest: LikelyPlace | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A place without its shape."""

    level: Level
    code: str
    name: str
    parent_code: str


@dataclass(frozen=True, slots=True)
class About:
    """A generation without its places; `box` is west, south, east, north of the whole."""

    id: int
    label: str
    starts_at: datetime | None
    sha256: str
    box: Box


class Boundaries:
    """One generation, immutable; the answers are the same for every process and for ever."""

    __slots__ = ("_index", "_levels", "_rows", "box", "generation_id", "label", "starts_at")

    def __init__(
        self,
        about: About,
        rows: Sequence[Row],
        indices: Mapping[Level, PlaceIndex],
    ) -> None:
        self.generation_id = about.id
        self.label = about.label
        self.starts_at = about.starts_at
        self.box = about.box
        self._rows = {row.code: row for row in rows}
        self._index = dict(indices)
        # Finest first: the first level that holds a point names all those above it.
        self._levels = tuple(level for level in reversed(LEVELS) if level in indices)

    def find(self, lon: float, lat: float) -> Found:
        """Return the place of each level that holds a WGS-84 point."""
        for level in self._levels:
            index = self._index[level]
            at = index.find(lon, lat)
            if at is not None:
                return self.chain(index.codes[at])
        return Found()

    def chain(self, code: str) -> Found:
        """Return the place of a code and those above it; nothing for an unknown code."""
        named = dict[str, PlaceName]()
        row = self._rows.get(code)
        while row is not None and row.level not in named:
            named[row.level] = PlaceName(row.code, row.name)
            row = self._rows.get(row.parent_code)
        return Found(**named)

    def township_of(self, code: str) -> str:
        """Return the code of the township in which a place lies; empty for none."""
        township = self.chain(code).township
        return township.code if township is not None else ""

    def row(self, code: str) -> Row | None:
        """Return the place of a code."""
        return self._rows.get(code)

    def rows(self, level: Level) -> list[Row]:
        """Return the places of a level in the order of their codes."""
        return sorted((r for r in self._rows.values() if r.level == level), key=lambda r: r.code)

    def locate(
        self, lon: float, lat: float, accuracy_m: float | None, limits: Thresholds
    ) -> Location:
        """Return where a WGS-84 point lies, how certainly, and what else is possible.

        `accuracy_m` is the radius that holds the true position with `accuracy_confidence`; what
        is no radius counts as unknown.
        """
        if accuracy_m is not None and not 0 <= accuracy_m < math.inf:
            accuracy_m = None
        found = self.find(lon, lat)
        candidates = self._candidates(lon, lat, accuracy_m or 0.0, limits)
        townships = self._townships(lon, lat, accuracy_m or 0.0, limits)
        certain = (
            found.township is not None
            and bool(townships)
            and townships[0].township == found.township.code
            and townships[0].p >= limits.certain_probability
        )
        sure_grid = (
            found.grid is not None
            and candidates[0].code == found.grid.code
            and candidates[0].p >= limits.grid_probability
        )
        return Location(
            found=found,
            generation_id=self.generation_id,
            certain=certain and accuracy_m is not None,
            grid_certain=sure_grid and accuracy_m is not None,
            candidates=candidates,
            townships=townships,
            nearest=self._nearest(lon, lat, limits.suggest_within_m) if not found.grid else None,
            why=_doubts(found, accuracy_m, certain=certain),
        )

    def _candidates(
        self, lon: float, lat: float, accuracy_m: float, limits: Thresholds
    ) -> tuple[LikelyPlace, ...]:
        if not self._levels:
            return ()
        index = self._index[self._levels[0]]
        found = index.candidates(lon, lat, accuracy_m, confidence=limits.accuracy_confidence)
        return tuple(self._likely(each) for each in found[:_MOST_CANDIDATES])

    def _townships(
        self, lon: float, lat: float, accuracy_m: float, limits: Thresholds
    ) -> tuple[Likelihood, ...]:
        index = self._index.get("township")
        if index is None:
            return ()
        found = index.candidates(lon, lat, accuracy_m, confidence=limits.accuracy_confidence)
        return tuple(Likelihood(each.code, round(each.probability, 4)) for each in found)

    def _nearest(self, lon: float, lat: float, within_m: float) -> LikelyPlace | None:
        if not self._levels:
            return None
        found = self._index[self._levels[0]].nearest(lon, lat, within_m)
        if found is None:
            return None
        code, distance = found
        return self._likely(Candidate(code, 0.0, distance))

    def _likely(self, candidate: Candidate) -> LikelyPlace:
        chain = self.chain(candidate.code)
        return LikelyPlace(
            code=candidate.code,
            name=self._rows[candidate.code].name,
            township=chain.township.code if chain.township else "",
            p=round(candidate.probability, 4),
            distance_m=round(candidate.distance_m, 1),
        )


def _doubts(found: Found, accuracy_m: float | None, *, certain: bool) -> tuple[str, ...]:
    doubts = {
        "no_accuracy": accuracy_m is None,
        "outside_county": found.county is None and found.township is None,
        "no_grid": found.finest is not None and found.grid is None,
        "border": found.township is not None and not certain,
    }
    return tuple(code for code, holds in doubts.items() if holds)


def certain_townships(location: Location, limits: Thresholds) -> tuple[str, ...]:
    """Return the fewest townships that together hold the required probability.

    One: the township is certain. Several: the place is certain if the list names one lead for
    all of them. None: too much of the probability lies outside, or the accuracy is unknown.
    """
    if "no_accuracy" in location.why:
        return ()
    held = 0.0
    for n_kept, share in enumerate(location.townships, 1):
        held += share.p
        if held >= limits.certain_probability:
            return tuple(each.township for each in location.townships[:n_kept])
    return ()
