"""What the photos say about a report's place and time: corroboration, never a substitute."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from server.cases.placing import Placed
from server.files.queries import PhotoFacts

_FAR_M: Final = 500.0
# A GCJ-02 position read as WGS-84 is off by up to some 600 m, and EXIF does not say which it is.
_DATUM_M: Final = 600.0
_OLD: Final = timedelta(hours=24)
_AHEAD: Final = timedelta(minutes=10)
#: What is noted of a photo that shows nothing that could be relied on.
BROKEN: Final = frozenset({"truncated", "header_broken", "unreadable"})
#: On a sphere of the mean radius.
METRES_PER_DEGREE: Final = 111_194.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Flags that a person may look at, and the figures behind them."""

    flags: tuple[str, ...]
    figures: dict[str, Any]

    @property
    def broken(self) -> bool:
        """Whether a photo cannot be relied on to show anything."""
        return "photo_broken" in self.flags


def weigh(
    photos: Sequence[PhotoFacts],
    placed: Placed | None,
    *,
    captured_at: datetime,
    received_at: datetime,
) -> Evidence:
    """Compare the photos' own position and time with what the report says."""
    flags: set[str] = set()
    figures: dict[str, Any] = {}
    if captured_at > received_at + _AHEAD:
        flags.add("captured_in_future")
    if any(BROKEN.intersection(photo.flags) for photo in photos):
        flags.add("photo_broken")
    distances = [
        round(metres(photo.lon, photo.lat, placed.lon, placed.lat))
        for photo in photos
        if placed and photo.lon is not None and photo.lat is not None
    ]
    if distances:
        figures["photo_distance_m"] = max(distances)
        flags.add("photo_near" if max(distances) <= _FAR_M + _DATUM_M else "photo_far")
    ages = [abs(captured_at - photo.taken_at) for photo in photos if photo.taken_at]
    if ages:
        figures["photo_age_s"] = round(max(ages).total_seconds())
        if max(ages) > _OLD:
            flags.add("photo_old")
    return Evidence(flags=tuple(sorted(flags)), figures=figures)


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Return the distance on a local plane; good to a per cent within a county."""
    across = (lon2 - lon1) * math.cos(math.radians((lat1 + lat2) / 2))
    return math.hypot(across, lat2 - lat1) * METRES_PER_DEGREE
