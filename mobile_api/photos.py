"""Photos from phones, and their display copies."""

import asyncio
from datetime import datetime
from typing import Self
from uuid import UUID

from aiohttp import web
from pydantic import Field

from media.errors import MediaError
from media.paths import display_key, thumbnail_key
from media.watermark import watermark
from server.cases.queries import case_for, may_see_photo
from server.clock import now
from server.errors import NotFound
from server.files.commands import Received, receive
from server.files.queries import StoredPhoto, stored
from server.http.answers import reply
from server.http.forms import Answer, Query
from server.http.keys import SETTINGS, VAULT, actor
from server.http.multipart import read_photo_part
from server.http.routes import Routes
from server.permissions import Permission
from server.texts.catalogue import text

routes = Routes("/m/v1", tag="photos")


class PhotoPosition(Answer):
    """Where the photo says it was taken; EXIF does not tell the datum."""

    lon: float
    lat: float
    datum: str = "unknown"


class PhotoAnswer(Answer):
    """What was understood of a photo; pixels are looked at later and may add flags."""

    id: str
    sha256: str
    width: int | None
    height: int | None
    taken_at: datetime | None
    position: PhotoPosition | None
    flags: list[str]

    @classmethod
    def of(cls, photo: Received) -> Self:
        """Build the answer for a received photo."""
        return cls(
            id=str(photo.id),
            sha256=photo.sha256,
            width=photo.width,
            height=photo.height,
            taken_at=photo.taken_at,
            position=PhotoPosition(lon=photo.position[0], lat=photo.position[1])
            if photo.position
            else None,
            flags=list(photo.flags),
        )


@routes.post(
    "/photos",
    answer=PhotoAnswer,
    status=201,
    permission=Permission.CASE_REPORT,
    upload="photo",
)
async def upload(request: web.Request) -> web.Response:
    """Keep a photo; the same bytes by the same person answer 200 with the same id."""
    limit = request.app[SETTINGS].photo_max_bytes
    data, texts = await read_photo_part(request, max_bytes=limit)
    photo = await receive(
        data,
        by=actor(request),
        at=now(),
        vault=request.app[VAULT],
        announced=texts.get("sha256", ""),
    )
    return reply(PhotoAnswer.of(photo), status=201 if photo.created else 200)


class PictureQuery(Query):
    """Which copy: for the screen or for a list; with time and number written on it or not."""

    size: str = Field(default="display", pattern="^(display|thumbnail)$")
    watermark: bool = False
    no: str = Field(default="", max_length=24)


@routes.get("/photos/{id}", query=PictureQuery)
async def picture(request: web.Request, query: PictureQuery) -> web.Response:
    """Answer a display copy: re-encoded, without metadata; never the original."""
    photo = await _visible(request)
    key = thumbnail_key if query.size == "thumbnail" else display_key
    try:
        data = await request.app[VAULT].store.get(key(photo.sha256))
    except MediaError as error:
        raise NotFound() from error
    if query.watermark:
        data = await asyncio.to_thread(watermark, data, await _lines(request, photo, query.no))
    headers = {
        "Content-Disposition": f'inline; filename="{photo.id}.jpg"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, max-age=86400",
    }
    return web.Response(body=data, content_type="image/jpeg", headers=headers)


async def _visible(request: web.Request) -> StoredPhoto:
    try:
        wanted = UUID(request.match_info["id"])
    except ValueError as error:
        raise NotFound() from error
    photo = await stored(wanted)
    if photo is None or not await may_see_photo(actor(request), wanted, photo.owner_id):
        raise NotFound()
    return photo


async def _lines(request: web.Request, photo: StoredPhoto, no: str) -> list[str]:
    """Return what is written onto a copy: time, and place and number of a visible case."""
    zone = request.app[SETTINGS].zone
    taken = (photo.taken_at or photo.received_at).astimezone(zone)
    lines = [text("watermark.time", at=f"{taken:%Y-%m-%d %H:%M}")]
    if no:
        case = await case_for(actor(request), no)
        lines.append(text("watermark.place", place=case.place.get("text", "")))
        lines.append(text("watermark.no", no=case.no))
    return lines
