"""Checking by somebody who did not handle it, closing by a third, and sending back."""

from datetime import timedelta

import pytest

from server.cases.dispatch import dispatching
from server.cases.ends import closing
from server.cases.models.case import Attachment, Case, Step
from server.cases.models.report import Report
from server.cases.models.task import Check
from server.cases.reading import queries
from server.cases.work import checking
from server.clock import now
from server.errors import (
    AlreadyDone,
    CaseNotReady,
    InterestedParty,
    NotFound,
    NotPermitted,
    ReasonMissing,
    UnknownPhoto,
    WrongStage,
)
from server.people.accounts import NewAccount, create_accounts
from server.people.actor import Held
from server.permissions import Role
from tests.casework import STAIRS_BLOCKED, WALL_HOLE, Casework, everything


async def close(work, case, who="acceptor1"):
    by = await work.actor(who)
    await closing.close(case.no, by=by, at=now(), basis=work.basis)
    return await Case.get(id=case.id)


async def rework(work, case, reason="没修好", who="acceptor1"):
    by = await work.actor(who)
    await checking.rework(case.no, reason, by=by, at=now(), basis=work.basis)
    return await Case.get(id=case.id)


async def test_a_grid_worker_of_the_place_checks_and_not_the_one_who_reported_it(county):
    work = Casework(county)
    case = await work.checking(await work.report("grid0202"))
    check = await Check.get(case_id=case.id)
    checker = await work.actor_by_id(check.assignee_id)
    boundaries = work.basis.places.at(now())
    townships = {boundaries.chain(grid).township.code for grid in checker.grid_codes}
    assert townships == {case.township_code}
    reporters = await Report.filter(case_id=case.id).values_list("reporter_id", flat=True)
    assert check.assignee_id not in reporters
    assert check.due_at == case.stage_due_at
    assert case.owner_role == "grid_worker"
    await county.deliver()
    assert [c.id for c, _ in await queries.open_checks(checker, limit=10)] == [check.id]


async def test_who_could_never_sign_in_is_handed_no_check(county):
    """Even where the grid's own worker reported it: no password was given to the others yet."""
    work = Casework(county)
    case = await work.report("grid0202")
    place = (await Case.get(id=case.id)).grid_code
    grid = Held(role=Role.GRID_WORKER, place_code=place)
    made = [NewAccount(name="新来的", username=f"new.{n}", held=(grid,)) for n in range(9)]
    newcomers = await create_accounts(made, at=now())
    case = await work.checking(case)
    check = await Check.get(case_id=case.id)
    assert check.assignee_id is not None
    assert check.assignee_id not in newcomers


async def test_what_a_township_handled_is_checked_by_another_townships_grid_worker(county):
    work = Casework(county)
    case = await work.checking(await work.report(matter=STAIRS_BLOCKED))
    check = await Check.get(case_id=case.id)
    checker = await work.actor_by_id(check.assignee_id)
    boundaries = work.basis.places.at(now())
    townships = {boundaries.chain(grid).township.code for grid in checker.grid_codes}
    assert case.township_code not in townships
    await work.check(case)
    assert (await close(work, case)).stage == "closed"


async def test_without_a_place_the_acceptor_checks_by_the_documents_and_another_closes(county):
    work = Casework(county)
    filed = await work.report(matter=WALL_HOLE, position=None)
    by = await work.actor("dispatcher1")
    choice = dispatching.Choice()
    await dispatching.dispatch(filed.no, choice, by=by, at=now(), basis=work.basis)
    case = await work.checking(await Case.get(id=filed.id))
    check = await Check.get(case_id=case.id)
    assert (check.assignee_id, case.owner_role) == (None, "acceptor")
    await work.check(case)  # by acceptor2
    before = await everything()
    with pytest.raises(InterestedParty):
        await close(work, case, "acceptor2")
    assert await everything() == before
    assert (await close(work, case)).stage == "closed"


async def test_nobody_checks_in_anothers_place(county):
    work = Casework(county)
    case = await work.checking()
    check = await Check.get(case_id=case.id)
    others = {f"grid02{n:02}" for n in range(1, 5)}
    mine = (await work.actor_by_id(check.assignee_id)).name
    before = await everything()
    for who in (*others, "resident1", "handler_D08", "leader1", "dispatcher1"):
        by = await work.actor(who)
        if by.name == mine:
            continue
        with pytest.raises(NotFound):
            await checking.check(check.id, passed=True, note="", by=by, at=now(), basis=work.basis)
    by = await work.actor_by_id(check.assignee_id)
    with pytest.raises(NotFound):
        await checking.check(10**9, passed=True, note="", by=by, at=now(), basis=work.basis)
    assert await everything() == before


async def test_who_handled_it_neither_checks_nor_closes_it(county):
    work = Casework(county)
    case = await work.checking()
    check = await Check.get(case_id=case.id)
    acceptor = await work.actor("acceptor1")
    await Case.filter(id=case.id).update(handled_by_id=acceptor.id)
    before = await everything()
    with pytest.raises(NotPermitted):  # by documents only where nobody looked in time
        await checking.check(
            check.id, passed=True, note="", by=acceptor, at=now(), basis=work.basis
        )
    with pytest.raises(InterestedParty):
        await checking.check(
            check.id, passed=True, note="", by=acceptor, at=check.due_at, basis=work.basis
        )
    assert await everything() == before
    await work.check(case)
    for act in (close, rework):
        before = await everything()
        with pytest.raises(InterestedParty):
            await act(work, case)
        assert await everything() == before


async def test_a_check_is_made_once_with_photos_of_ones_own(county):
    work = Casework(county)
    case = await work.checking()
    check = await Check.get(case_id=case.id)
    by = await work.actor_by_id(check.assignee_id)
    theirs = await work.photo("resident2")
    with pytest.raises(UnknownPhoto):
        await checking.check(
            check.id, passed=True, note="", photos=(theirs,), by=by, at=now(), basis=work.basis
        )
    await work.check(case)
    case = await Case.get(id=case.id)
    assert (case.stage, case.owner_role) == ("checking", "acceptor")
    with pytest.raises(AlreadyDone):
        await checking.check(check.id, passed=False, note="", by=by, at=now(), basis=work.basis)
    assert await queries.open_checks(by, limit=10) == []
    assert await Attachment.filter(case_id=case.id, purpose="check").count() == 0


async def test_a_case_closes_only_after_a_check_that_passed(county):
    work = Casework(county)
    case = await work.checking()
    before = await everything()
    with pytest.raises(CaseNotReady) as refused:
        await close(work, case)
    assert refused.value.facts["missing"] == "check"
    assert await everything() == before
    await work.check(case, passed=False)
    with pytest.raises(CaseNotReady) as refused:
        await close(work, case)
    assert refused.value.facts["missing"] == "check_passed"
    for who in ("leader1", "dispatcher1", "township02", "handler_D08"):
        with pytest.raises(NotPermitted):
            await close(work, case, who)
    with pytest.raises(NotFound):
        await close(work, case, "handler_D01")


async def test_sent_back_the_same_lead_goes_on_with_half_the_time_and_a_new_check_follows(county):
    work = Casework(county)
    case = await work.checking()
    lead_id = case.lead_id
    first = await work.check(case, passed=False)
    with pytest.raises(ReasonMissing):
        await rework(work, case, reason="")
    case = await rework(work, case)
    assert (case.stage, case.cycle, case.lead_id) == ("handling", 2, lead_id)
    step = await Step.get(case_id=case.id, verb="rework")
    assert step.reason == "没修好"
    assert case.due_at - step.at == timedelta(days=1)
    assert case.stage_due_at == case.due_at
    [lead] = await work.tasks(case, "lead")
    assert (lead.stage, lead.due_at) == ("accepted", case.due_at)
    case = await work.resolve(case)
    second = await work.check(case)
    assert (first.cycle, first.passed, second.cycle, second.passed) == (1, False, 2, True)
    assert (await close(work, case)).stage == "closed"


async def test_a_check_that_rework_overtook_is_asked_of_nobody(county):
    work = Casework(county)
    case = await work.checking()
    check = await Check.get(case_id=case.id)
    by = await work.actor_by_id(check.assignee_id)
    case = await rework(work, case)
    assert await queries.open_checks(by, limit=10) == []
    with pytest.raises(WrongStage) as refused:
        await checking.check(check.id, passed=True, note="", by=by, at=now(), basis=work.basis)
    assert "返工" in refused.value.facts["happened"]


async def test_the_clock_looks_at_the_lead_s_task_again_after_a_rework(county):
    work = Casework(county)
    case = await work.checking()
    await work.check(case, passed=False)
    by = await work.actor("acceptor1")
    await checking.rework(case.no, "返工", by=by, at=now(), basis=work.basis)
    task, _ = await work.lead(case)
    assert task.wake_at == task.due_at


async def test_a_check_sent_again_by_the_same_person_is_told_from_one_that_is_over(county):
    work = Casework(county)
    case = await work.checking()
    await work.check(case)
    check = await Check.get(case_id=case.id)
    by = await work.actor_by_id(check.assignee_id)
    await close(work, case)  # it has gone on meanwhile
    before = await everything()
    with pytest.raises(AlreadyDone):
        await checking.check(
            check.id, passed=True, note="又发一次", by=by, at=now(), basis=work.basis
        )
    assert await everything() == before
