"""One complete notice, what the reporter adds, and objecting to not being taken on."""

from datetime import timedelta
from uuid import uuid4

import pytest

from server.cases.intake import inquiring, screening
from server.cases.models.case import Attachment, Case
from server.cases.models.report import Report
from server.cases.reading import briefs
from server.clock import now
from server.errors import (
    AlreadyDone,
    CaseNotReady,
    InterestedParty,
    KeyReused,
    NotFound,
    NoticeGiven,
    NotPermitted,
    ReasonMissing,
    TooLate,
    UnknownPhoto,
    WrongStage,
)
from server.push.models import Message
from tests.casework import ILLEGAL_BUILDING, Casework, everything


async def inquire(work, case, who="acceptor1", lacking=("门牌号", " 照片 ")):
    by = await work.actor(who)
    await inquiring.inquire(case.no, lacking, by=by, at=now(), basis=work.basis)
    return await Case.get(id=case.id)


async def supplement(work, case, who="resident1", words="三号楼，电话13800001234", **more):
    by = await work.actor(who)
    given = {"key": uuid4(), "photos": ()} | more
    await inquiring.supplement(case.no, words, by=by, at=now(), **given, basis=work.basis)
    return await Case.get(id=case.id)


async def decline(work, case, who="acceptor1", at=None):
    by = await work.actor(who)
    await screening.decline(
        case.no, "other", where_to_go="别处", by=by, at=at or now(), basis=work.basis
    )


async def object_to(work, case, who="resident1", reason="就是你们管", at=None):
    by = await work.actor(who)
    await screening.object_to(case.no, reason, by=by, at=at or now(), basis=work.basis)
    return await Case.get(id=case.id)


async def test_everything_that_lacks_is_asked_at_once_and_only_once(county):
    work = Casework(county)
    case = await work.submitted()
    due = case.stage_due_at
    before = await everything()
    for who, problem in (
        ("resident1", NotPermitted),
        ("resident2", NotFound),
        ("township02", NotPermitted),
        ("grid0202", NotPermitted),
        ("leader1", NotPermitted),
    ):
        with pytest.raises(problem):
            await inquire(work, case, who)
    with pytest.raises(CaseNotReady) as refused:
        await inquire(work, case, lacking=("  ",))
    assert refused.value.facts["missing"] == "notice"
    assert await everything() == before
    case = await inquire(work, case)
    assert (case.stage, case.notice, case.stage_due_at) == ("submitted", ["门牌号", "照片"], due)
    await county.deliver()
    [heard] = await Message.filter(no=case.no, kind="case.inquire")
    assert heard.account_id == (await work.actor("resident1")).id
    assert "门牌号、照片" in heard.text
    before = await everything()
    with pytest.raises(NoticeGiven):
        await inquire(work, case, "acceptor2")
    assert await everything() == before
    with pytest.raises(WrongStage):
        await inquire(work, await work.filed())


async def test_what_is_added_goes_to_those_who_work_on_it_masked_and_who_asked_goes_on(county):
    work = Casework(county)
    case = await inquire(work, await work.report(photos=()))
    assert case.waits_for == ["no_photo"]
    photo = await work.photo("resident1")
    case = await supplement(work, case, photos=(photo,))
    assert (case.stage, case.waits_for) == ("submitted", ["supplemented"])
    assert (await briefs.reported(case, [case.id])).words == ["路灯不亮", "三号楼，电话***"]
    assert await Attachment.filter(case_id=case.id, photo_id=photo, purpose="before").exists()
    await county.deliver()
    [heard] = await Message.filter(no=case.no, kind="attention.supplement")
    assert heard.account_id == (await work.actor("acceptor1")).id
    assert "13800001234" not in heard.text
    by = await work.actor("acceptor1")
    case = await screening.file(case.no, by=by, at=now(), basis=work.basis)
    assert case.stage == "dispatched"
    case = await supplement(work, case, words="灯杆编号 12")
    assert case.stage == "dispatched"
    await county.deliver()
    heard = await Message.filter(no=case.no, kind="case.supplement")
    lead = await work.actor("handler_D08")
    assert lead.id in {message.account_id for message in heard}
    assert (await briefs.reported(case, [case.id])).words[-1] == "灯杆编号 12"


async def test_a_filed_cases_supplement_is_told_to_who_dispatches_it_and_a_closed_one_has_none(
    county,
):
    work = Casework(county)
    case = await supplement(work, await work.filed())
    await county.deliver()
    heard = await Message.filter(no=case.no, kind="attention.supplement")
    assert {message.account_id for message in heard} >= {(await work.actor("dispatcher1")).id}
    assert case.waits_for != ["supplemented"]
    with pytest.raises(WrongStage):
        await supplement(work, await work.closed())


async def test_the_same_supplement_sent_again_is_added_once(county):
    work = Casework(county)
    case, key = await inquire(work, await work.submitted()), uuid4()
    case = await supplement(work, case, key=key)
    before = await everything()
    await supplement(work, case, key=key)
    with pytest.raises(KeyReused):
        await supplement(work, case, key=key, words="别的")
    report = await Report.filter(case_id=case.id).order_by("id").first()
    with pytest.raises(KeyReused):
        await supplement(work, case, key=report.key)
    assert await everything() == before


async def test_nothing_is_added_by_others_and_nothing_empty(county):
    work = Casework(county)
    case = await work.submitted()
    case = await inquire(work, case)
    theirs = await work.photo("resident2")
    before = await everything()
    for who, problem in (
        ("resident2", NotFound),
        ("acceptor1", NotPermitted),
        ("township02", NotPermitted),
        ("grid0202", NotPermitted),
    ):
        with pytest.raises(problem):
            await supplement(work, case, who)
    with pytest.raises(CaseNotReady) as refused:
        await supplement(work, case, words=" ")
    assert refused.value.facts["missing"] == "supplement"
    with pytest.raises(UnknownPhoto):
        await supplement(work, case, photos=(theirs,))
    assert await everything() == before


async def test_an_objection_brings_the_case_back_to_other_eyes_with_a_fresh_k1(county):
    work = Casework(county)
    case = await work.submitted()
    at = now()
    await decline(work, case, at=at - timedelta(days=4, hours=23))
    case = await object_to(work, case, at=at)
    assert (case.stage, case.owner_role, case.objected_at) == ("submitted", "acceptor", at)
    assert at < case.stage_due_at <= at + timedelta(hours=2)
    assert [each.name for each in case.timers] == ["file_late", "file_by_clock"]
    await county.deliver()
    heard = await Message.filter(no=case.no, kind="attention.object")
    assert [each.account_id for each in heard] == [(await work.actor("acceptor2")).id]
    assert "就是你们管" in heard[0].text
    before = await everything()
    with pytest.raises(InterestedParty):
        await decline(work, case)
    assert await everything() == before
    await decline(work, case, "acceptor2", at=at)
    before = await everything()
    with pytest.raises(AlreadyDone):
        await object_to(work, case, at=at)
    assert await everything() == before


async def test_who_declined_may_still_file_what_was_objected_to(county):
    work = Casework(county)
    case = await work.submitted()
    await decline(work, case)
    case = await object_to(work, case)
    by = await work.actor("acceptor1")
    case = await screening.file(case.no, by=by, at=now(), basis=work.basis)
    assert case.stage == "dispatched"


async def test_only_its_reporter_objects_in_time_and_with_a_reason(county):
    work = Casework(county)
    case = await work.submitted()
    before = await everything()
    with pytest.raises(WrongStage):
        await object_to(work, case)
    assert await everything() == before
    await decline(work, case)
    before = await everything()
    for who, problem in (
        ("resident2", NotFound),
        ("acceptor2", NotPermitted),
        ("township02", NotPermitted),
        ("grid0202", NotPermitted),
    ):
        with pytest.raises(problem):
            await object_to(work, case, who)
    with pytest.raises(ReasonMissing):
        await object_to(work, case, reason=" ")
    with pytest.raises(TooLate) as refused:
        await object_to(work, case, at=now() + timedelta(days=5, minutes=1))
    assert refused.value.facts["until"]
    assert await everything() == before


async def test_whom_a_grid_worker_reported_for_is_asked_adds_and_objects(county):
    work = Casework(county)
    resident = await work.actor("resident1")
    case = await work.report("grid0202", on_behalf_of=resident.id, matter="", photos=())
    case = await inquire(work, case)
    before = await everything()
    with pytest.raises(NotPermitted):
        await supplement(work, case, "grid0202")
    assert await everything() == before
    case = await supplement(work, case)
    await decline(work, case)
    before = await everything()
    with pytest.raises(NotPermitted):
        await object_to(work, case, "grid0202")
    assert await everything() == before
    assert (await object_to(work, case)).stage == "submitted"
    await county.deliver()
    told = Message.filter(no=case.no, kind="case.inquire")
    assert resident.id in await told.values_list("account_id", flat=True)


async def test_a_case_of_nobodys_objection_is_declined_by_anyone(county):
    work = Casework(county)
    case = await work.report("resident1", matter=ILLEGAL_BUILDING)
    await decline(work, case, "dispatcher1")
    assert (await Case.get(id=case.id)).stage == "declined"
