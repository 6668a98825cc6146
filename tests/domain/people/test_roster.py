"""Who sits in the command room may file and dispatch there, for the shift and no longer."""

from datetime import timedelta

import pytest

from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.door.access import granted_verbs
from server.cases.door.escalation import who_steps_in
from server.cases.intake import screening
from server.cases.models.case import Case
from server.clock import now
from server.errors import (
    MomentPast,
    NotDutyLeader,
    NotFound,
    NotOnShift,
    NotPermitted,
    OwnSeat,
)
from server.people.accounts import Change, change
from server.people.actor import SYSTEM
from server.people.actors import actor_for
from server.people.duty import roster, teams
from server.people.duty.roster import Seat
from server.people.duty.teams import Membership
from server.people.models import Shift
from server.people.queries import account_id_of
from server.permissions import Role
from tests.casework import Casework, everything
from tests.domain.acts.people import second_leader

HOUSING = "区住房和城乡建设局"
TO_HOUSING = Choice(lead=HOUSING, limit=2, urgency="work_day")


async def sitting_now(county, account_id, at=None):
    """Let somebody sit alone in the present shift of this day."""
    at = at or now()
    sitting = county.basis.shift_hours.at(at)
    by = await county.actor("admin1")
    home = (await actor_for(account_id)).township_code
    seat = Seat(township_code=home, shift=sitting.shift, account_id=account_id, day=sitting.day)
    await roster.put(seat, by=by, at=at, shift_hours=county.basis.shift_hours)
    return seat


async def test_whoever_sits_by_the_roster_files_and_dispatches_in_the_township(county):
    work = Casework(county)
    by = await work.actor("duty02")
    assert by.on_shift
    case = await screening.file((await work.submitted()).no, by=by, at=now(), basis=work.basis)
    assert case.stage == "dispatched"
    filed = await work.filed()
    assert "dispatch" in await granted_verbs(by, filed)
    sent = await dispatching.dispatch(filed.no, TO_HOUSING, by=by, at=now(), basis=work.basis)
    assert sent.stage == "dispatched"


async def test_a_leader_who_does_not_sit_now_is_told_so_and_nothing_changes(county):
    work = Casework(county)
    second = await second_leader(county)
    await sitting_now(county, second)
    idle, sitting = await county.actor("duty02"), await actor_for(second)
    assert not idle.on_shift
    submitted, filed = await work.submitted(), await work.filed()
    before = await everything()
    with pytest.raises(NotOnShift) as refused:
        await dispatching.dispatch(filed.no, TO_HOUSING, by=idle, at=now(), basis=work.basis)
    assert (refused.value.code, refused.value.status) == ("roster.not_on_shift", 403)
    with pytest.raises(NotOnShift):
        await screening.file(submitted.no, by=idle, at=now(), basis=work.basis)
    with pytest.raises(NotOnShift):
        await screening.decline(
            submitted.no, "other", where_to_go="别处", by=idle, at=now(), basis=work.basis
        )
    # Of another township, and of no roster at all, it is the old refusals.
    with pytest.raises(NotFound):
        await dispatching.dispatch(
            filed.no, TO_HOUSING, by=await county.actor("duty04"), at=now(), basis=work.basis
        )
    with pytest.raises(NotPermitted):
        await dispatching.dispatch(
            filed.no, TO_HOUSING, by=await county.actor("township02"), at=now(), basis=work.basis
        )
    assert await everything() == before
    assert {"dispatch", "decline"}.isdisjoint(await granted_verbs(idle, filed))
    assert not sitting.on_shift  # asked for outside of any shift
    sitting = await actor_for(second, work.basis.shift_hours.at(now()))
    sent = await dispatching.dispatch(filed.no, TO_HOUSING, by=sitting, at=now(), basis=work.basis)
    assert sent.dispatched_by_id == second
    # What needs no shift, both may.
    assert "call" in await granted_verbs(idle, await work.report(matter="CJ-002"))


async def test_a_single_day_goes_before_the_weekly_plan_of_that_shift_only(county):
    shift_hours, by = county.basis.shift_hours, await county.actor("township02")
    second, first = await second_leader(county), await account_id_of("duty02")
    home = by.township_code
    day = shift_hours.at(now()).day + timedelta(days=3)
    seat = Seat(township_code=home, shift="night", account_id=second, day=day)
    await roster.put(seat, by=by, at=now(), shift_hours=shift_hours)
    await roster.put(seat, by=by, at=now(), shift_hours=shift_hours)  # once
    assert await Shift.filter(account_id=second).count() == 1
    night = shift_hours.of(day, "night")
    at_two = night.ends_at - timedelta(hours=4)  # past midnight: still that day's night
    assert at_two.astimezone(shift_hours.zone).date() == day + timedelta(days=1)
    assert await roster.on_shift(home, at=at_two, shift_hours=shift_hours) == [second]
    assert await roster.on_shift(home, at=night.ends_at, shift_hours=shift_hours) == [first]
    assert await roster.on_shift(home, at=night.starts_at, shift_hours=shift_hours) == [second]
    before = night.starts_at - timedelta(seconds=1)
    assert await roster.on_shift(home, at=before, shift_hours=shift_hours) == [first]
    shown = await roster.staffed(home, day, day + timedelta(days=1), shift_hours=shift_hours)
    assert [(each.sitting.shift, [s.name for s in each.sitters]) for each in shown[:3]] == [
        ("morning", [(await county.actor("duty02")).name]),
        ("afternoon", [(await county.actor("duty02")).name]),
        ("night", ["第二坐堂"]),
    ]
    assert len(shown) == 6
    await roster.remove(seat, by=by, at=now(), shift_hours=shift_hours)
    assert await roster.on_shift(home, at=at_two, shift_hours=shift_hours) == [first]


async def test_what_is_no_seat_is_refused_and_changes_nothing(county):
    shift_hours, room = county.basis.shift_hours, await county.actor("township02")
    home = room.township_code
    away = (await county.actor("township04")).township_code
    mine = await account_id_of("duty02")
    other, clerk = await account_id_of("duty04"), await account_id_of("township02")
    sitting = shift_hours.at(now())
    good = {"township_code": home, "shift": "night", "account_id": mine, "weekday": 0}
    past = {"weekday": None, "day": sitting.day - timedelta(days=2)}
    before = await everything()
    for who, changes, problem in (
        ("township02", {"account_id": other}, NotDutyLeader),
        ("township02", {"account_id": clerk}, NotDutyLeader),
        ("township02", {"account_id": 999_999}, NotDutyLeader),
        ("duty02", {}, OwnSeat),
        ("admin1", {"account_id": other}, NotDutyLeader),
        ("admin1", {"township_code": "999"}, NotDutyLeader),
        ("township02", past, MomentPast),
        ("township02", {"township_code": away, "account_id": other}, NotPermitted),
        ("dispatcher1", {}, NotPermitted),
        ("leader1", {}, NotPermitted),
    ):
        with pytest.raises(problem):
            await roster.put(
                Seat(**good | changes),
                by=await county.actor(who),
                at=now(),
                shift_hours=shift_hours,
            )
    for changes, problem in (
        ({"weekday": None, "day": sitting.day + timedelta(days=1)}, NotFound),
        (past, MomentPast),
        ({"township_code": away, "account_id": other}, NotPermitted),
    ):
        with pytest.raises(problem):
            await roster.remove(Seat(**good | changes), by=room, at=now(), shift_hours=shift_hours)
    assert await everything() == before


async def test_who_lost_the_role_sits_no_more(county):
    home = (await county.actor("duty02")).township_code
    leader = await account_id_of("duty02")
    assert await roster.on_shift(home, at=now(), shift_hours=county.basis.shift_hours) == [leader]
    await change(leader, Change(held=()), by=SYSTEM, at=now())
    assert await roster.on_shift(home, at=now(), shift_hours=county.basis.shift_hours) == []


async def test_whoever_sits_steps_in_for_acceptor_and_dispatcher_of_the_township(county):
    work = Casework(county)
    case = await work.filed()
    sitting = await account_id_of("duty02")
    dispatchers = [await account_id_of(f"dispatcher{n}") for n in (1, 2)]
    found = await who_steps_in(case, Role.DISPATCHER, at=now(), basis=work.basis)
    assert sorted(found) == sorted([*dispatchers, sitting])
    leaders = await who_steps_in(case, Role.LEADER, Role.LEADER, at=now(), basis=work.basis)
    assert leaders == [await account_id_of("leader1")]
    second = await second_leader(county)
    at_night = work.basis.shift_hours.of(now().date(), "night").starts_at + timedelta(days=9)
    await sitting_now(county, second, at_night)
    there = await who_steps_in(case, Role.DUTY_LEADER, at=at_night, basis=work.basis)
    assert there == [second]
    # A vacant role: the dispatcher stands in everywhere.
    nowhere = Case(no="x", township_code="")
    found = await who_steps_in(nowhere, Role.DUTY_LEADER, at=now(), basis=work.basis)
    assert sorted(found) == sorted(dispatchers)


async def test_in_the_demo_somebody_sits_everywhere_round_the_clock_and_some_have_teams(county):
    shift_hours = county.basis.shift_hours
    first = shift_hours.at(now()).day
    rows = county.basis.places.at(now()).rows("township")
    for row in rows:
        week = await roster.staffed(
            row.code, first, first + timedelta(days=6), shift_hours=shift_hours
        )
        assert len(week) == 21
        assert all(len(each.sitters) == 1 for each in week), row.name
    members = await teams.teams()
    assert len({each.township_code for each in members}) == 3
    assert {each.standing for each in members} == set(Membership)
