"""Open cases keep their boundaries until a person moves them; lead, limits and clocks stay."""

import json

import pytest

from gridwhistle.demo.geography import features
from server.cases.intake import screening
from server.cases.models.case import Case, Step
from server.clock import now
from server.errors import (
    BadInput,
    CaseNotReady,
    NotFound,
    NotPermitted,
    ReasonMissing,
    WrongStage,
)
from server.governance.boundaries.rebinding import rebind, rebindings
from server.push.models import Message
from tests.casework import PLACES, Casework, everything, position
from tests.domain.acts.governance import publish
from tests.domain.acts.places import swapped_grids

KEPT = [
    "stage",
    "lead_id",
    "due_at",
    "due_why",
    "stage_due_at",
    "owner_role",
    "urgency",
    "limit",
    "dispatched_at",
    "accepted_at",
    "lon",
    "lat",
    "matter_code",
    "entry_id",
    "waits_for",
    "explanation",
]


async def listed(work, **more):
    more = {"after_id": 0, "limit": 10} | more
    by = await work.actor(more.pop("who", "dispatcher1"))
    return await rebindings(by=by, at=now(), basis=work.basis, **more)


async def move(work, case, reason="边界调整", who="dispatcher1", **more):
    by = await work.actor(who)
    await rebind(case.no, reason, by=by, at=now(), basis=work.basis, **more)
    return await Case.get(id=case.id)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["submitted", "filed", "dispatched", "handling", "checking"])
async def test_a_case_moves_only_by_a_person_and_keeps_lead_limits_and_clocks(county, stage):
    work = Casework(county)
    case = await work.at(stage)
    assert (await listed(work)).items == ()
    made, other = swapped_grids(json.loads(json.dumps(features())), case.grid_code)
    after = await publish(county, made)
    held = await Case.get(id=case.id)
    assert (held.generation_id, held.grid_code) == (case.generation_id, case.grid_code)
    [found] = (await listed(work)).items
    assert (found.case.no, found.case.code) == (case.no, case.grid_code)
    assert (found.place.grid.code, found.codes[3]) == (other, other)
    moved = await move(work, case)
    assert (moved.generation_id, moved.grid_code) == (after, other)
    assert moved.place.grid == found.place.grid.name
    assert moved.version == case.version + 1
    assert {name: getattr(moved, name) for name in KEPT} == {
        name: getattr(case, name) for name in KEPT
    }
    step = await Step.get(case_id=case.id, version=moved.version)
    assert (step.verb, step.reason, step.source, step.target) == (
        "rebind",
        "边界调整",
        stage,
        stage,
    )
    assert (step.facts["from"]["grid"], step.facts["to"]["grid"]) == (case.grid_code, other)
    assert (step.facts["from"]["generation"], step.facts["to"]["generation"]) == (
        case.generation_id,
        after,
    )
    assert (await listed(work)).items == ()


@pytest.mark.slow
async def test_the_units_hear_of_it_and_the_reporter_does_not(county):
    work = Casework(county)
    case = await work.handling()
    made, _ = swapped_grids(json.loads(json.dumps(features())), case.grid_code)
    await publish(county, made)
    await move(work, case)
    await county.deliver()
    _, lead = await work.lead(case)
    said = await Message.filter(kind="case.rebind").values_list("account_id", "text")
    assert lead.id in {account for account, _ in said}
    assert (await work.actor("resident1")).id not in {account for account, _ in said}
    assert all("边界调整" in words and case.no in words for _, words in said)


@pytest.mark.slow
async def test_who_may_not_or_gives_no_reason_or_comes_too_late_changes_nothing(county):
    work = Casework(county)
    case, closed = await work.handling(), await work.closed()
    made, _ = swapped_grids(json.loads(json.dumps(features())), case.grid_code)
    await publish(county, made)
    assert [item.case.no for item in (await listed(work)).items] == [case.no]
    before = await everything()
    for of, more, problem in (
        (case, {"who": "township02"}, NotPermitted),
        (case, {"who": "acceptor1"}, NotPermitted),
        (case, {"who": "resident1"}, NotPermitted),
        (case, {"who": "resident2"}, NotFound),
        (case, {"reason": "  "}, ReasonMissing),
        (case, {"place": "nowhere"}, BadInput),
        (closed, {}, WrongStage),
    ):
        with pytest.raises(problem):
            await move(work, of, **more)
    assert await everything() == before


@pytest.mark.slow
async def test_a_place_that_a_person_named_is_kept_by_its_code_or_named_anew(county):
    work = Casework(county)
    case = await work.report(position=None, matter="")
    rows = work.basis.places.at(now()).rows("grid")
    by = await work.actor("acceptor1")
    await screening.file(
        case.no,
        matter=await work.off_list(),
        place=rows[0].code,
        by=by,
        at=now(),
        basis=work.basis,
    )
    made = json.loads(json.dumps(features()))
    next(f for f in made["features"] if f["properties"]["code"] == rows[0].code)["properties"][
        "code"
    ] = "G-NEW"
    await publish(county, made)
    [found] = (await listed(work)).items
    assert (found.place, found.codes) == (None, ("", "", "", ""))
    with pytest.raises(CaseNotReady):
        await move(work, case)
    moved = await move(work, case, place="G-NEW")
    assert (moved.grid_code, moved.place.by) == ("G-NEW", "person")
    assert (await listed(work)).items == ()


@pytest.mark.slow
async def test_the_list_goes_on_where_its_part_ended(county):
    work = Casework(county)
    cases = [await work.report() for _ in range(3)]
    await work.report(position=position(PLACES["outside"]))
    made, _ = swapped_grids(json.loads(json.dumps(features())), cases[0].grid_code)
    await publish(county, made)
    first = await listed(work, limit=2)
    rest = await listed(work, limit=2, after_id=first.after_id)
    assert [i.case.no for i in (*first.items, *rest.items)] == [each.no for each in cases]
    assert rest.after_id is None
