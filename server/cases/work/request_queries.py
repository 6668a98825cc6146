"""The ways requests are looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tortoise.expressions import Q, Subquery

from server.cases.door.access import covered, everywhere, may_answer, of_cases_apart
from server.cases.models.case import Case
from server.cases.models.steering import Request
from server.cases.rules.flow import FLOW, Verb
from server.cases.rules.masking import masked
from server.cases.rules.records import Terms
from server.cases.rules.views import CaseRow
from server.cases.work.requests import KINDS
from server.people.actor import Actor
from server.people.queries import names
from server.permissions import Permission

#: Stages at which a request can still be answered.
_ANSWERED_AT: Final = sorted(
    {
        stage.value
        for move in FLOW
        if move.verb is Verb.REFUSE
        for stage in move.sources
        if stage is not None
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """A request and what must be known of its case to answer it; who asked is masked.

    `answerable` where it waits and who looks at it may answer it; only they read what `call` a
    grid worker wishes for.
    """

    id: int
    no: str
    title: str
    stage: str
    due_at: datetime | None
    what: str
    unit_id: int | None
    at: datetime
    reason: str
    ground: str
    until: datetime | None
    limit: int | None
    granted: bool | None
    answered_at: datetime | None
    answer: str
    call: Terms | None
    answerable: bool


async def waiting(actor: Actor, *, limit: int, after: int) -> list[RequestView]:
    """Return the requests that wait for the actor's answer, after an id, oldest first.

    Never those of the actor's own units, or of the actor.
    """
    condition = covered(actor, Permission.CASE_REFUSE)
    kinds = [what for what in KINDS if may_answer(actor, what, actor.township_code)]
    if condition is None or not kinds:
        return []
    found_in = Case.filter(condition, stage__in=_ANSWERED_AT)
    if not everywhere(actor, Permission.CASE_REFUSE):  # where a unit only works it answers nothing
        found_in = found_in.filter(township_code=actor.township_code)
    cases = found_in.values("id")
    found = Request.filter(
        granted__isnull=True, what__in=kinds, id__gt=after, case_id__in=Subquery(cases)
    )
    # NOT IN is unknown for requests of no unit.
    own = await found.filter(unit_id__in=list(actor.unit_ids)).values_list("id", flat=True)
    others = found.exclude(id__in=list(own)).exclude(by_id__in=list(actor.persons))
    rows = await others.order_by("id").limit(limit)
    by_id = {case.id: case for case in await Case.filter(id__in=[row.case_id for row in rows])}
    return await _views(rows, by_id, actor)


async def asked(actor: Actor, *, limit: int) -> list[RequestView]:
    """Return what the actor, or a unit of the actor's, asked for and waits for, oldest first."""
    mine = Q(by_id=actor.id) | Q(unit_id__in=sorted(actor.unit_ids))
    found = Request.filter(mine, of_cases_apart(actor), granted__isnull=True)
    rows = await found.filter(answered_at__isnull=True).order_by("id").limit(limit)
    cases = {case.id: case for case in await Case.filter(id__in=[row.case_id for row in rows])}
    return await _views(rows, cases, actor)


async def requests_of(case: CaseRow, actor: Actor) -> list[RequestView]:
    """Return what was asked for on a case, earliest first, as somebody looks at it."""
    rows = await Request.filter(case_id=case.id).order_by("id").limit(100)
    return await _views(rows, {case.id: case}, actor)


async def why_suspended(case: CaseRow) -> str:
    """Return for what reason the clocks of a case stand still; empty while they run."""
    if case.suspended_until is None:
        return ""
    granted = Request.filter(case_id=case.id, what=Verb.SUSPEND.value, granted=True)
    last = await granted.order_by("-id").first()
    return last.reason if last else ""


async def _views(
    rows: Sequence[Request], cases: Mapping[int, CaseRow], actor: Actor
) -> list[RequestView]:
    known = await names({row.by_id for row in rows})
    return [_view(row, cases[row.case_id], known.get(row.by_id, ""), actor) for row in rows]


def _view(row: Request, case: CaseRow, name: str, actor: Actor) -> RequestView:
    party = row.by_id in actor.persons or row.unit_id in actor.unit_ids
    answers = may_answer(actor, row.what, case.township_code)
    answerable = row.granted is None and not party and answers
    return RequestView(
        id=row.id,
        no=case.no,
        title=case.title,
        stage=case.stage,
        due_at=case.due_at,
        what=row.what,
        unit_id=row.unit_id,
        at=row.at,
        reason=masked(row.reason, {name}),
        ground=row.terms.ground,
        until=row.terms.until,
        limit=row.terms.limit,
        granted=row.granted,
        answered_at=row.answered_at,
        answer=row.answer,
        call=replace(row.terms, text=masked(row.terms.text, {name}))
        if answerable and row.what == Verb.CALL
        else None,
        answerable=answerable,
    )
