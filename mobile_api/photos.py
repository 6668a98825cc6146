"""Photos from phones, and their display copies."""

import asyncio
import re
from datetime import datetime
from typing import Final, Literal, Self

from aiohttp import web
from pydantic import Field

from media.errors import MediaError
from media.paths import display_key, thumbnail_key
from media.watermark import watermark
from server.cases.reading.queries import holds_photo, may_see_photo, only_follows, report_for
from server.clock import now
from server.errors import BadInput, NotFound, NotReady, PhotoDamaged
from server.files.commands import Received, receive
from server.files.queries import StoredPhoto, stored
from server.http.answers import reply
from server.http.forms import EARLIEST, LATEST, Answer, Query
from server.http.keys import SETTINGS, VAULT, actor
from server.http.multipart import PHOTO_TEXTS, read_photo_part
from server.http.paging import path_uuid
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.enumerations import DatumName, PhotoFlag
from server.texts.catalogue import text

routes = Routes("/m/v1", tag="photos")

# Display copies take a moment after the upload.
_COPY_SECONDS: Final = 2
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class PhotoPosition(Answer):
    """Where the photo says it was taken; few photos name the datum."""

    lon: float
    lat: float
    datum: DatumName = "unknown"


class PhotoAnswer(Answer):
    """What was understood of a photo; pixels are looked at later and may add flags."""

    id: str
    sha256: str
    width: int | None
    height: int | None
    taken_at: datetime | None
    position: PhotoPosition | None
    flags: list[PhotoFlag]

    @classmethod
    def of(cls, photo: Received) -> Self:
        """Build the answer for a received photo."""
        return cls(
            id=str(photo.id),
            sha256=photo.sha256,
            width=photo.width,
            height=photo.height,
            taken_at=photo.taken_at,
            position=PhotoPosition(
                lon=photo.position[0], lat=photo.position[1], datum=photo.datum or "unknown"
            )
            if photo.position
            else None,
            flags=list(photo.flags),
        )


@routes.post(
    "/photos",
    answer=PhotoAnswer,
    status=201,
    repeatable=True,
    permission=Permission.CASE_REPORT,
    upload="photo",
    texts=PHOTO_TEXTS,
)
async def upload(request: web.Request) -> web.Response:
    """Keep a photo; the same bytes by the same person answer 200 with the same id."""
    limit = request.app[SETTINGS].photo_max_bytes
    data, texts = await read_photo_part(request, max_bytes=limit)
    _require_moment(texts.get("captured_at", ""))
    photo = await receive(
        data,
        by=actor(request),
        at=now(),
        vault=request.app[VAULT],
        announced=texts.get("sha256", ""),
    )
    return reply(PhotoAnswer.of(photo), status=201 if photo.created else 200)


def _require_moment(written: str) -> None:
    """Refuse, before anything is kept, a `captured_at` that is no moment of RFC 3339."""
    if not written:
        return
    try:
        at = datetime.fromisoformat(written.upper()) if _MOMENT.fullmatch(written) else None
    except ValueError:
        at = None
    if at is None:
        raise BadInput([{"pointer": "/captured_at", "reason": "datetime_parsing"}])
    if not EARLIEST <= at < LATEST:
        raise BadInput([{"pointer": "/captured_at", "reason": "moment_out_of_range"}])


class PictureQuery(Query):
    """Which copy: for the screen or for a list; with time and number written on it or not."""

    size: Literal["display", "thumbnail"] = "display"
    watermark: bool = False
    no: str = Field(default="", max_length=24)


@routes.get("/photos/{id}", query=PictureQuery, files=("image/jpeg",), on_wall=True)
async def picture(request: web.Request, query: PictureQuery) -> web.Response:
    """Answer a display copy: re-encoded, without metadata; never the original."""
    photo = await _visible(request)
    key = thumbnail_key if query.size == "thumbnail" else display_key
    lines = await _lines(request, photo, query.no) if query.watermark else []
    try:
        data = await request.app[VAULT].store.get(key(photo.sha256))
    except MediaError as error:
        if photo.derived_at is None:
            raise NotReady(retry_after=_COPY_SECONDS) from error
        if photo.owner_id == actor(request).id:
            raise PhotoDamaged(id=str(photo.id)) from error
        raise NotFound() from error
    if query.watermark:
        data = await asyncio.to_thread(watermark, data, lines)
    headers = {
        "Content-Disposition": f'inline; filename="{photo.id}.jpg"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, max-age=86400",
    }
    return web.Response(body=data, content_type="image/jpeg", headers=headers)


async def _visible(request: web.Request) -> StoredPhoto:
    photo = await stored(path_uuid(request))
    if photo is None or not await may_see_photo(actor(request), photo.id, photo.owner_id):
        raise NotFound()
    return photo


async def _lines(request: web.Request, photo: StoredPhoto, no: str) -> list[str]:
    """Return what is written onto a copy: time, and place and number of a case that it is of.

    Who merely follows the case, or does not say of which it is, reads the day of another's photo:
    what was settled on the spot was taken just before it was reported.
    """
    zone, by = request.app[SETTINGS].zone, actor(request)
    lines, exact = list[str](), photo.owner_id == by.id
    if no:
        case = await report_for(by, no)
        if not await holds_photo(case, photo.id):
            raise NotFound()
        lines.append(text("watermark.place", place=case.place.text))
        lines.append(text("watermark.no", no=case.no))
        exact = exact or not await only_follows(by, case)
    shown = (photo.taken_at or photo.received_at).astimezone(zone)
    said = "watermark.time" if photo.taken_at else "watermark.received"
    form = "%Y-%m-%d %H:%M" if exact else "%Y-%m-%d"
    return [text(said, at=shown.strftime(form)), *lines]
