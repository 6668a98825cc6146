"""Taking photos in: sealed and synced first, then known; and what is learnt of them later."""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from tortoise import Tortoise
from tortoise.exceptions import IntegrityError

from media.errors import MediaError
from media.inspect import Inspection, inspect, taken_at, time_flags
from media.limits import HEIC, JPEG, PNG, WEBP, Limits
from media.paths import original_key
from media.store import Store
from server.db import insert
from server.errors import BadInput, PhotoRefused, PhotoTooLarge, StorageFull
from server.events import PhotoStored
from server.files.models import Photo
from server.outbox.record import deliveries
from server.people.actor import Actor
from server.texts.catalogue import text

_TOO_LARGE: Final = frozenset({"photo.too_large", "photo.too_many_pixels"})
# Each flag once, those that were found when it came in first.
_DERIVED: Final = """
UPDATE photo SET derived_at = $2, flags = flags || coalesce(
  (SELECT jsonb_agg(flag) FROM unnest($3::text[]) flag WHERE NOT flags ? flag), '[]')
WHERE id = $1
"""
#: How datums are named in photos, letters and figures alone.
_DATUMS: Final = {
    "wgs84": re.compile(r"wgs(19)?84|(epsg)?4326|worldgeodeticsystem(of)?(19)?84"),
    "cgcs2000": re.compile(r"cgcs(20)?00|(epsg)?4490|chinageodeticcoordinatesystem2000"),
    "gcj02": re.compile(r"gcj(20)?02"),
    "bd09": re.compile(r"bd09(ll)?"),
}
_NAMES: Final = {JPEG: "JPEG", PNG: "PNG", WEBP: "WebP", HEIC: "HEIC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """Where originals are kept, what is taken, and the zone of cameras that write none."""

    store: Store
    limits: Limits
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A photo as its phone hears of it; `created` is false for bytes sent before."""

    id: UUID
    sha256: str
    width: int | None
    height: int | None
    taken_at: datetime | None
    position: tuple[float, float] | None
    datum: str
    flags: tuple[str, ...]
    created: bool


async def receive(
    data: bytes, *, by: Actor, at: datetime, vault: Vault, announced: str = ""
) -> Received:
    """Keep a photo; on return its bytes and its row survive a power cut.

    The same bytes by the same person are the same photo. `announced` is the SHA-256 that the
    phone means to have sent, if it says. Raises PhotoRefused, PhotoTooLarge, StorageFull, BadInput
    for other bytes than announced; what is merely broken is kept and flagged.
    """
    sha256, facts = await asyncio.to_thread(_examine, data, vault.limits)
    if announced and announced.lower() != sha256:
        raise BadInput([{"pointer": "/sha256", "reason": "mismatch"}])
    try:
        await vault.store.put(original_key(sha256), data)
    except MediaError as error:
        known = await Photo.get_or_none(owner_id=by.id, sha256=sha256)
        if known is not None:  # nothing new has to be kept
            return _received(known, created=False)
        raise StorageFull(reason=error.code) from error
    return await _enter(sha256, facts, by=by, at=at, zone=vault.zone)


def _examine(data: bytes, limits: Limits) -> tuple[str, Inspection]:
    try:
        return hashlib.sha256(data).hexdigest(), inspect(data, limits)
    except MediaError as error:
        if error.code in _TOO_LARGE:
            raise PhotoTooLarge(reason=error.code, **_plain(error.facts)) from error
        reason = "photo.heic" if error.facts.get("type") == HEIC else error.code
        taken = text("format.and").join(sorted(_NAMES[each] for each in limits.media_types))
        raise PhotoRefused(reason=reason, types=taken, **_plain(error.facts)) from error


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in dict(facts).items() if k != "reason"}


async def _enter(
    sha256: str, facts: Inspection, *, by: Actor, at: datetime, zone: ZoneInfo
) -> Received:
    position = facts.position
    row = Photo(
        id=uuid4(),
        owner_id=by.id,
        sha256=sha256,
        n_bytes=facts.n_bytes,
        media_type=facts.media_type,
        width=facts.width or None,
        height=facts.height or None,
        taken_at=taken_at(facts, zone),
        lon=position.lon if position else None,
        lat=position.lat if position else None,
        datum=_datum(position.datum) if position else "",
        flags=[str(flag) for flag in (*facts.flags, *time_flags(facts, zone, at))],
        received_at=at,
    )
    try:
        await insert(row, *deliveries(_stored(row, at=at)))
    except IntegrityError:  # sent before, or the twin of this very upload was faster
        return _received(await Photo.get(owner_id=by.id, sha256=sha256), created=False)
    return _received(row, created=True)


def _datum(named: str | None) -> str:
    """Return the datum that a photo names, as we call it; `unknown` for none, or one unknown."""
    plain = re.sub(r"[^0-9a-z]", "", (named or "").lower())
    return next((ours for ours, theirs in _DATUMS.items() if theirs.fullmatch(plain)), "unknown")


def _stored(row: Photo, *, at: datetime) -> PhotoStored:
    return PhotoStored(stream=f"photo:{row.id}", at=at, photo=str(row.id))


def _received(row: Photo, *, created: bool) -> Received:
    has_position = row.lon is not None and row.lat is not None
    return Received(
        id=row.id,
        sha256=row.sha256,
        width=row.width,
        height=row.height,
        taken_at=row.taken_at,
        position=(row.lon, row.lat) if has_position else None,  # type: ignore[arg-type]
        datum=row.datum,
        flags=tuple(row.flags),
        created=created,
    )


async def derived(photo: UUID, flags: tuple[str, ...], *, at: datetime) -> None:
    """Write down that display copies exist, or by `flags` why they cannot."""
    await Tortoise.get_connection("default").execute_query(_DERIVED, [photo, at, list(flags)])
