"""Staff handlers for units."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from server.cases.door.knowledge import CHANGED
from server.cases.rules.basis import Basis
from server.clock import now
from server.governance import regrouping
from server.http.answers import reply
from server.http.forms import Answer, Form, Page, PageQuery
from server.http.keys import BUS, KNOWLEDGE, actor, basis, call_of
from server.http.paging import after_id, before_id, cursor, path_id
from server.http.routes import Routes
from server.people import reorganising, unit_plans
from server.people.queries import names, units_page
from server.people.unit_plans import NewPlan, PlanStage, PlanView
from server.people.units import UnitKind, UnitView
from server.permissions import Permission
from server.texts.closed import one_of

routes = Routes("/s/v1", tag="units")

#: So many numbers of cases are named; how many there are in all is said beside them.
_MOST_NOS: Final = 50


class UnitQuery(PageQuery):
    """Which units: of a kind, with a text in code, name or short names."""

    kind: UnitKind | None = None
    q: str | None = Field(default=None, max_length=80)


class UnitAnswer(Answer):
    """One unit."""

    id: str
    code: str
    name: str
    short_names: list[str]
    kind: UnitKind
    parent: str | None
    township: str | None
    phone: str
    active: bool

    @classmethod
    def of(cls, unit: UnitView) -> "UnitAnswer":
        """Return the answer about a unit."""
        return cls(
            id=str(unit.id),
            code=unit.code,
            name=unit.name,
            short_names=list(unit.short_names),
            kind=unit.kind,
            parent=str(unit.parent_id) if unit.parent_id is not None else None,
            township=unit.township_code or None,
            phone=unit.phone,
            active=unit.active,
        )


class RenameForm(Form):
    """The new name, and the document that orders it."""

    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
    document: str = Field(min_length=1, max_length=120, pattern=r"\S")


class MergeUnitsForm(Form):
    """Into which unit (its id), and the document that orders it."""

    into: str = Field(pattern=r"^[1-9][0-9]{0,8}$")
    document: str = Field(min_length=1, max_length=120, pattern=r"\S")


class UnitChangeAnswer(Answer):
    """One renaming, merger or parting; `now` is the new name, the successor's, or the unit's.

    `by` proposed it, empty where that was not noted, and `decided_by` confirmed it.
    """

    id: str
    unit: str
    kind: Annotated[str, one_of("renamed", "merged", "parted")]
    was: str
    now: str
    document: str
    by: str
    decided_by: str
    at: datetime


class PreviewAnswer(Answer):
    """What a unit has: it would go over, go back to it, or bear another name.

    `going` are the cases of its tasks. When a merger is taken back, the successor keeps the tasks
    that it was given since, under whichever name: those of the cases `staying`.
    """

    n_people: int
    n_stations: int
    n_cases: int
    n_tasks: int
    n_entries: int
    going: list[str]
    n_staying: int
    staying: list[str]

    @classmethod
    def of(cls, found: regrouping.Preview) -> "PreviewAnswer":
        """Return the answer about what would follow, with the first of the numbers."""
        return cls(
            n_people=found.n_people,
            n_stations=found.n_stations,
            n_cases=found.n_cases,
            n_tasks=len(found.task_nos),
            n_entries=found.n_entries,
            going=list(found.task_nos[:_MOST_NOS]),
            n_staying=len(found.staying_nos),
            staying=list(found.staying_nos[:_MOST_NOS]),
        )


class UndoingAnswer(Answer):
    """The last that was proposed to take a plan back: by whom, and what another said to it."""

    id: str
    state: PlanStage
    by: str
    at: datetime
    decided_by: str
    decided_at: datetime | None

    @classmethod
    def of(cls, plan: PlanView, said: Mapping[int, str]) -> "UndoingAnswer":
        """Return the answer about an undoing; `said` are names of persons."""
        return cls(
            id=str(plan.id),
            state=plan.stage,
            by=said.get(plan.by_id, ""),
            at=plan.at,
            decided_by=said.get(plan.decided_by_id or 0, ""),
            decided_at=plan.decided_at,
        )


class PlanAnswer(Answer):
    """What is proposed for a unit: another name, or into which it is merged; what would follow.

    `now` is the new name, or the successor's. Of what is decided nothing would follow any more.
    One that `undoes` another gives the name back, or parts the unit from its successor; the other
    says so in `undoing`.
    """

    id: str
    unit: str
    kind: Annotated[str, one_of("rename", "merge", "part")]
    was: str
    now: str
    document: str
    state: PlanStage
    by: str
    at: datetime
    decided_by: str
    decided_at: datetime | None
    preview: PreviewAnswer | None
    undoes: str | None
    undoing: UndoingAnswer | None

    @classmethod
    async def whole(cls, plan: PlanView, at: datetime, known: Basis) -> "PlanAnswer":
        """Return the answer about a plan, with what would follow from it now."""
        undoing = (await unit_plans.undoings([plan.id])).get(plan.id)
        said = await names([each for one in (plan, undoing) if one for each in _persons(one)])
        into = known.units.by_id.get(plan.into_id or 0)
        seen = None
        if plan.stage == PlanStage.PROPOSED:
            seen = PreviewAnswer.of(await regrouping.preview(plan, at=at, basis=known))
        return cls(
            id=str(plan.id),
            unit=str(plan.unit_id),
            kind=_kind(plan),
            was=plan.was,
            now=into.name if into is not None else plan.name,
            document=plan.document,
            state=plan.stage,
            by=said.get(plan.by_id, ""),
            at=plan.at,
            decided_by=said.get(plan.decided_by_id or 0, ""),
            decided_at=plan.decided_at,
            preview=seen,
            undoes=str(plan.undoes_id) if plan.undoes_id is not None else None,
            undoing=UndoingAnswer.of(undoing, said) if undoing is not None else None,
        )


def _persons(plan: PlanView) -> list[int]:
    return [each for each in (plan.by_id, plan.decided_by_id) if each is not None]


def _kind(plan: PlanView) -> str:
    if plan.into_id is None:
        return "rename"
    return "merge" if plan.undoes_id is None else "part"


@routes.post(
    "/units/{id}/rename",
    body=RenameForm,
    answer=PlanAnswer,
    status=201,
    permission=Permission.UNIT_REORGANISE,
)
async def rename(request: web.Request, form: RenameForm) -> web.Response:
    """Propose another name for a unit; somebody else confirms it, then the old one still finds."""
    new = NewPlan(unit_id=path_id(request), name=form.name.strip(), document=form.document)
    return await _proposed(request, new)


@routes.post(
    "/units/{id}/merge",
    body=MergeUnitsForm,
    answer=PlanAnswer,
    status=201,
    permission=Permission.UNIT_REORGANISE,
)
async def merge(request: web.Request, form: MergeUnitsForm) -> web.Response:
    """Propose to merge a unit into another; somebody else confirms it, and it goes on with all."""
    new = NewPlan(unit_id=path_id(request), into_id=int(form.into), document=form.document)
    return await _proposed(request, new)


async def _proposed(request: web.Request, new: NewPlan) -> web.Response:
    by, at, known = call_of(request)
    plan = await regrouping.propose(new, by=by, at=at, basis=known)
    return reply(await PlanAnswer.whole(plan, at, known), status=201)


@routes.get(
    "/unit-plans",
    query=PageQuery,
    answer=Page[PlanAnswer],
    permission=Permission.UNIT_REORGANISE,
)
async def plans(request: web.Request, query: PageQuery) -> web.Response:
    """List what was proposed for units, the newest first."""
    start = before_id(query.after, bits=32)
    rows = await unit_plans.plans(limit=query.limit + 1, before_id=start)
    shown = rows[: query.limit]
    known, at = basis(request), now()
    items = [await PlanAnswer.whole(each, at, known) for each in shown]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    return reply(Page[PlanAnswer](items=items, next=following))


@routes.post("/unit-plans/{id}/confirm", answer=PlanAnswer, permission=Permission.UNIT_REORGANISE)
async def confirm(request: web.Request) -> web.Response:
    """Carry out what somebody else proposed."""
    by, at, known = call_of(request)
    plan = await regrouping.confirm(path_id(request), by=by, at=at, basis=known)
    return await _told(request, plan)


@routes.post("/unit-plans/{id}/withdraw", answer=PlanAnswer, permission=Permission.UNIT_REORGANISE)
async def withdraw(request: web.Request) -> web.Response:
    """Let go of what was proposed."""
    plan = await unit_plans.withdraw(path_id(request), by=actor(request), at=now())
    return await _told(request, plan)


@routes.post(
    "/unit-plans/{id}/undo",
    answer=PlanAnswer,
    status=201,
    permission=Permission.UNIT_REORGANISE,
)
async def undo(request: web.Request) -> web.Response:
    """Propose to take back what was done, within thirty days and if nothing followed.

    The answer is a plan of its own, which somebody else confirms or withdraws.
    """
    by, at, known = call_of(request)
    plan = await unit_plans.propose_undoing(path_id(request), by=by, at=at)
    return reply(await PlanAnswer.whole(plan, at, known), status=201)


async def _told(request: web.Request, plan: PlanView) -> web.Response:
    await request.app[KNOWLEDGE].refresh()
    await request.app[BUS].publish(CHANGED)
    return reply(await PlanAnswer.whole(plan, now(), basis(request)))


@routes.get(
    "/unit-changes",
    query=PageQuery,
    answer=Page[UnitChangeAnswer],
    permission=Permission.UNIT_READ,
)
async def changes(request: web.Request, query: PageQuery) -> web.Response:
    """List renamings and mergers of units, the newest first."""
    start = before_id(query.after, bits=32)
    rows = await reorganising.changes(limit=query.limit + 1, before_id=start)
    shown = rows[: query.limit]
    said = await names({each for row in shown for each in (row.by_id, row.proposed_by_id) if each})
    items = [
        UnitChangeAnswer(
            id=str(each.id),
            unit=str(each.unit_id),
            kind=each.kind,
            was=each.was,
            now=each.now,
            document=each.document,
            by=said.get(each.proposed_by_id or 0, ""),
            decided_by=said.get(each.by_id, ""),
            at=each.at,
        )
        for each in shown
    ]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    return reply(Page[UnitChangeAnswer](items=items, next=following))


@routes.get("/units", query=UnitQuery, answer=Page[UnitAnswer], permission=Permission.UNIT_READ)
async def units(request: web.Request, query: UnitQuery) -> web.Response:
    """List the units."""
    found = await units_page(
        after=after_id(query.after, bits=32), limit=query.limit + 1, kind=query.kind, q=query.q
    )
    shown = found[: query.limit]
    on = cursor([shown[-1].id]) if len(found) > query.limit else None
    return reply(Page[UnitAnswer](items=[UnitAnswer.of(unit) for unit in shown], next=on))
