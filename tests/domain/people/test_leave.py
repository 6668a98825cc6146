"""Leave with a substitute: what waits goes over, who is picked, what one may meanwhile."""

import asyncio
from datetime import timedelta

import pytest

from server.cases.ends import leaving, staffing
from server.cases.intake import verifying
from server.cases.models.case import Case, Step
from server.cases.models.task import Check, Verification
from server.cases.work import checking, handling
from server.clock import now
from server.errors import (
    BadInput,
    InterestedParty,
    LeaveOver,
    LeaveOverlaps,
    LeaveStandsIn,
    NotFound,
    NotPermitted,
    NotSubstitute,
    PlanConflict,
    SubstituteAway,
)
from server.people import accounts, unit_plans
from server.people.accounts import Change, NewAccount
from server.people.actor import SYSTEM, Held
from server.people.actors import actor_for
from server.people.duty import leaves, roster
from server.people.duty.leaves import NewLeave
from server.people.models import Account, Leave
from server.people.queries import account, account_id_of, grid_workers, holders, members
from server.people.unit_plans import NewPlan
from server.permissions import Permission, Role
from tests.casework import rows_of
from tests.domain.acts.people import second_leader

DAY = timedelta(days=1)


async def id_of(username: str) -> int:
    found = await account_id_of(username)
    assert found is not None
    return found


async def away(work, account_id: int, to: int, *, by=SYSTEM, **changes):
    new = NewLeave(
        **{"account_id": account_id, "substitute_id": to, "until": now() + DAY} | changes
    )
    return await leaving.enter(new, by=by, at=now(), basis=work.basis)


async def pair(work) -> tuple[int, int]:
    """Who works in a unit that leads a case, and the head of that unit."""
    case = await work.report()
    code = work.basis.units.by_id[case.lead_id].code
    return await id_of(f"handler_{code}"), await id_of(f"head_{code}")


async def told(account_id: int) -> list[str]:
    rows = await rows_of("SELECT text FROM inbox_message WHERE account_id = $1", account_id)
    return [row["text"] for row in rows]


async def n_rows() -> int:
    return await Leave.all().count()


async def test_what_waits_for_who_goes_away_goes_to_the_substitute_who_hears_of_it(county, work):
    case = await work.checking()
    check = await Check.get(case_id=case.id)
    person = check.assignee_id
    asked = await work.submitted()
    by = await work.actor("acceptor1")
    await verifying.verify(asked.no, "还在吗", by=by, at=now(), basis=work.basis)
    looking = await Verification.get(case_id=asked.id)
    await Verification.filter(id=looking.id).update(assignee_id=person)
    to = (await leaves.substitutes_for(person))[0].id
    entered = await away(work, person, to)
    assert entered.handed_on is not None
    assert (entered.handed_on.n_checks, entered.handed_on.n_verifications) == (1, 1)
    after = await Check.get(id=check.id)
    assert (after.assignee_id, after.passed_over) == (to, [])
    fresh = await Verification.get(case_id=asked.id, done_at__isnull=True)
    assert (fresh.assignee_id, fresh.question) == (to, "还在吗")
    for no, verb in ((case.no, "check"), (asked.no, "verify")):
        last = await Step.filter(case_id=(await Case.get(no=no)).id).order_by("-version").first()
        assert (last.verb, last.by_id) == (verb, None)
    await county.deliver()
    name = (await account(person)).name
    [mine] = [each for each in await told(to) if "由您代班" in each]
    assert name in mine
    assert "1 件待核查已转交" in mine
    assert "1 件待核实已转交" in mine
    rows = await rows_of("SELECT no, kind FROM inbox_message WHERE account_id = $1", to)
    given = {(row["no"], row["kind"]) for row in rows}
    assert {(case.no, "work.check"), (asked.no, "work.verify")} <= given


async def test_a_substitute_who_may_not_look_at_a_case_is_passed_over(work):
    case = await work.checking()
    check = await Check.get(case_id=case.id)
    person = check.assignee_id
    to = (await leaves.substitutes_for(person))[0].id
    await Case.filter(id=case.id).update(handled_by_id=to)
    entered = await away(work, person, to)
    assert entered.handed_on is not None
    assert entered.handed_on.n_checks == 1
    assert (await Check.get(id=check.id)).assignee_id not in (person, to)


async def test_whoever_is_picked_meanwhile_is_the_substitute(county, work):
    handler, head = await pair(work)
    unit = (await account(handler)).unit_id
    await away(work, handler, head)
    assert await members([unit]) == [head]
    [worker, *_] = await holders(Role.GRID_WORKER)
    grids = [each.place_code for each in (await account(worker)).held]
    other = (await leaves.substitutes_for(worker))[0].id
    assert set(map(tuple, (await grid_workers(grids)).values())) == {(worker,)}
    await away(work, worker, other)
    assert set(map(tuple, (await grid_workers(grids)).values())) == {(other,)}
    [first, second] = await holders(Role.DISPATCHER)
    await away(work, first, second)
    assert await holders(Role.DISPATCHER) == [second]
    before = len(await told(handler))
    case = await work.report()
    assert case.lead_id == unit
    await county.deliver()
    assert len(await told(handler)) == before
    assert any(case.title in each for each in await told(head))


async def test_the_substitute_of_who_sits_is_on_shift_and_only_then(county, work):
    hours = work.basis.shift_hours
    sitting = hours.at(now())
    rows = await rows_of("SELECT account_id, township_code FROM roster_shift LIMIT 1")
    sits, township = rows[0]["account_id"], rows[0]["township_code"]
    username = (await account(sits)).username
    to = await second_leader(county, of=username)
    assert not (await actor_for(to, sitting)).on_shift
    entered = await away(work, sits, to)
    assert await roster.on_shift(township, at=now(), shift_hours=hours) == [to]
    assert (await actor_for(to, sitting)).on_shift
    await leaves.end(entered.leave.id, by=SYSTEM, at=now())
    assert await roster.on_shift(township, at=now(), shift_hours=hours) == [sits]
    assert not (await actor_for(to, sitting)).on_shift


async def test_the_substitute_acts_with_the_reach_of_who_is_away_and_loses_it_at_the_end(work):
    case = await work.report()
    unit = work.basis.units.by_id[case.lead_id]
    handler = await id_of(f"handler_{unit.code}")
    new = NewAccount(name="新来的", username="new.clerk", unit_id=unit.id)
    clerk = await accounts.create_account(new, at=now())
    [task] = [each for each in await work.tasks(case, "lead") if each.stage == "pending"]
    with pytest.raises(NotFound):
        await handling.accept(task.id, by=await actor_for(clerk), at=now(), basis=work.basis)
    entered = await away(work, handler, clerk)
    acting = await actor_for(clerk)
    assert acting.stands_in_for == ((await account(handler)).name,)
    await handling.accept(task.id, by=acting, at=now(), basis=work.basis)
    step = await Step.filter(case_id=case.id).order_by("-version").first()
    assert (step.verb, step.by_id) == ("accept", clerk)
    assert Permission.TASK_ACCEPT in (await actor_for(handler)).permissions
    await leaves.end(entered.leave.id, by=SYSTEM, at=now())
    assert (await actor_for(clerk)).held == ()
    assert (await actor_for(clerk)).stands_in_for == ()


async def test_who_stands_in_for_another_unit_does_the_work_of_both(work):
    [station] = [u for u in work.basis.units.by_id.values() if u.name == "荣华派出所"]
    parent = work.basis.units.by_id[station.parent_id]
    away_one, to = await id_of(f"head_{parent.code}"), await id_of(f"handler_{station.code}")
    assert parent.id not in (await actor_for(to)).unit_ids
    await away(work, away_one, to)
    assert {parent.id, station.id} <= (await actor_for(to)).unit_ids
    assert (await actor_for(to)).unit_id == station.id


async def test_what_two_persons_must_do_is_not_done_twice_by_who_stands_in(work):
    keeper = await id_of("keeper1")
    unit = work.basis.units.named("荣华街道")
    plan = NewPlan(unit_id=unit.id, name="荣华镇", document="某政发〔2026〕1号")
    made = await unit_plans.propose(plan, by=await actor_for(keeper), at=now())
    to = (await leaves.substitutes_for(keeper))[0].id
    await away(work, keeper, to)
    with pytest.raises(PlanConflict):
        await unit_plans.confirm(made.id, by=await actor_for(to), at=now())
    case = await work.checking()
    check = await Check.get(case_id=case.id)
    lead = await id_of(work.officer_of(case.lead_id))
    await Case.filter(id=case.id).update(handled_by_id=lead, lead_id=None)
    await Account.filter(id=lead).update(substitute_id=check.assignee_id)
    by = await actor_for(check.assignee_id)
    assert by.persons == {check.assignee_id, lead}
    with pytest.raises(InterestedParty):
        await checking.check(
            check.id, note="已经修好", passed=True, by=by, at=now(), basis=work.basis
        )


async def test_a_complaint_about_a_unit_is_kept_from_who_stands_in_for_one_of_it(work):
    person, to = await pair(work)
    unit = work.basis.units.named("荣华街道")
    await Account.filter(id=person).update(unit_id=unit.id, substitute_id=to)
    assert unit.id in (await actor_for(to)).unit_and_above


async def test_a_station_whose_only_person_is_away_is_not_empty(work):
    [station] = [u for u in work.basis.units.by_id.values() if u.name == "荣华派出所"]
    [only] = await members([station.id])
    [to, *_] = [each.id for each in await leaves.substitutes_for(only)]
    await away(work, only, to)
    assert await members([station.id]) == [to]
    leaver = await staffing.close_account(only, by=SYSTEM, at=now(), basis=work.basis)
    assert leaver.empty == (f"{station.name}没有能登录的承办人员",)


async def test_a_leave_to_come_begins_by_the_clock_once_and_ends_by_it(county, work):
    handler, head = await pair(work)
    since = now() + timedelta(hours=1)
    entered = await away(work, handler, head, since=since)
    assert (entered.handed_on, (await account(handler)).substitute_id) == (None, None)
    assert await leaving.turn(at=since - timedelta(seconds=1), basis=work.basis) == 0
    await Leave.all().update(since=now())
    done = await asyncio.gather(*(leaving.turn(at=now(), basis=work.basis) for _ in range(4)))
    assert sorted(done) == [0, 0, 0, 1]
    await county.deliver()
    assert len([each for each in await told(head) if "由您代班" in each]) == 1
    assert (await account(handler)).substitute_id == head
    ended = await asyncio.gather(
        *(leaving.turn(at=now() + DAY, basis=work.basis) for _ in range(2))
    )
    assert sorted(ended) == [0, 1]
    assert (await account(handler)).substitute_id is None


async def test_a_leave_to_come_is_taken_back_and_what_is_over_does_not_end_twice(work):
    handler, head = await pair(work)
    since = now() + timedelta(hours=1)
    entered = await away(work, handler, head, since=since)
    own = await actor_for(handler)
    await leaves.end(entered.leave.id, by=own, at=now())
    assert await leaving.turn(at=since, basis=work.basis) == 0
    assert (await account(handler)).substitute_id is None
    with pytest.raises(LeaveOver):
        await leaves.end(entered.leave.id, by=own, at=now())
    with pytest.raises(NotFound):
        await leaves.end(2_000_000_000, by=own, at=now())


async def test_a_leave_may_follow_another_that_the_clock_has_not_ended_yet(work):
    handler, head = await pair(work)
    await away(work, handler, head)
    await Leave.all().update(since=now() - DAY, until=now() - timedelta(seconds=1))
    await away(work, handler, head)
    assert await leaving.turn(at=now(), basis=work.basis) == 0
    assert (await account(handler)).substitute_id == head


@pytest.mark.parametrize(
    ("changes", "pointer", "reason"),
    [
        ({"until": -DAY}, "/until", "past"),
        ({"until": 400 * DAY}, "/until", "leave_too_long"),
        ({"since": 2 * DAY}, "/since", "not_before_until"),
    ],
)
async def test_a_time_that_will_not_do_is_refused_by_its_field(work, changes, pointer, reason):
    handler, head = await pair(work)
    with pytest.raises(BadInput) as refused:
        await away(work, handler, head, **{name: now() + by for name, by in changes.items()})
    assert refused.value.errors == [{"pointer": pointer, "reason": reason}]
    assert await n_rows() == 0


async def test_oneself_a_stranger_and_a_closed_account_do_not_stand_in(work):
    handler, head = await pair(work)
    await accounts.disable(head, by=SYSTEM, at=now())
    [worker, *_] = await holders(Role.GRID_WORKER)
    others = {each.id for each in await leaves.substitutes_for(worker)}
    [far, *_] = set(await holders(Role.GRID_WORKER)) - others - {worker}
    resident = await id_of("resident1")
    acceptor, dispatcher = await id_of("acceptor1"), await id_of("dispatcher1")
    refused = [
        (handler, handler),
        (handler, head),
        (handler, worker),
        (handler, 2_000_000_000),
        (worker, far),
        (worker, handler),
        (acceptor, resident),
        (acceptor, dispatcher),
        (resident, await id_of("resident2")),
    ]
    for person, to in refused:
        with pytest.raises(NotSubstitute):
            await away(work, person, to)
    assert await n_rows() == 0
    assert [each.id for each in await leaves.substitutes_for(acceptor)] == [
        await id_of("acceptor2")
    ]


async def test_no_two_leaves_of_one_time_and_no_substitute_who_is_away(work):
    [one, two] = await holders(Role.ACCEPTOR)
    new = NewAccount(name="第三位", username="acceptor.3", held=(Held(role=Role.ACCEPTOR),))
    three = await accounts.create_account(new, at=now())
    await away(work, one, two)
    with pytest.raises(LeaveOverlaps):
        await away(work, one, three, since=now() + timedelta(hours=2))
    with pytest.raises(LeaveStandsIn):
        await away(work, two, three)
    with pytest.raises(SubstituteAway):
        await away(work, three, one)
    assert await n_rows() == 1
    assert (await account(one)).substitute_id == two
    assert (await account(two)).substitute_id is None
    await away(work, one, three, since=now() + 2 * DAY, until=now() + 3 * DAY)
    both = await asyncio.gather(
        away(work, two, three, since=now() + 5 * DAY, until=now() + 6 * DAY),
        away(work, three, two, since=now() + 5 * DAY, until=now() + 6 * DAY),
        return_exceptions=True,
    )
    assert sum(isinstance(each, LeaveStandsIn | SubstituteAway) for each in both) == 1


async def test_the_person_the_head_and_the_administrator_enter_it_and_nobody_else(work):
    handler, head = await pair(work)
    heads = [person for person in await holders(Role.UNIT_HEAD) if person != head]
    stranger = await actor_for(heads[0])
    for by in (stranger, await work.actor("dispatcher1"), await work.actor("resident1")):
        with pytest.raises(NotPermitted):
            await away(work, handler, head, by=by)
    for by in (await actor_for(handler), await actor_for(head), await work.actor("admin1")):
        entered = await away(work, handler, head, by=by)
        row = await Leave.get(id=entered.leave.id)
        assert row.by_id == by.id
        with pytest.raises(NotPermitted):
            await leaves.end(row.id, by=stranger, at=now())
        await leaves.end(row.id, by=by, at=now())
        assert (await Leave.get(id=row.id)).ended_by_id == by.id


async def test_when_the_substitute_goes_the_person_is_at_work_again_and_it_is_told(county, work):
    handler, head = await pair(work)
    await away(work, handler, head)
    done = await staffing.close_account(head, by=SYSTEM, at=now(), basis=work.basis)
    name = (await account(handler)).name
    assert done.empty == (
        f"{name}请假，原来的代班人不再合适，没有人代班",
        "区住房和城乡建设局没有能登录的单位负责人",
    )
    assert (await account(handler)).substitute_id is None
    await county.deliver()
    assert any(name in each for each in await told(await id_of("admin1")))


async def test_other_roles_end_no_leave_and_another_unit_does(work):
    handler, head = await pair(work)
    await away(work, handler, head)
    held = (Held(role=Role.HANDLER), Held(role=Role.UNIT_HEAD))
    await staffing.change_account(head, Change(held=held), by=SYSTEM, at=now(), basis=work.basis)
    assert (await account(handler)).substitute_id == head
    elsewhere = (await account(await id_of("keeper2"))).unit_id
    moves = Change(moves=True, unit_id=elsewhere)
    await staffing.change_account(head, moves, by=SYSTEM, at=now(), basis=work.basis)
    assert (await account(handler)).substitute_id is None
    assert await Account.filter(substitute_id__not_isnull=True).count() == 0
