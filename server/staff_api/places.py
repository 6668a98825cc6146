"""Boundaries at a desk: upload a draft, read its report, compare, publish, take it away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, cast

from aiohttp import web
from pydantic import Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from geo.files.coverage import Limits
from geo.files.mending import Proposal
from server.cases.door.knowledge import CHANGED
from server.clock import now
from server.errors import BadInput, NotReady
from server.governance import commands as governance
from server.governance.boundaries import generations as comparing
from server.http.answers import MEDIA_TYPES, attachment, reply
from server.http.forms import MAY_BE_MISSING, Answer, Form, Moment, Query
from server.http.keys import BUS, KNOWLEDGE, SETTINGS, actor, basis
from server.http.multipart import read_file_part
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.places import commands, queries, saying, signs
from server.places.boundaries import LEVELS, Level
from server.places.queries import GenerationRow
from server.shared_api.enumerations import DatumName, GenerationState
from server.shared_api.generations import ChangesAnswer
from server.shared_api.narrowing import require_known
from server.texts.catalogue import outlines
from server.texts.closed import one_of

routes = Routes("/s/v1/places", tag="places")

_MAX_BYTES = Limits().max_bytes
_LAYERS = TypeAdapter(dict[str, Level])
_FIELDS = frozenset({"label", "datum", "level", "layer_levels", "code_field", "name_field"})
_MOST_MOVES = 100
_DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")


class GenerationAnswer(Answer):
    """A generation of boundaries."""

    id: str
    label: str
    datum: DatumName
    state: GenerationState
    starts_at: datetime | None
    loaded_at: datetime


class GenerationsAnswer(Answer):
    """Generations, the newest first."""

    items: list[GenerationAnswer]


@with_config(MAY_BE_MISSING)
class BoundaryWarning(TypedDict, total=False):
    """What a person should look at: the feature from 0, a sentence, the figures in it, where.

    Generations loaded long ago do not say where.
    """

    feature: int | None
    code: Annotated[str, one_of(*outlines("boundary"))]
    reason: str
    facts: dict[str, object]
    geometry: dict[str, object] | None


@with_config(MAY_BE_MISSING)
class BoundaryReport(TypedDict, total=False):
    """What loading found: how many of each level and kind of fault, places below each place.

    `taken` gives for code, name, level and parent the file's properties that say them.
    """

    faults: list[BoundaryWarning]
    warnings: list[BoundaryWarning]
    counts: dict[str, int]
    children: dict[str, int]
    box: list[float] | None
    taken: dict[str, list[str]]


class LoadedAnswer(Answer):
    """A generation with what its loading found."""

    generation: GenerationAnswer
    report: BoundaryReport


@routes.get("/generations", answer=GenerationsAnswer, permission=Permission.LIST_REPLAY)
async def generations(request: web.Request) -> web.Response:
    """List the generations: also for who tries one on closed cases before it is published."""
    rows = await queries.generations()
    return reply(GenerationsAnswer(items=[_answer(row) for row in rows]))


@routes.post(
    "/generations",
    answer=LoadedAnswer,
    status=201,
    permission=Permission.PLACE_MANAGE,
    upload="file",
    texts=_FIELDS,
    among={"datum": _DATUMS, "level": LEVELS},
)
async def upload(request: web.Request) -> web.Response:
    """Read a boundary file into a draft generation, or refuse it feature by feature.

    GeoJSON, or a GeoPackage, zipped shapefile, KML or KMZ where pyogrio is installed. `level`
    (county, township, village, grid) is that of features which name none; `layer_levels`, a JSON
    object, that of those in a layer, by its name; `code_field` and `name_field` name the
    properties that hold codes and names, where none was recognised.
    """
    given = await _given(request)
    draft = await commands.load(
        given.data,
        label=given.label,
        datum=given.datum,
        by=actor(request),
        at=now(),
        level=given.level,
        **given.names,
        layers=given.layers,
    )
    return await _report(draft.id, status=201)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A boundary file as uploaded, with what was said of it."""

    data: bytes
    label: str
    datum: str
    level: Level | None
    layers: Mapping[str, Level]
    names: Mapping[str, str]


async def _given(request: web.Request) -> _Given:
    filename, data, texts = await read_file_part(request, "file", _MAX_BYTES, texts=_FIELDS)
    datum = texts.get("datum", "")
    if datum not in _DATUMS:
        raise BadInput([{"pointer": "/datum", "reason": "enum"}])
    level = next((each for each in LEVELS if each == texts.get("level")), None)
    if texts.get("level") and level is None:
        raise BadInput([{"pointer": "/level", "reason": "enum"}])
    return _Given(
        data=data,
        label=texts.get("label") or filename,
        datum=datum,
        level=level,
        layers=_layers(texts.get("layer_levels", "")),
        names={each: texts.get(each, "") for each in ("code_field", "name_field")},
    )


def _layers(said: str) -> dict[str, Level]:
    """Return what a field says of the levels of layers, as they are named."""
    try:
        return _LAYERS.validate_json(said or "{}")
    except ValidationError as error:
        raise BadInput([{"pointer": "/layer_levels", "reason": "enum"}]) from error


class MoveRow(Answer):
    """What a place would win and lose: the feature from 0, its code and name, square metres."""

    feature: int
    code: str
    name: str
    won_m2: float
    lost_m2: float
    text: str


class MendingAnswer(Answer):
    """What mending a file would move, the most first; of `n` at most a hundred are shown.

    With none there is nothing that could be mended: what is wrong is of another kind. `n_left`
    faults remain in the mended file, so that it would still be refused; `left` are the first.
    """

    n: int
    moves: list[MoveRow]
    n_left: int
    left: list[BoundaryWarning]


@routes.post(
    "/mending",
    each_time=True,
    answer=MendingAnswer,
    permission=Permission.PLACE_MANAGE,
    upload="file",
    texts=_FIELDS,
    among={"datum": _DATUMS, "level": LEVELS},
)
async def mending(request: web.Request) -> web.Response:
    """Tell what would move if crossing rings and overlaps of a boundary file were mended.

    Takes what uploading takes; nothing is stored and nothing is mended by itself.
    """
    given = await _given(request)
    proposal = await _proposed(given)
    moves = proposal.moves
    again = await commands.left_wrong(proposal, given.datum, given.level, **given.names)
    left = [cast(BoundaryWarning, saying.shown(each)) for each in again.faults[:_MOST_MOVES]]
    rows = [
        MoveRow(
            feature=each.feature,
            code=each.code or "",
            name=each.name or "",
            won_m2=each.won_m2,
            lost_m2=each.lost_m2,
            text=saying.moved(each),
        )
        for each in moves[:_MOST_MOVES]
    ]
    return reply(MendingAnswer(n=len(moves), moves=rows, n_left=again.n_faults, left=left))


@routes.post(
    "/mending.geojson",
    each_time=True,
    files=(MEDIA_TYPES["geojson"],),
    permission=Permission.PLACE_MANAGE,
    upload="file",
    texts=_FIELDS,
    among={"datum": _DATUMS, "level": LEVELS},
)
async def mended(request: web.Request) -> web.Response:
    """Give the mended file, in the datum of the file given: to be looked at, and uploaded."""
    proposal = await _proposed(await _given(request))
    return attachment(proposal.geojson, "places-mended.geojson")


async def _proposed(given: _Given) -> Proposal:
    return await commands.mended(
        given.data, given.datum, given.level, **given.names, layers=given.layers
    )


@routes.get("/generations/{id}", answer=LoadedAnswer, permission=Permission.PLACE_MANAGE)
async def one(request: web.Request) -> web.Response:
    """Show a generation and what its loading found."""
    return await _report(path_id(request))


class AgainstQuery(Query):
    """Against which generation: an id, or the one in force now."""

    against: str = Field(default="in_force", pattern=r"^(in_force|[1-9][0-9]{0,8})$")


@routes.get(
    "/generations/{id}/changes",
    query=AgainstQuery,
    answer=ChangesAnswer,
    permission=Permission.PLACE_MANAGE,
)
async def changes(request: web.Request, query: AgainstQuery) -> web.Response:
    """Tell what a generation changes, and how many open cases lie there."""
    against = _in_force(request) if query.against == "in_force" else int(query.against)
    return reply(ChangesAnswer.of(await comparing.compare(against, path_id(request))))


@routes.get(
    "/generations/{id}/export.geojson",
    files=(MEDIA_TYPES["geojson"],),
    permission=Permission.PLACE_MANAGE,
)
async def export(request: web.Request) -> web.Response:
    """Give a generation whole as GeoJSON in WGS-84, to be loaded again or kept."""
    generation_id = path_id(request)
    return attachment(await queries.export(generation_id), f"places-{generation_id}.geojson")


class SignsQuery(Query):
    """For which township, and how many signs on a sheet of A4."""

    township: str = Field(min_length=1, max_length=20)
    per_page: Literal["1", "2", "4", "6"] = "4"


@routes.get("/signs", query=SignsQuery, files=("text/html",), permission=Permission.UNIT_READ)
async def grid_signs(request: web.Request, query: SignsQuery) -> web.Response:
    """Give the signs of a township's grids, with QR codes, as a page to be printed."""
    boundaries = basis(request).places.at(now())
    if boundaries is None:
        raise NotReady(part="places")
    await require_known(basis(request), now(), township=query.township)
    found = signs.signs_of(boundaries, query.township)
    per_page = next(each for each in signs.PER_PAGE if str(each) == query.per_page)
    return web.Response(
        text=signs.page(found, request.app[SETTINGS].address, per_page),
        content_type="text/html",
        headers={"Content-Security-Policy": signs.POLICY},
    )


class PutInForceForm(Form):
    """From when it applies; without, from now.

    `drop_places` says that what is in force and not in it is meant to end: a county, or more than
    half of the places of a level. Without it such a generation is refused (places.dropped).
    """

    starts_at: Moment | None = Field(default=None, strict=False)
    drop_places: bool = False


class PublishedAnswer(Answer):
    """A generation put into force, and what it changes against the one in force before."""

    generation: GenerationAnswer
    report: BoundaryReport
    changes: ChangesAnswer


@routes.post(
    "/generations/{id}/publish",
    body=PutInForceForm,
    answer=PublishedAnswer,
    permission=Permission.PLACE_PUBLISH,
)
async def publish(request: web.Request, form: PutInForceForm) -> web.Response:
    """Put a draft generation into force from a moment; open cases keep theirs."""
    at, generation_id, before = now(), path_id(request), _in_force(request)
    await governance.publish_places(
        generation_id,
        starts_at=form.starts_at or at,
        by=actor(request),
        at=at,
        drop_places=form.drop_places,
    )
    await request.app[KNOWLEDGE].refresh()
    await request.app[BUS].publish(CHANGED)
    return reply(
        PublishedAnswer(
            generation=_answer(await queries.generation(generation_id)),
            report=cast("BoundaryReport", await queries.report(generation_id)),
            changes=ChangesAnswer.of(await comparing.compare(before, generation_id)),
        )
    )


def _in_force(request: web.Request) -> int | None:
    boundaries = basis(request).places.at(now())
    return boundaries.generation_id if boundaries else None


async def _report(generation_id: int, *, status: int = 200) -> web.Response:
    row = await queries.generation(generation_id)
    report = await queries.report(generation_id)
    return reply(
        LoadedAnswer(generation=_answer(row), report=cast("BoundaryReport", report)), status=status
    )


def _answer(row: GenerationRow) -> GenerationAnswer:
    return GenerationAnswer(
        id=str(row.id),
        label=row.label,
        datum=row.datum,
        state=row.state,
        starts_at=row.starts_at,
        loaded_at=row.loaded_at,
    )
