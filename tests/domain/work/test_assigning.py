"""A unit gives a task to one of its persons: who may, to whom, who hears of it, when it ends."""

from datetime import timedelta

import pytest

from server.cases.door.access import allowed_on_task
from server.cases.ends import closing, leaving, staffing
from server.cases.models.case import Case, Step
from server.cases.models.task import Task
from server.cases.rules.flow import Verb
from server.cases.rules.shown import Reader
from server.cases.work import assigning, checking, handling
from server.clock import now
from server.errors import (
    AlreadyDone,
    AssignsOthers,
    NotFound,
    NotPermitted,
    UnfitAssignee,
    WrongTaskStage,
)
from server.governance import regrouping
from server.people import unit_plans
from server.people.accounts import Change
from server.people.actor import SYSTEM, Held
from server.people.actors import actor_for
from server.people.duty.leaves import NewLeave
from server.people.models import Account
from server.people.queries import account, account_id_of, workers
from server.people.unit_plans import NewPlan
from server.people.units import UnitKind
from server.permissions import Role
from server.push.models import Message
from server.shared_api.timeline import timeline
from tests.casework import STAIRS_BLOCKED, everything
from tests.domain.acts.disputes import give_back
from tests.domain.acts.people import colleague
from tests.domain.acts.work import SMALL_ADS, refused, sent_back, settle, worker_of


async def give(work, task, person, who="head_D08"):
    by = await work.actor(who) if isinstance(who, str) else who
    await assigning.assign(task.id, person, by=by, at=now(), basis=work.basis)
    return await Task.get(id=task.id)


async def told(county, case) -> dict[int, list[str]]:
    """What each person was told of assignments in a case, by what it is about."""
    await county.deliver()
    found = dict[int, list[str]]()
    for each in await Message.filter(no=case.no, kind__endswith=".assign").order_by("seq"):
        found.setdefault(each.account_id, []).append(f"{each.kind} {each.text}")
    return found


async def test_the_head_gives_a_task_to_somebody_who_hears_once_and_the_one_before_too(
    county, work
):
    case = await work.handling()
    task, handler = await work.lead(case)
    other = await colleague(county)
    assert (await give(work, task, handler.id)).assignee_id == handler.id
    [[first]] = (await told(county, case)).values()
    assert first.startswith("work.assign ")
    assert "由您经办" in first
    assert case.no in first
    assert (await give(work, task, other)).assignee_id == other
    heard = await told(county, case)
    assert heard.keys() == {handler.id, other}
    assert heard[handler.id][0] == first
    assert "不再由您经办，改由第二经办经办" in heard[handler.id][1]
    assert [each.split()[0] for each in heard[other]] == ["work.assign"]
    head = await work.actor("head_D08")
    for by in (handler, head, await actor_for(other)):  # nobody is shut out
        assert Verb.RESOLVE in allowed_on_task(by, case, await Task.get(id=task.id), work.basis)


async def test_whose_it_is_already_hears_nothing_again_and_nothing_is_written(county, work):
    case = await work.handling()
    task, handler = await work.lead(case)
    await give(work, task, handler.id)
    await told(county, case)
    await refused(AlreadyDone, give(work, task, handler.id))
    assert [len(each) for each in (await told(county, case)).values()] == [1]


async def test_it_is_taken_back_and_only_who_had_it_hears(county, work):
    case = await work.report()
    task, handler = await work.lead(case)
    await refused(AlreadyDone, give(work, task, None))
    await give(work, task, handler.id)
    assert (await give(work, task, None)).assignee_id is None
    heard = await told(county, case)
    assert heard.keys() == {handler.id}
    assert heard[handler.id][1].endswith("不再由您经办。")


async def test_who_works_there_takes_a_task_on_and_gives_it_up_and_disposes_of_nobody_else(
    county, work
):
    case = await work.report()
    task, handler = await work.lead(case)
    other = await colleague(county)
    by_other = await actor_for(other)
    assert (await give(work, task, handler.id, handler)).assignee_id == handler.id
    await refused(AssignsOthers, give(work, task, other, handler))
    await refused(AssignsOthers, give(work, task, None, by_other))
    assert (await give(work, task, other, by_other)).assignee_id == other
    assert (await give(work, task, None, by_other)).assignee_id is None
    heard = await told(county, case)  # who acts is told nothing
    assert heard.keys() == {handler.id}
    assert [each.split()[0] for each in heard[handler.id]] == ["attention.assign"]


async def test_whom_one_may_choose_is_whom_it_may_be_given_to(county, work):
    case = await work.report()
    task, handler = await work.lead(case)
    other = await colleague(county)
    head = await work.actor("head_D08")
    offered = await assigning.persons(task.id, by=head, basis=work.basis)
    assert {each.id for each in offered} == {handler.id, other, head.id}
    for each in offered:
        assert (await give(work, task, each.id)).assignee_id == each.id
    mine = await assigning.persons(task.id, by=handler, basis=work.basis)
    assert [(each.id, each.name) for each in mine] == [(handler.id, handler.name)]
    for who, problem in (("leader1", NotPermitted), ("handler_D01", NotFound)):
        with pytest.raises(problem):
            await assigning.persons(task.id, by=await work.actor(who), basis=work.basis)


async def test_nobody_is_given_a_task_who_does_not_work_for_its_unit_with_an_open_account(
    county, work
):
    task, _ = await work.lead(await work.report())
    for who in ("handler_D01", "resident1", "leader1", "grid0202", "township02"):
        await refused(UnfitAssignee, give(work, task, (await work.actor(who)).id))
    await refused(UnfitAssignee, give(work, task, 10**8))
    looks_on = await colleague(county, role=Role.AUDITOR)
    await refused(UnfitAssignee, give(work, task, looks_on))
    closed = (await work.actor("handler_D08")).id
    await Account.filter(id=closed).update(active=False)
    await refused(UnfitAssignee, give(work, task, closed))


async def test_it_is_given_by_its_own_unit_alone_and_while_it_is_open(work):
    case = await work.report()
    task, handler = await work.lead(case)
    before = await everything()
    for who, problem in (
        ("handler_D01", NotFound),
        ("resident1", NotFound),
        ("dispatcher1", NotPermitted),
        ("leader1", NotPermitted),
        ("township02", NotPermitted),
    ):
        with pytest.raises(problem):
            await give(work, task, handler.id, who)
    assert await everything() == before
    case = await work.checking(case)
    await refused(WrongTaskStage, give(work, task, handler.id))


async def test_a_townships_room_gives_its_own_task(work):
    case = await work.report(matter=STAIRS_BLOCKED)
    task, by = await work.lead(case)
    assert work.basis.units.by_id[task.unit_id].kind is UnitKind.TOWNSHIP
    duty = await work.actor("duty02")
    assert (await give(work, task, duty.id, by)).assignee_id == duty.id


async def test_the_people_of_a_department_may_be_given_what_its_station_has(work):
    units = work.basis.units
    station = next(each for each in units.all() if each.kind is UnitKind.STATION)
    above = units.by_id[station.parent_id]
    task, _ = await work.lead(await work.report())
    await Task.filter(id=task.id).update(unit_id=station.id)
    head, handler = (
        await work.actor(f"head_{above.code}"),
        await work.actor(f"handler_{above.code}"),
    )
    assert handler.id in {each.id for each in await workers(station.id)}
    assert (await give(work, task, handler.id, head)).assignee_id == handler.id
    await Task.filter(id=task.id).update(unit_id=above.id, assignee_id=None)
    below = await colleague(work.county, f"handler_{above.code}")
    await Account.filter(id=below).update(unit_id=station.id)
    await refused(UnfitAssignee, give(work, task, below, head))  # who could not open it


async def test_who_stands_in_for_somebody_on_leave_hears_what_that_one_is_given(county, work):
    case = await work.report()
    task, handler = await work.lead(case)
    other = await colleague(county)
    new = NewLeave(account_id=handler.id, substitute_id=other, until=now() + timedelta(days=1))
    await leaving.enter(new, by=SYSTEM, at=now(), basis=work.basis)
    await give(work, task, handler.id)
    heard = await told(county, case)
    assert heard.keys() == {handler.id, other}
    assert [len(each) for each in heard.values()] == [1, 1]


async def test_the_history_says_to_whom_and_to_units_alone(work):
    case = await work.report()
    task, handler = await work.lead(case)
    await give(work, task, handler.id)
    await give(work, task, None)
    case = await Case.get(id=case.id)

    async def said(reader):
        rows = await timeline(case, work.basis, frozenset(), reader=reader)
        return [each.note for each in rows if each.verb is Verb.ASSIGN]

    assert await said(Reader.STAFF) == await said(Reader.UNIT) == [handler.name, "不再指定经办人"]
    assert await said(Reader.REPORTER) == await said(Reader.FOLLOWER) == []


@pytest.mark.parametrize("how", ["closed", "moved", "other roles"])
async def test_what_somebody_had_who_goes_is_nobodys_and_the_unit_hears(county, work, how):
    case = await work.handling()
    task, handler = await work.lead(case)
    head = await work.actor("head_D08")
    await give(work, task, handler.id)
    admin, at = await work.actor("admin1"), now()
    if how == "closed":
        done = await staffing.close_account(handler.id, by=admin, at=at, basis=work.basis)
    else:
        change = (
            Change(moves=True, unit_id=(await work.actor("handler_D01")).unit_id)
            if how == "moved"
            else Change(held=(Held(role=Role.LIST_KEEPER),))
        )
        done = await staffing.change_account(handler.id, change, by=admin, at=at, basis=work.basis)
    assert done.n_unassigned == 1
    assert "1 件经办的任务不再有经办人" in staffing.said(done)
    assert (await Task.get(id=task.id)).assignee_id is None
    last = await Step.filter(case_id=case.id).order_by("-version").first()
    assert (last.verb, last.by_id, last.note) == ("assign", None, "不再指定经办人")
    name = (await account(handler.id)).name
    [word] = (await told(county, case))[head.id]
    assert f"经办人{name}不再办理" in word


async def test_what_one_keeps_the_right_to_do_one_keeps(work):
    task, handler = await work.lead(await work.handling())
    await give(work, task, handler.id)
    more = Change(held=(Held(role=Role.HANDLER), Held(role=Role.UNIT_HEAD)))
    admin = await work.actor("admin1")
    done = await staffing.change_account(handler.id, more, by=admin, at=now(), basis=work.basis)
    assert (done.n_unassigned, (await Task.get(id=task.id)).assignee_id) == (0, handler.id)


async def test_of_a_paused_case_it_is_told_to_nobody_twice_and_its_clock_stands(work):
    case = await work.suspended()
    task, handler = await work.lead(case)
    assert task.wake_at is None
    given = await give(work, task, handler.id)
    assert (given.assignee_id, given.wake_at) == (handler.id, None)


async def test_a_return_ends_it_and_the_next_unit_names_its_own(work):
    case = await work.report()
    task, handler = await work.lead(case)
    await give(work, task, handler.id)
    await give_back(work, task)
    assert (await Task.get(id=task.id)).assignee_id is None


async def test_what_is_done_says_still_who_had_it(work):
    case = await work.handling()
    task, handler = await work.lead(case)
    await give(work, task, handler.id)
    await work.helped(case)
    photo = await work.photo("head_D08")
    head = await work.actor("head_D08")
    await handling.resolve(task.id, "好了", (photo,), by=head, at=now(), basis=work.basis)
    assert (await Task.get(id=task.id)).assignee_id == handler.id


async def test_whom_a_merger_undone_takes_elsewhere_handles_nothing_of_the_other_unit(
    county, work
):
    case = await work.handling()  # D08's
    task, _ = await work.lead(case)
    admin, keeper = await work.actor("admin1"), await work.actor("keeper1")
    units = work.basis.units
    new = NewPlan(
        unit_id=units.named("D06").id, into_id=units.named("D08").id, document="编发〔2026〕1号"
    )
    plan = await unit_plans.propose(new, by=keeper, at=now())
    await regrouping.confirm(plan.id, by=admin, at=now(), basis=work.basis)
    newcomer = await account_id_of("handler_D06")
    assert (await give(work, task, newcomer)).assignee_id == newcomer
    await work.county.parts.knowledge.refresh()
    await work.take_back(plan.id)
    assert (await Task.get(id=task.id)).assignee_id is None
    last = await Step.filter(case_id=case.id).order_by("-version").first()
    assert (last.verb, last.by_id) == ("assign", None)


async def handed_back(work, case):
    """A case whose check failed: its unit has to go on."""
    await work.check(case, passed=False)
    by = await work.actor("acceptor1")
    return await checking.rework(case.no, "没有修好", by=by, at=now(), basis=work.basis)


async def heard_last(county, case, person):
    await county.deliver()
    return await Message.filter(no=case.no, account_id=person).order_by("-seq").first()


async def test_who_handled_it_handles_it_again_and_hears_so_once_and_the_unit_whose_it_is(
    county, work
):
    case = await work.report()
    task, handler = await work.lead(case)
    head = await work.actor("head_D08")
    await give(work, task, handler.id)
    await handed_back(work, await work.checking(case))
    assert (await Task.get(id=task.id)).assignee_id == handler.id
    own = await heard_last(county, case, handler.id)
    assert own.kind == "work.rework"
    assert "需要返工，仍由您经办" in own.text
    assert "没有修好" in own.text
    others = await heard_last(county, case, head.id)
    assert others.kind == "case.rework"
    assert f"仍由{handler.name}经办" in others.text
    reported = await heard_last(county, case, (await work.actor("resident1")).id)
    assert handler.name not in reported.text


async def test_what_is_done_again_is_still_whose_it_was(county, work):
    case = await work.report()
    task, handler = await work.lead(case)
    await give(work, task, handler.id)
    await work.closed(case)
    resident = await work.actor("resident1")
    await closing.redo(case.no, "又坏了", by=resident, at=now(), basis=work.basis)
    assert (await Task.get(id=task.id)).assignee_id == handler.id
    assert "需要重办，仍由您经办" in (await heard_last(county, case, handler.id)).text


async def test_who_may_not_any_more_is_given_nothing_again_and_the_unit_is_to_name_somebody(
    county, work
):
    case = await work.report()
    task, _ = await work.lead(case)
    gone, head = await colleague(county), await work.actor("head_D08")
    await give(work, task, gone)
    case = await work.checking(case)
    admin = await work.actor("admin1")
    await staffing.close_account(gone, by=admin, at=now(), basis=work.basis)
    assert (await Task.get(id=task.id)).assignee_id == gone  # who had it is not rewritten
    await handed_back(work, case)
    assert (await Task.get(id=task.id)).assignee_id is None
    told_unit = (await heard_last(county, case, head.id)).text
    assert "原经办人第二经办已不能办理，请重新指定经办人" in told_unit


async def test_who_had_it_before_it_was_settled_on_the_spot_has_the_new_task(county, work):
    case = await work.report(matter=SMALL_ADS)
    [task] = await work.tasks(case, "lead")
    one = (await workers(task.unit_id))[0].id
    head = await actor_for(one)
    await give(work, task, one, head)
    grid = await worker_of(work, case)
    await settle(work, case, grid)
    case = await sent_back(work, case)
    new, _ = await work.lead(case)
    assert (new.id != task.id, new.unit_id, new.assignee_id) == (True, task.unit_id, one)
    assert "需要返工，仍由您经办" in (await heard_last(county, case, one)).text
