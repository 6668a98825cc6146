"""The record of a unit's diligence in a case (容错): each duty, and what shows that it was done.

Nobody but the unit can say how it met a duty that the list words; what it says stays as it was
said, and a correction is said after it.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.cases.disputes import queries as disputes
from server.cases.door.access import may_for_unit
from server.cases.reading import queries, watch_list
from server.cases.reading.reporters import reporters_names
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Stage, Verb
from server.cases.rules.masking import masked
from server.cases.rules.shown import REPORTER, shown
from server.cases.rules.views import CaseRow, PhotoRow, StepRow, TaskRow
from server.errors import BadInput, NotFound, NotPermitted, ShownTooOften, UnknownUnit
from server.governance.diligence import owed
from server.governance.diligence.duties import Duty, duties_of
from server.governance.diligence.owed import Past
from server.governance.models.diligence import ShownDuty
from server.people.actor import Actor
from server.people.units import UnitView
from server.permissions import Permission, acts_in_person
from server.responsibility.list import queries as lists
from server.responsibility.list.fields import EntryView

_MOST_STEPS: Final = 1000
_MOST_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A line of the history: what was done when, by which unit in which role, in which words.

    Of what a reporter did neither unit nor words.
    """

    version: int
    verb: str
    at: datetime
    unit_id: int | None
    by_role: str
    words: str
    photos: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a unit says of how it met a duty, with the lines and photos that it points at."""

    note: str
    at: datetime
    by_role: str
    steps: tuple[int, ...]
    photos: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDuty:
    """A duty in the list's words; open until its unit has shown how it met it."""

    duty: Duty
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A unit's duties in a case as of an instant; `entry` is None where no list was cited.

    `evidence` holds the case's history by version.
    """

    case: CaseRow
    unit: UnitView
    at: datetime
    entry: EntryView | None
    named: tuple[ListDuty, ...]
    procedure: tuple[owed.Duty, ...]
    evidence: Mapping[int, Evidence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """Which duty was met (by its number), how, and which steps and photos of the case show it."""

    number: int
    note: str
    steps: tuple[int, ...] = ()
    photos: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A unit's part in a case, opened by somebody who may."""

    case: CaseRow
    unit: UnitView
    tasks: Sequence[TaskRow]
    entry: EntryView | None
    named: tuple[Duty, ...]


async def record(no: str, unit: str, *, by: Actor, at: datetime, basis: Basis) -> Record:
    """Return the record of a unit (by name or code) that has or had a task in a case.

    The duties are those of the entry that the case cites. Raises NotFound, UnknownUnit,
    NotPermitted for another unit's part.
    """
    part = await _part(no, unit, Permission.DILIGENCE_READ, by=by, basis=basis)
    case, own = part.case, part.unit.id
    steps = await queries.steps(case, limit=_MOST_STEPS)
    photos = await queries.attachments([case.id])
    past = Past(
        tasks=[task for task in part.tasks if task.unit_id == own],
        helpers=[task for task in part.tasks if task.unit_id != own and task.part != "lead"],
        returns=[each for each in await disputes.returns_of(case) if each.unit_id == own],
        instructions=[
            each for each in await watch_list.instructions_on(case) if each.unit_id == own
        ],
        steps=steps,
        photos=photos,
        suspended=case.stage == Stage.SUSPENDED,
    )
    hidden = await reporters_names(case)
    shown = await _shown(part, hidden)
    return Record(
        case=case,
        unit=part.unit,
        at=at,
        entry=part.entry,
        named=tuple(
            ListDuty(duty=duty, shown=tuple(shown.get(duty.number, ()))) for duty in part.named
        ),
        procedure=owed.duties(past, at=at),
        evidence={step.version: _evidence(step, photos, hidden) for step in steps},
    )


async def show_duty(
    no: str, unit: str, showing: Showing, *, by: Actor, at: datetime, basis: Basis
) -> None:
    """Tie evidence to a duty of the list as somebody of its unit (尽职举证), at any time.

    Raises NotFound, UnknownUnit, NotPermitted for another unit's part, BadInput for a duty, step
    or photo that is none of this case's, ShownTooOften.
    """
    part = await _part(no, unit, Permission.DILIGENCE_SHOW_DUTY, by=by, basis=basis)
    duty = await _fitting(part, showing)
    held = ShownDuty.filter(case_id=part.case.id, unit_id=part.unit.id)
    if await held.count() >= _MOST_SHOWN:
        raise ShownTooOften(most=_MOST_SHOWN)
    await ShownDuty.create(
        case_id=part.case.id,
        unit_id=part.unit.id,
        entry_id=part.case.explanation.entry_id,
        number=duty.number,
        duty=duty.text,
        note=showing.note,
        steps=sorted(set(showing.steps)),
        photos=list(dict.fromkeys(map(str, showing.photos))),
        by_id=by.id,
        by_role=by.role_granting({Permission.DILIGENCE_SHOW_DUTY}) or "",
        at=at,
    )


async def _part(
    no: str, written: str, permission: Permission, *, by: Actor, basis: Basis
) -> _Part:
    case = await queries.case_for(by, no)
    named = basis.units.named(written)
    if named is None:
        raise UnknownUnit(name=written)
    if not await may_for_unit(by, permission, case, named.id):
        raise NotPermitted(permission=permission.value)
    tasks = await queries.tasks_of(case)
    unit = basis.units.among(written, {task.unit_id for task in tasks})
    if unit is None:
        raise NotFound(no=no)
    cited = case.explanation.entry_id
    entry = await lists.entry(cited) if cited else None
    township = case.explanation.township_code
    duties = duties_of(entry, unit, township) if entry else ()
    return _Part(case=case, unit=unit, tasks=tasks, entry=entry, named=duties)


async def _fitting(part: _Part, showing: Showing) -> Duty:
    """Return the duty that is shown; refuse with BadInput what does not belong to this case."""
    known = {step.version for step in await queries.steps(part.case, limit=_MOST_STEPS)}
    held = {each.photo_id for each in await queries.attachments([part.case.id])}
    found = [duty for duty in part.named if duty.number == showing.number]
    wrong = [] if found else ["/duty"]
    wrong += [f"/steps/{n}" for n, each in enumerate(showing.steps) if each not in known]
    wrong += [f"/photos/{n}" for n, each in enumerate(showing.photos) if each not in held]
    if wrong:
        raise BadInput([{"pointer": pointer, "reason": "not_of_case"} for pointer in wrong])
    return found[0]


async def _shown(part: _Part, hidden: Set[str]) -> dict[int, list[Shown]]:
    """Return what was shown of each duty of the cited entry, by its number, earliest first."""
    if part.entry is None:
        return {}
    rows = ShownDuty.filter(
        case_id=part.case.id, unit_id=part.unit.id, entry_id=part.entry.id
    ).order_by("id")
    found = dict[int, list[Shown]]()
    for row in await rows.limit(_MOST_SHOWN):
        shown = Shown(
            note=masked(row.note, hidden),
            at=row.at,
            by_role=row.by_role,
            steps=tuple(row.steps),
            photos=tuple(row.photos),
        )
        found.setdefault(row.number, []).append(shown)
    return found


def _evidence(step: StepRow, photos: Sequence[PhotoRow], hidden: Set[str]) -> Evidence:
    # That it was done is evidence, by whom is not to be read here.
    by_person = step.by_role == REPORTER or acts_in_person(step.by_role)
    of_reporter = step.verb == Verb.APPRAISE or by_person
    reason = "" if shown(step.verb).coded else step.reason
    return Evidence(
        version=step.version,
        verb=step.verb,
        at=step.at,
        unit_id=None if of_reporter else step.unit_id,
        by_role=step.by_role,
        words="" if of_reporter else masked(step.note or reason, hidden),
        photos=tuple(str(each.photo_id) for each in photos if each.step_version == step.version),
    )
