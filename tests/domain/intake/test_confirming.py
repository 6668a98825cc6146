"""Which grid it is, said by who reported it or by a grid worker it may concern; once, in time."""

from dataclasses import replace

import pytest

from server.cases.intake import place_choice, screening
from server.cases.models.case import Case, Step
from server.cases.models.report import Report
from server.cases.work import handling
from server.clock import now
from server.errors import (
    NotFound,
    NotPermitted,
    PlaceNotCandidate,
    PlaceSettled,
    WrongStage,
)
from server.permissions import Role
from tests.casework import Casework, everything, position
from tests.domain.acts.intake import between_grids, edge, others


async def confirm(work, case, grid, who="resident1"):
    by = await work.actor(who)
    await place_choice.confirm_place(case.no, grid, by=by, at=now(), basis=work.basis)
    return await Case.get(id=case.id)


async def test_a_report_between_grids_asks_which_it_is_and_one_in_the_middle_does_not(county):
    work = Casework(county)
    case = await between_grids(work)
    receipt = (await Report.get(case_id=case.id)).receipt
    assert receipt["place"]["confirm"] is True
    assert {each["code"] for each in receipt["place"]["candidates"]} >= {
        case.grid_code,
        others(case)[0],
    }
    middle = await work.report()
    receipt = (await Report.get(case_id=middle.id)).receipt
    assert (receipt["place"]["confirm"], receipt["place"]["candidates"]) == (False, [])
    with pytest.raises(PlaceSettled):
        await confirm(work, middle, middle.grid_code)


async def test_the_reporter_says_which_grid_and_the_history_keeps_both(county):
    work = Casework(county)
    case = await between_grids(work)
    assert case.stage == "dispatched"
    chosen = others(case)[0]
    told = await confirm(work, case, chosen)
    assert (told.grid_code, told.township_code) == (chosen, case.township_code)
    assert told.village_code == work.basis.places.at(now()).chain(chosen).village.code
    assert (told.place["confirm"], told.place["grid_certain"]) == (False, True)
    assert told.place["by"] == "reporter"
    assert (told.lead_id, told.due_at, told.stage_due_at) == (
        case.lead_id,
        case.due_at,
        case.stage_due_at,
    )
    step = await Step.get(case_id=case.id, version=told.version)
    assert (step.verb, step.facts["from"]["grid"], step.facts["to"]["grid"]) == (
        "confirm_place",
        case.grid_code,
        chosen,
    )
    with pytest.raises(PlaceSettled):
        await confirm(work, case, chosen)


async def grid_worker(work, county, code: str) -> str:
    """A grid worker who answers for a grid, made of an existing one if nobody does."""
    by = await work.actor("grid0202")
    held = tuple(replace(each, place_code=code) for each in by.held)
    work._actors[f"of {code}"] = replace(by, held=held)
    return f"of {code}"


async def test_a_grid_worker_of_a_candidate_sees_it_and_says_so_and_no_other_does(county):
    work = Casework(county)
    case = await between_grids(work)
    chosen = others(case)[0]
    mine = await grid_worker(work, county, chosen)
    assert Role.GRID_WORKER in (await work.actor(mine)).roles
    candidates = {each["code"] for each in case.place["candidates"]}
    far = next(
        row.code for row in work.basis.places.at(now()).rows("grid") if row.code not in candidates
    )
    stranger = await grid_worker(work, county, far)
    before = await everything()
    for who, problem in (
        (stranger, NotFound),
        ("resident2", NotFound),
        ("dispatcher1", NotPermitted),
        ("township02", NotFound if case.township_code[-2:] != "02" else NotPermitted),
    ):
        with pytest.raises((problem, NotPermitted)):
            await confirm(work, case, chosen, who)
    assert await everything() == before
    asked = await place_choice.unconfirmed(await work.actor(mine), limit=9)
    assert [each.no for each in asked] == [case.no]
    assert await place_choice.unconfirmed(await work.actor(stranger), limit=9) == []
    told = await confirm(work, case, chosen, mine)
    assert await place_choice.unconfirmed(await work.actor(mine), limit=9) == []
    assert (told.grid_code, told.place["by"]) == (chosen, "grid_worker")


async def test_only_a_candidate_is_taken_and_only_before_somebody_signed(county):
    work = Casework(county)
    case = await between_grids(work)
    far = next(
        row.code
        for row in work.basis.places.at(now()).rows("grid")
        if row.code not in {each["code"] for each in case.place["candidates"]}
    )
    with pytest.raises(PlaceNotCandidate) as refused:
        await confirm(work, case, far)
    assert set(refused.value.facts["codes"]) == {e["code"] for e in case.place["candidates"]}
    task, by = await work.lead(case)
    await handling.accept(task.id, by=by, at=now(), basis=work.basis)
    with pytest.raises(WrongStage):
        await confirm(work, case, others(case)[0])


async def test_before_the_dispatch_another_township_may_be_confirmed(county):
    work = Casework(county)
    case = await work.report(position=position(edge(work, same_township=False)))
    assert (case.stage, case.waits_for, case.place["confirm"]) == ("submitted", ["border"], True)
    boundaries = work.basis.places.at(now())
    chosen = next(
        code for code in others(case) if boundaries.chain(code).township.code != case.township_code
    )
    told = await confirm(work, case, chosen)
    assert told.township_code == boundaries.chain(chosen).township.code != case.township_code
    assert told.waits_for == ["place_confirmed"]
    assert (told.lead_id, told.stage) == (None, "submitted")
    assert told.explanation


async def test_a_dispatched_case_keeps_its_township(county):
    work = Casework(county)
    point = edge(work, same_township=False)
    case = await work.report(position=position(point))
    if case.stage != "dispatched":
        by = await work.actor("acceptor1")
        await screening.file(case.no, by=by, at=now(), basis=work.basis)
        case = await Case.get(id=case.id)
    boundaries = work.basis.places.at(now())
    chosen = next(
        code for code in others(case) if boundaries.chain(code).township.code != case.township_code
    )
    before = await everything()
    with pytest.raises(PlaceSettled):
        await confirm(work, case, chosen)
    assert await everything() == before
