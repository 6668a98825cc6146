"""Who sees and does what, by the grants alone: the rule restated in plain sets, and compared."""

import pytest

from server.cases.door import access
from server.cases.door.access import covered, may, reaches, require
from server.cases.door.journal import Act
from server.cases.door.moving import moving_task
from server.cases.ends import closing
from server.cases.models.case import Case
from server.cases.reading import boards, queries
from server.cases.reading.boards import BoardFilter
from server.cases.reading.queries import Narrowing
from server.cases.rules.flow import TASK_VERBS, Verb
from server.clock import now
from server.errors import NotFound, NotPermitted, Problem
from server.people.actor import SYSTEM
from server.permissions import GRANTS, Permission, Reach
from tests.casework import PLACES, Casework, position
from tests.domain.acts.door import OF_REPORTERS, ONE_OF_EACH, relations

CASE_PERMISSIONS = [p for p in Permission if p.startswith("case.")]


async def some_cases(work):
    """Cases that differ in place, stage, unit and reporter."""
    followed = await work.report("resident3")
    for username in ("resident1", "grid0101"):
        by = await work.actor(username)
        await closing.follow(followed.no, by=by, at=now())
    return [
        await work.report("resident1"),
        followed,
        await work.report("resident2", position=position(PLACES["workshops"]), matter="HJ-001"),
        await work.report("grid0202", position=position(PLACES["workshops"]), matter="CJ-023"),
        await work.report("resident2", position=None),
        await work.report("resident2", position=position(PLACES["outside"])),
        await work.filed("resident2"),
        await work.checking(await work.report("resident3")),
        await work.verifying(),
        await work.disputed(),
        await work.in_conference(),
        *[await complaint(work, *about) for about in COMPLAINTS],
    ]


#: Of whom it complains, who reported it, whether that is found out when all is handled.
COMPLAINTS = (
    ("荣华街道", "resident1", False),
    ("荣华街道", "grid0202", False),
    ("区住房和城乡建设局", "resident2", False),
    ("区住房和城乡建设局", "handler_D08", True),
    ("中共榴城区委机构编制委员会办公室", "resident1", False),
)


async def complaint(work, unit, reporter, found_out):
    if not found_out:
        return await work.report(reporter, about_unit=unit)
    case = await work.checking(await work.report(reporter))
    about = work.basis.units.named(unit).id
    await Case.filter(id=case.id).update(about_unit_id=about)
    return await Case.get(id=case.id)


@pytest.mark.slow
async def test_every_role_may_exactly_what_the_grants_say_of_every_case(county):
    work = Casework(county)
    cases = await some_cases(work)
    n_true = 0
    for role, username in ONE_OF_EACH.items():
        actor = await work.actor(username)
        assert actor.roles == {role}
        for case in cases:
            covering, _ = await relations(work, actor, case)
            for permission in CASE_PERMISSIONS:
                reach = GRANTS[role].get(permission)
                expected = reach in covering
                if permission in OF_REPORTERS and reach:
                    expected = expected or Reach.OWN_REPORTS in covering
                assert await may(actor, permission, case) == expected, (role, permission, case.no)
                n_true += expected
    assert n_true > 150


async def test_lists_show_what_single_cases_show_and_nothing_else(county):
    work = Casework(county)
    cases = await some_cases(work)
    for username in ONE_OF_EACH.values():
        actor = await work.actor(username)
        listed = await queries.cards(actor, Narrowing(), limit=100, before_id=None, at=now())
        shown = {case.no for case in listed}
        readable = {c.no for c in cases if await may(actor, Permission.CASE_READ, c)}
        assert shown == readable, username
        for case in cases:
            if case.no in readable:
                assert (await queries.case_for(actor, case.no)).id == case.id
                continue
            with pytest.raises(NotFound) as hidden:
                await queries.case_for(actor, case.no)
            with pytest.raises(NotFound) as absent:
                await queries.case_for(actor, "000000-00000000")
            assert set(hidden.value.facts) == set(absent.value.facts)


async def test_what_may_be_read_and_not_done_is_forbidden_and_the_rest_is_not_there(county):
    work = Casework(county)
    case = await work.report("resident1")
    with pytest.raises(NotPermitted):
        await require(await work.actor("handler_D08"), Verb.CLOSE, case)
    with pytest.raises(NotFound):
        await require(await work.actor("handler_D01"), Verb.CLOSE, case)
    with pytest.raises(NotFound):
        await require(await work.actor("admin1"), Verb.CLOSE, case)
    await require(SYSTEM, Verb.CLOSE, case)


async def test_who_merely_follows_reads_and_does_nothing(county):
    work = Casework(county)
    case, other = await work.report("resident1"), await work.actor("resident2")
    assert not await may(other, Permission.CASE_READ, case)
    await closing.follow(case.no, by=other, at=now())
    assert not await may(other, Permission.CASE_READ, case)
    assert (await queries.report_for(other, case.no)).id == case.id
    with pytest.raises(NotFound):
        await queries.case_for(other, case.no)
    assert await queries.only_follows(other, case)
    for permission in CASE_PERMISSIONS:
        if permission not in (
            Permission.CASE_READ,
            Permission.CASE_FOLLOW,
            Permission.CASE_REPORT,
        ):
            assert not await may(other, permission, case), permission


async def test_somebody_without_a_unit_or_role_is_shown_no_task(county):
    work = Casework(county)
    case = await work.report()
    [lead, *_] = await work.tasks(case)
    for username in ("resident1", "grid0202", "keeper1", "admin1"):
        actor = await work.actor(username)
        assert not access.sees_task(actor, case, lead)
        assert await boards.task_board(actor, BoardFilter(), limit=10) == []
        with pytest.raises(NotFound):
            await queries.task_for(actor, lead.id)


async def test_a_station_works_for_itself_and_its_department_sees_it(county):
    work = Casework(county)
    police = await work.actor("handler_D01")
    stations = {u.id for u in work.basis.units.all() if u.parent_id == police.unit_id}
    assert police.unit_ids == {police.unit_id} | stations
    station = await work.actor("handler_S2a")
    assert station.unit_ids == {station.unit_id} < police.unit_ids


async def test_a_role_nobody_granted_reaches_nothing(county):
    keeper = await Casework(county).actor("keeper1")
    assert reaches(keeper, Permission.CASE_CLOSE) == frozenset()
    assert covered(keeper, Permission.CASE_CLOSE) is None
    assert await queries.visible(keeper).count() == 0


class _TryNoMore(Exception):
    """Ends a trial at the open door, so that nothing of it is kept."""


async def _let_in(task, verb, by, basis):
    """Whether the door opens to an act on a task."""
    act = Act(verb=verb, by=by, at=now(), reason="试")
    try:
        async with moving_task(task.id, act, basis):
            raise _TryNoMore
    except _TryNoMore:
        return True
    except Problem:
        return False


#: Judged behind the door as well: nobody the own unit's arrival, and of townships alone the way.
BEHIND = {Verb.CONFIRM, Verb.CONTEST, Verb.ROUTE}


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["dispatched", "handling", "disputed", "suspended", "checking"])
async def test_the_verbs_said_of_a_task_are_those_for_which_the_door_opens(county, stage):
    work = Casework(county)
    case = await work.at(stage)
    cases = [case, await work.report(about_unit="区住房和城乡建设局")]
    township = await work.report("resident2", position=position(PLACES["workshops"]))
    offered = 0
    for each in (*cases, township):
        for task in await work.tasks(each):
            for username in ONE_OF_EACH.values():
                by = await work.actor(username)
                found = set(access.allowed_on_task(by, each, task, work.basis))
                wanted = {v for v in TASK_VERBS if await _let_in(task, v, by, work.basis)}
                assert found - BEHIND == wanted - BEHIND, (username, task.stage)
                assert found <= wanted
                own = task.unit_id in by.unit_ids
                assert (found & {Verb.CONFIRM, Verb.CONTEST} == set()) or not own
                offered += len(found)
    assert offered
