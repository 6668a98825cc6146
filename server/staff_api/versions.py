"""A version's life at a desk: questions answered, reviewed, compared, published, exported."""

import asyncio
from datetime import datetime
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import Field

from media.fonts import chinese_font
from server.cases.door.knowledge import CHANGED
from server.cases.reading.open_cases import waiting
from server.clock import now
from server.governance import commands as governance
from server.http.answers import MEDIA_TYPES, attachment, reply
from server.http.forms import Answer, Form, Moment, Page, PageQuery, Query
from server.http.keys import BUS, KNOWLEDGE, actor, basis, call_of
from server.http.paging import cursor, path_id, uncursor
from server.http.routes import Routes
from server.permissions import Permission
from server.responsibility.changing import commands, publication
from server.responsibility.changing.diffing import Change, differences
from server.responsibility.list import queries, versions
from server.responsibility.list.list_types import list_type
from server.responsibility.sheets import files_out
from server.responsibility.sheets.exporting import table
from server.shared_api.list_columns import FieldChangeAnswer
from server.staff_api.lists import DraftAnswer, draft_of
from server.texts.catalogue import text
from server.texts.closed import one_of

routes: Final = Routes("/s/v1", tag="lists")

_Said = Annotated[str, Field(min_length=1, max_length=160)]


class AnswersForm(Form):
    """Answers by the ids of questions; `new_matters` gives all other matters new codes."""

    answers: Annotated[dict[_Said, _Said], Field(max_length=5000)] = {}
    new_matters: bool = False


@routes.post(
    "/lists/versions/{id}/answers",
    body=AnswersForm,
    answer=DraftAnswer,
    permission=Permission.LIST_MANAGE,
)
async def answers(request: web.Request, form: AnswersForm) -> web.Response:
    """Answer a draft's questions; with the last its entries are written."""
    version_id = path_id(request)
    await commands.answer(
        version_id, form.answers, new_matters=form.new_matters, by=actor(request), at=now()
    )
    return await draft_of(version_id)


@routes.post("/lists/versions/{id}/review", answer=DraftAnswer, permission=Permission.LIST_MANAGE)
async def review(request: web.Request) -> web.Response:
    """Send a draft to review."""
    version_id = path_id(request)
    await versions.submit(version_id, by=actor(request), at=now())
    return await draft_of(version_id)


@routes.post(
    "/lists/versions/{id}/take-back", answer=DraftAnswer, permission=Permission.LIST_PUBLISH
)
async def take_back(request: web.Request) -> web.Response:
    """Make a draft again of what is in review, or published for a later date."""
    version_id = path_id(request)
    by, at, known = call_of(request)
    await governance.take_list_back(version_id, by=by, at=at, basis=known)
    return await _told(request, version_id)


@routes.post(
    "/lists/versions/{id}/withdraw", answer=DraftAnswer, permission=Permission.LIST_MANAGE
)
async def withdraw(request: web.Request) -> web.Response:
    """Give a draft up for good."""
    version_id = path_id(request)
    await versions.withdraw(version_id)
    return await draft_of(version_id)


class PublishForm(Form):
    """From when it applies, without: from now; whether open cases may lose their matter.

    `leave_proposals` lets approved proposals wait that it does not carry out; `order` is the
    number of a superior's decision that stands for admissions.
    """

    starts_at: Moment | None = None
    leave_open: bool = False
    leave_proposals: bool = False
    order: str = Field(default="", max_length=120)


@routes.post(
    "/lists/versions/{id}/publish",
    body=PublishForm,
    answer=DraftAnswer,
    permission=Permission.LIST_PUBLISH,
)
async def publish(request: web.Request, form: PublishForm) -> web.Response:
    """Put a reviewed version into force; every process takes it up within seconds."""
    at, version_id = now(), path_id(request)
    await governance.publish_list(
        version_id,
        starts_at=form.starts_at or at,
        by=actor(request),
        at=at,
        leave_open=form.leave_open,
        leave_proposals=form.leave_proposals,
        order=form.order.strip(),
    )
    return await _told(request, version_id)


async def _told(request: web.Request, version_id: int) -> web.Response:
    await request.app[KNOWLEDGE].refresh()
    await request.app[BUS].publish(CHANGED)
    return await draft_of(version_id)


class DiffQuery(PageQuery):
    """Against which version; without, against the one in force."""

    against: int | None = Field(default=None, gt=0, lt=1 << 31)


class ChangeAnswer(Answer):
    """A matter that came, went or changed; `n_waiting` open cases of it have no unit yet."""

    code: str
    name: str
    kind: Annotated[str, one_of("added", "removed", "changed")]
    said: str
    n_waiting: int
    fields: list[FieldChangeAnswer]


@routes.get(
    "/lists/versions/{id}/diff",
    query=DiffQuery,
    answer=Page[ChangeAnswer],
    permission=Permission.LIST_READ,
)
async def diff(request: web.Request, query: DiffQuery) -> web.Response:
    """List what a version changes, by the matters' codes."""
    version_id = path_id(request)
    view = await queries.version(version_id)
    against = query.against
    if against is None:
        against = await queries.version_in_force(view.list_type, at=now(), but=version_id)
    old = []
    if against is not None:
        await queries.version(against)  # or it is not found
        old = await queries.all_entries(against)
    new = await queries.all_entries(version_id)
    kind, units = list_type(view.list_type), basis(request).units
    found = await asyncio.to_thread(differences, old, new, kind, units)
    start = next(iter(uncursor(query.after, str)), "")
    rest = [each for each in found if each.code > str(start)]
    shown = rest[: query.limit]
    n_waiting = await waiting([each.code for each in shown if each.kind == "removed"])
    items = [_change(each, n_waiting.get(each.code, 0)) for each in shown]
    following = cursor([shown[-1].code]) if len(rest) > query.limit else None
    return reply(Page[ChangeAnswer](items=items, next=following))


def _change(change: Change, n_waiting: int) -> ChangeAnswer:
    return ChangeAnswer(
        code=change.code,
        name=change.name,
        kind=change.kind,
        said=change.said,
        n_waiting=n_waiting,
        fields=[
            FieldChangeAnswer.model_validate(each, from_attributes=True) for each in change.fields
        ],
    )


class ExportQuery(Query):
    """As what kind of file."""

    format: Literal["xlsx", "csv", "docx", "pdf"] = "xlsx"


@routes.get(
    "/lists/versions/{id}/export",
    query=ExportQuery,
    files=tuple(MEDIA_TYPES[ending] for ending in ("xlsx", "csv", "docx", "pdf")),
    permission=Permission.LIST_READ,
)
async def export(request: web.Request, query: ExportQuery) -> web.Response:
    """Answer a version as a spreadsheet in its office's layout, or as a document to publish."""
    version_id, at = path_id(request), now()
    row = await queries.version_row(version_id, at=at)
    entries = await queries.all_entries(version_id)
    layout = await queries.version_layout(version_id)
    kind, units = list_type(row.list_type), basis(request).units
    subtitle = _subtitle(row.label, row.state, row.starts_at, basis(request).zone)

    def written() -> bytes:
        if query.format in ("xlsx", "csv"):
            sheet = table(kind, layout, entries, units)
            return files_out.xlsx(sheet) if query.format == "xlsx" else files_out.csv_file(sheet)
        printed = publication.publication(kind, subtitle, entries, units)
        if query.format == "docx":
            return publication.docx(printed)
        return publication.pdf(chinese_font(), printed)

    name = f"list-{row.list_type}-{row.number}.{query.format}"
    return attachment(await asyncio.to_thread(written), name)


def _subtitle(label: str, state: str, starts_at: datetime | None, zone: ZoneInfo) -> str:
    if starts_at is None:
        return text("list.subtitle_draft", label=label, state=text(f"state.{state}"))
    return text("list.subtitle", label=label, starts_at=f"{starts_at.astimezone(zone):%Y-%m-%d}")
