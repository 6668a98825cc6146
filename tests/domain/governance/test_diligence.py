"""A unit's record in a case: its duties by the list cited then, and what it shows of them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from asyncpg.exceptions import RaiseError

from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import returns
from server.cases.disputes.returns import Claim, Ruling
from server.cases.ends import closing
from server.cases.models.case import Attachment, Case, Step
from server.cases.work import handling, requests, steering
from server.clock import now
from server.errors import BadInput, NotFound, NotPermitted, ShownTooOften, UnknownUnit
from server.governance.diligence import page as diligence_page
from server.governance.diligence import record as diligence
from server.governance.diligence.owed import Owed, State
from server.governance.diligence.record import Showing
from server.governance.models.diligence import ShownDuty
from server.responsibility.list.models import Entry
from tests.casework import STAIRS_BLOCKED, Casework, everything, rows_of

HOUSING, POWER, STREET = "区住房和城乡建设局", "区供电公司", "荣华街道"
#: The lead's duties for street lamps, as the demo list words them.
LAMPS = ["维修更换路灯和线路", "巡查亮灯率", "处置灯杆倾倒漏电", "调整开关灯时间", "受理增设需求"]


async def record(work, case, unit=HOUSING, who="auditor1", at=None):
    by = await work.actor(who)
    return await diligence.record(case.no, unit, by=by, at=at or now(), basis=work.basis)


async def show(work, case, number=1, note="换了灯泡", who="handler_D08", unit=HOUSING, **more):
    showing = Showing(number=number, note=note, **more)
    by = await work.actor(who)
    await diligence.show_duty(case.no, unit, showing, by=by, at=now(), basis=work.basis)


def states(found):
    return [(each.owed, each.state) for each in found.procedure]


async def test_a_lead_has_its_duties_of_the_list_and_of_procedure_with_the_evidence(county):
    work = Casework(county)
    case = await work.closed()
    found = await record(work, case)
    assert [(each.duty.number, each.duty.text) for each in found.named] == list(
        enumerate(LAMPS, 1)
    )
    assert {each.duty.source for each in found.named} == {"lead"}
    assert states(found) == [
        (Owed.ACCEPT, State.DONE),
        (Owed.HANDLE, State.DONE),
        (Owed.HELPED, State.DONE),
        (Owed.RESULT, State.DONE),
    ]
    accept, handle, helped, result = found.procedure
    task, officer = await work.lead(case)
    assert (accept.due_at, accept.done_at) == (task.accept_due_at, task.accepted_at)
    assert (handle.due_at, handle.done_at) == (task.due_at, task.done_at)
    proof = [found.evidence[version] for version in result.steps]
    assert [(each.verb, each.unit_id, each.by_role) for each in proof] == [
        ("resolve", officer.unit_id, "handler")
    ]
    assert proof[0].words == "已修好"
    after = await Attachment.filter(case_id=case.id, purpose="after").values_list("photo_id")
    assert proof[0].photos == tuple(str(photo) for (photo,) in after)
    assert len(helped.steps) == len(await work.tasks(case, "cooperating"))


async def test_who_cooperates_has_its_own_duties_and_the_township_its_own(county):
    work = Casework(county)
    case = await work.handling()
    power, street = await record(work, case, POWER), await record(work, case, STREET)
    assert [each.duty.text for each in power.named] == ["保障路灯供电，配合线路故障抢修"]
    assert "核实灯杆编号和范围" in [each.duty.text for each in street.named]
    assert states(power) == [(Owed.ACCEPT, State.NOT_DUE), (Owed.COOPERATE, State.NOT_DUE)]
    late = await record(work, case, POWER, at=case.due_at + timedelta(minutes=1))
    assert states(late) == [(Owed.ACCEPT, State.NOT_DONE), (Owed.COOPERATE, State.NOT_DONE)]


async def test_a_township_that_leads_has_the_leads_duties_and_its_own(county):
    work = Casework(county)
    case = await work.handling(await work.report(matter=STAIRS_BLOCKED))
    found = await record(work, case, STREET)
    assert {each.duty.source for each in found.named} == {"lead", "township"}
    assert found.named[0].duty.text == "入户告知限期自清"


async def test_the_duties_are_those_of_the_version_that_the_case_cites(county):
    work = Casework(county)
    case = await work.handling()
    old = case.explanation.entry_id
    now_in_force = await Entry.get(id=old)
    now_in_force.id, now_in_force._saved_in_db = None, False
    rows = await rows_of("SELECT max(number) AS n FROM list_version")
    await rows_of(
        "INSERT INTO list_version (list_id, number, label, state, starts_at, loaded_at,"
        " source_name, sha256, report) SELECT list_id, $2, '新版', 'published', now(), now(),"
        " '', '', '{}' FROM list_version WHERE id = $1",
        now_in_force.version_id,
        rows[0]["n"] + 1,
    )
    [new] = await rows_of("SELECT max(id) AS id FROM list_version")
    now_in_force.version_id, now_in_force.lead_duties = new["id"], "只管路灯"
    await now_in_force.save()
    await county.parts.knowledge.refresh()
    found = await record(work, case)
    assert [each.duty.text for each in found.named] == LAMPS
    assert found.entry.id == old
    later = await work.handling()
    assert [each.duty.text for each in (await record(work, later)).named] == ["只管路灯"]


async def test_off_the_list_only_procedure_sets_duties(county):
    work = Casework(county)
    case = await work.filed()
    by = await work.actor("dispatcher1")
    choice = Choice(lead=HOUSING, limit=2, urgency="work_day", note="由住建办理")
    await dispatching.dispatch(case.no, choice, by=by, at=now(), basis=work.basis)
    found = await record(work, case)
    assert (found.entry, found.named) == (None, ())
    assert states(found)[0] == (Owed.ACCEPT, State.NOT_DUE)
    assert diligence_page.cited(found) == "本案没有引用责任清单，只列程序上的职责。"
    with pytest.raises(BadInput):
        await show(work, case)


async def test_what_the_clock_signs_for_stays_against_the_unit(county):
    work = Casework(county)
    case = await work.report()
    [lead] = await work.tasks(case, "lead")
    await work.until(lead.accept_due_at)
    found = await record(work, case, at=lead.accept_due_at)
    assert states(found)[0] == (Owed.ACCEPT, State.NOT_DONE)
    [signed] = [found.evidence[version] for version in found.procedure[0].steps]
    assert (signed.verb, signed.by_role, signed.unit_id) == ("accept", "system", None)
    assert "系统" in diligence_page.line(signed, work.basis.units, work.basis.zone)


async def test_late_is_said_by_how_much_and_an_exemption_is_added(county):
    work = Casework(county)
    case = await work.handling()
    await work.helped(case)
    task, by = await work.lead(case)
    at = case.due_at + timedelta(hours=1, minutes=20)
    await work.until(case.due_at)
    photo = await work.photo(work.officer_of(task.unit_id))
    await handling.resolve(task.id, "好了", (photo,), by=by, at=at, basis=work.basis)
    handle = (await record(work, case)).procedure[1]
    assert (handle.state, handle.late) == (State.LATE, timedelta(hours=1, minutes=20))
    zone = work.basis.zone
    assert diligence_page.state_words(handle, zone) == "逾期完成（晚1小时20分钟）"
    await work.ask(case, "exempt", at=at)
    granting = await work.actor("dispatcher1")
    await requests.exempt(case.no, by=granting, at=at, basis=work.basis)
    handle = (await record(work, case)).procedure[1]
    assert (handle.state, handle.exempted_at) == (State.LATE, at)
    assert "准予免责" in diligence_page.state_words(handle, zone)


async def test_a_return_and_replies_to_instructions_are_duties_of_their_own(county):
    work = Casework(county)
    case = await work.report()
    leader = await work.actor("leader1")
    at = now()
    for words in ("请查一", "请查二"):
        await steering.instruct(case.no, words, by=leader, at=at, basis=work.basis)
    task, by = await work.lead(case)
    soon = at + timedelta(minutes=1)
    await steering.reply(case.no, "已查", by=by, at=soon, basis=work.basis)
    claim = Claim(ground="wrong_matter", reason="是供电设施", proper_unit=POWER)
    await returns.give_back(task.id, claim, by=by, at=soon, basis=work.basis)
    found = await record(work, case, at=at + timedelta(days=60))
    assert states(found)[-3:] == [
        (Owed.RETURN, State.DONE),
        (Owed.REPLY, State.DONE),
        (Owed.REPLY, State.NOT_DONE),
    ]
    given, reply, _ = found.procedure[-3:]
    assert [found.evidence[v].words for v in given.steps] == ["是供电设施"]
    assert "已查" in {found.evidence[v].words for v in reply.steps}
    assert diligence_page.duty_words(given) == "退单在时限内提出并写明理由（事项认定有误）"
    ruling = Ruling(upheld=True, reason="属实")
    ruler = await work.actor("dispatcher2")
    await returns.rule(case.no, ruling, by=ruler, at=soon, basis=work.basis)
    found = await record(work, case)
    lifted = {each.owed for each in found.procedure if each.state is State.LIFTED}
    assert {Owed.ACCEPT, Owed.HANDLE} <= lifted
    # The new lead answers for its own time, and for what the list names it as.
    power = await record(work, case, POWER)
    assert {each.duty.source for each in power.named} == {"cooperating"}
    assert states(power)[0] == (Owed.ACCEPT, State.NOT_DUE)
    assert (Owed.COOPERATE, State.LIFTED) in states(power)


async def test_a_duty_is_open_until_its_unit_shows_it_and_nothing_shown_is_lost(county):
    work = Casework(county)
    case = await work.closed()
    [resolved] = await Step.filter(case_id=case.id, verb="resolve")
    [after] = await Attachment.filter(case_id=case.id, purpose="after")
    await show(work, case, note="换了灯泡", steps=(resolved.version,), photos=(after.photo_id,))
    await show(work, case, note="更正：换了灯具", who="head_D08")
    found = await record(work, case)
    first, second = found.named[0].shown
    assert (first.note, first.steps, first.photos) == (
        "换了灯泡",
        (resolved.version,),
        (str(after.photo_id),),
    )
    assert (second.note, second.by_role) == ("更正：换了灯具", "unit_head")
    assert [bool(each.shown) for each in found.named] == [True, False, False, False, False]
    said = diligence_page.summary(found)
    assert said == "清单职责 5 项，已举证 1 项；程序职责 4 项，按要求完成 4 项。"
    for sql in ("UPDATE shown_duty SET note = ''", "DELETE FROM shown_duty"):
        with pytest.raises(RaiseError, match="append-only"):
            await rows_of(sql)


async def test_nothing_foreign_is_shown_and_nobody_shows_for_another(county):
    work = Casework(county)
    case, other = await work.closed(), await work.closed()
    theirs = await Attachment.filter(case_id=other.id, purpose="after").first()
    before = await everything()
    for wrong, pointers in (
        ({"number": 6}, ["/duty"]),
        ({"steps": (1, 10**4)}, ["/steps/1"]),
        ({"photos": (theirs.photo_id,)}, ["/photos/0"]),
        ({"photos": (uuid4(),), "number": 99}, ["/duty", "/photos/0"]),
    ):
        with pytest.raises(BadInput) as refused:
            await show(work, case, **wrong)
        assert [each["pointer"] for each in refused.value.errors] == pointers
    for who, problem in (
        ("handler_D01", NotFound),  # not of this case: it does not exist
        ("township02", NotPermitted),
        ("leader1", NotPermitted),
        ("dispatcher1", NotPermitted),
        ("resident1", NotFound),
    ):
        with pytest.raises(problem):
            await show(work, case, who=who)
    with pytest.raises(UnknownUnit):
        await show(work, case, unit="没有的单位")
    assert await everything() == before


async def test_a_record_is_for_its_unit_and_for_those_who_look_over_all(county):
    work = Casework(county)
    case = await work.handling()
    for who in ("handler_D08", "head_D08", "leader1", "auditor1", "dispatcher1"):
        assert (await record(work, case, who=who)).unit.name == HOUSING
    for who, problem in (
        ("township02", NotPermitted),  # reads the case, and its own part alone
        ("acceptor1", NotPermitted),
        ("keeper1", NotFound),
        ("handler_D01", NotFound),
        ("resident1", NotFound),
        ("grid0202", NotPermitted),
    ):
        with pytest.raises(problem):
            await record(work, case, who=who)
    assert (await record(work, case, STREET, who="township02")).unit.name == STREET
    with pytest.raises(NotFound):
        await record(work, case, "区民政局")
    in_conference = await work.in_conference()
    assert (await record(work, in_conference, who="keeper1")).unit.name == HOUSING


async def test_no_more_is_shown_than_anybody_reads(county):
    work = Casework(county)
    case = await work.handling()
    rows = [
        ShownDuty(
            case_id=case.id,
            unit_id=case.lead_id,
            entry_id=case.entry_id,
            number=1,
            duty="",
            note="",
            by_id=1,
            by_role="handler",
            at=now(),
        )
        for _ in range(200)
    ]
    await ShownDuty.bulk_create(rows)
    with pytest.raises(ShownTooOften):
        await show(work, case)


async def test_an_officer_who_reported_privately_and_asks_for_more_is_not_named_by_the_record(
    county,
):
    work = Casework(county)
    case = await work.closed(await work.report("handler_D11"))
    reporter = await work.actor("handler_D11")
    redo = {"by": reporter, "at": now(), "basis": work.basis}
    await closing.redo(case.no, "我是王小明，还是不亮", **redo)
    case = await work.resolve(await Case.get(id=case.id))
    await work.check(case)
    await closing.close(case.no, by=await work.actor("acceptor1"), at=now(), basis=work.basis)
    await closing.redo(case.no, "我是王小明，又坏了", **redo | {"at": now()})
    found = await record(work, case)
    said = [each for each in found.evidence.values() if each.verb in ("redo", "ask")]
    assert [(each.verb, each.unit_id, each.words) for each in said] == [
        ("redo", None, ""),
        ("ask", None, ""),
    ]
    assert "王小明" not in str(diligence_page.page(found, work.basis))


async def test_of_the_reporter_a_record_says_nothing(county):
    work = Casework(county)
    case = await work.report("resident1", text="我是王某，电话 13800001111，路灯不亮")
    await work.closed(case)
    case = await Case.get(id=case.id)
    await show(work, case, note="已回电13800001111告知", steps=(1,))
    found = await record(work, case)
    reported = found.evidence[1]
    assert (reported.verb, reported.unit_id, reported.words) == ("report", None, "")
    [named] = await rows_of("SELECT name, username FROM account WHERE username = 'resident1'")
    page = str(diligence_page.page(found, work.basis))
    for secret in (named["name"], named["username"], "13800001111", "王某"):
        assert secret not in page
