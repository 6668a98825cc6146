"""What can be said of a task, by officers on foot and by staff at a desk alike."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from aiohttp import web
from pydantic import Field

from server.cases.disputes.returns import why_not_returned
from server.cases.door.access import allowed_on_task
from server.cases.door.briefing import called
from server.cases.door.moving import was_last
from server.cases.reading import boards, queries
from server.cases.reading.boards import BoardFilter
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Stage, TaskStage, Verb
from server.cases.rules.views import CaseRow, TaskRow, task_due
from server.cases.work import requests
from server.cases.work.handling import Spot
from server.cases.work.requests import What
from server.clock import now
from server.http.forms import ACCOUNT_ID, Answer, Form, PageQuery, StandingAnswer
from server.http.keys import actor, basis
from server.http.paging import cursor, path_id, uncursor
from server.people.actor import Actor
from server.people.queries import names
from server.places.position import to_wgs84
from server.shared_api.enumerations import AnyPlatform, AnyTaskStage, Platform
from server.shared_api.positions import PositionForm
from server.shared_api.said import Said
from server.texts.catalogue import text
from server.texts.closed import one_of


class AcceptForm(Form):
    """Signing for a task."""

    note: str = Field(default="", max_length=500)


class CheckInForm(Form):
    """Reporting in at the place."""

    position: PositionForm | None = None
    note: str = Field(default="", max_length=500)

    def spot(self, basis: Basis, at: datetime) -> Spot | None:
        """Return the WGS-84 position; raises BadPosition."""
        return spot_of(self.position, basis, at)


class ProgressForm(Form):
    """How far the work is; with `step` the lead's own steps at that position are done.

    The positions are those of the matter's process, as the case shows it. The same `key`, the
    phone's own, is written down once.
    """

    key: UUID | None = Field(default=None, strict=False)
    note: str = Field(min_length=1, max_length=1000)
    step: int | None = Field(default=None, ge=1, le=999)
    photos: list[UUID] = Field(default=[], max_length=9, strict=False)


class ResolveForm(Form):
    """What was done, with photos after."""

    result: str = Field(min_length=1, max_length=2000)
    photos: list[UUID] = Field(default=[], max_length=9, strict=False)


class ReasonForm(Form):
    """An act that needs a reason."""

    reason: str = Field(min_length=1, max_length=500)


class AssignForm(Form):
    """Who of the unit handles it from now, by the account's id; null for nobody any more."""

    person: str | None = Field(pattern=ACCOUNT_ID)


class PersonRow(Answer):
    """Somebody to whom a task can be given, by id and name; one who is `away` is on leave."""

    account: str
    name: str
    away: bool


class PersonsAnswer(Answer):
    """Those of the unit to whom the reader may give a task, 200 at most."""

    items: list[PersonRow]


class CheckForm(Form):
    """What was found at the place after handling."""

    passed: bool
    note: str = Field(default="", max_length=1000)
    photos: list[UUID] = Field(default=[], max_length=9, strict=False)
    position: PositionForm | None = None

    def spot(self, basis: Basis, at: datetime) -> Spot | None:
        """Return the WGS-84 position; raises BadPosition."""
        return spot_of(self.position, basis, at)


def spot_of(position: PositionForm | None, basis: Basis, at: datetime) -> Spot | None:
    """Return a position in WGS-84; raises BadPosition."""
    if position is None:
        return None
    boundaries = basis.places.at(at)
    box = boundaries.box if boundaries else None
    lon, lat = to_wgs84(position.lon, position.lat, position.datum, box)
    return Spot(lon=lon, lat=lat)


class TaskCard(StandingAnswer):
    """A task with what one must know of its case to act on it.

    `may` are the verbs that the reader may do to it now, `may_ask` what to ask for about it; no
    deadline runs while its case is suspended;
    `assignee` is who of the unit handles it, by id and name, empty for nobody.
    """

    id: str
    no: str
    title: str
    matter: str
    place: str
    part: Part
    unit: str
    stage: TaskStage
    stage_text: str
    case_stage: Stage
    duties: str
    dispatched_at: datetime
    accept_due_at: datetime | None
    arrive_due_at: datetime | None
    due_at: datetime | None
    suspended_until: datetime | None
    platform: Platform
    position: int | None
    step: str
    assignee: str
    assignee_name: str
    accepted_at: datetime | None
    arrived_at: datetime | None
    arrived_in_time: bool | None
    arrival: Annotated[str, one_of("", "confirmed", "contested")]
    done_at: datetime | None
    result: Said
    lon: float | None
    lat: float | None
    point_sure: bool
    within_m: float | None
    may: list[Verb]
    may_ask: list[What]

    @classmethod
    async def again(cls, request: web.Request, no: str) -> Self | None:
        """Return the task of the path where its last act was this very request."""
        by = actor(request)
        found = await queries.task_by_id(path_id(request, bits=64))
        if found is None or not await was_last(by, found[1].id, found[0].id):
            return None
        return await cls.of(*found, basis(request), by)

    @classmethod
    async def of(cls, task: TaskRow, case: CaseRow, basis: Basis, by: Actor) -> Self:
        """Build the card of a task for who reads it."""
        [card] = await cls.each_of([(task, case)], basis, by)
        return card

    @classmethod
    async def each_of(
        cls, tasks: Sequence[tuple[TaskRow, CaseRow]], basis: Basis, by: Actor
    ) -> list[Self]:
        """Build the cards of tasks, each with its case, for who reads them."""
        named = await names({task.assignee_id for task, _ in tasks if task.assignee_id})
        return [cls._of(task, case, basis, by, named) for task, case in tasks]

    @classmethod
    def _of(
        cls, task: TaskRow, case: CaseRow, basis: Basis, by: Actor, named: Mapping[int, str]
    ) -> Self:
        return cls(
            id=str(task.id),
            no=case.no,
            title=case.title,
            matter=case.matter_name,
            place=case.place.text,
            part=Part(task.part),
            unit=called(task.unit_id, basis.units),
            stage=TaskStage(task.stage),
            stage_text=text(f"task_stage.{task.stage}"),
            case_stage=Stage(case.stage),
            duties=task.duties,
            dispatched_at=task.dispatched_at,
            accept_due_at=None if case.suspended_until else task.accept_due_at,
            arrive_due_at=None if case.suspended_until else task.arrive_due_at,
            due_at=task_due(task, case),
            suspended_until=case.suspended_until,
            platform=task.platform,
            position=task.position,
            step=task.step,
            assignee=str(task.assignee_id or ""),
            assignee_name=named.get(task.assignee_id or 0, ""),
            accepted_at=task.accepted_at,
            arrived_at=task.arrived_at,
            arrived_in_time=task.arrived_in_time,
            arrival=task.arrival,
            done_at=task.done_at,
            result=task.result,
            lon=case.lon,
            lat=case.lat,
            point_sure=case.place.point_sure,
            within_m=case.place.within_m,
            may=allowed_on_task(by, case, task, basis),
            may_ask=requests.may_ask(by, case, task, at=now()),
        )

    @classmethod
    async def all_of(
        cls, tasks: Iterable[TaskRow], case: CaseRow, basis: Basis, by: Actor, *, at: datetime
    ) -> list[Self]:
        """Build the cards of a case's tasks; what cannot be given back any more is not offered."""
        several = list(tasks)
        cards = await cls.each_of([(task, case) for task in several], basis, by)
        for task, card in zip(several, cards, strict=True):
            if Verb.RETURN in card.may and await why_not_returned(task, case, at=at, basis=basis):
                card.may.remove(Verb.RETURN)
        return cards


class TaskQuery(PageQuery):
    """Which stage, without one all that are open; of which of the township's platforms."""

    stage: AnyTaskStage = ""
    platform: AnyPlatform = ""


async def page_of(by: Actor, query: TaskQuery, basis: Basis) -> tuple[list[TaskCard], str | None]:
    """Return a page of the actor's task board, and the cursor of the next."""
    rows = await boards.task_board(
        by,
        BoardFilter(stage=query.stage, platform=query.platform),
        limit=query.limit + 1,
        after=_place(query.after),
    )
    shown = rows[: query.limit]
    cards = await TaskCard.each_of(shown, basis, by)
    return cards, cursor(boards.place_of(shown[-1][0])) if len(rows) > query.limit else None


def _place(after: str | None) -> tuple[datetime, int] | None:
    match uncursor(after, datetime, int):
        case [datetime() as due, int() as task_id]:
            return due, task_id
    return None
