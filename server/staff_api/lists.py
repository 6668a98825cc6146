"""The responsibility list at a desk: upload a draft, read its report, publish it."""

from datetime import datetime

from aiohttp import web
from pydantic import Field

from server.cases.knowledge import CHANGED
from server.clock import now
from server.errors import BadInput
from server.governance import commands as governance
from server.http.answers import reply
from server.http.forms import Answer, Form, Moment, Page, PageQuery, Query
from server.http.keys import BUS, KNOWLEDGE, actor
from server.http.multipart import read_file_part
from server.http.paging import after_id, cursor, path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.responsibility import commands, queries
from server.responsibility.queries import VersionRow

routes = Routes("/s/v1", tag="lists")

_MAX_BYTES = 5 * 2**20
_MAX_LABEL = 120
_FIELDS = frozenset({"label", "type"})


class ListAnswer(Answer):
    """A list of one type."""

    type: str
    name: str


class ListsAnswer(Answer):
    """The lists that exist."""

    items: list[ListAnswer]


class VersionAnswer(Answer):
    """A version of a list."""

    id: str
    list_type: str
    list_name: str
    number: int
    label: str
    state: str
    starts_at: datetime | None
    loaded_at: datetime
    source_name: str
    n_entries: int


class DraftAnswer(Answer):
    """A draft as it was understood, row by row."""

    version: VersionAnswer
    report: dict[str, object]


@routes.get("/lists", answer=ListsAnswer, permission=Permission.LIST_READ)
async def lists(request: web.Request) -> web.Response:
    """List the types of lists that exist."""
    found = await queries.lists()
    items = [ListAnswer(type=kind, name=name) for kind, name in found.items()]
    return reply(ListsAnswer(items=items))


class VersionsQuery(Query):
    """Of which list; all without."""

    type: str | None = Field(default=None, max_length=32)


class VersionsAnswer(Answer):
    """Versions, the newest first."""

    items: list[VersionAnswer]


@routes.get(
    "/lists/versions",
    query=VersionsQuery,
    answer=VersionsAnswer,
    permission=Permission.LIST_READ,
)
async def versions(request: web.Request, query: VersionsQuery) -> web.Response:
    """List versions."""
    rows = await queries.versions(query.type)
    return reply(VersionsAnswer(items=[_answer(row) for row in rows]))


@routes.post(
    "/lists/{type}/versions",
    answer=DraftAnswer,
    status=201,
    permission=Permission.LIST_MANAGE,
    upload="file",
)
async def upload(request: web.Request) -> web.Response:
    """Read a spreadsheet (xlsx or csv) into a draft, or refuse it row by row."""
    filename, data, texts = await read_file_part(request, "file", _MAX_BYTES, texts=_FIELDS)
    label = texts.get("label", "")
    if len(label) > _MAX_LABEL:
        raise BadInput([{"pointer": "/label", "reason": "string_too_long"}])
    draft = await commands.import_list(
        data,
        filename,
        list_type=request.match_info["type"],
        label=label or filename[:_MAX_LABEL],
        by=actor(request),
        at=now(),
    )
    return await _draft(draft.id, status=201)


@routes.get("/lists/versions/{id}", answer=DraftAnswer, permission=Permission.LIST_READ)
async def one(request: web.Request) -> web.Response:
    """Show a version and the report of its import."""
    return await _draft(path_id(request))


class EntryAnswer(Answer):
    """An entry of a version."""

    row: int
    code: str
    name: str
    domain: str
    kind: str
    responsibility: str
    lead_id: str | None
    lead_duties: str
    township_duties: str
    legal_basis: str
    limit: int
    urgency: str
    receives: str
    self_handle: bool
    words: list[str]


@routes.get(
    "/lists/versions/{id}/entries",
    query=PageQuery,
    answer=Page[EntryAnswer],
    permission=Permission.LIST_READ,
)
async def entries(request: web.Request, query: PageQuery) -> web.Response:
    """List a version's entries in the order of the spreadsheet."""
    start = after_id(query.after, bits=32)
    rows = await queries.entries(path_id(request), limit=query.limit + 1, after=start)
    shown = rows[: query.limit]
    items = [
        EntryAnswer(
            row=entry.row,
            code=entry.matter_code,
            name=entry.name,
            domain=entry.domain,
            kind=entry.kind,
            responsibility=entry.responsibility,
            lead_id=str(entry.lead_id) if entry.lead_id else None,
            lead_duties=entry.lead_duties,
            township_duties=entry.township_duties,
            legal_basis=entry.legal_basis,
            limit=entry.limit,
            urgency=entry.urgency,
            receives=entry.receives,
            self_handle=entry.self_handle,
            words=list(entry.words),
        )
        for entry in shown
    ]
    following = cursor([shown[-1].row]) if len(rows) > query.limit else None
    return reply(Page[EntryAnswer](items=items, next=following))


class PublishForm(Form):
    """From when it applies; without, from now."""

    starts_at: Moment | None = None


@routes.post(
    "/lists/versions/{id}/publish",
    body=PublishForm,
    answer=DraftAnswer,
    permission=Permission.LIST_PUBLISH,
)
async def publish(request: web.Request, form: PublishForm) -> web.Response:
    """Put a draft into force from a moment; every process takes it up within seconds."""
    at, version_id = now(), path_id(request)
    await governance.publish_list(
        version_id, starts_at=form.starts_at or at, by=actor(request), at=at
    )
    await request.app[KNOWLEDGE].refresh()
    await request.app[BUS].publish(CHANGED)
    return await _draft(version_id)


async def _draft(version_id: int, *, status: int = 200) -> web.Response:
    row = await queries.version_row(version_id)
    report = await queries.version_report(version_id)
    return reply(DraftAnswer(version=_answer(row), report=report), status=status)


def _answer(row: VersionRow) -> VersionAnswer:
    return VersionAnswer(
        id=str(row.id),
        list_type=row.list_type,
        list_name=row.list_name,
        number=row.number,
        label=row.label,
        state=row.state,
        starts_at=row.starts_at,
        loaded_at=row.loaded_at,
        source_name=row.source_name,
        n_entries=row.n_entries,
    )
