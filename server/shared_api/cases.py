"""What can be said of a case by those who steer it, on the phone or at a desk."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import Field

from server.calendar.working import by_the_day
from server.cases.calls.calling import NewCall
from server.cases.dispatch.dispatching import Choice
from server.cases.door.briefing import called
from server.cases.door.moving import was_last
from server.cases.reading import queries
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Stage, Verb
from server.cases.rules.masking import masked
from server.cases.rules.shown import REPORTER
from server.cases.rules.views import CaseRow, ReportRow, answerable_id, due_of
from server.cases.rules.views import StepRow as StepView
from server.http.answers import reply
from server.http.forms import Answer, Form, Moment, StandingAnswer
from server.http.keys import actor, basis
from server.http.paging import path_id, path_no
from server.permissions import Role
from server.shared_api.enumerations import MatterKind, Platform, WaitsForCode
from server.shared_api.positions import DECIMALS, PositionForm
from server.shared_api.timeline import begun, marked, reason_of, unit_of
from server.texts.catalogue import plainly, text
from server.texts.closed import one_of

Urgency = Literal["urgent_hour", "work_hour", "work_day", "natural_day"]


class FileForm(Form):
    """Taking a case on, under a matter and a place where they were missing or wrong."""

    matter: str = Field(default="", max_length=20)
    place: str = Field(default="", max_length=20)
    note: str = Field(default="", max_length=500)


class RecuseForm(Form):
    """Which unit the case complains of, by name; empty where it complains of none."""

    about_unit: str = Field(max_length=80)
    reason: str = Field(min_length=1, max_length=500)


class DeclineForm(Form):
    """One complete notice: why not, what is lacking, where to go instead."""

    code: Literal["not_ours", "private_dispute", "duplicate", "no_facts", "in_court", "other"]
    where_to_go: str = Field(min_length=1, max_length=500)
    missing: list[str] = Field(default=[], max_length=20)
    note: str = Field(default="", max_length=1000)


class DispatchForm(Form):
    """Units by name; empty where the list decides. The limit is needed only off the list."""

    lead: str = Field(default="", max_length=80)
    cooperating: list[str] = Field(default=[], max_length=20)
    limit: int | None = Field(default=None, ge=1, le=1000)
    urgency: Urgency | None = None
    note: str = Field(default="", max_length=500)

    def choice(self) -> Choice:
        """Return it as the domain takes it."""
        return Choice(
            lead=self.lead,
            cooperating=tuple(self.cooperating),
            limit=self.limit,
            urgency=self.urgency or "",
            note=self.note,
        )


class NoteForm(Form):
    """A verb with nothing to add but a remark."""

    note: str = Field(default="", max_length=500)


class CallForm(Form):
    """A call: why, where, when, whom. Names a case by `no`, or opens one.

    With a `key` of the phone's own the same call sent again is answered, not made again. Without
    `asked_at` units come the same day, in an emergency within half an hour. `team` adds the
    units resident in the township's team; `request` is a grid worker's that this call grants.
    """

    key: UUID | None = Field(default=None, strict=False)
    reason: Literal["cannot_solve_alone", "joint_enforcement", "emergency"]
    place: str = Field(min_length=1, max_length=200)
    asked_at: Moment | None = Field(default=None, strict=False)
    no: str = Field(default="", max_length=24)
    matter: str = Field(default="", max_length=20)
    text: str = Field(default="", max_length=2000)
    position: PositionForm | None = None
    place_code: str = Field(default="", max_length=20)
    lead: str = Field(default="", max_length=80)
    cooperating: list[str] = Field(default=[], max_length=20)
    limit: int | None = Field(default=None, ge=1, le=1000)
    urgency: Urgency | None = None
    team: bool = False
    request: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,17}$")

    def call(self) -> NewCall:
        """Return it as the domain takes it."""
        return NewCall(
            key=self.key,
            reason=self.reason,
            place_text=self.place,
            asked_at=self.asked_at,
            no=self.no,
            matter=self.matter,
            text=self.text,
            position=self.position.position() if self.position else None,
            place_code=self.place_code,
            choice=Choice(
                lead=self.lead,
                cooperating=tuple(self.cooperating),
                limit=self.limit,
                urgency=self.urgency or "",
            ),
            team=self.team,
            request=int(self.request) if self.request else None,
        )


class CaseCard(StandingAnswer):
    """A case as a card in a list; nothing of who reported it.

    Village and grid are empty where they are not known for sure; `place` says what is.
    `answerable` is the unit that answers for it now: the lead once it has accepted, else whoever
    received it first. `about_unit` is the unit that is complained of, which never sees this.
    `words` are how it was reported, in short: the reader's own, or with persons masked for who
    works on it; `photo` is the first one of the report, `merged_into` the number under which it
    goes on. Where a list says them not, they are empty. A case that is suspended says until when
    in `suspended_until`, and has no deadline meanwhile unless it was missed before.
    """

    no: str
    stage: Stage
    stage_text: str
    kind: MatterKind
    title: str
    matter: str
    matter_code: str
    township: str
    village: str
    grid: str
    place: str
    lead: str
    answerable: str
    due_at: datetime | None
    due_why: str
    stage_due_at: datetime | None
    suspended_until: datetime | None
    owner: Annotated[str, one_of("", "reporter", *Role)]
    received_at: datetime
    closed_at: datetime | None
    cycle: int
    off_list: bool
    about_unit: str
    platform: Platform
    lon: float | None
    lat: float | None
    point_sure: bool
    within_m: float | None
    words: str = ""
    photo: UUID | None = None
    merged_into: str = ""

    @classmethod
    async def again(cls, request: web.Request, no: str) -> Self | None:
        """Return the card of the case where its last act was this very request."""
        case = None
        if no:
            case = await queries.by_no(no)
        elif "no" in request.match_info:
            case = await queries.by_no(path_no(request))
        elif "id" in request.match_info:
            noun = request.path.split("/")[3]
            case = await queries.by_work(noun, path_id(request, bits=64))
        if case is None or not await was_last(actor(request), case.id):
            return None
        return cls.of(case, basis(request))

    @classmethod
    def of(cls, case: CaseRow, basis: Basis) -> Self:
        """Build the card of a case."""
        about = basis.units.by_id.get(case.about_unit_id) if case.about_unit_id else None
        township, village, grid = case.place.as_sure()
        return cls(
            no=case.no,
            stage=Stage(case.stage),
            stage_text=text(f"stage.{case.stage}"),
            kind=case.kind,
            title=case.title,
            matter=case.matter_name,
            matter_code=case.matter_code,
            township=township,
            village=village,
            grid=grid,
            place=case.place.text,
            lead=called(case.lead_id, basis.units),
            answerable=called(answerable_id(case), basis.units),
            # Of what was merged, withdrawn or not taken on nothing is due any more.
            due_at=due_of(case) if case.owner_role or case.closed_at else None,
            due_why="" if case.paused_s else case.due_why,
            stage_due_at=case.stage_due_at,
            suspended_until=case.suspended_until,
            owner=case.owner_role,
            received_at=case.received_at,
            closed_at=case.closed_at,
            cycle=case.cycle,
            off_list=case.off_list,
            about_unit=about.name if about else "",
            platform=case.explanation.platform or "",
            lon=case.lon,
            lat=case.lat,
            point_sure=case.place.point_sure,
            within_m=case.place.within_m,
        )

    @classmethod
    def of_mine(
        cls,
        case: CaseRow,
        sent: ReportRow | None,
        basis: Basis,
        *,
        photo: UUID | None = None,
        afar: bool = False,
    ) -> Self:
        """Build the card for who reported the case, or from `afar` for who merely follows it.

        Its stage is told without terms of offices.
        """
        seen = cls.of(case, basis)
        shown = seen.from_afar(basis.zone) if afar else seen
        told = shown.model_copy(update={"stage_text": plainly("stage", case.stage)})
        return told.begun(sent.beginning if sent else "", photo)

    def standing_as(self, other: Self) -> Self:
        """Return it as another stands: where, with whom, until when; what it is of stays."""
        return self.model_copy(
            update={
                "stage": other.stage,
                "stage_text": other.stage_text,
                "lead": other.lead,
                "answerable": other.answerable,
                "due_at": other.due_at,
                "due_why": other.due_why,
                "stage_due_at": other.stage_due_at,
                "suspended_until": other.suspended_until,
                "owner": other.owner,
                "closed_at": other.closed_at,
                "cycle": other.cycle,
            }
        )

    def begun(self, words: str, photo: UUID | None) -> Self:
        """Return it with how the case was reported: its title, too, while its matter is open."""
        titled = {"title": words} if words and not self.matter_code else {}
        return self.model_copy(update={"words": words, "photo": photo} | titled)

    def from_afar(self, zone: ZoneInfo) -> Self:
        """Return it as who merely follows the case reads it: some 100 m and the day, no more.

        A deadline that may have begun with the report is said to the full hour after it.
        """
        return self.model_copy(
            update={
                "lon": None if self.lon is None else round(self.lon, DECIMALS),
                "lat": None if self.lat is None else round(self.lat, DECIMALS),
                # How exact the point was is not how exact it is told.
                "within_m": None,
                "received_at": begun(self.received_at, zone),
                "due_at": _hour_after(self.due_at),
                "due_why": by_the_day(self.due_why),
                "stage_due_at": _hour_after(self.stage_due_at),
            }
        )


def _hour_after(at: datetime | None) -> datetime | None:
    hour = at.replace(minute=0, second=0, microsecond=0) if at else None
    return hour if hour is None or hour == at else hour + timedelta(hours=1)


class WaitsFor(Answer):
    """Why something is still open."""

    code: WaitsForCode
    reason: str


def card(case: CaseRow, basis: Basis, *, status: int = 200) -> web.Response:
    """Answer a case's card."""
    return reply(CaseCard.of(case, basis), status=status)


class StepRow(Answer):
    """One line of a case's history, as staff see it."""

    version: int
    verb: Verb
    verb_text: str
    source: Stage | Literal[""]
    target: Stage
    at: datetime
    by_role: Annotated[str, one_of("", REPORTER, "system", *Role)]
    unit: str
    reason: str
    note: str

    @classmethod
    def of(cls, step: StepView, basis: Basis, hidden: Set[str]) -> Self:
        """Build the row of a step; a reporter appears as nothing but that."""
        return cls(
            version=step.version,
            verb=Verb(step.verb),
            verb_text=marked(step, text(f"verb.{step.verb}")),
            source=Stage(step.source) if step.source else "",
            target=Stage(step.target),
            at=step.at,
            by_role=step.by_role,
            unit=unit_of(step, basis),
            reason=reason_of(step, hidden),
            note=masked(step.note, hidden),
        )
