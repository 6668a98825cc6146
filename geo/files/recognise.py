"""Which datum boundaries are drawn in, told by a county outline that is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.ground.datum import to_wgs84_many
from geo.ground.faults import Fact, Fault
from geo.ground.metric import area_m2

_DATUMS = ("wgs84", "gcj02", "bd09")
_CLEARLY = 0.25
_NOTABLE_M2 = 10_000.0


@dataclass(frozen=True, slots=True)
class Recognition:
    """The datum that fits, or None where the outline does not tell; and how badly each fits.

    `outside_m2` gives for each datum the area that would lie outside the outline.
    """

    datum: str | None
    outside_m2: tuple[tuple[str, float], ...]


def datum_of(places: Sequence[BaseGeometry], outline: BaseGeometry) -> Recognition:
    """Tell in which datum places are drawn that should lie within an outline in WGS-84.

    Places that come near no border fit whatever the datum, and tell nothing.
    """
    made = np.empty(len(places), dtype=object)
    made[:] = list(places)
    whole = shapely.union_all(made)
    found = [(each, _outside_m2(whole, each, outline)) for each in _DATUMS]
    (best, least), (_, second), *_ = sorted(found, key=lambda each: each[1])
    clear = second > _NOTABLE_M2 and least < _CLEARLY * second
    return Recognition(best if clear else None, tuple(found))


def another_datum(
    places: Sequence[BaseGeometry], outline: BaseGeometry, declared: str
) -> Fault | None:
    """Give a warning where places, as drawn, clearly fit another datum than the declared one.

    Its facts name the datum that fits, to convert from, and what either leaves outside.
    """
    found = datum_of(places, outline)
    said = "wgs84" if declared == "cgcs2000" else declared
    if found.datum in (None, said):
        return None
    outside = dict(found.outside_m2)
    facts: dict[str, Fact] = {
        "declared": declared,
        "fits": found.datum,
        "outside_m2": round(outside[said]),
        "fits_outside_m2": round(outside[found.datum or said]),
    }
    return Fault("coordinates.another_datum", None, facts)


def _outside_m2(whole: BaseGeometry, datum: str, outline: BaseGeometry) -> float:
    moved = shapely.transform(
        whole, lambda xy: np.column_stack(to_wgs84_many(xy[:, 0], xy[:, 1], datum))
    )
    return area_m2(shapely.difference(shapely.make_valid(moved), outline))
