"""A unit's diligence in a case at a desk: its record as one page and as a file, and showing."""

import asyncio
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from media.fonts import chinese_font
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Stage, Verb
from server.governance.diligence import page as diligence_page
from server.governance.diligence import record as diligence
from server.governance.diligence.owed import Duty, State
from server.governance.diligence.record import Evidence, ListDuty, Record, Showing
from server.http.answers import MEDIA_TYPES, attachment, reply
from server.http.forms import Answer, Form, Query
from server.http.keys import call_of
from server.http.paging import path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.responsibility.changing import publication
from server.texts.closed import one_of

routes: Final = Routes("/s/v1", tag="diligence")

_Unit = Annotated[str, Field(min_length=1, max_length=80)]


class RecordQuery(Query):
    """Which unit's record: its code, or its name."""

    unit: _Unit


class FileQuery(RecordQuery):
    """Which unit's record, as what kind of file."""

    format: Literal["pdf", "docx"] = "pdf"


class ShowDutyForm(Form):
    """Which of the unit's duties was met, how, and what of the case shows it.

    `duty` is its number in the record, `steps` are versions of the history.
    """

    unit: _Unit
    duty: int = Field(ge=1, le=1000)
    note: str = Field(min_length=1, max_length=2000, pattern=r"\S")
    steps: list[Annotated[int, Field(ge=1, le=100_000)]] = Field(default=[], max_length=50)
    photos: list[UUID] = Field(default=[], max_length=50, strict=False)


class EvidenceRow(Answer):
    """A line of the history, also as a sentence; photos: fetch them at /m/v1/photos/{id}."""

    version: int
    verb: Verb
    at: datetime
    unit: str
    role: str
    words: str
    photos: list[str]
    text: str

    @classmethod
    def all_of(
        cls, versions: tuple[int, ...], record: Record, basis: Basis
    ) -> list["EvidenceRow"]:
        """Build the rows of those lines of a record's history, in order."""
        found = (record.evidence[each] for each in versions if each in record.evidence)
        return [cls._of(each, basis) for each in found]

    @classmethod
    def _of(cls, found: Evidence, basis: Basis) -> "EvidenceRow":
        unit = basis.units.by_id.get(found.unit_id) if found.unit_id else None
        return cls(
            version=found.version,
            verb=Verb(found.verb),
            at=found.at,
            unit=unit.name if unit else "",
            role=diligence_page.role_words(found.by_role),
            words=found.words,
            photos=list(found.photos),
            text=diligence_page.line(found, basis.units, basis.zone),
        )


class ShownRow(Answer):
    """What the unit said of a duty, and what it points at."""

    note: str
    at: datetime
    role: str
    steps: list[EvidenceRow]
    photos: list[str]


class DutyRow(Answer):
    """A duty that the list names: as lead, cooperating or township; shown, or open."""

    number: int
    source: Annotated[str, one_of("lead", "cooperating", "township")]
    text: str
    state: Annotated[str, one_of("open", "shown")]
    shown: list[ShownRow]


class ProcedureRow(Answer):
    """A duty that the life of the case sets: done, late, not_done, not_due or lifted."""

    duty: str
    text: str
    due_at: datetime | None
    done_at: datetime | None
    state: State
    state_text: str
    late_s: int | None
    exempted_at: datetime | None
    steps: list[EvidenceRow]


class DiligenceAnswer(Answer):
    """A unit's record in a case; `cited` says from which row of which version its duties are."""

    no: str
    stage: Stage
    matter: str
    unit: str
    unit_code: str
    at: datetime
    cited: str
    version_id: int | None
    entry_id: int | None
    summary: str
    duties: list[DutyRow]
    procedure: list[ProcedureRow]


@routes.get(
    "/cases/{no}/diligence",
    query=RecordQuery,
    answer=DiligenceAnswer,
    permission=Permission.DILIGENCE_READ,
)
async def one(request: web.Request, query: RecordQuery) -> web.Response:
    """Show which duties a unit had in a case, and what shows that they were done (容错)."""
    return await _answered(request, query.unit)


@routes.get(
    "/cases/{no}/diligence/file",
    query=FileQuery,
    files=(MEDIA_TYPES["pdf"], MEDIA_TYPES["docx"]),
    permission=Permission.DILIGENCE_READ,
)
async def as_file(request: web.Request, query: FileQuery) -> web.Response:
    """Answer a unit's record as a document to print."""
    by, at, known = call_of(request)
    record = await diligence.record(path_no(request), query.unit, by=by, at=at, basis=known)
    printed = diligence_page.page(record, known)

    def written() -> bytes:
        if query.format == "docx":
            return publication.docx(printed)
        return publication.pdf(chinese_font(), printed)

    name = f"diligence-{record.case.no}.{query.format}"
    return attachment(await asyncio.to_thread(written), name)


@routes.post(
    "/cases/{no}/diligence",
    body=ShowDutyForm,
    answer=DiligenceAnswer,
    permission=Permission.DILIGENCE_SHOW_DUTY,
)
async def show_duty(request: web.Request, form: ShowDutyForm) -> web.Response:
    """Show as its unit how a duty of the list was met; what was said before stays."""
    by, at, known = call_of(request)
    showing = Showing(
        number=form.duty, note=form.note, steps=tuple(form.steps), photos=tuple(form.photos)
    )
    await diligence.show_duty(path_no(request), form.unit, showing, by=by, at=at, basis=known)
    return await _answered(request, form.unit)


async def _answered(request: web.Request, unit: str) -> web.Response:
    by, at, known = call_of(request)
    record = await diligence.record(path_no(request), unit, by=by, at=at, basis=known)
    case, entry = record.case, record.entry
    return reply(
        DiligenceAnswer(
            no=case.no,
            stage=case.stage,
            matter=case.matter_name,
            unit=record.unit.name,
            unit_code=record.unit.code,
            at=record.at,
            cited=diligence_page.cited(record),
            version_id=entry.version_id if entry else None,
            entry_id=entry.id if entry else None,
            summary=diligence_page.summary(record),
            duties=[_duty(each, record, known) for each in record.named],
            procedure=[_procedure(each, record, known) for each in record.procedure],
        )
    )


def _duty(each: ListDuty, record: Record, basis: Basis) -> DutyRow:
    return DutyRow(
        number=each.duty.number,
        source=each.duty.source,
        text=each.duty.text,
        state="shown" if each.shown else "open",
        shown=[
            ShownRow(
                note=shown.note,
                at=shown.at,
                role=diligence_page.role_words(shown.by_role),
                steps=EvidenceRow.all_of(shown.steps, record, basis),
                photos=list(shown.photos),
            )
            for shown in each.shown
        ],
    )


def _procedure(duty: Duty, record: Record, basis: Basis) -> ProcedureRow:
    return ProcedureRow(
        duty=duty.owed.value,
        text=diligence_page.duty_words(duty),
        due_at=duty.due_at,
        done_at=duty.done_at,
        state=duty.state,
        state_text=diligence_page.state_words(duty, basis.zone),
        late_s=round(duty.late.total_seconds()) if duty.late else None,
        exempted_at=duty.exempted_at,
        steps=EvidenceRow.all_of(duty.steps, record, basis),
    )
