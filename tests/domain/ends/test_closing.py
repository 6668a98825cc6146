"""What reporters and leaders do at the end: appraise, ask again, withdraw, follow."""

from datetime import timedelta

import pytest

from server.appraisal.commands import Opinion, appraise
from server.appraisal.models import Appraisal
from server.cases.ends import closing
from server.cases.models.case import Case, Follower, Step
from server.cases.models.report import Report
from server.cases.models.steering import Request
from server.cases.reading.open_cases import unsolved_open
from server.cases.work.handling import accept, check_in
from server.clock import now
from server.errors import (
    AlreadyDone,
    NotFound,
    NotPermitted,
    ReasonMissing,
    RedoUsed,
    RequestOpen,
    TooLate,
    WrongStage,
)
from server.push.models import Message
from tests.casework import WALL_HOLE, Casework, everything

GOOD = Opinion(responded=True, solved=True, satisfaction=5, comment="谢谢")
BAD = Opinion(responded=True, solved=False, satisfaction=1, comment="没修好")


async def redo(work, case, who="resident1", reason="又坏了", after=timedelta()):
    by = await work.actor(who)
    await closing.redo(case.no, reason, by=by, at=now() + after, basis=work.basis)
    return await Case.get(id=case.id)


async def withdraw(work, case, who="resident1"):
    by = await work.actor(who)
    await closing.withdraw(case.no, "自己解决了", by=by, at=now(), basis=work.basis)
    return await Case.get(id=case.id)


async def test_solved_means_archived_and_a_second_opinion_is_refused(county):
    work = Casework(county)
    case, by = await work.closed(), await work.actor("resident1")
    await appraise(case.no, GOOD, by=by, at=now(), basis=work.basis)
    case = await Case.get(id=case.id)
    assert (case.stage, case.owner_role, case.stage_due_at) == ("archived", "", None)
    stored = await Appraisal.get(case_id=case.id)
    assert (stored.account_id, stored.solved, stored.satisfaction) == (by.id, True, 5)
    before = await everything()
    with pytest.raises(WrongStage):
        await appraise(case.no, GOOD, by=by, at=now(), basis=work.basis)
    assert await everything() == before


async def closed_again(work, case):
    case = await work.resolve(case)
    await work.check(case)
    acceptor = await work.actor("acceptor1")
    return await closing.close(case.no, by=acceptor, at=now(), basis=work.basis)


async def test_what_its_reporter_calls_unsolved_is_handled_again_and_then_asked_of_a_leader(
    county,
):
    work = Casework(county)
    case, by = await work.closed(), await work.actor("resident1")
    await appraise(case.no, BAD, by=by, at=now(), basis=work.basis)
    case = await Case.get(id=case.id)
    assert (case.stage, case.cycle, case.n_redo) == ("handling", 2, 1)
    steps = await Step.filter(case_id=case.id).order_by("-version").limit(2)
    assert [(step.verb, step.reason, step.note) for step in steps] == [
        ("redo", "没修好", ""),
        ("appraise", "", "没修好"),
    ]
    before = await everything()
    with pytest.raises(WrongStage):
        await redo(work, case)
    assert await everything() == before
    await closed_again(work, case)
    silent = Opinion(responded=False, solved=False, satisfaction=1)
    await appraise(case.no, silent, by=by, at=now(), basis=work.basis)
    case = await Case.get(id=case.id)
    assert (case.stage, case.cycle, case.n_redo) == ("closed", 2, 1)
    asked = await Request.get(case_id=case.id)
    assert (asked.what, asked.reason, asked.granted) == ("redo", "没有解决", None)
    before = await everything()
    with pytest.raises(AlreadyDone):
        await appraise(case.no, GOOD, by=by, at=now(), basis=work.basis)
    assert await everything() == before
    case = await redo(work, case, "leader1")
    await closed_again(work, case)
    await appraise(case.no, GOOD, by=by, at=now(), basis=work.basis)
    assert (await Case.get(id=case.id)).stage == "archived"


async def test_each_hears_once_of_what_is_not_solved_and_handled_again(county):
    work = Casework(county)
    case, by = await work.closed(), await work.actor("resident1")
    await county.deliver()
    heard = set(await Message.filter(no=case.no).values_list("id", flat=True))
    await appraise(case.no, BAD, by=by, at=now(), basis=work.basis)
    await county.deliver()
    news = await Message.filter(no=case.no).exclude(id__in=list(heard))
    told = {each.account_id: each.text for each in news}
    assert len(told) == len(news)
    [lead] = await work.tasks(case, "lead")
    officer = await work.actor(work.officer_of(lead.unit_id))
    assert "需要重办" in told[officer.id]
    assert "没修好" in told[officer.id]
    assert "将重新办理" in told[by.id]
    assert "没有解决：1 星，没修好" in told[(await work.actor("leader1")).id]


async def test_what_a_township_calls_unsolved_is_told_to_its_units_and_the_leaders(county):
    work = Casework(county)
    case, good = await work.closed(), await work.closed()
    await county.deliver()
    for each, opinion in ((case, BAD), (good, GOOD)):
        by = await work.actor("township02")
        await appraise(each.no, opinion, by=by, at=now(), basis=work.basis)
    await county.deliver()
    [lead] = await work.tasks(case, "lead")
    officer = await work.actor(work.officer_of(lead.unit_id))
    heard = Message.filter(kind__endswith=".appraise")
    assert set(await heard.values_list("no", flat=True)) == {case.no}
    told = {each.account_id: each.text for each in await heard}
    for person in (officer.id, (await work.actor("leader1")).id):
        assert "没有解决：1 星，没修好" in told[person]
    assert by.id not in told


async def test_only_the_reporter_and_the_township_of_the_place_appraise(county):
    work = Casework(county)
    case = await work.closed()
    before = await everything()
    for who, problem in (
        ("resident2", NotFound),
        ("township04", NotFound),
        ("handler_D01", NotFound),
        ("handler_D08", NotPermitted),
        ("acceptor1", NotPermitted),
        ("leader1", NotPermitted),
    ):
        with pytest.raises(problem):
            await appraise(case.no, GOOD, by=await work.actor(who), at=now(), basis=work.basis)
    assert await everything() == before
    await appraise(case.no, GOOD, by=await work.actor("township02"), at=now(), basis=work.basis)
    assert (await Case.get(id=case.id)).stage == "closed", "the reporter has not been asked yet"


async def test_a_reporter_asks_again_once_within_seven_days(county):
    work = Casework(county)
    case = await work.closed()
    before = await everything()
    with pytest.raises(ReasonMissing):
        await redo(work, case, reason="")
    with pytest.raises(TooLate):
        await redo(work, case, after=timedelta(days=7, minutes=1))
    for who, problem in (
        ("resident2", NotFound),
        ("township02", NotPermitted),
        ("acceptor1", NotPermitted),
    ):
        with pytest.raises(problem):
            await redo(work, case, who)
    assert await everything() == before
    case = await redo(work, case, after=timedelta(days=6, hours=23))
    assert (case.stage, case.cycle, case.n_redo) == ("handling", 2, 1)
    step = await Step.get(case_id=case.id, verb="redo")
    assert case.due_at == step.at + timedelta(days=2)
    [lead] = await work.tasks(case, "lead")
    assert (lead.stage, lead.due_at) == ("accepted", case.due_at)


async def closed_twice(work):
    """A case that its reporter has had handled again, and that is closed again."""
    case = await redo(work, await work.closed())
    case = await work.resolve(case)
    await work.check(case)
    acceptor = await work.actor("acceptor1")
    await closing.close(case.no, by=acceptor, at=now(), basis=work.basis)
    return await Case.get(id=case.id)


async def test_a_second_time_is_asked_of_a_leader_who_grants_it_by_doing_it(county):
    work = Casework(county)
    closed = await closed_twice(work)
    before = await everything()
    with pytest.raises(ReasonMissing):
        await redo(work, closed, reason=" ")
    with pytest.raises(TooLate):
        await redo(work, closed, after=timedelta(days=7, minutes=1))
    assert await everything() == before
    case = await redo(work, closed, reason="还是不亮")
    assert (case.stage, case.cycle, case.n_redo) == ("closed", 2, 1)
    assert (case.owner_role, case.timers) == (closed.owner_role, closed.timers)
    asked = await Request.get(case_id=case.id)
    assert (asked.what, asked.reason, asked.granted, asked.unit_id) == (
        "redo",
        "还是不亮",
        None,
        None,
    )
    assert await unsolved_open([case.id]) == {case.id}
    await county.deliver()
    leader = await work.actor("leader1")
    [heard] = await Message.filter(no=case.no, kind="attention.ask")
    assert (heard.account_id, "还是不亮" in heard.text) == (leader.id, True)
    before = await everything()
    with pytest.raises(RequestOpen):
        await redo(work, case)
    with pytest.raises(TooLate):
        await redo(work, case, "leader1", after=timedelta(days=30, minutes=1))
    assert await everything() == before
    case = await redo(work, case, "leader1", after=timedelta(days=29))
    assert (case.stage, case.cycle, case.n_redo) == ("handling", 3, 1)
    asked = await Request.get(case_id=case.id)
    assert (asked.granted, asked.answered_by_id) == (True, leader.id)
    assert await unsolved_open([case.id]) == set()
    before = await everything()
    with pytest.raises(WrongStage):
        await redo(work, case)
    assert await everything() == before


async def test_what_a_leader_refused_after_this_closing_is_not_asked_again(county):
    work = Casework(county)
    case = await redo(work, await closed_twice(work))
    await Request.filter(case_id=case.id).update(granted=False, answered_at=now())
    before = await everything()
    with pytest.raises(RedoUsed):
        await redo(work, case)
    assert await everything() == before
    case = await redo(work, case, "leader1")
    assert case.stage == "handling"


async def test_unsolved_is_open_until_it_is_answered_and_no_other_archives_it_meanwhile(county):
    work = Casework(county)
    case, other = await work.closed(), await work.closed()
    township = await work.actor("township02")
    await appraise(other.no, BAD, by=township, at=now(), basis=work.basis)
    assert await unsolved_open([case.id, other.id]) == set()
    late = now() + timedelta(days=7, minutes=1)
    await appraise(case.no, BAD, by=await work.actor("resident1"), at=late, basis=work.basis)
    assert (await Case.get(id=case.id)).stage == "closed", "too late to have it handled again"
    assert await unsolved_open([case.id, other.id]) == {case.id}
    second = await work.actor("resident2")
    await Follower.create(case_id=case.id, account_id=second.id, since=now(), reporter=True)
    await appraise(case.no, GOOD, by=second, at=now(), basis=work.basis)
    assert (await Case.get(id=case.id)).stage == "closed", "one reporter says it is not solved"
    await redo(work, case, "leader1")
    assert await unsolved_open([case.id, other.id]) == set()


@pytest.mark.parametrize("stage", ["submitted", "filed", "dispatched"])
async def test_a_withdrawn_case_is_over_and_its_units_hear_of_it(county, stage):
    work = Casework(county)
    case = await work.at(stage)
    tasks = await work.tasks(case)
    await county.deliver()
    case = await withdraw(work, case)
    assert (case.stage, case.owner_role, case.stage_due_at) == ("withdrawn", "", None)
    assert {task.stage for task in await work.tasks(case)} <= {"waived"}
    assert (await Report.get(case_id=case.id)).withdrawn_at is not None
    await county.deliver()
    for task in tasks:
        officer = await work.actor(work.officer_of(task.unit_id))
        heard = Message.filter(account_id=officer.id, no=case.no, kind="case.withdraw")
        assert await heard.count() == 1
    with pytest.raises(WrongStage):
        await withdraw(work, case)


async def test_no_task_of_a_withdrawn_case_stays_open(county):
    work = Casework(county)
    case = await work.report()
    helper = (await work.tasks(case, "cooperating"))[0]
    officer = await work.actor(work.officer_of(helper.unit_id))
    await accept(helper.id, by=officer, at=now(), basis=work.basis)
    await check_in(helper.id, None, by=officer, at=now(), basis=work.basis)
    case = await withdraw(work, case)
    assert {task.stage for task in await work.tasks(case)} == {"waived"}


async def test_a_case_that_others_follow_or_that_is_urgent_goes_on(county):
    work = Casework(county)
    followed = await work.report()
    await closing.follow(followed.no, by=await work.actor("resident2"), at=now())
    urgent = await work.report(matter=WALL_HOLE)
    for case in (followed, urgent):
        case = await withdraw(work, case)
        assert case.stage == "dispatched"
        assert {task.stage for task in await work.tasks(case)} == {"pending"}
        assert (await Report.get(case_id=case.id)).withdrawn_at is not None
        before = await everything()
        with pytest.raises(AlreadyDone):
            await withdraw(work, case)
        assert await everything() == before


async def test_who_was_reported_for_may_withdraw_what_the_grid_worker_sent(county):
    work = Casework(county)
    resident = await work.actor("resident1")
    case = await work.report("grid0202", on_behalf_of=resident.id)
    with pytest.raises(NotPermitted):
        await withdraw(work, case, "grid0202")
    assert (await withdraw(work, case)).stage == "withdrawn"


async def test_nothing_is_withdrawn_once_handling_has_begun_or_by_others(county):
    work = Casework(county)
    case = await work.report()
    before = await everything()
    for who, problem in (
        ("resident2", NotFound),
        ("handler_D08", NotPermitted),
        ("acceptor1", NotPermitted),
    ):
        with pytest.raises(problem):
            await withdraw(work, case, who)
    assert await everything() == before
    await work.handling(case)
    with pytest.raises(WrongStage):
        await withdraw(work, case)


async def test_whoever_follows_hears_of_it_once_and_not_of_what_is_over(county):
    work = Casework(county)
    case, other = await work.report(), await work.actor("resident2")
    for _ in range(2):
        await closing.follow(case.no, by=other, at=now())
    assert await Follower.filter(case_id=case.id, account_id=other.id).count() == 1
    await county.deliver()
    assert await Message.filter(account_id=other.id).count() == 0
    await work.handling(case)
    await county.deliver()
    kinds = await Message.filter(account_id=other.id).values_list("kind", flat=True)
    assert kinds == ["case.accept"]
    with pytest.raises(NotFound):
        await closing.follow("000000-00000000", by=other, at=now())
    over = await withdraw(work, await work.report())
    with pytest.raises(NotFound):
        await closing.follow(over.no, by=other, at=now())
    with pytest.raises(WrongStage):
        await closing.follow(over.no, by=await work.actor("acceptor1"), at=now())
