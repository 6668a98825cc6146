"""A township's four platforms: which a task belongs to, who may change it, what is open."""

from datetime import timedelta

import pytest

from server.cases.dispatch import platforms
from server.cases.models.case import Case, Step
from server.cases.models.task import Task
from server.cases.reading import boards
from server.cases.reading.boards import BoardFilter
from server.cases.work import handling
from server.clock import now
from server.errors import AlreadyDone, NoPlatform, NotFound, NotPermitted, WrongTaskStage
from tests.casework import STAIRS_BLOCKED, STREET_LAMP, Casework, everything

SERVICE, ENFORCEMENT, ORDER, MARKET = "便民服务", "综合执法", "综治", "市场监管"


async def of_township(work, case) -> Task:
    for task in await work.tasks(case):
        if work.basis.units.by_id[task.unit_id].kind == "township":
            return task
    raise AssertionError


async def test_only_the_townships_task_has_the_platform_of_the_matter(county):
    work = Casework(county)
    case = await work.report(matter=STREET_LAMP)
    for task in await work.tasks(case):
        township = work.basis.units.by_id[task.unit_id].kind == "township"
        assert task.platform == (SERVICE if township else "")
    leading = await work.report(matter=STAIRS_BLOCKED)
    lead, _ = await work.lead(leading)
    assert lead.platform == ENFORCEMENT
    assert leading.explanation.platform == ENFORCEMENT


async def test_the_township_routes_its_own_task_and_nothing_else_changes(county):
    work = Casework(county)
    case = await work.report()
    task = await of_township(work, case)
    for username, platform in (("township02", ORDER), ("duty02", MARKET)):
        by = await work.actor(username)
        before = await Case.get(id=case.id)
        moved = await platforms.route(task.id, platform, by=by, at=now(), basis=work.basis)
        assert (moved.platform, moved.stage) == (platform, "pending")
        after = await Case.get(id=case.id)
        assert (after.stage, after.due_at) == (before.stage, before.due_at)
        step = await Step.get(case_id=case.id, version=after.version)
        assert (step.verb, step.facts["to"]) == ("route", platform)
    assert await county.deliver() >= 0
    assert (await Task.get(id=task.id)).platform == MARKET


async def test_a_route_that_cannot_be_is_refused_and_changes_nothing(county):
    work = Casework(county)
    case = await work.report()
    task = await of_township(work, case)
    lead, _ = await work.lead(case)
    before = await everything()
    for username, task_id, platform, problem, code in (
        ("township02", task.id, "城管", NoPlatform, "platform.unknown"),
        ("township02", task.id, "", NoPlatform, "platform.unknown"),
        ("township02", task.id, SERVICE, AlreadyDone, "case.already_done"),
        ("township02", lead.id, ORDER, NotPermitted, "not_permitted"),
        ("township04", task.id, ORDER, NotFound, "not_found"),
        ("handler_D08", lead.id, ORDER, NotPermitted, "not_permitted"),
        ("handler_D08", task.id, ORDER, NotFound, "not_found"),
        ("acceptor1", task.id, ORDER, NotPermitted, "not_permitted"),
        ("leader1", task.id, ORDER, NotPermitted, "not_permitted"),
        ("resident1", task.id, ORDER, NotFound, "not_found"),
        ("township02", 10**9, ORDER, NotFound, "not_found"),
    ):
        by = await work.actor(username)
        with pytest.raises(problem) as refused:
            await platforms.route(task_id, platform, by=by, at=now(), basis=work.basis)
        assert refused.value.code == code
    assert await everything() == before
    await work.handling(case)
    await work.helped(case)
    before, by = await everything(), await work.actor("township02")
    with pytest.raises(WrongTaskStage):
        await platforms.route(task.id, ORDER, by=by, at=now(), basis=work.basis)
    assert await everything() == before


async def test_the_board_counts_what_is_open_and_overdue_of_each_platform(county):
    work = Casework(county)
    lamp = await work.report(matter=STREET_LAMP)
    await work.report(matter=STAIRS_BLOCKED)
    done = await of_township(work, await work.report(matter=STREET_LAMP))
    by = await work.actor("township02")
    await handling.accept(done.id, by=by, at=now(), basis=work.basis)
    await handling.done(done.id, "好了", by=by, at=now(), basis=work.basis)
    await Task.filter(id=(await of_township(work, lamp)).id).update(
        due_at=now() - timedelta(hours=1)
    )

    async def counted(username, township=""):
        who = await work.actor(username)
        found = await platforms.counts(who, township=township, at=now(), basis=work.basis)
        return {each.platform: (each.n_open, each.n_overdue) for each in found}

    mine = {ORDER: (0, 0), MARKET: (0, 0), ENFORCEMENT: (1, 0), SERVICE: (1, 1)}
    assert await counted("township02") == mine
    assert list(await counted("township02")) == [ORDER, MARKET, ENFORCEMENT, SERVICE]
    none = dict.fromkeys(mine, (0, 0))
    assert await counted("township04") == none
    assert await counted("handler_D08") == none
    assert await counted("leader1") == mine
    assert await counted("leader1", by.township_code) == mine
    assert await counted("leader1", "000") == none
    assert await counted("township04", by.township_code) == none
    await Task.filter(unit_id=by.unit_id, platform=SERVICE).update(platform="")
    assert (await counted("township02"))[""] == (1, 1)


async def test_a_board_is_narrowed_to_a_platform_and_comes_in_pages_without_a_gap(county):
    work = Casework(county)
    for matter in (STREET_LAMP, STAIRS_BLOCKED, STREET_LAMP, STREET_LAMP):
        await work.report(matter=matter)
    by = await work.actor("township02")
    tasks = await Task.filter(unit_id=by.unit_id).order_by("id")
    # Two that are due at the same moment, and one without a deadline, which comes last.
    await Task.filter(id__in=[tasks[2].id, tasks[3].id]).update(due_at=tasks[0].due_at)
    await Task.filter(id=tasks[0].id).update(due_at=None)

    async def paged(which, limit) -> list[int]:
        seen, after = [], None
        while page := await boards.task_board(by, which, limit=limit, after=after):
            seen += [task.id for task, _ in page]
            after = boards.place_of(page[-1][0])
        return seen

    expected = sorted(
        await Task.filter(unit_id=by.unit_id), key=lambda each: boards.place_of(each)
    )
    for limit in (1, 2, 3, 50):
        assert await paged(BoardFilter(), limit) == [task.id for task in expected]
        services = [task.id for task in expected if task.platform == SERVICE]
        assert await paged(BoardFilter(platform=SERVICE), limit) == services
    assert expected[-1].id == tasks[0].id
    assert await paged(BoardFilter(platform=ORDER), 9) == []
    assert await paged(BoardFilter(stage="done"), 9) == []
    for task, case in await boards.task_board(by, BoardFilter(), limit=9):
        assert task.case_id == case.id
