"""A case on one sheet of paper (案件办理单): what a desk shows of it, and nothing of a person."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from aiohttp import web
from pydantic import Field

from media.fonts import chinese_font
from server.cases.door.briefing import called, moment
from server.cases.door.lineage import family
from server.cases.reading import queries
from server.cases.reading.reporters import senders_names
from server.cases.rules.basis import Basis
from server.cases.rules.masking import masked
from server.cases.rules.views import CaseRow, TaskRow, due_of, task_due
from server.http.answers import MEDIA_TYPES, attachment
from server.http.forms import Query
from server.http.keys import call_of
from server.http.paging import path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.responsibility.changing import publication
from server.responsibility.changing.publication import Publication
from server.responsibility.files.cells import printable
from server.shared_api.cases import StepRow
from server.texts.catalogue import text

routes: Final = Routes("/s/v1", tag="cases")

#: What fits on a page: lines of tasks and of the history, characters of a line and of a text.
_TASKS, _STEPS = 8, 16
_LINE, _SAID = 90, 300
_WIDTHS: Final = (1, 6)


@routes.get("/cases/{no}/sheet", files=(MEDIA_TYPES["pdf"],), permission=Permission.CASE_READ)
async def sheet(request: web.Request) -> web.Response:
    """Answer a case as one page to print (案件办理单); where much was done, the last of it."""
    by, at, known = call_of(request)
    case = await queries.case_for(by, path_no(request))
    printed = await page_of(case, known, at=at)
    data = await asyncio.to_thread(publication.pdf, chinese_font(), printed)
    return attachment(data, f"case-{case.no}.pdf")


class SheetsQuery(Query):
    """The cases to print: at most fifty numbers between commas."""

    nos: str = Field(max_length=1250, pattern=r"^([0-9A-Za-z-]{1,24}(,|$)){1,50}$")


@routes.get(
    "/exports/sheets",
    query=SheetsQuery,
    files=(MEDIA_TYPES["pdf"],),
    permission=Permission.CASE_READ,
)
async def sheets(request: web.Request, query: SheetsQuery) -> web.Response:
    """Answer cases as one file to print, a page each in the order asked for.

    Raises NotFound with the number of one that I may not see.
    """
    by, at, known = call_of(request)
    nos = dict.fromkeys(each for each in query.nos.split(",") if each)
    cases = [await queries.case_for(by, no) for no in nos]
    printed = [await page_of(case, known, at=at) for case in cases]
    data = await asyncio.to_thread(publication.pdf, chinese_font(), *printed)
    return attachment(data, f"cases-{at.astimezone(known.zone):%Y%m%d-%H%M}.pdf")


async def page_of(case: CaseRow, known: Basis, *, at: datetime) -> Publication:
    """Return what is printed of a case, persons masked."""
    of_all = await family(case)
    hidden, reports = await senders_names(of_all), await queries.reports_of(of_all)
    history = await queries.steps(case, limit=_STEPS, after=max(0, case.version - _STEPS))
    return _page(
        case,
        said=[masked(each.text or each.address, hidden) for each in reports[:2]],
        result=masked(case.result, hidden),
        tasks=await queries.tasks_of(case),
        steps=[StepRow.of(each, known, hidden) for each in history],
        known=known,
        at=at,
    )


def _page(
    case: CaseRow,
    *,
    said: Sequence[str],
    result: str,
    tasks: Sequence[TaskRow],
    steps: Sequence[StepRow],
    known: Basis,
    at: datetime,
) -> Publication:
    def when(instant: datetime | None) -> str:
        return moment(instant, known.zone)

    shown = {
        "matter": case.matter_name or case.title,
        "stage": text(f"stage.{case.stage}"),
        "place": case.place.text,
        "said": "\n".join(_cut(each, _SAID) for each in said if each),
        "received": when(case.received_at),
        "due": _due(case, when),
        "tasks": _lines(
            [_task(each, case, known) for each in tasks[:_TASKS]], len(tasks) - _TASKS
        ),
        "steps": _lines([_step(each, when(each.at)) for each in steps], case.version - _STEPS),
        "result": _cut(result, _SAID),
        "closed": when(case.closed_at),
    }
    return Publication(
        title=text("case_sheet.title"),
        subtitle=text("case_sheet.about", no=case.no, at=when(at)),
        widths=_WIDTHS,
        header=(text("case_sheet.what"), text("case_sheet.content")),
        rows=tuple((text(f"case_sheet.{name}"), printable(each)) for name, each in shown.items()),
        upright=True,
    )


def _due(case: CaseRow, when: Callable[[datetime | None], str]) -> str:
    rests = case.suspended_until is not None
    why = text("case_sheet.suspended", until=when(case.suspended_until)) if rests else case.due_why
    return " ".join(each for each in (when(due_of(case)), why) if each)


def _task(task: TaskRow, case: CaseRow, known: Basis) -> str:
    return text(
        "case_sheet.task",
        unit=called(task.unit_id, known.units),
        stage=text(f"task_stage.{task.stage}"),
        due=moment(task_due(task, case), known.zone),
        done=moment(task.done_at, known.zone),
    )


def _step(step: StepRow, at: str) -> str:
    said = (at, step.verb_text, step.unit, " ".join(f"{step.reason} {step.note}".split()))
    return _cut(" ".join(each for each in said if each), _LINE)


def _lines(shown: Sequence[str], n_more: int) -> str:
    more = [text("case_sheet.more", n=n_more)] if n_more > 0 else []
    return "\n".join([*shown, *more])


def _cut(said: str, most: int) -> str:
    return said if len(said) <= most else said[: most - 1] + "…"
