"""Cases at a desk: the list, one case whole, its history, and every verb."""

from collections.abc import Set
from dataclasses import asdict
from datetime import datetime
from typing import Self

from aiohttp import web
from pydantic import with_config
from typing_extensions import TypedDict

from server.appraisal import commands as appraisal
from server.cases.calls import calling
from server.cases.door.hindrances import allowed_verbs, can_be_ruled
from server.cases.door.lineage import family, survivor_no
from server.cases.ends.why_not import Asked, why_not
from server.cases.intake.screening import who_chose
from server.cases.reading import queries, watch_list
from server.cases.reading.own_reports import may_leave
from server.cases.reading.reporters import reporters_names, senders_names
from server.cases.rules.flow import Verb
from server.cases.rules.masking import masked
from server.cases.rules.records import CasePlace, Evidence, Suggested
from server.cases.rules.shown import Reader, channel_shown
from server.cases.rules.views import ReportRow as ReportView
from server.cases.work import steering
from server.cases.work.request_queries import why_suspended
from server.clock import now
from server.http.answers import no_content, reply
from server.http.forms import MAY_BE_MISSING, Answer, Page, PageQuery
from server.http.keys import actor, basis, call_of
from server.http.paging import cursor, path_no, uncursor
from server.http.routes import Routes
from server.permissions import Permission
from server.responsibility.list.entries import Explanation
from server.shared_api.acts import case_verbs
from server.shared_api.acts.appraisals import AppraisalForm
from server.shared_api.acts.screening import VerificationRow
from server.shared_api.acts.steering import InstructionRow
from server.shared_api.acts.why_not import WhyNotRow
from server.shared_api.cases import (
    CallForm,
    CaseCard,
    StepRow,
    WaitsFor,
    card,
)
from server.shared_api.disputes import DisputeAnswer, dispute_of
from server.shared_api.enumerations import Channel, DatumName, EvidenceFlag, SourceName
from server.shared_api.processes import ProcessRow, process_of
from server.shared_api.said import Said, explained
from server.shared_api.tasks import TaskCard
from server.shared_api.timeline import PhotoRow, photos_of
from server.staff_api.case_filters import CaseChoices, CasesQuery

routes = Routes("/s/v1", tag="cases")


@routes.get("/cases", query=CasesQuery, answer=Page[CaseCard], permission=Permission.CASE_READ)
async def listed(request: web.Request, query: CasesQuery) -> web.Response:
    """List the cases that I may see, newest first."""
    by, at, known = call_of(request)
    narrowing = await query.narrowing(known, by=by, at=at)
    after = uncursor(query.after, int)
    before_id = int(str(after[0])) if after else None
    rows = await queries.cards(by, narrowing, limit=query.limit + 1, before_id=before_id, at=at)
    shown = rows[: query.limit]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    return reply(
        Page[CaseCard](items=[CaseCard.of(case, known) for case in shown], next=following)
    )


@routes.get("/case-choices", answer=CaseChoices, permission=Permission.CASE_READ)
async def choices(request: web.Request) -> web.Response:
    """Say what the list of cases can be narrowed to, as people call it."""
    return reply(CaseChoices.of(basis(request), by=actor(request), at=now()))


class CheckRow(Answer):
    """A check after handling."""

    id: str
    cycle: int
    due_at: datetime
    done_at: datetime | None
    passed: bool | None
    note: Said


@with_config(MAY_BE_MISSING)
class PhotoEvidence(TypedDict, total=False):
    """What the photos themselves say of a report: flags, and figures as far as known."""

    flags: list[EvidenceFlag]
    photo_distance_m: int
    photo_age_s: int


class ReportRow(Answer):
    """What was reported, without who reported it."""

    text: str
    address: str
    channel: Channel
    received_at: datetime
    captured_at: datetime
    datum: DatumName
    accuracy: float | None
    source: SourceName
    evidence: PhotoEvidence

    @classmethod
    def of(cls, report: ReportView, hidden: Set[str], reader: Reader) -> Self:
        """Build the row of a report for a reader, persons masked, also by their `hidden` names."""
        return cls(
            text=masked(report.text, hidden),
            address=masked(report.address, hidden),
            channel=channel_shown(report.channel, reader),
            received_at=report.received_at,
            captured_at=report.captured_at,
            datum=report.datum,
            accuracy=report.accuracy,
            source=report.source,
            evidence=_weighed(report.evidence),
        )


def _weighed(found: Evidence) -> PhotoEvidence:
    said = PhotoEvidence(flags=list(found.flags))
    if found.photo_distance_m is not None:
        said["photo_distance_m"] = found.photo_distance_m
    if found.photo_age_s is not None:
        said["photo_age_s"] = found.photo_age_s
    return said


class CaseAnswer(Answer):
    """One case whole, as far as staff may see it: never who reported it.

    `suspended_why` is why its clocks stand still; `why_not` names acts that people ask for and
    that are not open to the reader now. `merged_into` is the number under which a merged case goes
    on; `merged` are those in this one.
    """

    case: CaseCard
    explanation: Explanation
    matter_why: str
    suggestion: Suggested
    waits_for: list[WaitsFor]
    place: CasePlace
    suspended_why: Said
    result: Said
    reports: list[ReportRow]
    tasks: list[TaskCard]
    process: list[ProcessRow]
    checks: list[CheckRow]
    dispute: DisputeAnswer
    photos: list[PhotoRow]
    instructions: list[InstructionRow]
    watched: bool
    follows: bool
    may: list[Verb]
    why_not: list[WhyNotRow]
    notice: list[Said]
    verifications: list[VerificationRow]
    merged_into: str
    merged: list[str]


@routes.get("/cases/{no}", answer=CaseAnswer, permission=Permission.CASE_READ)
async def one(request: web.Request) -> web.Response:
    """Show one case."""
    by, at, known = call_of(request)
    case = await queries.case_for(by, path_no(request))
    tasks, may = await queries.tasks_of(case), await allowed_verbs(by, case, at=at, basis=known)
    asked = Asked(by=by, case=case, at=at, basis=known)
    of_all = await family(case)
    reports, hidden = await queries.reports_of(of_all), await senders_names(of_all)
    goes_on = await survivor_no(case.no) if case.merged_into_id is not None else case.no
    return reply(
        CaseAnswer(
            case=CaseCard.of(case, known),
            explanation=explained(case.explanation, hidden),
            matter_why=await who_chose(case, known.zone),
            suggestion=case.suggestion,
            waits_for=[WaitsFor(**asdict(why)) for why in queries.waiting(case)],
            place=case.place,
            suspended_why=await why_suspended(case),
            result=case.result,
            reports=[ReportRow.of(each, hidden, queries.reader(by)) for each in reports],
            tasks=await TaskCard.all_of(tasks, case, known, by, at=at),
            process=await process_of(case, known),
            checks=[
                CheckRow(
                    id=str(check.id),
                    cycle=check.cycle,
                    due_at=check.due_at,
                    done_at=check.done_at,
                    passed=check.passed,
                    note=check.note,
                )
                for check in await queries.checks_of(case)
            ],
            dispute=await dispute_of(case, known, can_be_ruled=await can_be_ruled(by, case)),
            photos=await photos_of(case, reader=queries.reader(by), of_all=of_all),
            instructions=[
                InstructionRow.of(each, case, known)
                for each in await watch_list.instructions_on(case)
            ],
            watched=await steering.watched_by(by, case),
            follows=await may_leave(by, of_all),
            may=may,
            why_not=[WhyNotRow.of(each) for each in await why_not(asked, tasks, may)],
            notice=case.notice,
            verifications=[
                VerificationRow.of(look) for look in await queries.verifications_of(case)
            ],
            merged_into="" if goes_on == case.no else goes_on,
            merged=await queries.merged_into(case, of_all),
        ),
        hidden=hidden,
    )


class StepsQuery(PageQuery):
    """Where in the history to go on."""


@routes.get(
    "/cases/{no}/steps", query=StepsQuery, answer=Page[StepRow], permission=Permission.CASE_READ
)
async def steps(request: web.Request, query: StepsQuery) -> web.Response:
    """Show a case's history in order."""
    case = await queries.case_for(actor(request), path_no(request))
    after = uncursor(query.after, int)
    start = int(str(after[0])) if after else 0
    rows = await queries.steps(case, limit=query.limit + 1, after=start)
    shown = rows[: query.limit]
    following = cursor([shown[-1].version]) if len(rows) > query.limit else None
    hidden = await reporters_names(case)
    items = [StepRow.of(step, basis(request), hidden) for step in shown]
    return reply(Page[StepRow](items=items, next=following))


@routes.post("/calls", body=CallForm, answer=CaseCard, status=201, permission=Permission.CASE_CALL)
async def call(request: web.Request, form: CallForm) -> web.Response:
    """Call units to a place at a time (乡呼县应)."""
    by, at, known = call_of(request)
    return card(await calling.call(form.call(), by=by, at=at, basis=known), known, status=201)


@routes.post(
    "/cases/{no}/appraise",
    body=AppraisalForm,
    status=204,
    each_time=True,
    permission=Permission.CASE_APPRAISE,
)
async def appraise(request: web.Request, form: AppraisalForm) -> web.Response:
    """Appraise as the township that called, once a closing (评价)."""
    by, at, known = call_of(request)
    await appraisal.appraise(path_no(request), form.opinion(), by=by, at=at, basis=known)
    return no_content()


case_verbs.declare(routes)
