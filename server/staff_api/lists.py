"""The responsibility lists at a desk: upload a draft, read its report, its entries."""

from datetime import datetime
from typing import Annotated, cast, get_args

from aiohttp import web
from pydantic import with_config
from typing_extensions import TypedDict

from server.clock import now
from server.errors import BadInput
from server.http.answers import reply
from server.http.forms import MAY_BE_MISSING, Answer, Page, PageQuery, Query
from server.http.keys import actor
from server.http.multipart import read_file_part
from server.http.paging import after_id, cursor, path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.responsibility.changing import commands
from server.responsibility.list import queries
from server.responsibility.list.fields import Addressee
from server.responsibility.list.list_types import Leads, list_types
from server.responsibility.list.queries import VersionRow
from server.responsibility.list.versions import VERBS, possible
from server.responsibility.sheets.columns import heading
from server.shared_api.enumerations import (
    ColumnHeading,
    LimitUnit,
    ListType,
    MatterKind,
    OneListType,
    Receives,
    Responsibility,
    VersionState,
)
from server.shared_api.list_columns import answering, said_columns
from server.texts.catalogue import text
from server.texts.closed import one_of

routes = Routes("/s/v1", tag="lists")

_MAX_BYTES = 5 * 2**20
_MAX_LABEL = 120
_FIELDS = frozenset({"label", "type", "columns"})


class ListAnswer(Answer):
    """A type of list: which side leads, and the columns in which it is kept."""

    type: ListType
    name: str
    leads: Annotated[str, one_of(*get_args(Leads))]
    enforcement: bool
    columns: list[ColumnHeading]
    required: list[ColumnHeading]


class ListsAnswer(Answer):
    """The types of lists."""

    items: list[ListAnswer]


class VersionAnswer(Answer):
    """A version of a list."""

    id: str
    list_type: ListType
    list_name: str
    number: int
    label: str
    state: VersionState
    state_text: str
    starts_at: datetime | None
    loaded_at: datetime
    source_name: str
    n_entries: int
    n_questions: int
    loaded_by: str | None


class CandidateAnswer(Answer):
    """Something that a written name may mean."""

    value: str
    name: str
    confidence: float


class QuestionAnswer(Answer):
    """What only a person can say; `rows` are of the sheet.

    `kind` is unit (answered with an id, `new` for a new department, `township` or `nobody`), lead,
    limit (answered with one as it is written, 5个工作日), choice (a word of a field that says none
    of what it may, a mark below a unit, one name in several places) or matter.
    """

    id: str
    kind: Annotated[str, one_of("unit", "lead", "limit", "choice", "matter")]
    column: str
    written: str
    rows: list[int]
    new_code: str
    candidates: list[CandidateAnswer]


class RowReport(TypedDict):
    """What became of a row of the sheet, and why."""

    row: int
    code: str
    status: Annotated[str, one_of("taken", "skipped")]
    reasons: list[str]


class UnitMatch(TypedDict):
    """A written name that was no unit's full name, and what it was taken for."""

    written: str
    unit: str | None
    confidence: float


class MatterName(TypedDict):
    """A matter by code and name."""

    code: str
    name: str


class MatterRenamed(TypedDict):
    """A matter that has another name than before."""

    code: str
    was: str
    now: str


@with_config(MAY_BE_MISSING)
class ImportReport(TypedDict, total=False):
    """How a sheet was understood; of a version drawn from another what was taken and changed."""

    sheet: str
    ignored_sheets: list[str]
    columns: dict[str, str]
    unknown_columns: list[str]
    defaults: dict[str, str]
    notes: list[str]
    n_taken: int
    n_refused: int
    n_changed: int
    from_version: int | None
    rows: list[RowReport]
    matches: list[UnitMatch]
    new_matters: list[MatterName]
    renamed: list[MatterRenamed]


class DraftAnswer(Answer):
    """A draft as it was understood, row by row, with what is still to be answered."""

    version: VersionAnswer
    report: ImportReport
    questions: list[QuestionAnswer]
    possible: list[Annotated[str, one_of(*VERBS)]]


@routes.get("/lists", answer=ListsAnswer, permission=Permission.LIST_READ)
async def lists(request: web.Request) -> web.Response:
    """List the types of lists, with their columns."""
    items = [
        ListAnswer(
            type=kind.code,
            name=kind.name,
            leads=kind.leads,
            enforcement=kind.enforcement,
            columns=[heading(field, kind) for field in kind.columns],
            required=[heading(field, kind) for field in kind.required],
        )
        for kind in list_types().values()
    ]
    return reply(ListsAnswer(items=items))


class VersionsQuery(Query):
    """Of which list; all without."""

    type: OneListType | None = None


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
    rows = await queries.versions(query.type, at=now())
    return reply(VersionsAnswer(items=[_answer(row) for row in rows]))


@routes.post(
    "/lists/{type}/versions",
    answer=DraftAnswer,
    status=201,
    permission=Permission.LIST_MANAGE,
    upload="file",
    texts=_FIELDS,
    among={"type": list_types()},
)
async def upload(request: web.Request) -> web.Response:
    """Read a list (xlsx, xls, et, csv, or the tables of a docx) into a draft, or refuse it by row.

    `columns`, a JSON object, says what headings mean that the office calls otherwise: by heading a
    field or the heading that we write for it, {"管理部门": "牵头部门"}.
    """
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
        columns=said_columns(texts),
    )
    return await draft_of(draft.id, status=201)


@routes.get("/lists/versions/{id}", answer=DraftAnswer, permission=Permission.LIST_READ)
async def one(request: web.Request) -> web.Response:
    """Show a version and the report of its import."""
    return await draft_of(path_id(request))


@answering(Addressee.DESK)
class EntryAnswer(Answer):
    """An entry of a version."""

    row: int
    code: str
    kind: MatterKind
    responsibility: Responsibility
    lead_id: str | None
    limit: int
    urgency: LimitUnit
    receives: Receives
    self_handle: bool
    words: list[str]
    tags: list[str]
    extras: dict[str, str]


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
            kind=entry.kind,
            responsibility=entry.responsibility,
            lead_id=str(entry.lead_id) if entry.lead_id else None,
            limit=entry.limit,
            urgency=entry.urgency,
            receives=entry.receives,
            self_handle=entry.self_handle,
            words=list(entry.words),
            tags=list(entry.tags),
            extras=dict(entry.extras),
            **entry.texts(Addressee.DESK),
        )
        for entry in shown
    ]
    following = cursor([shown[-1].row]) if len(rows) > query.limit else None
    return reply(Page[EntryAnswer](items=items, next=following))


async def draft_of(version_id: int, *, status: int = 200) -> web.Response:
    """Answer a version with its report and its open questions."""
    row = await queries.version_row(version_id, at=now())
    report = await queries.version_report(version_id)
    asked = await queries.version_questions(version_id)
    questions = [QuestionAnswer.model_validate(each) for each in asked]
    found = DraftAnswer(
        version=_answer(row),
        report=cast("ImportReport", report),
        questions=questions,
        possible=possible(row.state, questions=bool(asked), starts_at=row.starts_at, at=now()),
    )
    return reply(found, status=status)


def _answer(row: VersionRow) -> VersionAnswer:
    return VersionAnswer(
        id=str(row.id),
        list_type=row.list_type,
        list_name=row.list_name,
        number=row.number,
        label=row.label,
        state=row.state,
        state_text=text(f"state.{row.state}"),
        starts_at=row.starts_at,
        loaded_at=row.loaded_at,
        source_name=row.source_name,
        n_entries=row.n_entries,
        n_questions=row.n_questions,
        loaded_by=row.loaded_by,
    )
