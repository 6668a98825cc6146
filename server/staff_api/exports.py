"""Cases taken away from a desk as a file: what the list shows, and nothing of who reported it."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import Field

from server.cases.reading import queries
from server.cases.reading.queries import Narrowing
from server.cases.rules.basis import Basis
from server.http.answers import MEDIA_TYPES, attachment
from server.http.keys import call_of
from server.http.routes import Routes
from server.people.actor import Actor
from server.permissions import Permission
from server.responsibility.sheets import files_out
from server.responsibility.sheets.exporting import Table
from server.shared_api.cases import CaseCard
from server.staff_api.case_filters import CasesFilter
from server.texts.catalogue import text

routes: Final = Routes("/s/v1", tag="cases")

#: Cases in a file; a workbook is made whole before it is sent.
_MOST: Final = {"csv": 200_000, "geojson": 200_000, "xlsx": 20_000}
#: Read at once, as the greatest page of the list.
_PAGE: Final = 500


class CasesExportQuery(CasesFilter):
    """How the cases are narrowed, as in the list, and the kind of file.

    `nos` are at most two hundred numbers between commas, of which alone the file is to be.
    """

    format: Literal["csv", "xlsx", "geojson"]
    nos: str = Field(default="", max_length=5000, pattern=r"^([0-9A-Za-z-]{1,24}(,|$)){0,200}$")

    def chosen(self) -> tuple[str, ...]:
        """Return the numbers."""
        return tuple(each for each in self.nos.split(",") if each)


def _said(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""


#: Name of a column, and what it says of a case in the county's time zone.
_COLUMNS: Final[dict[str, Callable[[CaseCard, ZoneInfo], str]]] = {
    "no": lambda case, _: case.no,
    "stage": lambda case, _: case.stage_text,
    "kind": lambda case, _: text(f"export.{case.kind}") if case.kind else "",
    "matter": lambda case, _: case.matter,
    "matter_code": lambda case, _: case.matter_code,
    "township": lambda case, _: case.township,
    "village": lambda case, _: case.village,
    "grid": lambda case, _: case.grid,
    "place": lambda case, _: case.place,
    "lead": lambda case, _: case.lead,
    "answerable": lambda case, _: case.answerable,
    "received_at": lambda case, zone: _said(case.received_at, zone),
    "due_at": lambda case, zone: _said(case.due_at, zone),
    "due_why": lambda case, _: case.due_why,
    "closed_at": lambda case, zone: _said(case.closed_at, zone),
    "cycle": lambda case, _: str(case.cycle),
    "off_list": lambda case, _: text("export.yes") if case.off_list else "",
    "platform": lambda case, _: case.platform,
    "lon": lambda case, _: "" if case.lon is None else f"{case.lon:.6f}",
    "lat": lambda case, _: "" if case.lat is None else f"{case.lat:.6f}",
    "within_m": lambda case, _: "" if case.within_m is None else f"{case.within_m:.0f}",
    "unsure": lambda case, _: (
        text("export.yes") if case.lon is not None and not case.point_sure else ""
    ),
}


@routes.get(
    "/exports/cases",
    query=CasesExportQuery,
    files=tuple(MEDIA_TYPES[ending] for ending in ("csv", "xlsx", "geojson")),
    permission=Permission.CASE_READ,
)
async def cases(request: web.Request, query: CasesExportQuery) -> web.StreamResponse:
    """Answer the cases that I may see and that the filter leaves, newest first, as a file.

    The last line says so where there are more than such a file holds (200,000; a workbook 20,000).
    """
    by, at, known = call_of(request)
    narrowing = replace(await query.narrowing(known, by=by, at=at), nos=query.chosen())
    pages = _pages(by, narrowing, known, at=at, most=_MOST[query.format])
    name = f"cases-{at.astimezone(known.zone):%Y%m%d-%H%M}.{query.format}"
    if query.format == "xlsx":
        rows = [row async for page in pages for row in _rows(page, known.zone)]
        sheet = Table(text("export.sheet"), (_head(), *rows), 0, 1)
        return attachment(await asyncio.to_thread(files_out.xlsx, sheet), name)
    response = web.StreamResponse(
        headers={
            "Content-Type": f"{MEDIA_TYPES[query.format]}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        }
    )
    written = _geojson(pages) if query.format == "geojson" else _csv(pages, known.zone)
    await response.prepare(request)
    async for part in written:
        await response.write(part)
    await response.write_eof()
    return response


#: A page of cases; None after the last where more are left out.
_Page = Sequence[CaseCard] | None


async def _pages(
    by: Actor, narrowing: Narrowing, known: Basis, *, at: datetime, most: int
) -> AsyncIterator[_Page]:
    """Give cards page by page."""
    n_given, before_id = 0, None
    while n_given < most:
        found = await queries.cards(by, narrowing, limit=_PAGE, before_id=before_id, at=at)
        yield [CaseCard.of(case, known) for case in found]
        n_given += len(found)
        if len(found) < _PAGE:
            return
        before_id = found[-1].id
    if await queries.cards(by, narrowing, limit=1, before_id=before_id, at=at):
        yield None


def _head() -> tuple[str, ...]:
    return tuple(text(f"export.{name}") for name in _COLUMNS)


def _rows(page: _Page, zone: ZoneInfo) -> list[tuple[str, ...]]:
    if page is None:
        return [(text("export.more"),)]
    return [tuple(say(case, zone) for say in _COLUMNS.values()) for case in page]


async def _csv(pages: AsyncIterator[_Page], zone: ZoneInfo) -> AsyncIterator[bytes]:
    """Give a table with a byte order mark, by which a spreadsheet knows the encoding."""
    head = [_head()]
    async for page in pages:
        kept = io.StringIO(newline="")
        said = [*head, *_rows(page, zone)]
        csv.writer(kept).writerows([files_out.harmless(each) for each in row] for row in said)
        yield (kept.getvalue()).encode("utf-8-sig" if head else "utf-8")
        head = []


async def _geojson(pages: AsyncIterator[_Page]) -> AsyncIterator[bytes]:
    """Give the cases that have a position; `more` tells that some were left out."""
    yield b'{"type":"FeatureCollection","features":['
    between, more = "", False
    async for page in pages:
        more = page is None
        parts = list[str]()
        for case in page or ():
            if case.lon is not None:
                parts += between, _feature(case)
                between = ","
        yield "".join(parts).encode()
    yield f'],"more":{json.dumps(more)}}}'.encode()


def _feature(case: CaseCard) -> str:
    point = {"type": "Point", "coordinates": [case.lon, case.lat]}
    told = case.model_dump(mode="json", exclude={"lon", "lat", "words", "about_unit"})
    return json.dumps(
        {"type": "Feature", "geometry": point, "properties": told}, ensure_ascii=False
    )
