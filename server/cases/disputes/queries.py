"""The ways returns and conferences are looked at."""

from datetime import datetime
from typing import Final

from tortoise.expressions import Q, Subquery

from server.cases.door.access import covered, keeps_out, of_cases_apart, reaches
from server.cases.models.case import Case, Step
from server.cases.models.dispute import Conference, Return, Statement
from server.cases.rules.flow import FLOW, Part, Verb
from server.cases.rules.traits import Trait, verbs_with
from server.cases.rules.views import CaseRow
from server.errors import NotFound
from server.people.actor import Actor
from server.permissions import Permission


def _ruled_at(way: str) -> list[str]:
    moves = [move for move in FLOW if move.verb is Verb.RULE and move.way == way]
    return [stage.value for move in moves for stage in move.sources if stage]


#: At which stages of the case a return of either part can be ruled on.
_RULED: Final = Q(part=Part.LEAD.value, case__stage__in=_ruled_at("uphold")) | Q(
    part=Part.COOPERATING.value, case__stage__in=_ruled_at("cooperating")
)


async def waiting_returns(
    actor: Actor, *, limit: int, after: tuple[datetime, int] | None = None
) -> list[tuple[Return, Case]]:
    """Return the returns that the actor may rule on, the most urgent first, each with its case.

    Never those of cases that the actor filed or dispatched, or of the actor's own units.
    """
    if covered(actor, Permission.CASE_RULE) is None:
        return []
    units = list(actor.unit_ids)
    waiting = Subquery(Return.filter(upheld__isnull=True).values("case_id"))
    sent = Step.filter(
        by_id__in=list(actor.persons), verb__in=verbs_with(Trait.SENDS), case_id__in=waiting
    )
    found = Return.filter(
        of_cases_apart(actor),
        # What nobody dispatched, the system did.
        Q(case__dispatched_by_id__isnull=True)
        | Q(case__dispatched_by_id__not_in=list(actor.persons)),
        _RULED,
        case_id__not_in=Subquery(sent.values("case_id")),
        upheld__isnull=True,
        case__lead_id__not_in=units,
        unit_id__not_in=units,
        proper_unit_id__not_in=units,
    )
    if after is not None:
        due_at, last = after
        found = found.filter(Q(due_at__gt=due_at) | Q(due_at=due_at, id__gt=last))
    rows = await found.order_by("due_at", "id").limit(limit)
    by_id = {case.id: case for case in await Case.filter(id__in=[row.case_id for row in rows])}
    return [(row, by_id[row.case_id]) for row in rows]


async def returns_of(case: CaseRow) -> list[Return]:
    """Return the returns of a case, earliest first."""
    return await Return.filter(case_id=case.id).order_by("id").limit(100)


async def statements_of(case: CaseRow) -> list[Statement]:
    """Return what units had to say in a case's dispute, earliest first."""
    return await Statement.filter(case_id=case.id).order_by("id").limit(100)


async def conferences_of(case: CaseRow) -> list[Conference]:
    """Return the conferences on a case, earliest first."""
    return await Conference.filter(case_id=case.id).order_by("id").limit(20)


async def docket(actor: Actor, *, limit: int, offset: int) -> list[tuple[Conference, Case]]:
    """Return the conferences, each with its case: open ones by deadline, then the latest over."""
    if not reaches(actor, Permission.CONFERENCE_READ):
        return []
    # Descending, the database puts the undecided first.
    ordered = Conference.filter(of_cases_apart(actor)).order_by("-decided_at", "due_at", "id")
    rows = await ordered.offset(offset).limit(limit)
    by_id = {case.id: case for case in await Case.filter(id__in=[row.case_id for row in rows])}
    return [(row, by_id[row.case_id]) for row in rows]


async def to_decide(actor: Actor, *, at: datetime, limit: int) -> list[tuple[Conference, Case]]:
    """Return the open conferences for which the actor may decide now, the most urgent first."""
    condition = covered(actor, Permission.CASE_DECIDE)
    if condition is None:
        return []
    found = Conference.filter(of_cases_apart(actor), decided_at__isnull=True)
    if not reaches(actor, Permission.CASE_DECIDE_EARLY):
        found = found.filter(due_at__lte=at)
    rows = await found.order_by("due_at", "id").limit(limit)
    ids = [row.case_id for row in rows]
    by_id = {case.id: case for case in await Case.filter(condition, id__in=ids)}
    return [
        (row, by_id[row.case_id])
        for row in rows
        if row.case_id in by_id and actor.unit_ids.isdisjoint(row.unit_ids)
    ]


async def to_state(actor: Actor, *, limit: int) -> list[tuple[Conference, Case]]:
    """Return the open conferences on which the actor's units, in dispute, have not said a word."""
    if not reaches(actor, Permission.CASE_STATE):
        return []
    ways = [Q(unit_ids__contains=[unit_id]) for unit_id in sorted(actor.unit_ids)]
    if not ways:
        return []
    found = Conference.filter(
        Q(*ways, join_type="OR"), of_cases_apart(actor), decided_at__isnull=True
    )
    rows = await found.order_by("due_at", "id").limit(limit)
    ids = [row.case_id for row in rows]
    said = Statement.filter(case_id__in=ids, unit_id__in=sorted(actor.unit_ids))
    heard = {int(str(i)) for i in await said.values_list("case_id", flat=True)}
    by_id = {case.id: case for case in await Case.filter(id__in=ids)}
    return [(row, by_id[row.case_id]) for row in rows if row.case_id not in heard]


async def conference_for(actor: Actor, conference_id: int) -> tuple[Conference, Case]:
    """Return a conference with its case; raises NotFound."""
    found = await Conference.get_or_none(id=conference_id)
    if found is None or not reaches(actor, Permission.CONFERENCE_READ):
        raise NotFound()
    case = await Case.get(id=found.case_id)
    if keeps_out(actor, case):
        raise NotFound()
    return found, case
