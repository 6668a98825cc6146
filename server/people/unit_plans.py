"""A renaming or merger of units is proposed by one person, confirmed by another, taken back."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tortoise.transactions import in_transaction

from server.errors import (
    BadInput,
    NotFound,
    PlanConflict,
    PlanDecided,
    PlanFollowed,
    PlanTooOld,
    UnknownUnit,
)
from server.people import reorganising
from server.people.actor import Actor
from server.people.models import Unit, UnitChange, UnitPlan
from server.people.queries import one_regrouping_at_a_time
from server.people.units import has_unseen

#: So long a merger or renaming can be taken back, if neither unit was changed again since.
UNDONE_WITHIN: Final = timedelta(days=30)
#: A name of a unit holds two ideographs at least: neither "0" nor "no" is one.
_IS_NAME: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff].*[\u3400-\u4dbf\u4e00-\u9fff]")


class PlanStage(StrEnum):
    """Where a plan stands."""

    PROPOSED = "proposed"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """One plan; `was` is what the unit was called, `into_id` into which it is merged.

    `undoes_id` is the plan that this one takes back. `moved` are the ids of what went over.
    """

    id: int
    unit_id: int
    into_id: int | None
    name: str
    was: str
    document: str
    stage: PlanStage
    by_id: int
    at: datetime
    decided_by_id: int | None
    decided_at: datetime | None
    undoes_id: int | None
    moved: Mapping[str, list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlan:
    """What is to become of a unit: another name, or a part of another unit; by which document."""

    unit_id: int
    name: str = ""
    into_id: int | None = None
    document: str


async def propose(new: NewPlan, *, by: Actor, at: datetime) -> PlanView:
    """Propose a renaming or merger, which changes nothing yet.

    Raises UnknownUnit, NotMergeable, Duplicate for a name that is taken, BadInput for one that is
    none, and PlanDecided while another plan waits for the same unit.
    """
    async with in_transaction():
        unit = await Unit.filter(id=new.unit_id).select_for_update().get_or_none()
        into = await Unit.get_or_none(id=new.into_id) if new.into_id is not None else None
        if unit is None or (new.into_id is not None and into is None):
            raise UnknownUnit(name=str(new.unit_id if unit is None else new.into_id))
        if into is not None:
            reorganising.require_mergeable(unit, into)
        else:
            await _require_name(unit, new.name)
        await _require_none_waits(unit.id)
        made = await UnitPlan.create(
            unit_id=unit.id,
            into_id=new.into_id,
            name=new.name,
            was=unit.name,
            document=new.document,
            stage=PlanStage.PROPOSED.value,
            by_id=by.id,
            at=at,
        )
    return _view(made)


async def _require_name(unit: Unit, name: str) -> None:
    if not _IS_NAME.search(name) or has_unseen(name):
        raise BadInput([{"pointer": "/name", "reason": "value_error"}])
    await reorganising.require_nameable(unit, name)


async def _require_none_waits(unit_id: int) -> None:
    if await UnitPlan.filter(unit_id=unit_id, stage=PlanStage.PROPOSED.value).exists():
        raise PlanDecided(stage=PlanStage.PROPOSED.value)


async def propose_undoing(plan_id: int, *, by: Actor, at: datetime) -> PlanView:
    """Propose to take back what was done, by the document that ordered it; changes nothing yet.

    Raises NotFound, PlanDecided for what was not done and while another plan waits for the same
    unit, PlanTooOld after thirty days, PlanFollowed where one of the units was changed again
    since and that was not taken back.
    """
    async with in_transaction():
        done = await _locked(plan_id, PlanStage.DONE)
        if done.undoes_id is not None:  # what was taken back is proposed anew
            raise PlanDecided(stage=done.stage)
        await _require_last(done, at)
        await Unit.filter(id=done.unit_id).select_for_update().get()
        await _require_none_waits(done.unit_id)
        made = await UnitPlan.create(
            unit_id=done.unit_id,
            into_id=done.into_id,
            name=done.was,
            was=done.name or done.was,
            document=done.document,
            stage=PlanStage.PROPOSED.value,
            by_id=by.id,
            at=at,
            undoes_id=done.id,
        )
    return _view(made)


async def _require_last(done: UnitPlan, at: datetime) -> None:
    decided = done.decided_at or done.at
    if at > decided + UNDONE_WITHIN:
        raise PlanTooOld(days=UNDONE_WITHIN.days)
    units = {done.unit_id, done.into_id} - {None}
    # Whatever became of either since, also as the one into which a third was merged.
    plans = await UnitPlan.filter(decided_at__gt=decided)
    taken = {_change(plan) for plan in plans if plan.into_id in units}
    gone = _taken_back(plans)
    third = {unit_id for unit_id, _ in taken}
    for row in await UnitChange.filter(at__gt=decided, unit_id__in=units | third).order_by("-id"):
        change = (row.unit_id, row.at)
        if change not in gone and (row.unit_id in units or change in taken):
            raise PlanFollowed(was=row.was, now=row.now, document=row.document)


def _change(plan: UnitPlan) -> tuple[int, datetime | None]:
    return plan.unit_id, plan.decided_at


def _taken_back(plans: Collection[UnitPlan]) -> set[tuple[int, datetime | None]]:
    """Return the changes of plans that were undone, and of those that undid them."""
    undone = {plan.id: plan for plan in plans if plan.stage == PlanStage.UNDONE}
    undoing = [plan for plan in plans if plan.undoes_id in undone and plan.stage == PlanStage.DONE]
    return {_change(plan) for plan in (*undone.values(), *undoing)}


async def confirm(plan_id: int, *, by: Actor, at: datetime) -> PlanView:
    """Carry out what somebody else proposed.

    Raises NotFound, PlanDecided, PlanConflict for who proposed it, and what `merge` and `rename`
    refuse by now; of an undoing PlanTooOld and PlanFollowed as `propose_undoing`.
    """
    async with in_transaction():
        await one_regrouping_at_a_time()  # so that nothing follows between the look and the act
        plan = await _locked(plan_id, PlanStage.PROPOSED)
        if plan.by_id in by.persons:
            raise PlanConflict()
        await _carry_out(plan, by=by, at=at)
        return await _decided(plan, PlanStage.DONE, by, at)


async def _carry_out(plan: UnitPlan, *, by: Actor, at: datetime) -> None:
    unit_id, document, first = plan.unit_id, plan.document, plan.by_id
    if plan.undoes_id is not None:
        await _take_back(plan.undoes_id, first, by=by, at=at)
    elif plan.into_id is not None:
        plan.moved = await reorganising.merge(
            unit_id, plan.into_id, document, by=by, at=at, proposed_by=first
        )
    else:
        plan.moved = await reorganising.rename(
            unit_id, plan.name, document, by=by, at=at, proposed_by=first
        )


async def _take_back(plan_id: int, proposed_by: int, *, by: Actor, at: datetime) -> None:
    plan = await _locked(plan_id, PlanStage.DONE)
    await _require_last(plan, at)
    unit_id, document, moved = plan.unit_id, plan.document, plan.moved
    if plan.into_id is not None:
        await reorganising.part(unit_id, moved, document, by=by, at=at, proposed_by=proposed_by)
    else:
        await reorganising.call_back(
            unit_id, plan.was, moved, document, by=by, at=at, proposed_by=proposed_by
        )
    plan.stage = PlanStage.UNDONE.value  # who confirmed it, and when, stays said
    await plan.save(update_fields=["stage"])


async def withdraw(plan_id: int, *, by: Actor, at: datetime) -> PlanView:
    """Let go of what was proposed; raises NotFound, PlanDecided."""
    async with in_transaction():
        plan = await _locked(plan_id, PlanStage.PROPOSED)
        return await _decided(plan, PlanStage.WITHDRAWN, by, at)


async def plan(plan_id: int) -> PlanView:
    """Return a plan; raises NotFound."""
    found = await UnitPlan.get_or_none(id=plan_id)
    if found is None:
        raise NotFound()
    return _view(found)


async def plans(*, limit: int, before_id: int | None = None) -> list[PlanView]:
    """Return plans, the newest first, those before an id."""
    found = UnitPlan.all() if before_id is None else UnitPlan.filter(id__lt=before_id)
    return [_view(each) for each in await found.order_by("-id").limit(limit)]


async def undoings(plan_ids: Collection[int]) -> dict[int, PlanView]:
    """Return by plan the last that was proposed to take it back, of those where one was."""
    rows = await UnitPlan.filter(undoes_id__in=list(plan_ids)).order_by("id")
    return {row.undoes_id: _view(row) for row in rows if row.undoes_id is not None}


async def _locked(plan_id: int, wanted: PlanStage) -> UnitPlan:
    found = await UnitPlan.filter(id=plan_id).select_for_update().get_or_none()
    if found is None:
        raise NotFound()
    if found.stage != wanted:
        raise PlanDecided(stage=found.stage)
    return found


async def _decided(found: UnitPlan, stage: PlanStage, by: Actor, at: datetime) -> PlanView:
    found.stage, found.decided_by_id, found.decided_at = stage.value, by.id, at
    await found.save()
    return _view(found)


def _view(row: UnitPlan) -> PlanView:
    return PlanView(
        id=row.id,
        unit_id=row.unit_id,
        into_id=row.into_id,
        name=row.name,
        was=row.was,
        document=row.document,
        stage=PlanStage(row.stage),
        by_id=row.by_id,
        at=row.at,
        decided_by_id=row.decided_by_id,
        decided_at=row.decided_at,
        undoes_id=row.undoes_id,
        moved=row.moved,
    )
