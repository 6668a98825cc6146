"""Leaders: watching, instructing and being answered, urging, supervising."""

from datetime import datetime, timedelta

import pytest

from server.cases.ends import closing
from server.cases.models.case import Case, Step
from server.cases.models.steering import Instruction, Watch
from server.cases.reading import watch_list
from server.cases.rules.shown import Reader
from server.cases.work import steering
from server.clock import now
from server.errors import (
    AlreadyDone,
    CaseNotReady,
    NotFound,
    NothingToAnswer,
    NotInCase,
    NotPermitted,
    ReasonMissing,
    WrongStage,
)
from server.push.models import Message
from server.shared_api.timeline import timeline
from tests.casework import WALL_HOLE, Casework, everything, rows_of

HOUSING = "区住房和城乡建设局"
POWER = "区供电公司"


async def instruct(work, case, words="请尽快查清原因", **more):
    by = await work.actor("leader1")
    found, _ = await steering.instruct(
        case.no, words, **{"at": now()} | more, by=by, basis=work.basis
    )
    return found


async def reply(work, case, words="已查清", who="handler_D08", **more):
    by = await work.actor(who)
    found, _ = await steering.reply(case.no, words, by=by, at=now(), basis=work.basis, **more)
    return found


async def said_to(work, who, case, kind):
    account = await work.actor(who)
    found = Message.filter(account_id=account.id, no=case.no, kind=kind).order_by("seq")
    return [each.text for each in await found]


def reply_timers(case):
    return [each.at for each in case.timers if each.name == "reply_late"]


async def test_an_instruction_goes_to_the_lead_who_answers_and_its_leader_hears(county):
    work = Casework(county)
    case = await work.handling()
    await county.deliver()
    planned = case.timers
    at = datetime(2026, 3, 6, 16, 40, tzinfo=county.basis.zone)  # a Friday
    given = await instruct(work, case, at=at)
    assert work.basis.units.by_id[given.unit_id].name == HOUSING
    assert given.reply_due_at == datetime(2026, 3, 9, 16, 40, tzinfo=county.basis.zone)
    case = await Case.get(id=case.id)
    assert (case.stage, reply_timers(case)) == ("handling", [given.reply_due_at])
    assert [each for each in case.timers if each.name != "reply_late"] == list(planned)
    assert case.wake_at == min(each.at for each in case.timers)
    await county.deliver()
    for who in ("handler_D08", "head_D08", "handler_U01"):
        [said] = await said_to(work, who, case, "case.instruct")
        assert "请尽快查清原因" in said
        assert f"请{HOUSING}于3月9日 16:40前答复" in said
    answered = await reply(work, case)
    assert (answered.id, answered.reply) == (given.id, "已查清")
    assert answered.replied_by_id == (await work.actor("handler_D08")).id
    case = await Case.get(id=case.id)
    assert case.timers == planned
    await county.deliver()
    [said] = await said_to(work, "leader1", case, "attention.reply")
    assert HOUSING in said
    assert "已查清" in said
    assert await said_to(work, "resident1", case, "case.instruct") == []
    before = await everything()
    with pytest.raises(AlreadyDone):
        await reply(work, case)
    assert await everything() == before


async def test_an_urgent_instruction_is_answered_round_the_clock_in_two_hours(county):
    work = Casework(county)
    at = datetime(2026, 3, 7, 23, 0, tzinfo=county.basis.zone)  # Saturday night
    usual, urgent = await work.handling(), await work.handling(await work.report(matter=WALL_HOLE))
    for case, more in ((usual, {"urgent": True}), (urgent, {})):
        given = await instruct(work, case, at=at, **more)
        assert given.reply_due_at == at + timedelta(hours=2)


async def test_every_instruction_keeps_its_own_clock_and_the_oldest_is_answered_first(county):
    work = Casework(county)
    case = await work.handling()
    at = now()
    first = await instruct(work, case, "其一", at=at)
    second = await instruct(work, case, "其二", urgent=True, at=at)
    third = await instruct(work, case, "其三", unit=POWER, at=at)
    case = await Case.get(id=case.id)
    assert reply_timers(case) == sorted(each.reply_due_at for each in (first, second, third))
    assert (await reply(work, case, "答二", instruction_id=second.id)).text == "其二"
    assert (await reply(work, case, "答一")).text == "其一"
    case = await Case.get(id=case.id)
    assert reply_timers(case) == [third.reply_due_at]
    before = await everything()
    with pytest.raises(NothingToAnswer):  # another unit's
        await reply(work, case, instruction_id=third.id)
    assert await everything() == before
    assert (await reply(work, case, "答三", who="handler_U01")).text == "其三"
    assert reply_timers(await Case.get(id=case.id)) == []


async def test_an_instruction_waits_on_through_the_stages_and_is_answered_after_the_end(county):
    work = Casework(county)
    case = await work.report()
    given = await instruct(work, case)
    case = await work.handling(case)
    assert reply_timers(case) == [given.reply_due_at]
    await work.helped(case)
    await work.check(await work.resolve(case))
    by = await work.actor("acceptor1")
    case = await closing.close(case.no, by=by, at=now(), basis=work.basis)
    assert reply_timers(case) == []
    assert (await reply(work, case)).id == given.id


async def test_what_passes_between_leaders_and_units_is_read_by_staff_alone(county):
    work = Casework(county)
    case = await work.handling()
    await instruct(work, case, "内部批示")
    await reply(work, case, "内部答复")
    shown = await timeline(case, work.basis, frozenset(), reader=Reader.FOLLOWER)
    assert {row.verb for row in shown}.isdisjoint({"instruct", "reply"})
    whole = await timeline(case, work.basis, frozenset(), reader=Reader.UNIT)
    assert [(row.reason, row.note) for row in whole[-2:]] == [("内部批示", ""), ("", "内部答复")]
    mine = await watch_list.instructions(await work.actor("leader1"), limit=9, before_id=None)
    assert [each.text for each, _ in mine] == ["内部批示"]
    assert (
        await watch_list.instructions(await work.actor("resident1"), limit=9, before_id=None) == []
    )


async def test_units_list_what_waits_for_their_answer(county):
    work = Casework(county)
    case = await work.handling()
    await instruct(work, case, "其一")
    await instruct(work, case, "其二")
    unit = await work.actor("head_D08")
    found = await watch_list.instructions(unit, limit=9, before_id=None)
    assert [(each.text, row.no) for each, row in found] == [("其二", case.no), ("其一", case.no)]
    await reply(work, case)
    found = await watch_list.instructions(unit, limit=9, before_id=None)
    assert [each.text for each, _ in found] == ["其二"]


async def test_urging_and_supervising_reach_the_units_and_stay_on_record(county):
    work = Casework(county)
    case = await work.handling()
    await county.deliver()
    for verb, who, words in (
        (steering.urge, "leader1", "群众反映强烈"),
        (steering.urge, "dispatcher1", ""),
        (steering.supervise, "leader1", ""),
    ):
        by = await work.actor(who)
        await verb(case.no, words, by=by, at=now(), basis=work.basis)
    await county.deliver()
    urged = await said_to(work, "handler_D08", case, "case.urge")
    assert ["群众反映强烈" in said for said in urged] == [True, False]
    assert len(await said_to(work, "handler_U01", case, "case.supervise")) == 1
    assert await said_to(work, "resident1", case, "case.urge") == []
    steps = await Step.filter(case_id=case.id).order_by("-version").limit(3)
    assert [(s.verb, s.by_role) for s in reversed(steps)] == [
        ("urge", "leader"),
        ("urge", "dispatcher"),
        ("supervise", "leader"),
    ]
    assert (await Case.get(id=case.id)).timers == case.timers


async def test_before_there_is_a_lead_those_are_urged_whose_turn_it_is(county):
    work = Casework(county)
    submitted, filed = await work.submitted(), await work.filed()
    await county.deliver()
    by = await work.actor("leader1")
    await steering.urge(submitted.no, by=by, at=now(), basis=work.basis)
    await steering.supervise(filed.no, "快", by=by, at=now(), basis=work.basis)
    await county.deliver()
    for who, case, kind in (
        ("acceptor1", submitted, "attention.urge"),
        ("duty02", submitted, "attention.urge"),
        ("dispatcher2", filed, "attention.supervise"),
        ("duty02", filed, "attention.supervise"),
    ):
        assert len(await said_to(work, who, case, kind)) == 1, (who, kind)
    assert await said_to(work, "duty04", filed, "attention.supervise") == []


async def test_what_leaders_may_not_or_cannot_is_refused_and_changes_nothing(county):
    work = Casework(county)
    case, filed, over = await work.handling(), await work.filed(), await work.closed()
    leader, at, basis = await work.actor("leader1"), now(), work.basis
    before = await everything()
    for on, more, problem in (
        (filed, {}, CaseNotReady),
        (case, {"unit": "区民政局"}, NotInCase),
        (case, {"unit": "没有这个局"}, NotInCase),
        (case, {"words": "  "}, ReasonMissing),
        (over, {}, WrongStage),
    ):
        with pytest.raises(problem):
            await instruct(work, on, **more)
    for verb in (steering.urge, steering.supervise):
        with pytest.raises(WrongStage):
            await verb(over.no, by=leader, at=at, basis=basis)
    for verb, who, problem in (
        (steering.urge, "acceptor1", NotPermitted),
        (steering.urge, "township02", NotPermitted),
        (steering.supervise, "dispatcher1", NotPermitted),
        (steering.supervise, "head_D08", NotPermitted),
        (steering.urge, "resident2", NotFound),
        (steering.supervise, "handler_D01", NotFound),
    ):
        with pytest.raises(problem):
            await verb(case.no, by=await work.actor(who), at=at, basis=basis)
    for who, problem in (
        ("handler_D08", NothingToAnswer),
        ("leader1", NotPermitted),
        ("handler_D01", NotFound),
        ("resident1", NotPermitted),
    ):
        with pytest.raises(problem):
            await reply(work, case, who=who)
    for who, problem in (
        ("dispatcher1", NotPermitted),
        ("auditor1", NotPermitted),
        ("resident1", NotFound),
    ):
        with pytest.raises(problem):
            await steering.watch(case.no, by=await work.actor(who), at=at)
    await steering.unwatch(case.no, by=leader)
    with pytest.raises(NotFound):
        await steering.watch("000000-00000000", by=leader, at=at)
    assert await everything() == before


async def test_a_leader_watches_cases_and_sees_how_they_stand_by_township_and_department(county):
    work = Casework(county)
    leader, at, zone = await work.actor("leader1"), now(), county.basis.zone
    lamp, hole = await work.handling(), await work.report(matter=WALL_HOLE)
    filed, over = await work.filed(), await work.closed()
    unseen = await work.handling()
    for case in (lamp, hole, filed, over):
        await steering.watch(case.no, "关注", by=leader, at=at)
        await steering.watch(case.no, by=leader, at=at)  # once
    assert await Watch.all().count() == 4
    assert await steering.watched_by(leader, lamp)
    assert not await steering.watched_by(leader, unseen)
    noon = datetime.combine(at.astimezone(zone).date(), datetime.min.time(), zone)
    noon += timedelta(hours=12)
    await Case.filter(id=lamp.id).update(due_at=noon - timedelta(minutes=1))
    await Case.filter(id=hole.id).update(due_at=noon + timedelta(hours=11))
    board = await watch_list.watch_board(leader, at=noon, zone=zone)
    home = (await work.actor("township02")).township_code
    found = {code: (f.n_open, f.n_overdue, f.n_due_today) for code, f in board.by_township.items()}
    assert found == {home: (3, 1, 1)}
    leads = {lead: (f.n_open, f.n_overdue, f.n_due_today) for lead, f in board.by_lead.items()}
    assert leads == {lamp.lead_id: (1, 1, 0), hole.lead_id: (1, 0, 1), None: (1, 0, 0)}
    listed = await watch_list.watched(leader, limit=9, before_id=None)
    assert [case.no for _, case in listed] == [over.no, filed.no, hole.no, lamp.no]
    assert listed[-1][0].note == "关注"
    before = await rows_of("SELECT count(*) AS n FROM case_step")
    await steering.unwatch(hole.no, by=leader)
    assert not await steering.watched_by(leader, hole)
    assert await rows_of("SELECT count(*) AS n FROM case_step") == before
    assert await Instruction.all().count() == 0
