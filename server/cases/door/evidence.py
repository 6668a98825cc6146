"""What a report shows and what is attached to a case: positions compared, photos tied to acts."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from geo.ground.datum import to_wgs84
from server.cases.door.moving import Open
from server.cases.door.placing import Placed
from server.cases.models.case import Attachment, Case
from server.cases.rules.records import Evidence
from server.cases.rules.shown import BRINGS, Purpose
from server.errors import PhotoNotReady, UnknownPhoto
from server.files.queries import PhotoFacts, owned
from server.people.actor import Actor

_FAR_M: Final = 500.0
# A GCJ-02 position read as WGS-84 is off by up to some six hundred, and most photos do not say
# which it is.
_SHIFT_M: Final = 600.0
_OLD: Final = timedelta(hours=24)
_AHEAD: Final = timedelta(minutes=10)
#: What may be noted of a report by its photos.
FLAGS: Final = ("captured_in_future", "photo_broken", "photo_far", "photo_near", "photo_old")
#: What is noted of a photo that shows nothing that could be relied on.
BROKEN: Final = frozenset({"truncated", "header_broken", "unreadable"})
#: On a sphere of the mean radius.
METRES_PER_DEGREE: Final = 111_194.9


def weigh(
    photos: Sequence[PhotoFacts],
    placed: Placed | None,
    *,
    captured_at: datetime,
    received_at: datetime,
) -> Evidence:
    """Compare the photos' own position and time with what the report says."""
    flags: set[str] = set()
    distance_m = age_s = None
    if captured_at > received_at + _AHEAD:
        flags.add("captured_in_future")
    if any(BROKEN.intersection(photo.flags) for photo in photos):
        flags.add("photo_broken")
    lon, lat = (placed.lon, placed.lat) if placed else (None, None)
    aways = [(photo, _away_m(photo, lon, lat)) for photo in photos]
    distances = [(photo, away) for photo, away in aways if away is not None]
    if distances:
        distance_m = round(max(away for _, away in distances))
        far = any(_is_far(photo, away) for photo, away in distances)
        flags.add("photo_far" if far else "photo_near")
    ages = [abs(captured_at - photo.taken_at) for photo in photos if photo.taken_at]
    if ages:
        age_s = round(max(ages).total_seconds())
        if max(ages) > _OLD:
            flags.add("photo_old")
    return Evidence(tuple(sorted(flags)), photo_distance_m=distance_m, photo_age_s=age_s)


def doubtful(
    photo: PhotoFacts, lon: float | None, lat: float | None, moments: Sequence[datetime]
) -> tuple[str, ...]:
    """Return what speaks against one photo: far from a place, older than all of these moments."""
    flags = ["photo_broken"] if BROKEN.intersection(photo.flags) else []
    if _is_far(photo, _away_m(photo, lon, lat) or 0.0):
        flags.append("photo_far")
    taken = photo.taken_at
    if taken and all(abs(moment - taken) > _OLD for moment in moments):
        flags.append("photo_old")
    return tuple(flags)


def _away_m(photo: PhotoFacts, lon: float | None, lat: float | None) -> float | None:
    """Return how far from a place a photo was taken; None where one of the two is not known."""
    if photo.lon is None or photo.lat is None or lon is None or lat is None:
        return None
    return metres(*to_wgs84(photo.lon, photo.lat, photo.datum or "unknown"), lon, lat)


def _is_far(photo: PhotoFacts, away_m: float) -> bool:
    shift_m = _SHIFT_M if photo.datum in ("", "unknown") else 0.0
    return round(away_m) > _FAR_M + shift_m


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Return the distance on a local plane; good to a per cent within a county."""
    across = (lon2 - lon1) * math.cos(math.radians((lat1 + lat2) / 2))
    return math.hypot(across, lat2 - lat1) * METRES_PER_DEGREE


#: What a photo is evidence of; one that cannot be read is none.
_EVIDENCE: Final = frozenset({Purpose.AFTER, Purpose.CHECK, Purpose.VERIFY})


async def attach(opened: Open, photos: Sequence[UUID], *, purpose: Purpose) -> None:
    """Add the actor's photos to a case, as those of the act for which it was opened.

    Raises UnknownPhoto for a photo that is not the actor's own, PhotoNotReady for one that is to
    be evidence and cannot be read, ValueError for an act that is not said to bring such photos:
    nothing would say who sees them.
    """
    act = opened.entry.act
    if act.verb not in BRINGS[purpose]:
        raise ValueError(f"{act.verb} brings no photos {purpose}")
    if not photos:
        return
    await require_own(photos, by=act.by, readable=purpose in _EVIDENCE)
    version = opened.entry.step.version
    await Attachment.bulk_create(
        attachments(opened.case, photos, purpose, version=version), ignore_conflicts=True
    )


async def require_own(photos: Sequence[UUID], *, by: Actor, readable: bool) -> None:
    """Refuse with UnknownPhoto what is not the actor's own, with PhotoNotReady what is broken."""
    mine = await owned(photos, owner_id=by.id)
    for photo in photos:
        if photo not in mine:
            raise UnknownPhoto(id=str(photo))
        if readable and BROKEN.intersection(mine[photo].flags):
            raise PhotoNotReady(id=str(photo))


def attachments(
    case: Case, photos: Sequence[UUID], purpose: Purpose, *, version: int
) -> list[Attachment]:
    """Return the rows that add photos to a case whose owner has been checked already.

    `version` is that of the act by which they came.
    """
    return [
        Attachment(case_id=case.id, photo_id=photo, purpose=purpose, step_version=version)
        for photo in dict.fromkeys(photos)
    ]


async def fresh(case: Case, photos: Sequence[UUID], *, purpose: Purpose) -> bool:
    """Tell whether one of the photos is not the case's already, from an earlier cycle."""
    held = Attachment.filter(case_id=case.id, purpose=purpose, photo_id__in=list(photos))
    return len(set(photos)) > await held.count()
