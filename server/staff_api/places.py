"""Boundaries at a desk: upload a draft generation, read its coverage report, publish it."""

from datetime import datetime

from aiohttp import web
from pydantic import AwareDatetime, Field

from server.cases.knowledge import CHANGED
from server.clock import now
from server.errors import BadInput
from server.governance import commands as governance
from server.http.answers import reply
from server.http.forms import Answer, Form
from server.http.keys import BUS, KNOWLEDGE, actor
from server.http.multipart import read_file_part
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.places import commands, queries
from server.places.queries import GenerationRow

routes = Routes("/s/v1/places", tag="places")

_MAX_BYTES = 10 * 2**20
_FIELDS = frozenset({"label", "datum"})
_DATUMS = frozenset({"wgs84", "cgcs2000", "gcj02", "bd09"})


class GenerationAnswer(Answer):
    """A generation of boundaries."""

    id: str
    label: str
    datum: str
    state: str
    starts_at: datetime | None
    loaded_at: datetime


class GenerationsAnswer(Answer):
    """Generations, the newest first."""

    items: list[GenerationAnswer]


class ReportAnswer(Answer):
    """A generation with what its loading found."""

    generation: GenerationAnswer
    report: dict[str, object]


@routes.get("/generations", answer=GenerationsAnswer, permission=Permission.PLACE_MANAGE)
async def generations(request: web.Request) -> web.Response:
    """List the generations."""
    rows = await queries.generations()
    return reply(GenerationsAnswer(items=[_answer(row) for row in rows]))


@routes.post(
    "/generations",
    answer=ReportAnswer,
    status=201,
    permission=Permission.PLACE_MANAGE,
    upload="file",
)
async def upload(request: web.Request) -> web.Response:
    """Read a GeoJSON file into a draft generation, or refuse it feature by feature."""
    filename, data, texts = await read_file_part(request, "file", _MAX_BYTES, texts=_FIELDS)
    datum = texts.get("datum", "")
    if datum not in _DATUMS:
        raise BadInput([{"pointer": "/datum", "reason": "enum"}])
    draft = await commands.load(
        data,
        label=texts.get("label") or filename,
        datum=datum,
        by=actor(request),
        at=now(),
    )
    return await _report(draft.id, status=201)


@routes.get("/generations/{id}", answer=ReportAnswer, permission=Permission.PLACE_MANAGE)
async def one(request: web.Request) -> web.Response:
    """Show a generation and what its loading found."""
    return await _report(path_id(request))


class PublishForm(Form):
    """From when it applies; without, from now."""

    starts_at: AwareDatetime | None = Field(default=None, strict=False)


@routes.post(
    "/generations/{id}/publish",
    body=PublishForm,
    answer=ReportAnswer,
    permission=Permission.PLACE_PUBLISH,
)
async def publish(request: web.Request, form: PublishForm) -> web.Response:
    """Put a draft generation into force from a moment; open cases keep theirs."""
    at, generation_id = now(), path_id(request)
    await governance.publish_places(
        generation_id, starts_at=form.starts_at or at, by=actor(request), at=at
    )
    await request.app[KNOWLEDGE].refresh()
    await request.app[BUS].publish(CHANGED)
    return await _report(generation_id)


async def _report(generation_id: int, *, status: int = 200) -> web.Response:
    row = await queries.generation(generation_id)
    report = await queries.report(generation_id)
    return reply(ReportAnswer(generation=_answer(row), report=report), status=status)


def _answer(row: GenerationRow) -> GenerationAnswer:
    return GenerationAnswer(
        id=str(row.id),
        label=row.label,
        datum=row.datum,
        state=row.state,
        starts_at=row.starts_at,
        loaded_at=row.loaded_at,
    )
