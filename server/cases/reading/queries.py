"""The ways cases and tasks are looked at; every list is bounded and starts from who may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import F, Q, Subquery
from tortoise.queryset import QuerySet

from server.cases.door.access import (
    alternatives,
    any_meets,
    covered,
    may,
    may_read,
    of_cases_apart,
    reaches,
    sees_task,
    working_on,
)
from server.cases.door.lineage import family, survivors
from server.cases.models.case import Attachment, Case, Follower, Step
from server.cases.models.report import Report
from server.cases.models.task import Call, Check, Task, Verification
from server.cases.reading.by_words import Said
from server.cases.reading.own_reports import brought_to
from server.cases.reading.planning import planned_by_values
from server.cases.reading.states import NO_STATES, Clock, States, at_clock, received
from server.cases.rules.flow import FINAL, Stage, Verb
from server.cases.rules.records import PlaceChoice, WhyWaiting
from server.cases.rules.shown import Reader, photos_shown
from server.cases.rules.traits import Trait, verbs_with
from server.cases.rules.views import CaseRow
from server.errors import NotFound
from server.people.actor import Actor
from server.permissions import Permission, Reach
from server.texts.catalogue import text

_OVER = [stage.value for stage in FINAL if stage]
#: Clocks that hardly any case has.
_SELDOM: Final = frozenset({Clock.LATE, Clock.SOON, Clock.PAUSED})


def visible(actor: Actor) -> QuerySet[Case]:
    """Return the cases that the actor may read; where every list of cases starts."""
    condition = covered(actor, Permission.CASE_READ)
    if condition is None:
        return Case.filter(id__in=[])
    return Case.filter(condition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """How a list of cases is narrowed; empty fields do not narrow."""

    stage: str = ""
    kind: str = ""
    township: str = ""
    village: str = ""
    grid: str = ""
    unit_ids: tuple[int, ...] = ()
    part: str = ""
    matters: tuple[str, ...] | None = None
    overdue: bool = False
    states: States = NO_STATES
    open: bool = False
    lead_id: int | None = None
    closed_from: datetime | None = None
    closed_to: datetime | None = None
    words: Said | None = None
    bbox: tuple[float, float, float, float] | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    nos: tuple[str, ...] = ()


async def cards(
    actor: Actor, narrowing: Narrowing, *, limit: int, before_id: int | None, at: datetime
) -> list[Case]:
    """Return the newest visible cases before an id, at most `limit`."""
    condition = covered(actor, Permission.CASE_READ)
    if condition is None:
        return []
    wanted = conditions(narrowing, at)
    if before_id is not None:
        wanted.append(Q(id__lt=before_id))
    of_units = bool(narrowing.unit_ids) or len(alternatives(condition)) > 1
    async with planned_by_values():
        if narrowing.words is None:
            seldom = narrowing.overdue or narrowing.states.clock in _SELDOM
            return await newest(condition, *wanted, limit=limit, few=seldom and of_units)
        # Whichever of the newest of all is among the newest of each way.
        ways = [Case.filter(way, *wanted) for way in alternatives(condition)]
        ids = await narrowing.words.newest(ways, limit)
        return await Case.filter(id__in=ids).order_by("-id")


async def newest(condition: Q, *wanted: Q, limit: int, few: bool = False) -> list[Case]:
    """Return the newest cases that meet a condition and all others, at most `limit`.

    `few` tells that hardly any are expected to.
    """
    ways = alternatives(condition)
    if len(ways) == 1 and not few:
        return await Case.filter(condition, *wanted).order_by("-id").limit(limit)
    # The newest of any way are among the newest of each.
    ids = set[int]()
    for way in ways:
        cases = Case.filter(way, *wanted)
        # By the plain number the database would go through all there ever were, newest first.
        found = cases.annotate(by=F("id") + 0).order_by("-by") if few else cases.order_by("-id")
        found = found.limit(limit)
        ids.update([int(case_id) for (case_id,) in await found.values_list("id")])
    return await Case.filter(id__in=sorted(ids)[-limit:]).order_by("-id")


async def lies_in(level: str, code: str) -> bool:
    """Tell whether any case ever lay in a place of a level: township, village or grid."""
    return await Case.filter(**{f"{level}_code": code}).exists()


def conditions(narrowing: Narrowing, at: datetime) -> list[Q]:
    """Return what cases have to meet, all of it."""
    conditions: list[Q] = []
    exact: dict[str, Any] = {
        "stage": narrowing.stage,
        "kind": narrowing.kind,
        "township_code": narrowing.township,
        "village_code": narrowing.village,
        "grid_code": narrowing.grid,
        "lead_id": narrowing.lead_id,
        "closed_at__gte": narrowing.closed_from,
        "closed_at__lt": narrowing.closed_to,
    }
    conditions += [Q(**{name: value}) for name, value in exact.items() if value]
    if narrowing.nos:
        conditions.append(Q(no__in=list(narrowing.nos)))
    if narrowing.matters is not None:
        conditions.append(Q(matter_code__in=list(narrowing.matters)))
    if narrowing.unit_ids:
        tasks = Task.filter(unit_id__in=list(narrowing.unit_ids))
        tasks = tasks.filter(part=narrowing.part) if narrowing.part else tasks
        conditions.append(Q(id__in=Subquery(tasks.values("case_id"))))
    if narrowing.open:
        conditions.append(~Q(stage__in=_OVER))
    if narrowing.overdue:
        conditions.append(at_clock(Clock.LATE, at))
    conditions += narrowing.states.conditions(at)
    if narrowing.bbox:
        west, south, east, north = narrowing.bbox
        conditions.append(Q(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north))
    return conditions + received(narrowing.received_from, narrowing.received_to, at)


async def case_for(actor: Actor, no: str) -> Case:
    """Return a case that the actor may read; raises NotFound, never telling whether it exists."""
    case = await Case.get_or_none(no=no)
    if case is None or not await may(actor, Permission.CASE_READ, case):
        raise NotFound(no=no)
    return case


async def report_for(actor: Actor, no: str) -> Case:
    """Return a case that the actor works on, reported or follows; raises NotFound."""
    case = await Case.get_or_none(no=no)
    if case is None or not await may_read(actor, case):
        raise NotFound(no=no)
    return case


async def steps(case: CaseRow, *, limit: int = 100, after: int = 0) -> list[Step]:
    """Return a case's history in order, after a version."""
    found = Step.filter(case_id=case.id, version__gt=after)
    return await found.order_by("version").limit(limit)


async def tasks_of(case: CaseRow) -> list[Task]:
    """Return a case's tasks, the lead's first."""
    rows = await Task.filter(case_id=case.id).order_by("id").limit(200)
    return sorted(rows, key=lambda task: (task.part != "lead", task.id))


async def attachments(case_ids: Sequence[int]) -> list[Attachment]:
    """Return the photos of a case, or of its whole family, in the order added."""
    return await Attachment.filter(case_id__in=list(case_ids)).order_by("id").limit(200)


async def shown_to(reader: Reader, case_ids: Sequence[int]) -> list[Attachment]:
    """Return those photos that are the reader's to see; as `attachments`."""
    purposes = photos_shown(reader)
    return [each for each in await attachments(case_ids) if each.purpose in purposes]


async def rounds(case: CaseRow) -> list[int]:
    """Return the versions at which a case was sent to be handled once more."""
    return (await rounds_of([case])).get(case.id, [])


async def rounds_of(cases: Sequence[CaseRow]) -> dict[int, list[int]]:
    """Return as `rounds` for each case that was, by its id."""
    more = [case.id for case in cases if case.cycle > 1]
    if not more:
        return {}
    again = Q(verb__in=verbs_with(Trait.AGAIN))
    elsewhere = Q(verb=Verb.RECUSE.value, way__not="")
    steps = Step.filter(again | elsewhere, case_id__in=more).order_by("version")
    found = dict[int, list[int]]()
    for case_id, version in await steps.values_list("case_id", "version"):
        found.setdefault(int(case_id), []).append(int(version))
    return found


async def verifications_of(case: Case) -> list[Verification]:
    """Return the looks at the place before filing, earliest first."""
    return await Verification.filter(case_id=case.id).order_by("id").limit(50)


async def merged_into(case: Case, of_all: Sequence[int]) -> list[str]:
    """Return the numbers of the cases that were merged into a case, `of_all` its family."""
    others = [each for each in of_all if each != case.id]
    if not others:
        return []
    inside = Case.filter(id__in=others).order_by("id")
    return [str(no) for (no,) in await inside.values_list("no")]


async def checks_of(case: Case) -> list[Check]:
    """Return the checks of a case, one a cycle."""
    return await Check.filter(case_id=case.id).order_by("cycle").limit(50)


async def reports_of(of_all: Sequence[int]) -> list[Report]:
    """Return what was reported on a case and on those merged into it, earliest first."""
    return await Report.filter(case_id__in=list(of_all)).order_by("id").limit(100)


async def mine(actor: Actor, *, limit: int, before_id: int | None) -> list[Case]:
    """Return the cases that the actor reported or follows, newest first.

    Where what was merged goes on is none beside it.
    """
    apart_or_own = Q(of_cases_apart(actor), Q(reporter=True), join_type="OR")
    mine = Follower.filter(apart_or_own, account_id=actor.id).values("case_id")
    found = Case.filter(id__in=Subquery(mine))
    gone = await found.filter(merged_into_id__not_isnull=True).values_list("id", flat=True)
    if gone:
        found = found.exclude(id__in=await brought_to(actor, [int(str(i)) for i in gone]))
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    return await found.order_by("-id").limit(limit)


async def by_no(no: str) -> Case | None:
    """Return a case whoever asks: for who is known to have acted on it."""
    return await Case.get_or_none(no=no)


async def task_by_id(task_id: int) -> tuple[Task, Case] | None:
    """Return a task and its case, whoever asks: as `by_no`."""
    task = await Task.get_or_none(id=task_id)
    return (task, await Case.get(id=task.case_id)) if task is not None else None


async def by_work(noun: str, row_id: int) -> Case | None:
    """Return the case of a task, check or verification, whoever asks: as `by_no`."""
    kinds = {"tasks": Task, "checks": Check, "verifications": Verification}
    held = await kinds[noun].filter(id=row_id).values_list("case_id") if noun in kinds else []
    return await Case.get_or_none(id=held[0][0]) if held else None


async def task_for(actor: Actor, task_id: int) -> tuple[Task, Case]:
    """Return a task that the actor's unit, or township, may see; raises NotFound."""
    task = await Task.get_or_none(id=task_id)
    if task is None:
        raise NotFound()
    case = await Case.get(id=task.case_id)
    if not sees_task(actor, case, task):
        raise NotFound()
    return task, case


async def call_made(actor: Actor, case: Case, key: UUID | None) -> Call:
    """Return the call that the actor made on a case: by its key, without one the last."""
    found = Call.filter(case_id=case.id, by_id=actor.id)
    return await (found.filter(key=key) if key else found).order_by("-id").limit(1).get()


async def call_for(actor: Actor, call_id: int) -> tuple[Call, Case, list[Task]]:
    """Return a call on a case that the actor may read, with its tasks; raises NotFound."""
    call = await Call.get_or_none(id=call_id)
    if call is None:
        raise NotFound()
    case = await Case.get(id=call.case_id)
    if not await may(actor, Permission.CASE_READ, case):
        raise NotFound()
    return call, case, await Task.filter(call_id=call.id).order_by("id").limit(100)


async def open_verifications(actor: Actor, *, limit: int) -> list[tuple[Verification, Case]]:
    """Return the verifications that the actor has to make, the most urgent first."""
    open_ones = Verification.filter(
        of_cases_apart(actor),
        assignee_id=actor.id,
        done_at__isnull=True,
        case__stage=Stage.VERIFYING.value,
    )
    rows = await open_ones.order_by("due_at").limit(limit)
    found = await Case.filter(id__in=[row.case_id for row in rows])
    by_id = {case.id: case for case in found}
    return [(row, by_id[row.case_id]) for row in rows]


async def open_checks(actor: Actor, *, limit: int) -> list[tuple[Check, Case]]:
    """Return the checks that the actor has to make, the most urgent first."""
    open_ones = Check.filter(
        of_cases_apart(actor),
        assignee_id=actor.id,
        done_at__isnull=True,
        case__stage=Stage.CHECKING.value,
    )
    rows = await open_ones.order_by("due_at").limit(limit)
    found = await Case.filter(id__in=[row.case_id for row in rows])
    by_id = {case.id: case for case in found}
    return [(row, by_id[row.case_id]) for row in rows]


async def may_see_photo(actor: Actor, photo: UUID, owner_id: int) -> bool:
    """Tell whether the actor may fetch a photo's display copy.

    One's own; any of a case that one works on or reported, and as staff also of those merged into
    it; of a case that one merely follows, those that are shown to followers.
    """
    if owner_id == actor.id:
        return True

    def held(reader: Reader) -> QuerySet[Attachment]:
        return Attachment.filter(photo_id=photo, purpose__in=sorted(photos_shown(reader)))

    own = held(Reader.REPORTER).values("case_id")
    if await any_meets(Q(id__in=Subquery(own)), working_on(actor)):
        return True
    staff = covered(actor, Permission.CASE_READ)
    if staff is not None:
        merged = [int(i) for (i,) in await held(reader(actor)).values_list("case_id")]
        if await any_meets(Q(id__in=await survivors(merged)), staff):
            return True
    mine = Follower.filter(of_cases_apart(actor), account_id=actor.id).values("case_id")
    return await held(Reader.FOLLOWER).filter(case_id__in=Subquery(mine)).exists()


async def only_follows(actor: Actor, case: Case) -> bool:
    """Tell whether the actor reads a case for no other reason than following it."""
    return not await any_meets(Q(id=case.id), working_on(actor))


def to_confirm(case: Case) -> tuple[PlaceChoice, ...]:
    """Return the grids between which somebody is asked to choose; none when nobody is."""
    return case.place.candidates if case.place.confirm else ()


def waiting(case: Case) -> list[WhyWaiting]:
    """Return why a case waits, code and sentence."""
    return [WhyWaiting(code, text(f"waits.{code}")) for code in case.waits_for]


async def closed(
    box: tuple[float, float, float, float] | None, *, limit: int, before_id: int | None
) -> list[Case]:
    """Return closed cases, the latest reported first, for everybody's eyes."""
    over = [Stage.CLOSED.value, Stage.ARCHIVED.value]
    found = Case.filter(stage__in=over, about_unit_id__isnull=True)
    if box is not None:
        west, south, east, north = box
        found = found.filter(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    return await found.order_by("-id").limit(limit)


def reader(actor: Actor) -> Reader:
    """Return as whom somebody reads a case that is read for work: as a unit, or as an office."""
    everywhere = Reach.EVERYWHERE in reaches(actor, Permission.CASE_READ)
    return Reader.STAFF if everywhere else Reader.UNIT


async def is_reporter(case: CaseRow, actor: Actor) -> bool:
    """Tell whether the case is the actor's own report, or was reported for the actor."""
    return await Follower.filter(case_id=case.id, account_id=actor.id, reporter=True).exists()


async def holds_photo(case: CaseRow, photo: UUID) -> bool:
    """Tell whether a photo is attached to a case or to one merged into it."""
    return await Attachment.filter(case_id__in=await family(case), photo_id=photo).exists()
