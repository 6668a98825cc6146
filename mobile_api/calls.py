"""Calls, made and looked after, and dispatch from a phone; a grid worker asks the township to."""

from datetime import datetime
from typing import Annotated, Self

from aiohttp import web
from pydantic import Field

from server.cases.calls import call_requests, calling
from server.cases.door.access import allowed_on_task
from server.cases.door.briefing import called
from server.cases.reading import made_calls, queries
from server.cases.reading.made_calls import MadeCall
from server.cases.reading.reporters import reporters_named, reporters_names
from server.cases.rules.basis import Basis
from server.cases.rules.flow import AFTER_DISPATCH, BY_CALLER, TASK_GONE, Stage, TaskStage, Verb
from server.cases.rules.views import CallRow, CaseRow, TaskRow
from server.cases.work.handling import FAR_M, distance_m
from server.http.answers import reply
from server.http.forms import Answer, Page, PageQuery, StandingAnswer
from server.http.keys import actor, basis, call_of
from server.http.paging import before_id, cursor, path_id
from server.http.routes import Routes
from server.people.actor import Actor
from server.permissions import Permission
from server.shared_api.acts import case_verbs, task_verbs
from server.shared_api.cases import CallForm, CaseCard
from server.shared_api.enumerations import CallReason
from server.shared_api.said import Said
from server.shared_api.tasks import TaskCard
from server.texts.catalogue import text
from server.texts.closed import one_of

routes = Routes("/m/v1", tag="calls")


class CalledUnit(Answer):
    """A unit that was called, by its task: how far it has come, and its phone.

    `distance_m` is how far from the meeting place it reported in, where that is known. `may` are
    the verbs that the reader may do to its arrival now; who is `gone` is not waited for any more.
    """

    id: str
    unit: str
    phone: str
    stage: TaskStage
    stage_text: str
    accepted_at: datetime | None
    arrive_due_at: datetime | None
    arrived_at: datetime | None
    arrived_in_time: bool | None
    arrival: Annotated[str, one_of("", "confirmed", "contested")]
    distance_m: int | None
    far: bool
    gone: bool
    may: list[Verb]

    @classmethod
    def of(cls, task: TaskRow, call: CallRow, case: CaseRow, known: Basis, by: Actor) -> Self:
        """Build what is shown of one unit."""
        unit = known.units.acting(task.unit_id)
        far_m = distance_m(task, call)
        return cls(
            id=str(task.id),
            unit=called(task.unit_id, known.units),
            phone=unit.phone if unit else "",
            stage=TaskStage(task.stage),
            stage_text=text(f"task_stage.{task.stage}"),
            accepted_at=task.accepted_at,
            arrive_due_at=task.arrive_due_at,
            arrived_at=task.arrived_at,
            arrived_in_time=task.arrived_in_time,
            arrival=task.arrival,
            distance_m=None if far_m is None else round(far_m),
            far=(far_m or 0) > FAR_M,
            gone=task.stage in TASK_GONE,
            may=[verb for verb in allowed_on_task(by, case, task, known) if verb in BY_CALLER],
        )


class CallCard(Answer):
    """A call of one's own unit: what about, where and when to meet, and who was called.

    `text` is what the call says of the situation; it is `open` while somebody has still to come or
    to be judged.
    """

    id: str
    no: str
    title: str
    stage: Stage
    stage_text: str
    reason: CallReason
    text: Said
    place: Said
    asked_at: datetime
    made_at: datetime
    open: bool
    units: list[CalledUnit]

    @classmethod
    def of(cls, made: MadeCall, known: Basis, by: Actor) -> Self:
        """Build the card of a call."""
        call, case = made.call, made.case
        units = [CalledUnit.of(task, call, case, known, by) for task in made.tasks]
        return cls(
            id=str(call.id),
            no=case.no,
            title=case.title,
            stage=Stage(case.stage),
            stage_text=text(f"stage.{case.stage}"),
            reason=call.reason,
            text=made.text,
            place=call.place_text,
            asked_at=call.asked_at,
            made_at=call.created_at,
            open=case.stage in AFTER_DISPATCH
            and any(not (each.arrival or each.gone) for each in units),
            units=units,
        )


class CallsQuery(PageQuery):
    """Of all cases, or of the one with this number."""

    no: str = Field(default="", max_length=24)


@routes.get("/calls", query=CallsQuery, answer=Page[CallCard], permission=Permission.CASE_CALL)
async def board(request: web.Request, query: CallsQuery) -> web.Response:
    """List the calls that my unit made, newest first, with who has come."""
    by, known = actor(request), basis(request)
    rows = await made_calls.made_calls(
        by, no=query.no, limit=query.limit + 1, before_id=before_id(query.after)
    )
    shown = rows[: query.limit]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    made = await made_calls.looked_after(by, shown)
    items = [CallCard.of(each, known, by) for each in made]
    hidden = await reporters_names(*(each.case for each in made))
    return reply(Page[CallCard](items=items, next=following), hidden=hidden)


class CallAnswer(StandingAnswer):
    """A call: its case, who was called, who has come; `far` are tasks reported in far away.

    Of a call that a grid worker asks for there is only the `request` until the township calls;
    of any other `card` is what the list of calls shows.
    """

    id: str | None
    request: str | None
    reason: CallReason
    place: Said
    asked_at: datetime | None
    case: CaseCard
    tasks: list[TaskCard]
    far: list[str]
    card: CallCard | None = None

    def case_no(self) -> str:
        """Return the number of the case at which units are called."""
        return self.case.no

    @classmethod
    async def again(cls, request: web.Request, no: str) -> Self | None:
        """Return the call that this very request made; what is wished for is known by its key."""
        by, case = actor(request), await queries.by_no(no) if no else None
        if case is None or call_requests.through_township(by):
            return None
        return await cls.made(request, (await queries.call_made(by, case, None)).id)

    @classmethod
    async def made(cls, request: web.Request, call_id: int) -> Self:
        """Build the answer of a call that the actor may read; raises NotFound."""
        by, known = actor(request), basis(request)
        found, case, tasks = await queries.call_for(by, call_id)
        words = await made_calls.words_of(found, case)
        return cls(
            id=str(found.id),
            request=None,
            reason=found.reason,
            place=found.place_text,
            asked_at=found.asked_at,
            case=CaseCard.of(case, known),
            tasks=await TaskCard.each_of([(task, case) for task in tasks], known, by),
            far=[str(task.id) for task in tasks if (distance_m(task, found) or 0) > FAR_M],
            card=CallCard.of(MadeCall(call=found, case=case, text=words, tasks=tasks), known, by),
        )


@routes.post("/calls", body=CallForm, answer=CallAnswer, status=201)
async def call(request: web.Request, form: CallForm) -> web.Response:
    """Call units to a place at a time, or as a grid worker ask the township to."""
    by, at, known = call_of(request)
    new = form.call()
    if not call_requests.through_township(by):
        case = await calling.call(new, by=by, at=at, basis=known)
        made = await queries.call_made(by, case, new.key)
        return await _answer(request, made.id, status=201)
    wish = await call_requests.ask(new, by=by, at=at, basis=known)
    case = await queries.report_for(by, new.no)
    return reply(
        CallAnswer(
            id=None,
            request=str(wish.id),
            reason=new.reason,
            place=new.place_text,
            asked_at=new.asked_at,
            case=CaseCard.of(case, known),
            tasks=[],
            far=[],
        ),
        status=201,
        hidden=await reporters_names(case),
    )


@routes.get("/calls/{id}", answer=CallAnswer)
async def one(request: web.Request) -> web.Response:
    """Show a call."""
    return await _answer(request, path_id(request, bits=64))


async def _answer(request: web.Request, call_id: int, *, status: int = 200) -> web.Response:
    made = await CallAnswer.made(request, call_id)
    return reply(made, status=status, hidden=await reporters_named([made.case.no]))


task_verbs.declare_arrivals(routes, "/calls/{call}/arrivals")
case_verbs.declare(routes)
