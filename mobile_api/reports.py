"""Reports, and what their reporters see and do afterwards."""

from dataclasses import asdict
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from aiohttp import web
from pydantic import Field

from server.appraisal.commands import appraise
from server.appraisal.queries import opinions_of
from server.calendar.working import by_the_day
from server.cases.door.hindrances import allowed_verbs
from server.cases.door.lineage import family, survivor_no
from server.cases.ends import closing
from server.cases.intake import place_choice
from server.cases.intake.reporting import NewReport, report
from server.cases.reading import own_reports, queries, todo
from server.cases.reading.reporters import senders_names
from server.cases.rules.flow import Stage, Verb
from server.cases.rules.records import WhyWaiting
from server.cases.rules.shown import Reader
from server.cases.rules.views import ReportRow
from server.clock import now
from server.errors import BadInput
from server.http.answers import no_content, reply, reply_stored
from server.http.forms import Answer, Form, Moment, Page, PageQuery
from server.http.keys import actor, basis, call_of
from server.http.paging import before_id, cursor, path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts.appraisals import AppraisalForm
from server.shared_api.acts.screening import HandledForm
from server.shared_api.acts.steering import unfollow
from server.shared_api.cases import CaseCard, card
from server.shared_api.enumerations import WaitsForCode
from server.shared_api.positions import PositionForm
from server.shared_api.said import Said, SaidOfOffices
from server.shared_api.tasks import ReasonForm
from server.shared_api.timeline import PhotoRow, TimelineRow, photos_of, timeline

routes = Routes("/m/v1", tag="reports")


class ReportForm(Form):
    """A report as the phone made it; `key` is the phone's own UUID for it.

    A grid worker who has settled it already says so in `handled`; the photos are then those
    taken before. `about_unit` is the name of a unit that is complained of: it neither reads nor
    handles the report.
    """

    key: UUID = Field(strict=False)
    kind: Literal["livelihood", "enforcement", "development"]
    text: str = Field(default="", max_length=2000)
    matter: str | None = Field(default=None, max_length=20)
    photos: list[UUID] = Field(default=[], max_length=9, strict=False)
    position: PositionForm | None = None
    address: str | None = Field(default=None, max_length=200)
    captured_at: Moment = Field(strict=False)
    anonymous: bool = True
    channel: Literal["wechat", "mailbox", "patrol", "hotline", "leader"] = "wechat"
    on_behalf_of: str | None = Field(default=None, max_length=9)
    handled: HandledForm | None = None
    about_unit: str | None = Field(default=None, max_length=80)

    def new_report(self) -> NewReport:
        """Return it as the domain takes it; raises BadInput for an id that is none."""
        resident = self.on_behalf_of
        if resident is not None and not (resident.isascii() and resident.isdigit()):
            raise BadInput([{"pointer": "/on_behalf_of", "reason": "id"}])
        return NewReport(
            key=self.key,
            kind=self.kind,
            text=self.text,
            matter=self.matter or "",
            photos=tuple(self.photos),
            position=self.position.position() if self.position else None,
            address=self.address or "",
            captured_at=self.captured_at,
            anonymous=self.anonymous,
            channel=self.channel,
            on_behalf_of=int(resident) if resident else None,
            handled=self.handled.handled() if self.handled else None,
            about_unit=(self.about_unit or "").strip(),
        )


class NamedPlace(Answer):
    """A place by code and name."""

    code: str
    name: str


class PossiblePlace(Answer):
    """A grid that the report may lie in, with probability and distance in metres."""

    code: str
    name: str
    township: str
    p: float
    distance_m: float


class ReceiptPlace(Answer):
    """Where the report lies, by level, and in which generation of boundaries.

    `confirm` asks the reporter to say which of the `candidates` it is.
    """

    county: NamedPlace | None
    township: NamedPlace | None
    village: NamedPlace | None
    grid: NamedPlace | None
    generation: str
    certain: bool
    confirm: bool
    candidates: list[PossiblePlace]


class ReceiptLead(Answer):
    """Who answers, until when, and how that was worked out."""

    unit: str
    due_at: datetime | None
    why: str


class Why(Answer):
    """Why something is still open."""

    code: WaitsForCode
    reason: str


class ReceiptAnswer(Answer):
    """The receipt; sending the same report again gives the same one."""

    no: str
    stage: Stage
    place: ReceiptPlace | None
    matter: NamedPlace | None
    lead: ReceiptLead | None
    why: list[Why]


@routes.post(
    "/reports",
    body=ReportForm,
    answer=ReceiptAnswer,
    status=201,
    repeatable=True,
    permission=Permission.CASE_REPORT,
)
async def send(request: web.Request, form: ReportForm) -> web.Response:
    """Take a report on: 201 the first time, 200 with the same receipt ever after."""
    receipt = await report(form.new_report(), by=actor(request), at=now(), basis=basis(request))
    return reply_stored(receipt.body, status=201 if receipt.created else 200)


@routes.get(
    "/reports",
    query=PageQuery,
    answer=Page[CaseCard],
    permission=Permission.REPORT_READ,
)
async def mine(request: web.Request, query: PageQuery) -> web.Response:
    """List the cases that I reported or follow, newest first.

    What was merged stands once, under its own number, as it goes on.
    """
    by, known = actor(request), basis(request)
    start = before_id(query.after)
    rows = await queries.mine(by, limit=query.limit + 1, before_id=start)
    shown = rows[: query.limit]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    own = await own_reports.reported_by(by, shown)
    afar = await own_reports.followed_by(by, shown)
    on = await own_reports.going_on(by, shown)
    # Whose report it is not does not see its photos.
    seen = await todo.glimpses([each.no for each in shown if each.id in own])
    cards = []
    for each in shown:
        card = CaseCard.of_mine(
            each,
            own.get(each.id),
            known,
            photo=seen[each.no].photo if each.no in seen else None,
            afar=each.id in afar,
        )
        if there := on.get(each.id):
            card = card.model_copy(update={"merged_into": there.case.no})
        if there and there.stands:
            card = card.standing_as(CaseCard.of_mine(there.case, None, known, afar=True))
        cards.append(card)
    return reply(Page[CaseCard](items=cards, next=following))


class DecliningAnswer(Answer):
    """Why it was not taken on, what lacks, where to go, and until when I may object."""

    reason: SaidOfOffices
    lacking: SaidOfOffices
    instead: SaidOfOffices
    until: str


class OwnReport(Answer):
    """What I sent, or had sent for me: words with their line breaks, and the address."""

    text: str
    address: str
    received_at: datetime

    @classmethod
    def of(cls, sent: ReportRow) -> Self:
        """Build it of a report."""
        return cls(text=sent.text, address=sent.address, received_at=sent.received_at)


class OwnOpinion(Answer):
    """What I said of the answer."""

    responded: bool
    solved: bool
    satisfaction: int
    comment: str


class EarlierOpinion(Answer):
    """What I said of the answer of a round before: it was handled again since."""

    cycle: int
    opinion: OwnOpinion


class ReportAnswer(Answer):
    """A case as its reporter sees it: the public timeline, photos, deadline, unit and phone.

    `result_cycle` is the round that the result is of: after a redo that before the present one.
    `own` is what the reader reported, as it was sent. `notice` is what the reporter was asked to
    add; `opinion` is what the reader has said of the answer, `earlier` what of those of the rounds
    before. As far as `reached` it has come in this round. Once merged, `merged_into` is the number
    of the case that goes on, and `survivor` shows it.
    """

    case: CaseCard
    lead_phone: str
    place: str
    confirm: list[PossiblePlace]
    result: Said
    result_cycle: int
    declined: DecliningAnswer | None
    reached: Verb
    why: list[Why]
    notice: list[Said]
    own: list[OwnReport]
    opinion: OwnOpinion | None
    earlier: list[EarlierOpinion]
    timeline: list[TimelineRow]
    photos: list[PhotoRow]
    may: list[Verb]
    follows: bool
    merged_into: str = ""
    survivor: "ReportAnswer | None" = None


@routes.get("/reports/{no}", answer=ReportAnswer, permission=Permission.REPORT_READ)
async def one(request: web.Request) -> web.Response:
    """Show one of my cases, and where it goes on once it was merged."""
    no = path_no(request)
    answer, hidden = await _report_answer(request, no)
    goes_on = await survivor_no(no)
    if goes_on != no:
        survivor, others = await _report_answer(request, goes_on)
        hidden |= others
        answer = answer.model_copy(update={"merged_into": goes_on, "survivor": survivor})
    return reply(answer, hidden=hidden)


async def _report_answer(request: web.Request, no: str) -> tuple[ReportAnswer, set[str]]:
    """Return what is shown of a case, and the names that no words of it are to tell."""
    by, known = actor(request), basis(request)
    case = await queries.report_for(by, no)
    lead = known.units.acting(case.lead_id) if case.lead_id else None
    allowed = await allowed_verbs(by, case, at=now(), basis=known)
    opinions = await opinions_of(case, by)
    said = opinions.pop(case.cycle, None)
    hidden = await senders_names(of_all := await family(case))
    reader = Reader.FOLLOWER if (afar := await queries.only_follows(by, case)) else Reader.REPORTER
    sent, declined = await own_reports.own_reports(by, case), await own_reports.declining(case)
    shown = ReportAnswer(
        case=CaseCard.of_mine(case, sent[0] if sent else None, known, afar=afar),
        lead_phone=lead.phone if lead else "",
        place=case.place.text,
        confirm=[
            PossiblePlace.model_validate(each, from_attributes=True)
            for each in (queries.to_confirm(case) if Verb.CONFIRM_PLACE in allowed else [])
        ],
        result=case.result,
        result_cycle=own_reports.result_cycle(case),
        declined=declined and DecliningAnswer.model_validate(declined, from_attributes=True),
        reached=own_reports.reached(case),
        why=_each_once(own_reports.why_waiting(case, known), afar=afar),
        notice=case.notice,
        own=[OwnReport.of(each) for each in sent],
        opinion=said and OwnOpinion.model_validate(said, from_attributes=True),
        earlier=[
            EarlierOpinion(cycle=cycle, opinion=OwnOpinion(**asdict(each)))
            for cycle, each in opinions.items()
        ],
        timeline=await timeline(case, known, hidden, reader=reader, own=by.id),
        photos=await photos_of(case, reader=reader),
        may=allowed,
        follows=await own_reports.may_leave(by, of_all),
    )
    return shown, hidden


def _each_once(why: list[WhyWaiting], *, afar: bool) -> list[Why]:
    """Return the first of each sentence: several codes may say the same to a reporter.

    From `afar` none tells the time of day, which would be that of the report.
    """
    said = {each.reason: each.code for each in reversed(why)}
    say = by_the_day if afar else str
    return [Why(code=code, reason=say(reason)) for reason, code in reversed(said.items())]


class PlaceForm(Form):
    """Which of the candidate grids it is."""

    grid: str = Field(min_length=1, max_length=20)


@routes.post(
    "/reports/{no}/place",
    body=PlaceForm,
    answer=CaseCard,
    permission=Permission.CASE_CONFIRM_PLACE,
)
async def confirm_place(request: web.Request, form: PlaceForm) -> web.Response:
    """Say in which of the grids it may lie in a report lies, as its reporter or a grid worker."""
    by, at, known = call_of(request)
    case = await place_choice.confirm_place(
        path_no(request),
        form.grid,
        by=by,
        at=at,
        basis=known,
    )
    return card(case, known)


@routes.post("/reports/{no}/withdraw", body=ReasonForm, answer=CaseCard)
async def withdraw(request: web.Request, form: ReasonForm) -> web.Response:
    """Withdraw my report; the case goes on while others follow it."""
    by, at, known = call_of(request)
    case = await closing.withdraw(
        path_no(request),
        form.reason,
        by=by,
        at=at,
        basis=known,
    )
    return card(case, known)


@routes.post("/reports/{no}/redo", body=ReasonForm, answer=CaseCard)
async def redo(request: web.Request, form: ReasonForm) -> web.Response:
    """Ask for a closed case to be handled again."""
    by, at, known = call_of(request)
    case = await closing.redo(
        path_no(request),
        form.reason,
        by=by,
        at=at,
        basis=known,
    )
    return card(case, known)


@routes.post("/reports/{no}/appraisal", body=AppraisalForm, status=204, each_time=True)
async def appraisal(request: web.Request, form: AppraisalForm) -> web.Response:
    """Say what I think of the answer, once per closing."""
    by, at, known = call_of(request)
    await appraise(path_no(request), form.opinion(), by=by, at=at, basis=known)
    return no_content()


@routes.post("/reports/{no}/follow", status=204, permission=Permission.CASE_FOLLOW)
async def follow(request: web.Request) -> web.Response:
    """Hear of a case that somebody else reported."""
    await closing.follow(path_no(request), by=actor(request), at=now())
    return no_content()


routes.post("/reports/{no}/unfollow", status=204, permission=Permission.CASE_FOLLOW)(unfollow)
