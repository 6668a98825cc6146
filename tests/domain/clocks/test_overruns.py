"""What is late and stays late: told again, a bounded number of times; every overrun is kept."""

from dataclasses import replace
from datetime import datetime, timedelta

from server.cases.ends import closing
from server.cases.models.case import Case, Step
from server.cases.models.dispute import Return
from server.cases.models.task import Task
from server.cases.rules.deadlines import Timer
from server.cases.work import checking, handling, requests
from server.clock import now
from server.people.queries import holders
from server.permissions import Role
from tests.domain.acts.clocks import again, alerted, due, stepping_in
from tests.domain.acts.disputes import WATER, give_back, rule

HOUR = timedelta(hours=1)


async def returned_by_helper(work) -> Case:
    case = await work.handling()
    [power, _] = await work.tasks(case, "cooperating")
    await give_back(work, power, proper_unit=WATER)
    return await again(case)


async def test_a_helpers_return_that_nobody_rules_on_is_told_again_every_k8(work):
    case = await returned_by_helper(work)
    at = due(case, "rule_late")
    persons = await stepping_in(case, Role.DISPATCHER) + await holders(Role.LEADER)
    for n in range(1, 4):
        fired = await work.until(at)
        assert fired["rule_late"] == 1
        case = await again(case)
        assert case.stage == "handling", "no conference is called"
        assert sorted(await alerted(case, "rule_late")) == sorted(persons * n)
        assert due(case, "rule_late") > at
        at = due(case, "rule_late")
    assert Timer.RULE_LATE not in {each.name for each in (await rule(work, case)).timers}


async def test_two_helpers_returns_have_one_clock_and_the_second_is_told_in_its_time(work):
    case = await returned_by_helper(work)
    first = due(case, "rule_late")
    [_, town] = await work.tasks(case, "cooperating")
    at = work.basis.calendar.add(town.dispatched_at, 2, "work_hour").at
    await give_back(work, town, proper_unit=WATER, at=at)
    case = await again(case)
    assert due(case, "rule_late") == first
    await work.until(first)
    assert due(await again(case), "rule_late") == work.basis.calendar.add(at, 1, "work_day").at
    given = await Return.filter(case_id=case.id).order_by("id").first()
    case = await rule(work, case, return_id=given.id)
    assert Timer.RULE_LATE in {each.name for each in case.timers}


async def test_a_return_that_cannot_be_ruled_on_now_is_told_when_it_can_again(work):
    case = await returned_by_helper(work)
    at = due(case, "rule_late")
    [_, town] = await work.tasks(case, "cooperating")
    by = await work.actor(work.officer_of(town.unit_id))
    await handling.accept(town.id, by=by, at=now(), basis=work.basis)
    await handling.done(town.id, "好", by=by, at=now(), basis=work.basis)
    await work.resolve(case)
    await work.until(at)
    assert await alerted(case, "rule_late") == []
    assert Timer.RULE_LATE in {each.name for each in (await again(case)).timers}


async def test_a_return_still_to_be_ruled_on_is_told_again_when_the_case_is_done_again(work):
    case = await returned_by_helper(work)
    [_, town] = await work.tasks(case, "cooperating")
    by = await work.actor(work.officer_of(town.unit_id))
    await handling.accept(town.id, by=by, at=now(), basis=work.basis)
    await handling.done(town.id, "好", by=by, at=now(), basis=work.basis)
    await work.check(await work.resolve(case))
    acceptor, resident = await work.actor("acceptor1"), await work.actor("resident1")
    await closing.close(case.no, by=acceptor, at=now(), basis=work.basis)
    assert Timer.RULE_LATE not in {each.name for each in (await again(case)).timers}
    await closing.redo(case.no, "又灭了", by=resident, at=now(), basis=work.basis)
    assert due(await again(case), "rule_late") == (await Return.get(case_id=case.id)).due_at


async def overdue(work, case: Case | None = None) -> Case:
    case = case or await work.handling()
    await work.until(case.due_at)
    return await again(case)


async def test_an_overdue_case_is_told_to_leaders_every_work_day_until_it_is_handled(work):
    case = await overdue(work)
    leaders = await holders(Role.LEADER)
    for n in range(1, 4):
        at = due(case, "still_late")
        assert (await work.until(at))["still_late"] == 1
        assert sorted(await alerted(case, "still_late")) == sorted(leaders * n)
        case = await again(case)
        assert due(case, "still_late") == work.basis.calendar.add(at, 1, "work_day").at
    await work.helped(case)
    after = await work.resolve(case)
    assert Timer.STILL_LATE not in {each.name for each in after.timers}


async def test_nobody_is_told_of_one_case_for_ever(work):
    few = replace(
        work.basis, policy=work.basis.policy.model_copy(update={"overdue_again_most": 2})
    )
    case = await work.handling()
    fired = await work.until(case.due_at, few)
    told, at = fired["still_late"], case.due_at
    for _ in range(5):
        at = work.basis.calendar.add(at, 1, "work_day").at
        told += (await work.until(at, few))["still_late"]
    assert told == 2
    assert (await again(case)).timers == ()


async def test_a_pause_holds_what_is_told_of_an_overdue_case(work):
    case = await work.handling()
    await work.ask(case, "suspend")
    case = await overdue(work, case)
    by = await work.actor("dispatcher1")
    paused = await requests.suspend(case.no, by=by, at=case.due_at, basis=work.basis)
    assert [each.name for each in paused.timers] == [Timer.RESUME]
    back = await requests.resume(case.no, by=by, at=case.due_at + HOUR, basis=work.basis)
    assert Timer.STILL_LATE in {each.name for each in back.timers}


async def test_more_time_granted_late_is_supervised_anew_when_it_is_over_too(work):
    case = await work.ask(await work.handling())
    first, at = case.due_at, case.due_at + HOUR
    await work.until(first)
    by = await work.actor("dispatcher1")
    case = await requests.extend(case.no, by=by, at=at, basis=work.basis)
    assert due(case, "supervise") == case.due_at > first
    assert Timer.STILL_LATE not in {each.name for each in case.timers}
    case = await overdue(work, case)
    assert overruns(case) == [first, case.due_at]


def overruns(late: Case | Task) -> list[datetime]:
    return list(late.overruns)


async def reworked(work, case: Case) -> Case:
    """An overdue case handled late, and sent back."""
    await work.helped(case)
    lead, by = await work.lead(case)
    photo = await work.photo(work.officer_of(lead.unit_id))
    at = case.due_at + HOUR
    await handling.resolve(lead.id, "好了", (photo,), by=by, at=at, basis=work.basis)
    by = await work.actor("acceptor1")
    await checking.rework(case.no, "没有修好", by=by, at=at, basis=work.basis)
    return await again(case)


async def test_a_second_overrun_after_rework_stands_beside_the_first(work):
    case = await overdue(work)
    first = case.due_at
    assert overruns(case) == [first] == overruns((await work.lead(case))[0])
    case = await reworked(work, case)
    second = case.due_at
    assert (case.overdue_at, overruns(case)) == (first, [first])
    assert (await work.until(second))["supervise"] == 1
    case, (lead, _) = await again(case), await work.lead(case)
    assert (case.overdue_at, overruns(case)) == (first, [first, second])
    assert (lead.overdue_at, overruns(lead)) == (first, [first, second])
    assert await Step.filter(case_id=case.id, verb="supervise").count() == 2


async def test_the_second_overrun_is_appealed_against_by_itself(work):
    case = await overdue(work)
    by = await work.actor("dispatcher1")

    async def exempted(at: datetime) -> Task:
        await work.ask(case, "exempt", at=at)
        await requests.exempt(case.no, by=by, at=at, basis=work.basis)
        return (await work.lead(case))[0]

    first = case.due_at
    assert (await exempted(first)).exempted_at == first
    case = await overdue(work, await reworked(work, case))
    lead = await exempted(case.due_at + HOUR)
    assert lead.exempted_at == case.due_at + HOUR
    assert (lead.overdue_at, overruns(lead)) == (first, [first, case.due_at])
