"""In which places a point of limited accuracy may really lie, and how likely each is.

Places that do not overlap share the error out by their edges alone (`geo.index.gaussian`),
exactly but for 0.015, gaps and outer borders included. Where places overlap, each is first cut
down to what no lower code holds. Only where the error reaches over thousands of cells of the
raster is it sampled.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from geo.ground.metric import Scale
from geo.index.distances import distances_m
from geo.index.gaussian import N_SAMPLES, REACH, outflows, samples_about
from geo.index.polygon_store import Shelf, shelve
from geo.index.raster import NONE, Raster

_SURE_M = 1e-6
_EXACT_M = 1e-3  # a sigma below it means that the point is known
_LEAST = 0.002  # of a probability that is told
_CLEAR = 0.01  # of an outflow, which is wrong by less
_ASIDE = (0.8e-13, 1.3e-13)  # degrees, so that a point is no vertex
_MOST_PAIRS = 100_000
FindMany = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.int64]]
_Told = tuple[int, float, float]  # a place, its share, its distance in metres


class Candidate(NamedTuple):
    """A place a report may lie in: how likely, and how far its polygon is from the point."""

    code: str
    probability: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class Where:
    """A point, metres a degree there, and its sigma in metres."""

    lon: float
    lat: float
    scale: Scale
    sigma: float

    def reach(self, sigmas: float = REACH) -> tuple[float, float]:
        """Give the degrees of longitude and of latitude that so many sigmas are."""
        metres = sigmas * self.sigma
        return metres / self.scale.x, metres / self.scale.y

    def samples(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the lons and lats of samples of the error."""
        return samples_about(self.lon, self.lat, *self.reach(1.0))

    def flatten(self, z: NDArray[np.complex128]) -> None:
        """Turn lon + i lat into sigmas east and north of the point, in place."""
        east, north = z.real, z.imag
        east -= self.lon + _ASIDE[0]
        east *= self.scale.x / self.sigma
        north -= self.lat + _ASIDE[1]
        north *= self.scale.y / self.sigma


class CandidateFinder:
    """Finds the candidates of an index."""

    __slots__ = ("_bounds", "_codes", "_overlapping", "_raster", "_shelf")

    def __init__(
        self, codes: Sequence[str], raster: Raster, shelf: Shelf, bounds: NDArray[np.float64]
    ) -> None:
        self._bounds = bounds
        self._codes = codes
        self._raster = raster
        self._shelf = shelf
        self._overlapping: dict[tuple[int, int], bool] = {}

    def candidates(self, own: int | None, where: Where, find_many: FindMany) -> list[Candidate]:
        """Give the candidates, likeliest first; `own` is the place that holds the point."""
        codes = self._codes
        x, y = where.reach()
        places, is_one = self._raster.around(where.lon, where.lat, x, y)
        if is_one or where.sigma < _EXACT_M:
            return [] if own is None else [Candidate(codes[own], 1.0, 0.0)]
        if places is None:
            told = self._sampled(own, where, find_many)
        else:
            told = self._integrated(places, own, where, find_many) if places else []
        found = [(-p, metres, codes[at]) for at, p, metres in told if p > _LEAST or at == own]
        found.sort()
        return [Candidate(code, -p, metres) for p, metres, code in found]

    def _integrated(
        self, places: list[int], own: int | None, where: Where, find_many: FindMany
    ) -> list[_Told]:
        """Give what the edges of places tell."""
        z, joints, starts = self._shelf.outlines(places)
        where.flatten(z)
        outflow, least, fit = outflows(z, joints, starts)
        if fit:  # one lying over all of it, with no edge near, would not show
            still = zip(places, outflow, strict=True)
            far = [place for place, out in still if place != own and abs(out) <= _CLEAR]
            fit = not any(self._holds(place, where) for place in far)
        if not fit and self._overlap(places):
            return self._cut_apart(places, own, where, find_many)
        return _told(places, own, outflow, least, where, find_many)

    def _holds(self, place: int, where: Where) -> bool:
        west, south, east, north = self._bounds[:, place].tolist()
        if not (west <= where.lon <= east and south <= where.lat <= north):
            return False
        return bool(shapely.intersects_xy(self._shelf.ready(place), where.lon, where.lat))

    def _overlap(self, places: list[int]) -> bool:
        """Tell whether any two of some places have an area in common."""
        for pair in combinations(sorted(places), 2):
            known = self._overlapping.get(pair)
            if known is None:
                one, other = map(self._shelf.ready, pair)
                known = bool(shapely.relate_pattern(one, other, "T********"))
                if len(self._overlapping) >= _MOST_PAIRS:
                    self._overlapping.clear()
                self._overlapping[pair] = known
            if known:
                return True
        return False

    def _cut_apart(
        self, places: list[int], own: int | None, where: Where, find_many: FindMany
    ) -> list[_Told]:
        """Give what the edges of that tell which each of some places holds and no lower code."""
        x, y = where.reach(2 * REACH)
        near = box(where.lon - x, where.lat - y, where.lon + x, where.lat + y)
        taken: BaseGeometry = Polygon()
        left: dict[int, BaseGeometry] = {}
        for place in sorted(places, key=self._codes.__getitem__):
            shape = shapely.intersection(self._shelf.ready(place), near)
            rest = shapely.get_parts(shapely.difference(shape, taken))
            taken = shapely.union(taken, shape)
            if len(parts := rest[shapely.area(rest) > 0]):
                left[place] = shapely.multipolygons(parts)
        if not left:
            return []
        z, joints, starts = shelve(list(left.values())).outlines(range(len(left)))
        where.flatten(z)
        outflow, least, _ = outflows(z, joints, starts)
        told = _told(list(left), own, outflow, least, where, find_many)
        metres = distances_m(self._shelf, list(left), where.lon, where.lat, where.scale)
        return [(place, p, away) for (place, p, _), away in zip(told, metres, strict=True)]

    def _sampled(self, own: int | None, where: Where, find_many: FindMany) -> list[_Told]:
        share = Counter(find_many(*where.samples()).tolist())
        share.pop(NONE, 0)
        if own is not None:
            share.setdefault(own, 0)
        places = list(share)
        metres = distances_m(self._shelf, places, where.lon, where.lat, where.scale)
        return [
            (place, share[place] / N_SAMPLES, 0.0 if place == own else away)
            for place, away in zip(places, metres, strict=True)
        ]


def _told(
    places: Sequence[int],
    own: int | None,
    outflow: Sequence[float],
    least: Sequence[float],
    where: Where,
    find_many: FindMany,
) -> list[_Told]:
    """Turn outflows into shares, and squares of distances into metres.

    An outflow is positive where the point is inside, and next to nothing far from every edge.
    Where the point is on an edge of a place that is nearly nothing or nearly everything about it,
    an outflow does not tell which; samples do.
    """
    told = []
    for place, out, away in zip(places, outflow, least, strict=True):
        metres = math.sqrt(away) * where.sigma
        if abs(out) > _CLEAR:
            inside = out > 0
        elif metres > _SURE_M:
            inside = place == own
        else:
            inside = bool(np.mean(find_many(*where.samples()) == place) > 0.5)
        share = min(1.0, 1 - out) if inside else max(0.0, -out)
        touches = inside or place == own or metres < _SURE_M
        told.append((place, share, 0.0 if touches else metres))
    return told
