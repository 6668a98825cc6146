"""Reading photos: whose, what they say, where they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tortoise import Tortoise

from server.files.models import Photo

_FACTS: Final = """
SELECT id, sha256, taken_at, lon, lat, datum,
  ARRAY(SELECT jsonb_array_elements_text(flags)) AS flags
FROM photo WHERE id = ANY($1::uuid[]) AND ($2::int IS NULL OR owner_id = $2)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFacts:
    """What is known of a photo; position and datum as in the EXIF."""

    id: UUID
    sha256: str
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    datum: str
    flags: tuple[str, ...]


async def owned(photos: Sequence[UUID], *, owner_id: int | None) -> dict[UUID, PhotoFacts]:
    """Return those of the photos that belong to an account, by id."""
    return {} if owner_id is None else await _facts(photos, owner_id)


async def facts_of(photos: Sequence[UUID]) -> dict[UUID, PhotoFacts]:
    """Return what is known of photos, whosesoever they are, by id."""
    return await _facts(photos, None)


async def _facts(photos: Sequence[UUID], owner_id: int | None) -> dict[UUID, PhotoFacts]:
    if not photos:
        return {}
    rows = await Tortoise.get_connection("default").execute_query_dict(
        _FACTS, [list(photos), owner_id]
    )
    return {
        row["id"]: PhotoFacts(
            id=row["id"],
            sha256=row["sha256"],
            taken_at=row["taken_at"],
            lon=row["lon"],
            lat=row["lat"],
            datum=row["datum"],
            flags=tuple(row["flags"]),
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
