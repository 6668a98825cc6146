"""Beginning a patrol, walking it, ending it; forgetting its track in time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from tortoise.transactions import in_transaction

from server.errors import NotFound, PatrolNotBegun, PatrolOver, TrackNotConsented
from server.patrols.models import Patrol, PatrolPoint
from server.people.actor import Actor

_METRES_PER_DEGREE: Final = 111_194.9
# Slower than a scooter: what is faster is a jump of the position, not a walk.
_FASTEST_M_S: Final = 15.0
# By so much a phone's clock may be behind before the page sets it right.
_CLOCK_OFF: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """Where somebody was at an instant, in WGS-84; accuracy in metres."""

    at: datetime
    lon: float
    lat: float
    accuracy: float | None


async def start(key: UUID, *, track: bool, by: Actor, at: datetime) -> Patrol:
    """Begin a patrol; the same key begins no second one. `track` is the consent to a track."""
    found, _ = await Patrol.get_or_create(
        defaults={"started_at": at, "consented_at": at if track else None},
        account_id=by.id,
        key=key,
    )
    return found


async def add_points(patrol_id: int, points: Sequence[Walked], *, by: Actor) -> Patrol:
    """Add to the track of a patrol; a point that is known already is passed over.

    Raises NotFound for somebody else's, TrackNotConsented, PatrolOver for a point after its end,
    PatrolNotBegun for one before its beginning.
    """
    async with in_transaction():
        patrol = await _own(patrol_id, by)
        if patrol.consented_at is None:
            raise TrackNotConsented()
        if patrol.ended_at and any(point.at > patrol.ended_at for point in points):
            raise PatrolOver()
        if any(point.at < patrol.started_at - _CLOCK_OFF for point in points):
            raise PatrolNotBegun()
        rows = [
            PatrolPoint(
                patrol_id=patrol.id,
                at=point.at,
                lon=point.lon,
                lat=point.lat,
                accuracy=point.accuracy,
            )
            for point in points
        ]
        await PatrolPoint.bulk_create(rows, ignore_conflicts=True)
        patrol.metres = await _metres(patrol.id)
        await patrol.save()
    return patrol


async def end(patrol_id: int, *, by: Actor, at: datetime) -> Patrol:
    """End a patrol; ending it again changes nothing. Raises NotFound for somebody else's."""
    async with in_transaction():
        patrol = await _own(patrol_id, by)
        if patrol.ended_at is None:
            patrol.ended_at = at
            await patrol.save()
    return patrol


async def withdraw_consent(patrol_id: int, *, by: Actor) -> Patrol:
    """Take back the consent to a track: nothing more is taken, and what was is erased."""
    async with in_transaction():
        patrol = await _own(patrol_id, by)
        patrol.consented_at = None
        await patrol.save()
        await PatrolPoint.filter(patrol_id=patrol.id).delete()
    return patrol


async def forget(*, days: int, at: datetime) -> int:
    """Erase the points of tracks that are older than so many days; return how many."""
    return await PatrolPoint.filter(at__lt=at - timedelta(days=days)).delete()


async def _own(patrol_id: int, by: Actor) -> Patrol:
    found = Patrol.filter(id=patrol_id, account_id=by.id).select_for_update()
    patrol = await found.get_or_none()
    if patrol is None:
        raise NotFound()
    return patrol


async def _metres(patrol_id: int) -> float:
    rows = await PatrolPoint.filter(patrol_id=patrol_id).order_by("at")
    total = 0.0
    for one, other in pairwise(rows):
        across = (other.lon - one.lon) * math.cos(math.radians(one.lat))
        step = math.hypot(across, other.lat - one.lat) * _METRES_PER_DEGREE
        if step <= _FASTEST_M_S * (other.at - one.at).total_seconds():
            total += step
    return round(total, 1)
