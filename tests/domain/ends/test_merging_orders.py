"""Merged and taken apart in any order; and which cases may be the same."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server.cases.ends import closing
from server.cases.models.case import Case, Step
from server.cases.reading.similar import similar
from server.clock import now
from server.errors import (
    MergeSame,
    WrongStage,
)
from tests.casework import (
    ILLEGAL_BUILDING,
    PLACES,
    STAIRS_BLOCKED,
    WALL,
    Casework,
    position,
)
from tests.domain.acts.ends import MOVES, both, merge, reported, rows_about, unmerge


@pytest.mark.slow
@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
async def test_whatever_is_merged_and_taken_apart_in_whatever_order_comes_back_as_it_was(
    county, data
):
    work = Casework(county)
    cases = [
        await reported(work, "resident1", hours=9),
        await reported(work, "resident2", hours=2),
        await work.handling(await reported(work, "resident3", hours=20)),
        await work.submitted("resident1"),
        await reported(work, "resident2", hours=1, matter=STAIRS_BLOCKED),
    ]
    follower = await work.actor("resident3")
    await closing.follow(cases[1].no, by=follower, at=now())
    before = await rows_about(cases)
    dues = {case.id: case.due_at for case in cases}
    for together, n, m in data.draw(MOVES):
        await attempt(work, cases[n], cases[m] if together else None)
        await hold(cases, dues)
    for _ in cases:  # a survivor that is merged itself comes out first
        for case in cases:
            await attempt(work, case, None)
    assert await rows_about(cases) == before
    for case in cases:
        steps = await Step.filter(case_id=case.id).order_by("version")
        assert [step.version for step in steps] == list(range(1, len(steps) + 1))


async def test_a_deadline_goes_on_with_the_case_that_it_came_to(county):
    work = Casework(county)
    late = await reported(work, "resident1", hours=2)
    early = await work.handling(await reported(work, "resident3", hours=20))
    waiting = await work.submitted("resident2")
    await merge(work, early, waiting)
    await merge(work, waiting, late)
    assert (await Case.get(id=late.id)).due_at == early.due_at
    await unmerge(work, waiting)
    assert (await Case.get(id=late.id)).due_at == late.due_at


async def attempt(work, case, into):
    try:
        if into is None:
            await unmerge(work, case)
        else:
            await merge(work, case, into)
    except (MergeSame, WrongStage):
        pass


async def hold(cases, dues):
    """Each open case has the earliest deadline of those that were merged into it directly."""
    found = {case.id: case for case in await both(*cases)}
    for case in found.values():
        inside = [each for each in found.values() if each.merged_into_id == case.id]
        known = [due for due in (dues[case.id], *(each.due_at for each in inside)) if due]
        if case.stage != "merged":
            assert case.due_at == min(known, default=None)
            assert case.owner_role


async def test_candidates_are_near_in_place_time_and_matter_the_likeliest_first(county):
    work = Casework(county)
    lon, lat = WALL
    metre = 1 / 111_194.9
    case = await reported(work)
    near = await reported(work, position=position((lon, lat + 10 * metre)))
    nearer = await reported(work, position=position((lon, lat + 2 * metre)))
    domain = await reported(work, matter=ILLEGAL_BUILDING)
    unknown = await reported(work, matter="")
    await reported(work, position=position((lon, lat + 55 * metre)))
    await reported(work, position=position(PLACES["workshops"]))
    await reported(work, matter="SC-002")
    await reported(work, position=None)
    old = await reported(work)
    await Case.filter(id=old.id).update(received_at=now() - timedelta(days=16))
    over = await reported(work, "resident2")
    by = await work.actor("resident2")
    await closing.withdraw(over.no, "算了", by=by, at=now(), basis=work.basis)
    acceptor = await work.actor("acceptor1")
    found = await similar(case, by=acceptor, basis=work.basis, limit=10)
    assert [each.case.no for each in found] == [nearer.no, near.no, domain.no, unknown.no]
    assert [each.distance_m for each in found[:2]] == [2.0, 10.0]
    assert "相距 2 米" in found[0].why
    assert "事项相同" in found[0].why
    assert len(await similar(case, by=acceptor, basis=work.basis, limit=1)) == 1
    nowhere = await reported(work, position=None)
    assert await similar(nowhere, by=acceptor, basis=work.basis, limit=10) == []
