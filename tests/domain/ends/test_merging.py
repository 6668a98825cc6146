"""One matter reported twice: put together, found under the old number, taken apart again."""

import asyncio
from datetime import timedelta

import pytest

from server.appraisal.commands import Opinion, appraise
from server.appraisal.models import Appraisal
from server.cases.door.lineage import family, survivor_no
from server.cases.ends import closing, merging
from server.cases.intake import screening
from server.cases.models.case import Case, Follower, Step
from server.cases.models.report import Report
from server.cases.models.steering import Merge
from server.cases.reading import briefs
from server.cases.work import checking, handling
from server.clock import now
from server.errors import (
    AlreadyDone,
    MergeSame,
    NotFound,
    NotPermitted,
    Problem,
    ReasonMissing,
    WrongStage,
)
from server.people.queries import members
from server.push.models import Message
from tests.casework import (
    STAIRS_BLOCKED,
    STREET_LAMP,
    Casework,
    everything,
)
from tests.domain.acts.ends import both, merge, reported, rows_about, unmerge


async def followers(case):
    rows = await Follower.filter(case_id=case.id).order_by("account_id")
    return {row.account_id: row.reporter for row in rows}


async def test_the_earliest_deadline_and_all_followers_stay_and_the_merged_units_stop(county):
    work = Casework(county)
    older = await reported(work, "resident1", hours=20)
    newer = await work.handling(await reported(work, "resident2"))
    follower = await work.actor("resident3")
    await closing.follow(older.no, by=follower, at=now())
    due, late = older.due_at, newer.due_at
    assert due < late
    gone, kept = await merge(work, older, newer)
    assert (gone.stage, gone.owner_role, gone.stage_due_at) == ("merged", "", None)
    assert (gone.timers, gone.wake_at, gone.merged_into_id) == ((), None, kept.id)
    assert {(task.stage, task.wake_at) for task in await work.tasks(gone)} == {("waived", None)}
    assert (kept.stage, kept.due_at, kept.due_why) == ("handling", due, older.due_why)
    assert kept.stage_due_at == due
    marks = {each.name: each.at for each in kept.timers}
    assert set(marks) == {"urge", "warn", "supervise"}
    assert marks["supervise"] == due
    assert {task.due_at for task in await work.tasks(kept)} == {due}
    ids = [(await work.actor(f"resident{n}")).id for n in (1, 2, 3)]
    assert await followers(kept) == dict(zip(ids, (True, True, False), strict=True))
    steps = [await Step.get(case_id=each.id, verb="merge") for each in (gone, kept)]
    assert [(step.way, step.target) for step in steps] == [("", "merged"), ("survive", "handling")]


async def test_a_survivor_never_gets_a_later_deadline_and_one_not_dispatched_keeps_it_in_mind(
    county,
):
    work = Casework(county)
    early, late = await reported(work, hours=9), await reported(work)
    _, kept = await merge(work, late, early)
    assert (kept.due_at, kept.timers) == (early.due_at, early.timers)
    waiting = await work.submitted("resident3")
    _, waiting = await merge(work, kept, waiting)
    assert (waiting.stage, waiting.due_at) == ("submitted", early.due_at)
    assert "supervise" not in {each.name for each in waiting.timers}
    by = await work.actor("acceptor1")
    await screening.file(waiting.no, matter=STREET_LAMP, by=by, at=now(), basis=work.basis)
    waiting = await Case.get(id=waiting.id)
    assert (waiting.stage, waiting.due_at) == ("dispatched", early.due_at)
    assert {task.due_at for task in await work.tasks(waiting)} == {early.due_at}
    await unmerge(work, kept)
    waiting = await Case.get(id=waiting.id)
    assert waiting.due_at == waiting.dispatched_at + timedelta(days=2)


async def test_everybody_is_told_once(county):
    work = Casework(county)
    one, two = await reported(work, "resident1"), await reported(work, "resident2")
    only = await reported(work, "resident2", matter=STAIRS_BLOCKED)
    await county.deliver()
    units = set(await members([task.unit_id for task in await work.tasks(two)]))
    for case, into in ((one, two), (only, two)):
        await merge(work, case, into)
        await county.deliver()
        heard = Message.filter(no=case.no, kind="case.merge")
        reporter = (await Follower.get(case_id=case.id)).account_id
        own = set(await members([task.unit_id for task in await work.tasks(case)]))
        # Who has to do with both is told by the one that goes on.
        told = {reporter} | own - units
        assert sorted(await heard.values_list("account_id", flat=True)) == sorted(told)
        assert into.no in (await heard.filter(account_id=reporter).get()).text
    heard = await Message.filter(no=two.no, kind="case.merge").order_by("id")
    for case in (one, only):
        told = [each.account_id for each in heard if case.no in each.text]
        assert sorted(told) == sorted(units)
    await unmerge(work, one)
    await county.deliver()
    heard = Message.filter(no=one.no, kind="case.unmerge")
    told = await heard.values_list("account_id", flat=True)
    assert len(told) == len(set(told)) == len(units) + 1
    assert "已恢复单独办理" in (await heard.first()).text
    assert not await Message.filter(no=two.no, kind="case.unmerge").exists()


async def test_whatever_was_merged_goes_on_exactly_where_it_was(county):
    work = Casework(county)
    survivor = await reported(work, "resident2", hours=1)
    cases = [
        await work.submitted(),
        await work.filed(),
        await reported(work, hours=30),
        await work.handling(await reported(work, hours=3)),
        await work.checking(),
    ]
    for case in cases:
        before = await rows_about([case, survivor])
        gone, _ = await merge(work, case, survivor)
        assert gone.stage == "merged"
        back = await unmerge(work, case)
        assert await rows_about([case, survivor]) == before
        assert back.version == gone.version + 1
        step = await Step.filter(case_id=case.id, verb="unmerge").order_by("-version").first()
        assert (step.way, step.target) == (back.stage, back.stage)
    undone = await Merge.filter(into_id=survivor.id)
    assert all(each.undone_at and each.undone_by_id for each in undone)


async def test_a_deadline_moved_since_stays_as_it_was_moved(county):
    work = Casework(county)
    early, kept = await reported(work, hours=9), await work.checking()
    await work.check(kept, passed=False)
    acceptor = await work.actor("acceptor1")
    await checking.rework(kept.no, "没好", by=acceptor, at=now(), basis=work.basis)
    _, merged = await merge(work, early, kept)
    moved = now() + timedelta(days=9)
    await Case.filter(id=kept.id).update(due_at=moved)
    await unmerge(work, early)
    assert (await Case.get(id=kept.id)).due_at == moved != merged.due_at


async def test_marks_that_the_clock_has_passed_do_not_come_again(county):
    work = Casework(county)
    early, kept = await reported(work, hours=9), await reported(work)
    left = tuple(each for each in kept.timers if each.name != "urge")
    await Case.filter(id=kept.id).update(timers=left)
    _, merged = await merge(work, early, kept)
    assert "urge" not in {each.name for each in merged.timers}
    await unmerge(work, early)
    assert (await Case.get(id=kept.id)).timers == left


async def test_a_case_and_itself_or_one_that_is_over_are_not_merged(county):
    work = Casework(county)
    one, two, over = await reported(work), await reported(work), await work.closed()
    third = await reported(work)
    await merge(work, third, two)
    before = await everything()
    for case, into in ((one, one), (one, over), (over, one), (third, one), (one, third)):
        with pytest.raises(MergeSame):
            await merge(work, case, into)
    with pytest.raises(ReasonMissing):
        await merge(work, one, two, reason=" ")
    with pytest.raises(NotFound):
        await merge(work, one, Case(no="260101-00000000", id=one.id))
    for who, problem in (
        ("resident1", NotPermitted),
        ("resident2", NotFound),
        ("township02", NotPermitted),
        ("handler_D08", NotPermitted),
        ("leader1", NotPermitted),
        ("auditor1", NotPermitted),
    ):
        with pytest.raises(problem):
            await merge(work, one, two, who)
    with pytest.raises(WrongStage):
        await unmerge(work, one)
    with pytest.raises(NotFound):
        await unmerge(work, Case(no="260101-00000000", id=one.id))
    with pytest.raises(ReasonMissing):
        await unmerge(work, third, reason="")
    with pytest.raises(NotPermitted):
        await unmerge(work, third, "leader1")
    assert await everything() == before


async def test_merged_again_the_old_numbers_lead_to_the_last_survivor(county):
    work = Casework(county)
    a, b, c = [await reported(work, f"resident{n}", hours=n) for n in (1, 2, 3)]
    before = await rows_about([a, b, c])
    await merge(work, a, b)
    await merge(work, b, c)
    assert await survivor_no(a.no) == await survivor_no(b.no) == c.no
    assert await survivor_no(c.no) == c.no
    assert await survivor_no("nothing") == "nothing"
    assert sorted(await family(c)) == [a.id, b.id, c.id]
    assert set(await followers(c)) == {(await work.actor(f"resident{n}")).id for n in (1, 2, 3)}
    last = await Case.get(id=c.id)
    assert len((await briefs.reported(last, await family(last))).words) == 3
    frozen = await everything()
    with pytest.raises(WrongStage):
        await unmerge(work, a)  # its survivor is merged itself: first that one
    assert await everything() == frozen
    await unmerge(work, b)
    await unmerge(work, a)
    assert await rows_about([a, b, c]) == before


async def test_reporters_of_the_merged_case_appraise_and_redo_the_survivor(county):
    work = Casework(county)
    mine, other = await reported(work, "resident1"), await reported(work, "resident2")
    await merge(work, mine, other)
    closed = await work.closed(await Case.get(id=other.id))
    by = await work.actor("resident1")
    opinion = Opinion(responded=True, solved=False, satisfaction=2)
    await appraise(mine.no, opinion, by=by, at=now(), basis=work.basis)
    stored = await Appraisal.get(account_id=by.id)
    assert stored.case_id == other.id
    assert (await Case.get(id=closed.id)).stage == "handling"
    assert (await Case.get(id=mine.id)).stage == "merged"
    by = await work.actor("dispatcher1")
    await merging.unmerge(mine.no, "两件事", by=by, at=now(), basis=work.basis)
    assert (await Case.get(id=mine.id)).stage == "dispatched"


async def test_a_merged_report_can_be_withdrawn_and_the_survivor_goes_on(county):
    work = Casework(county)
    mine, other = await reported(work, "resident1"), await reported(work, "resident2")
    await merge(work, mine, other)
    by = await work.actor("resident1")
    await closing.withdraw(mine.no, "算了", by=by, at=now(), basis=work.basis)
    assert (await Report.get(case_id=mine.id)).withdrawn_at is not None
    assert (await Report.get(case_id=other.id)).withdrawn_at is None
    assert (await Case.get(id=other.id)).stage == "dispatched"
    before = await everything()
    with pytest.raises(AlreadyDone):
        await closing.withdraw(mine.no, "算了", by=by, at=now(), basis=work.basis)
    assert await everything() == before


async def test_after_the_end_a_merging_is_undone_too_and_what_was_handled_stays_so(county):
    work = Casework(county)
    mine, other = await reported(work, "resident1", hours=5), await reported(work, "resident2")
    own = other.due_at
    await merge(work, mine, other)
    closed = await work.closed(await Case.get(id=other.id))
    assert closed.due_at == mine.due_at
    back = await unmerge(work, mine)
    kept = await Case.get(id=other.id)
    assert (back.stage, kept.stage, kept.due_at) == ("dispatched", "closed", own)
    assert kept.timers == closed.timers


async def test_who_came_otherwise_stays_when_it_is_taken_apart(county):
    work = Casework(county)
    kept = await reported(work, "resident2")
    one, two = await reported(work, "resident1"), await reported(work, "resident1")
    third = await reported(work, "resident3")
    first, last = [(await work.actor(f"resident{n}")).id for n in (1, 3)]
    for case in (one, two, third):
        await merge(work, case, kept)
    await unmerge(work, one)
    assert (await followers(kept))[first] is True, "the other report of theirs is still in it"
    await closing.follow(kept.no, by=await work.actor("resident3"), at=now())
    await unmerge(work, third)
    assert (await followers(kept))[last] is False, "follows it, and has not reported it"
    await unmerge(work, two)
    assert first not in await followers(kept)


async def test_of_two_mergings_across_each_other_one_wins(county):
    work = Casework(county)
    for _ in range(5):
        one, two = await reported(work), await reported(work, "resident2")
        done = await asyncio.gather(
            merge(work, one, two),
            merge(work, two, one, "acceptor2"),
            return_exceptions=True,
        )
        lost = [each for each in done if isinstance(each, Exception)]
        assert [type(each) for each in lost] == [MergeSame]
        stages = sorted(each.stage for each in await both(one, two))
        assert stages == ["dispatched", "merged"]
        assert await Merge.filter(case_id__in=[one.id, two.id]).count() == 1


async def test_merging_and_accepting_at_once_one_after_the_other(county):
    work = Casework(county)
    for _ in range(3):
        one, two = await reported(work), await reported(work, "resident2")
        lead, officer = await work.lead(one)
        done = await asyncio.gather(
            merge(work, one, two),
            handling.accept(lead.id, by=officer, at=now(), basis=work.basis),
            return_exceptions=True,
        )
        assert all(isinstance(each, Problem) for each in done if isinstance(each, Exception))
        assert (await Case.get(id=one.id)).stage == "merged"
        assert {task.stage for task in await work.tasks(one)} == {"waived"}
        await unmerge(work, one)
        accepted = not isinstance(done[1], Exception)
        stage = (await Case.get(id=one.id)).stage
        assert stage == ("handling" if accepted else "dispatched")
