"""Off-list burdens at a desk: objected to, answered, ruled on, counted."""

from datetime import datetime
from typing import Final, Literal, Self

from aiohttp import web
from pydantic import Field

from server.cases.door.briefing import called
from server.governance import burdens as commands
from server.governance import queries, standing
from server.governance.procedure import BURDENS, ProcedureStage, ProcedureVerb, possible
from server.governance.queries import BurdenView
from server.http.answers import reply
from server.http.forms import Answer, Form, Page, PageQuery
from server.http.keys import actor, basis, call_of
from server.http.paging import before_id, cursor, path_id
from server.http.routes import Routes
from server.people.units import Units
from server.permissions import Permission
from server.shared_api.proposals import EventAnswer, Words, event_answers
from server.shared_api.said import NOBODY, SaidOfOffices
from server.texts.catalogue import text

routes: Final = Routes("/s/v1", tag="burdens")


class BurdenForm(Form):
    """What was pushed down to us outside the lists, by which unit, with which document."""

    # Letters of responsibility, targets (S0, S3); rankings, apps and ledgers that nobody listed.
    form: Literal["pledge", "target", "ranking", "app", "ledger", "other"]
    title: str = Field(min_length=1, max_length=120, pattern=r"\S")
    text: Words
    against: str = Field(min_length=1, max_length=80)
    document: str = Field(default="", max_length=120)


class AnswerForm(Form):
    """The words of an answer, or of a withdrawal."""

    text: Words


class RulingForm(Form):
    """Whether the objection is upheld, and why."""

    upheld: bool
    text: Words


class BurdenRow(Answer):
    """An objection to a burden: by which township, against which unit, until when whose turn."""

    id: str
    no: str
    stage: ProcedureStage
    stage_text: str
    form_text: str
    title: SaidOfOffices
    text: SaidOfOffices
    document: str
    township: str
    against: str
    due_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: BurdenView, units: Units) -> Self:
        """Build the row of an objection."""
        return cls(
            id=str(row.id),
            no=row.no,
            stage=ProcedureStage(row.stage),
            stage_text=text(f"procedure_stage.{row.stage}"),
            form_text=text(f"burden_form.{row.form}"),
            title=row.title,
            text=row.text,
            document=row.document,
            township=called(row.unit_id, units),
            against=called(row.against_id, units),
            due_at=row.due_at,
            created_at=row.created_at,
        )


class BurdenAnswer(Answer):
    """An objection with its history."""

    burden: BurdenRow
    events: list[EventAnswer]
    possible: list[ProcedureVerb]
    open_to_me: list[ProcedureVerb]


class BurdensQuery(PageQuery):
    """At which stage."""

    stage: ProcedureStage | None = None


class CountRow(Answer):
    """How many burdens townships object to that a unit gave, and what became of them."""

    unit: str
    n: int
    n_open: int
    n_upheld: int
    n_unfounded: int


class CountsAnswer(Answer):
    """The units with burdens, those with most first."""

    items: list[CountRow]


@routes.post(
    "/burdens",
    body=BurdenForm,
    answer=BurdenAnswer,
    status=201,
    permission=Permission.BURDEN_REGISTER,
)
async def register(request: web.Request, form: BurdenForm) -> web.Response:
    """Object as a township to a burden outside the lists."""
    by, at, known = call_of(request)
    made = await commands.register(
        form.form,
        form.title,
        form.text,
        against=form.against,
        document=form.document,
        by=by,
        at=at,
        basis=known,
    )
    return await _whole(request, made.id, status=201)


@routes.get(
    "/burdens", query=BurdensQuery, answer=Page[BurdenRow], permission=Permission.BURDEN_READ
)
async def burdens(request: web.Request, query: BurdensQuery) -> web.Response:
    """List the objections that I may see, the newest first."""
    rows = await queries.burdens(
        actor(request),
        limit=query.limit + 1,
        before_id=before_id(query.after, bits=32),
        stage=query.stage or "",
    )
    shown, units = rows[: query.limit], basis(request).units
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    items = [BurdenRow.of(row, units) for row in shown]
    return reply(Page[BurdenRow](items=items, next=following), hidden=NOBODY)


@routes.get("/burdens/counts", answer=CountsAnswer, permission=Permission.PROPOSAL_READ)
async def counts(request: web.Request) -> web.Response:
    """Count the objections by the units that gave the burdens."""
    units = basis(request).units
    items = [
        CountRow(
            unit=called(each.against_id, units),
            n=each.n,
            n_open=each.n_open,
            n_upheld=each.n_upheld,
            n_unfounded=each.n_unfounded,
        )
        for each in await queries.burden_counts()
    ]
    return reply(CountsAnswer(items=items))


@routes.get("/burdens/{id}", answer=BurdenAnswer, permission=Permission.BURDEN_READ)
async def burden(request: web.Request) -> web.Response:
    """Answer one objection with its history."""
    return await _whole(request, path_id(request))


@routes.post(
    "/burdens/{id}/answer",
    body=AnswerForm,
    answer=BurdenAnswer,
    permission=Permission.BURDEN_ANSWER,
)
async def answer(request: web.Request, form: AnswerForm) -> web.Response:
    """Answer as the unit that is objected to."""
    by, at, known = call_of(request)
    burden_id = path_id(request)
    async with standing.fitting("burden", burden_id, by=by, at=at, basis=known):
        done = await commands.answer(burden_id, form.text, by=by, at=at, basis=known)
    return await _whole(request, done.id)


@routes.post(
    "/burdens/{id}/rule", body=RulingForm, answer=BurdenAnswer, permission=Permission.BURDEN_RULE
)
async def rule(request: web.Request, form: RulingForm) -> web.Response:
    """Rule on an objection."""
    by, at, known = call_of(request)
    burden_id = path_id(request)
    async with standing.fitting("burden", burden_id, by=by, at=at, basis=known):
        done = await commands.rule(
            burden_id, form.text, upheld=form.upheld, by=by, at=at, basis=known
        )
    return await _whole(request, done.id)


@routes.post(
    "/burdens/{id}/withdraw",
    body=AnswerForm,
    answer=BurdenAnswer,
    permission=Permission.BURDEN_WITHDRAW,
)
async def withdraw(request: web.Request, form: AnswerForm) -> web.Response:
    """Take my township's objection back."""
    by, at, known = call_of(request)
    burden_id = path_id(request)
    async with standing.fitting("burden", burden_id, by=by, at=at, basis=known):
        done = await commands.withdraw(burden_id, form.text, by=by, at=at, basis=known)
    return await _whole(request, done.id)


async def _whole(request: web.Request, burden_id: int, *, status: int = 200) -> web.Response:
    by, at, known = call_of(request)
    found = await queries.burden(burden_id, by)
    answered = BurdenAnswer(
        burden=BurdenRow.of(found, known.units),
        events=event_answers(await queries.history("burden", burden_id), known.units),
        possible=possible(BURDENS, ProcedureStage(found.stage)),
        open_to_me=await standing.burden_open_to(by, burden_id, at=at, basis=known),
    )
    return reply(answered, status=status, hidden=NOBODY)
