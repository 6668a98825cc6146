"""Reading photos: whose, what they say, where they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.files.models import Photo


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFacts:
    """What is known of a photo; position as in the EXIF, of unknown datum."""

    id: UUID
    sha256: str
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    flags: tuple[str, ...]


async def owned(photos: Sequence[UUID], *, owner_id: int | None) -> dict[UUID, PhotoFacts]:
    """Return those of the photos that belong to an account, by id."""
    if not photos or owner_id is None:
        return {}
    rows = await Photo.filter(id__in=list(photos), owner_id=owner_id).values_list(
        "id", "sha256", "taken_at", "lon", "lat", "flags"
    )
    return {
        row[0]: PhotoFacts(
            id=row[0], sha256=row[1], taken_at=row[2], lon=row[3], lat=row[4], flags=tuple(row[5])
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPhoto:
    """Where a photo's bytes are, for serving."""

    id: UUID
    owner_id: int
    sha256: str
    media_type: str
    taken_at: datetime | None
    received_at: datetime
    derived_at: datetime | None
    flags: tuple[str, ...]


async def stored(photo: UUID) -> StoredPhoto | None:
    """Return a photo's row, or None."""
    row = await Photo.get_or_none(id=photo)
    if row is None:
        return None
    return StoredPhoto(
        id=row.id,
        owner_id=row.owner_id,
        sha256=row.sha256,
        media_type=row.media_type,
        taken_at=row.taken_at,
        received_at=row.received_at,
        derived_at=row.derived_at,
        flags=tuple(row.flags),
    )
