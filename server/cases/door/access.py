"""Applying the grants to cases and tasks: may I, and which may I, by the same rule."""

from copy import copy
from dataclasses import replace
from typing import Final

from tortoise.expressions import Q, Subquery

from server.cases.models.case import Case, Follower
from server.cases.models.dispute import Conference, Return
from server.cases.models.report import Report
from server.cases.models.task import Call, Check, Task, Verification
from server.cases.rules.basis import Basis
from server.cases.rules.flow import (
    BY_CALLER,
    BY_LEAD,
    EARLY,
    TASK_VERBS,
    VERDICTS,
    Part,
    Stage,
    TaskStage,
    Verb,
    possible_on_case,
    possible_on_task,
)
from server.cases.rules.views import CaseRow, TaskRow
from server.errors import NotFound, NotOnShift, NotPermitted
from server.people.actor import SYSTEM, Actor
from server.people.units import UnitKind
from server.permissions import GRANTS, OF_REPORTERS, ON_SHIFT, Permission, Reach, Role

#: By what each verb on a task is granted: what is said of the whole case is the case's.
_ON_TASKS: Final = {
    verb: Permission(f"{noun}.{verb}")
    for verb in TASK_VERBS
    for noun in ("case", "task")
    if f"{noun}.{verb}" in set(Permission)
}
_NAMES: Final = frozenset(permission.value for permission in Permission)
_OWN_REPORTS = frozenset({Reach.OWN_REPORTS, Reach.OWN_REPORTS_AND_GRIDS})


def reaches(actor: Actor, permission: Permission) -> frozenset[Reach]:
    """Return how far the actor's roles carry a permission, some of a duty leader's by shift."""
    idle = Role.DUTY_LEADER if permission in ON_SHIFT and not actor.on_shift else None
    found = (GRANTS[role].get(permission) for role in actor.roles if role is not idle)
    return frozenset(reach for reach in found if reach)


def everywhere(actor: Actor, permission: Permission) -> bool:
    """Tell whether the actor holds a permission for the whole county, as an office does."""
    return Reach.EVERYWHERE in reaches(actor, permission)


def looks_by_documents(actor: Actor) -> bool:
    """Tell whether the actor answers checks and verifications of others by the documents."""
    return everywhere(actor, Permission.CASE_CHECK)


def keeps_out(actor: Actor, case: CaseRow) -> bool:
    """Tell whether a case complains of the actor's own unit, or of one above it (回避)."""
    return case.about_unit_id in actor.unit_and_above


def apart(actor: Actor) -> Q:
    """Say which cases do not complain of the actor's own unit, or of one above it."""
    return Q(about_unit_id__not_in=sorted(actor.unit_and_above))


def of_cases_apart(actor: Actor) -> Q:
    """Say of rows that belong to a case what `apart` says of cases."""
    return Q(case__about_unit_id__not_in=sorted(actor.unit_and_above))


def _within(actor: Actor, reach: Reach) -> Q:
    """Say which cases a reach covers, whomever they complain of; not those reported."""
    if reach is Reach.EVERYWHERE:
        return Q()
    if reach is Reach.OWN_GRIDS:
        # Somebody sent to check a case of another grid must see it.
        given = Check.filter(assignee_id=actor.id).values("case_id")
        asked = Verification.filter(assignee_id=actor.id).values("case_id")
        return _in_grids(actor) | Q(id__in=Subquery(given)) | Q(id__in=Subquery(asked))
    if reach is Reach.OWN_VERIFICATIONS:
        asked = Verification.filter(assignee_id=actor.id, done_at__isnull=True).values("case_id")
        return Q(stage=Stage.VERIFYING.value, id__in=Subquery(asked))
    if reach is Reach.OWN_REPORTS_AND_GRIDS:
        return _in_grids(actor)
    if reach is Reach.COMPLAINTS:
        return Q(about_unit_id__isnull=False)
    if reach is Reach.CONFERENCES:
        return Q(id__in=Subquery(Conference.all().values("case_id")))
    units = list(actor.unit_ids)
    own = Q(id__in=Subquery(Task.filter(unit_id__in=units).values("case_id")))
    # Who is named as the proper unit in a dispute must see it to state its case.
    own |= Q(id__in=Subquery(Return.filter(proper_unit_id__in=units).values("case_id")))
    if reach is Reach.OWN_TOWNSHIP and actor.township_code:
        return own | Q(township_code=actor.township_code)
    return own


def _in_grids(actor: Actor) -> Q:
    """Say which cases lie in the actor's grids, or may, as long as somebody is to confirm it."""
    found = Q(grid_code__in=list(actor.grid_codes))
    early = Q(stage__in=[stage.value for stage in EARLY])
    # Said twice, for the index is of those alone that wait for somebody to say where they lie.
    early &= Q(place__contains={"confirm": True})
    for code in sorted(actor.grid_codes):
        found |= early & Q(place__contains={"candidates": [{"code": code}]})
    return found


def _reported(actor: Actor) -> Q:
    mine = Follower.filter(account_id=actor.id, reporter=True)
    return Q(id__in=Subquery(mine.values("case_id")))


#: How far a permission reaches, and whether as for a reporter everywhere else too.
Distance = tuple[frozenset[Reach], bool]


def distance(actor: Actor, permission: Permission) -> Distance:
    """Return what `covered` depends on: equal for permissions that cover the same cases."""
    return reaches(actor, permission), permission in OF_REPORTERS


def covered(actor: Actor, permission: Permission) -> Q | None:
    """Return the condition on cases for which the actor holds a permission; None for none.

    What a reporter may do to a case, every role may to the cases that it reported itself. Nobody
    else may do anything to a complaint about the own unit, however far a role reaches.
    """
    found = reaches(actor, permission)
    if not found:
        return None
    if Reach.EVERYWHERE in found and not actor.unit_and_above:
        return Q()
    conditions = [_within(actor, reach) & apart(actor) for reach in found - {Reach.OWN_REPORTS}]
    if permission in OF_REPORTERS or found & _OWN_REPORTS:
        conditions.append(_reported(actor))
    return Q(*conditions, join_type="OR")


def working_on(actor: Actor) -> Q:
    """Return the condition on cases that the actor works on, reported or called units to.

    Whose case was merged into another has not reported what others reported there.
    """
    sent = Report.filter(Q(reporter_id=actor.id) | Q(on_behalf_of_id=actor.id)).values("case_id")
    called = Call.filter(by_id=actor.id).values("case_id")
    called_there = Q(id__in=Subquery(called)) & apart(actor)
    return _besides(actor, Q(id__in=Subquery(sent)) | called_there)


def readable(actor: Actor) -> Q:
    """Return the condition on cases of which the actor may read at least the public side."""
    return _besides(actor, followed(actor) | _reported(actor))


def followed(actor: Actor) -> Q:
    """Return the condition on cases that the actor follows, but for what it is to keep out of."""
    found = Follower.filter(account_id=actor.id).values("case_id")
    return Q(id__in=Subquery(found)) & apart(actor)


def _besides(actor: Actor, more: Q) -> Q:
    """Return the condition on cases that the actor may read as staff, or that meet another."""
    working = covered(actor, Permission.CASE_READ)
    if working is None:
        return more
    # An empty condition means all; joined by OR it would mean nothing.
    return working | more if working.children else working


def alternatives(condition: Q) -> list[Q]:
    """Return the conditions of which any one makes an OR true; the condition itself otherwise.

    Asked one by one each is found by an index of its own. Asked as one OR, the database reads
    for every part of it all that the actor ever had to do with.
    """
    children = condition.children
    if not children or condition._is_negated:
        return [condition]
    if condition.join_type == Q.OR:
        return [each for child in children for each in alternatives(child)]
    for place, child in enumerate(children):
        ways = alternatives(child)
        if len(ways) > 1:  # whichever of them, together with all the rest
            others = copy(condition)
            others.children = (*children[:place], *children[place + 1 :])
            return [Q(way, others) for way in ways]
    return [condition]


async def any_meets(cases: Q, condition: Q) -> bool:
    """Tell whether some of a few cases meet a condition."""
    for each in alternatives(condition):
        if await Case.filter(cases, each).exists():
            return True
    return False


async def may(actor: Actor, permission: Permission, case: Case) -> bool:
    """Tell whether the actor holds a permission for this case."""
    condition = covered(actor, permission)
    if condition is None:
        return False
    if _may_anywhere(actor, permission, case):
        return True
    return await any_meets(Q(id=case.id), condition)


def _may_anywhere(actor: Actor, permission: Permission, case: Case) -> bool:
    """Tell without asking the database whether a permission reaches this case with all others."""
    return Reach.EVERYWHERE in reaches(actor, permission) and not keeps_out(actor, case)


async def granted_verbs(actor: Actor, case: Case) -> list[Verb]:
    """Return the verbs of the case's own that its stage and the actor's grants allow.

    What else stands in their way is no matter of grants: see `hindrances`.
    """
    asked = [verb for verb in possible_on_case(Stage(case.stage)) if f"case.{verb}" in _NAMES]
    # Many permissions reach equally far: each distance is measured once.
    known = dict[Distance, bool]()
    for verb in asked:
        permission = Permission(f"case.{verb}")
        far = distance(actor, permission)
        if far not in known:
            known[far] = await may(actor, permission, case)
    return [verb for verb in asked if known[distance(actor, Permission(f"case.{verb}"))]]


def may_answer(actor: Actor, what: str, township_code: str) -> bool:
    """Tell whether the actor may grant or refuse a kind of request in a township's cases.

    Who does by office, or for the whole township, what is asked for.
    """
    return actor.covers_township(Permission(f"case.{what}"), township_code)


async def may_for_unit(actor: Actor, permission: Permission, case: Case, unit_id: int) -> bool:
    """Tell whether the actor holds a permission for one unit's part of this case.

    What reaches as far as one's own unit is for its own part alone, not for the others'.
    """
    found = reaches(actor, permission)
    if keeps_out(actor, case):
        return False
    if Reach.EVERYWHERE in found or (Reach.OWN_UNIT in found and unit_id in actor.unit_ids):
        return True
    conferences = _within(actor, Reach.CONFERENCES)
    return Reach.CONFERENCES in found and await any_meets(Q(id=case.id), conferences)


async def may_read(actor: Actor, case: Case) -> bool:
    """Tell whether the actor may read at least the public side of this case."""
    if _may_anywhere(actor, Permission.CASE_READ, case):
        return True
    return await any_meets(Q(id=case.id), readable(actor))


async def require(actor: Actor, verb: Verb, case: Case) -> None:
    """Refuse unless the actor may read the case (NotFound) and do the verb to it.

    Raises NotPermitted, or NotOnShift for a duty leader who might while sitting.
    """
    if actor is SYSTEM:
        return
    if not await may_read(actor, case):
        raise NotFound(no=case.no)
    permission = Permission(f"case.{verb}")
    if await may(actor, permission, case):
        return
    if await may(replace(actor, on_shift=True), permission, case):
        raise NotOnShift(verb=verb)
    raise NotPermitted(verb=verb)


def require_task(actor: Actor, verb: Verb, case: CaseRow, task: TaskRow) -> None:
    """Refuse with NotPermitted unless the actor may do the verb to this very task."""
    if not _may_on_task(actor, verb, case, task):
        raise NotPermitted(verb=verb)


def allowed_on_task(actor: Actor, case: CaseRow, task: TaskRow, basis: Basis) -> list[Verb]:
    """Return the verbs that a task's stage and part, and the actor's grants, allow on it now.

    It asks nothing of the database: what others have done yet may still refuse one of them.
    """
    unit = basis.units.by_id.get(task.unit_id)
    out = set[Verb]()
    if task.unit_id in actor.unit_ids:  # nobody judges the arrival of their own unit
        out |= BY_CALLER
    if task.arrival:  # what was said of it is not said again, but may be taken back
        out.add(VERDICTS[task.arrival])
    if unit is None or unit.kind is not UnitKind.TOWNSHIP:  # townships alone have platforms
        out.add(Verb.ROUTE)
    return [
        verb
        for verb in possible_on_task(Stage(case.stage), Part(task.part), TaskStage(task.stage))
        if verb not in out
        and sees_task(actor, case, task, verb)
        and _may_on_task(actor, verb, case, task)
    ]


def _may_on_task(actor: Actor, verb: Verb, case: CaseRow, task: TaskRow) -> bool:
    """Tell whether the grants let the actor do the verb to this very task.

    What a lead does to another's task is done to a part of its case.
    """
    found = reaches(actor, _ON_TASKS[verb])
    own = (case.lead_id if verb in BY_LEAD else task.unit_id) in actor.unit_ids
    township = bool(actor.township_code) and case.township_code == actor.township_code
    able = (
        Reach.EVERYWHERE in found
        or (Reach.OWN_UNIT in found and own)
        or (Reach.OWN_TOWNSHIP in found and township)
    )
    return able and not keeps_out(actor, case)


def sees_task(actor: Actor, case: CaseRow, task: TaskRow, verb: Verb | None = None) -> bool:
    """Tell whether the actor may read a task; the lead also those that it would waive."""
    found = reaches(actor, Permission.TASK_READ)
    if keeps_out(actor, case):
        return False
    if verb in BY_LEAD and bool(found) and case.lead_id in actor.unit_ids:
        return True
    return (
        Reach.EVERYWHERE in found
        or (bool(found) and task.unit_id in actor.unit_ids)
        or (
            Reach.OWN_TOWNSHIP in found
            and bool(actor.township_code)
            and case.township_code == actor.township_code
        )
    )
