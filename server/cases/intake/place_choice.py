"""Which of the grids that a report may lie in it is: said by its reporter or a grid worker."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from tortoise.expressions import Q

from server.cases.door.access import covered
from server.cases.door.journal import Act
from server.cases.door.moving import Open, moving
from server.cases.door.placing import listing_of, write_entry, write_found
from server.cases.models.case import Case
from server.cases.reading import queries
from server.cases.rules.basis import Basis
from server.cases.rules.flow import EARLY, Stage, Verb
from server.errors import PlaceNotCandidate, PlaceSettled
from server.people.actor import Actor
from server.permissions import Permission
from server.places.boundaries import Boundaries
from server.texts.catalogue import text

#: Doubts that a confirmed place removes.
_REMOVED: Final = frozenset({"border", "place_uncertain", "datum_unknown"})
_LEVELS: Final = ("county", "township", "village", "grid")


async def unconfirmed(actor: Actor, *, limit: int) -> list[Case]:
    """Return the cases whose grid the actor is asked to confirm, the newest first."""
    condition = covered(actor, Permission.CASE_CONFIRM_PLACE)
    if condition is None:
        return []
    early = Q(stage__in=sorted(stage.value for stage in EARLY))
    asked = Q(place__contains={"confirm": True})
    return await queries.newest(condition, early, asked, limit=limit)


async def confirm_place(no: str, grid: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Put a case into the one of its candidate grids that somebody knows it to be in.

    The township changes only while no unit has the case. Raises NotFound, NotPermitted,
    WrongStage, PlaceNotCandidate, PlaceSettled.
    """
    # Before the transaction, for a generation no longer in force may have to be read. Who may see
    # the case is asked at the door.
    held = await Case.get_or_none(no=no)
    known = held.generation_id if held else None
    boundaries = await basis.places.generation(known) if known else None
    act = Act(verb=Verb.CONFIRM_PLACE, by=by, at=at)
    async with moving(no, act, basis) as opened:
        case = opened.case
        await _settle(opened, grid, boundaries, basis)
    return case


async def _settle(opened: Open, grid: str, boundaries: Boundaries | None, basis: Basis) -> None:
    case = opened.case
    candidates = queries.to_confirm(case)
    if boundaries is None or boundaries.generation_id != case.generation_id:
        raise PlaceSettled(no=case.no)
    if grid not in {each.code for each in candidates}:
        named = text("format.and").join(each.name for each in candidates)
        raise PlaceNotCandidate(candidates=named, codes=[each.code for each in candidates])
    before, township = codes_of(case), case.township_code
    found = boundaries.chain(grid)
    if (found.township.code if found.township else "") != township:
        if case.stage == Stage.DISPATCHED:
            raise PlaceSettled(no=case.no)
        await _change_township(case, found.township.code if found.township else "", basis)
    write_found(case, found, keeping=case.place)
    by_reporter = await queries.is_reporter(case, opened.entry.act.by)
    case.place = replace(
        case.place,
        certain=True,
        grid_certain=True,
        confirm=False,
        by="reporter" if by_reporter else "grid_worker",
    )
    if _REMOVED.intersection(case.waits_for):
        kept = [code for code in case.waits_for if code not in _REMOVED]
        case.waits_for = kept or ["place_confirmed"]
    opened.tell(**{"from": before, "to": codes_of(case), "said_by": case.place.by})


async def _change_township(case: Case, township: str, basis: Basis) -> None:
    """Ask the list again, as of the receipt: who leads may depend on the township."""
    if case.matter_code:
        case.township_code = township
        write_entry(case, await listing_of(case, basis))


def codes_of(case: Case) -> dict[str, Any]:
    """Return the generation and the codes of a case's place, as its history keeps them."""
    codes = (case.county_code, case.township_code, case.village_code, case.grid_code)
    return {"generation": case.generation_id} | dict(zip(_LEVELS, codes, strict=True))
