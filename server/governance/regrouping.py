"""What a renaming or merger of units would change, and who hears of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.transactions import in_transaction

from server.cases.ends.staff_told import let_go_in_words, tell_of_empty, tell_staff
from server.cases.reading.open_cases import given_since, in_hand
from server.cases.rules.basis import Basis
from server.cases.work import assigning
from server.errors import BadInput
from server.people import queries, reorganising, unit_plans
from server.people.actor import Actor
from server.people.duty import leaves
from server.people.unit_plans import NewPlan, PlanView
from server.people.units import UnitKind, UnitView, plain
from server.places.boundaries import Row
from server.texts.catalogue import text

_LEVELS: Final = ("township", "village", "grid")
#: So many numbers of cases are written into one message; it says how many there are in all.
_MOST_NOS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would follow, counted now: people and stations that move, work and matters.

    `task_nos` are the open cases in which there is work; `staying_nos` those that the successor
    was given since the merger, under whichever name, and which it keeps when that is taken back.
    """

    n_people: int
    n_stations: int
    n_cases: int
    task_nos: tuple[str, ...]
    n_entries: int
    staying_nos: tuple[str, ...] = ()


async def preview(plan: PlanView, *, at: datetime, basis: Basis) -> Preview:
    """Return what a unit has that would go over, go back to it, or bear another name."""
    if plan.undoes_id is not None and plan.into_id is not None:
        done = await unit_plans.plan(plan.undoes_id)
        back = await reorganising.n_would_return(plan.unit_id, plan.into_id, done.moved)
        n_people, n_stations, house = back.n_people, back.n_stations, back.unit_ids
        staying = await given_since(plan.into_id, done.decided_at or done.at)
    else:
        n_people = await queries.n_accounts(plan.unit_id)
        n_stations = len(basis.units.children(plan.unit_id))
        house, staying = basis.units.merged_in(plan.unit_id), ()
    held = await in_hand(house)
    named = [
        {entry.lead_id, *(each.unit_id for each in entry.cooperating)}
        for entry in basis.lists.at(at).entries()
    ]
    return Preview(
        n_people=n_people,
        n_stations=n_stations,
        n_cases=held.n_led,
        task_nos=held.task_nos,
        n_entries=sum(not each.isdisjoint(house) for each in named),
        staying_nos=staying,
    )


async def propose(new: NewPlan, *, by: Actor, at: datetime, basis: Basis) -> PlanView:
    """Propose a renaming or merger; raises what `unit_plans.propose` does.

    BadInput is raised for the name of a place as well, but for that of the place which the unit
    governs: a township renamed by its boundaries takes its unit along by a plan of its own.
    """
    if new.into_id is None:
        _require_no_place(new.unit_id, new.name, at=at, basis=basis)
    return await unit_plans.propose(new, by=by, at=at)


def _require_no_place(unit_id: int, name: str, *, at: datetime, basis: Basis) -> None:
    boundaries, unit = basis.places.at(at), basis.units.by_id.get(unit_id)
    if boundaries is None or unit is None:
        return
    called = [
        row
        for level in _LEVELS
        for row in boundaries.rows(level)
        if plain(row.name) == plain(name)
    ]
    if called and not any(_governs(unit, row) for row in called):
        raise BadInput([{"pointer": "/name", "reason": "value_error"}])


def _governs(unit: UnitView, place: Row) -> bool:
    """Tell whether a unit governs a place: a township its own, a village one of its township's."""
    governed = {UnitKind.TOWNSHIP: place.code, UnitKind.VILLAGE: place.parent_code}
    return bool(unit.township_code) and governed.get(unit.kind) == unit.township_code


async def confirm(plan_id: int, *, by: Actor, at: datetime, basis: Basis) -> PlanView:
    """Carry out a plan; the people of the units read at once what becomes of them.

    Raises what `unit_plans.confirm` does, and BadInput for the name of a place by now.
    """
    async with in_transaction():
        plan = await unit_plans.plan(plan_id)
        if plan.into_id is None and plan.undoes_id is None:
            _require_no_place(plan.unit_id, plan.name, at=at, basis=basis)
        held = await in_hand(basis.units.merged_in(plan.unit_id))
        before = await _people(plan)
        done = await unit_plans.confirm(plan_id, by=by, at=at)
        if plan.undoes_id is not None:
            await _tell_undone(done, at=at)
        else:
            await _tell_done(done, *before, _in_words(held.task_nos), at=at, basis=basis)
        await _let_go(done, at=at, basis=basis)
    return done


async def _tell_done(
    plan: PlanView, merged: list[int], into: list[int], what: str, *, at: datetime, basis: Basis
) -> None:
    if plan.into_id is None:
        await tell_staff(merged, "renamed", {"unit": plan.was, "what": plan.name}, at=at)
        return
    heir = basis.units.by_id[plan.into_id].name
    await tell_staff(into, "taken_over", {"unit": plan.was, "what": what}, at=at)
    await tell_staff(merged, "merged_into", {"unit": heir, "what": what}, at=at)


async def _tell_undone(plan: PlanView, *, at: datetime) -> None:
    units = await queries.units_index()
    parted, into = await _people(plan)
    if plan.into_id is None:
        await tell_staff(parted, "called_back", {"unit": plan.was, "what": plan.name}, at=at)
        return
    what = _in_words((await in_hand(units.merged_in(plan.unit_id))).task_nos)
    name, heir = units.by_id[plan.unit_id].name, units.by_id[plan.into_id].name
    await tell_staff(into, "parted", {"unit": name, "what": what}, at=at)
    await tell_staff(parted, "independent", {"unit": heir, "what": what}, at=at)


async def _people(plan: PlanView) -> tuple[list[int], list[int]]:
    """Return who works in the unit of a plan, and who in the one into which it is merged."""
    into = [plan.into_id] if plan.into_id is not None else []
    return await queries.members([plan.unit_id]), await queries.members(into)


async def _let_go(plan: PlanView, *, at: datetime, basis: Basis) -> None:
    """End leaves, and who handles what, where people have gone from one unit to another."""
    if plan.into_id is not None:
        units = [plan.unit_id, plan.into_id]
        await assigning.let_go_of(units, at=at, basis=basis)
        gone = await leaves.let_go_of(units, at=at)
        await tell_of_empty(await let_go_in_words(gone, at=at), at=at)


def _in_words(nos: tuple[str, ...]) -> str:
    """Return how many open tasks there are, and the first of their numbers."""
    listed = text("format.and").join(nos[:_MOST_NOS])
    return text("staff.taken_over", n=len(nos), nos=listed) if nos else ""
