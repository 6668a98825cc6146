"""A look at the place before filing: by whom, until when, and what is left of K1 afterwards."""

from datetime import timedelta

import pytest

from server.cases.door import access
from server.cases.ends import closing, merging
from server.cases.intake import screening, verifying
from server.cases.models.case import Attachment, Case, Step
from server.cases.models.task import Verification
from server.cases.reading import queries
from server.cases.rules.flow import Verb
from server.clock import now
from server.errors import (
    AlreadyDone,
    CaseNotReady,
    InterestedParty,
    NotFound,
    NotPermitted,
    PhotoNotReady,
    UnknownPhoto,
    WrongStage,
)
from server.files.models import Photo
from server.people.models import Grant
from server.push.models import Message
from tests.casework import ILLEGAL_BUILDING, Casework, everything, position


async def ask_to_look(work, case, who="acceptor1", at=None):
    by = await work.actor(who)
    await verifying.verify(case.no, "棚子还在不在？", by=by, at=at or now(), basis=work.basis)
    return await Verification.filter(case_id=case.id).order_by("-id").first()


async def answer(work, asked, who=None, *, found=True, at=None, photos=()):
    by = await (work.actor(who) if who else work.actor_by_id(asked.assignee_id))
    case = await verifying.answer(
        asked.id,
        found=found,
        note="看过",
        photos=photos,
        spot=(117.5, 34.7),
        by=by,
        at=at or now(),
        basis=work.basis,
    )
    return await Case.get(id=case.id)


async def test_the_grid_worker_of_the_place_looks_and_the_acceptor_goes_on_with_what_remains(
    county,
):
    work = Casework(county)
    case = await work.submitted()
    k1, timers = case.stage_due_at, case.timers
    asked = await ask_to_look(work, case)
    worker = await work.actor_by_id(asked.assignee_id)
    assert case.grid_code in worker.grid_codes
    case = await Case.get(id=case.id)
    assert (case.stage, case.owner_role) == ("verifying", "grid_worker")
    assert case.stage_due_at == asked.due_at == k1
    assert [each.id for each, _ in await queries.open_verifications(worker, limit=9)] == [asked.id]
    await county.deliver()
    [heard] = await Message.filter(account_id=worker.id, no=case.no)
    assert (heard.kind, "棚子还在不在" in heard.text) == ("work.verify", True)
    photo = await work.photo(await username(worker))
    case = await answer(work, asked, photos=(photo,))
    assert (case.stage, case.owner_role) == ("submitted", "acceptor")
    assert (case.stage_due_at, case.timers) == (k1, timers)
    asked = await Verification.get(id=asked.id)
    assert (asked.found, asked.note, asked.lon, asked.lat) == (True, "看过", 117.5, 34.7)
    [held] = await Attachment.filter(case_id=case.id, purpose="verify")
    assert held.photo_id == photo
    steps = await Step.filter(case_id=case.id, verb="verify").order_by("version")
    assert [(step.way, step.target) for step in steps] == [("ask", "verifying"), ("", "submitted")]
    await county.deliver()
    acceptors = await Message.filter(no=case.no, kind="attention.verify")
    assert [each.account_id for each in acceptors] == [(await work.actor("acceptor1")).id]
    assert "属实" in acceptors[0].text
    assert await queries.open_verifications(worker, limit=9) == []


async def test_staff_too_are_told_of_what_has_no_matter_yet_by_its_own_words(county):
    work = Casework(county)
    case = await work.report(matter="", text="东门口搭了棚子，电话13812345678")
    assert (case.stage, case.matter_code) == ("submitted", "")
    asked = await ask_to_look(work, case)
    await answer(work, asked)
    await closing.follow(case.no, by=await work.actor("resident3"), at=now())
    by = await work.actor("acceptor1")
    await screening.decline(
        case.no, "other", where_to_go="社区", by=by, at=now(), basis=work.basis
    )
    await county.deliver()
    said = {each.kind: each.text for each in await Message.filter(no=case.no)}
    for kind in ("work.verify", "attention.verify"):
        assert "东门口搭了棚子，电话***" in said[kind]
    [follower] = await Message.filter(account_id=(await work.actor("resident3")).id)
    assert "待确认事项" in follower.text, "who merely follows reads nobody's words"


async def username(actor):
    [grant] = await Grant.filter(account_id=actor.id).prefetch_related("account").limit(1)
    return grant.account.username


async def test_asked_late_there_is_half_of_k1_to_look_and_nothing_is_given_to_the_acceptor(county):
    work = Casework(county)
    case = await work.submitted()
    k1 = case.stage_due_at
    late = k1 - timedelta(minutes=1)
    asked = await ask_to_look(work, case, at=late)
    assert k1 < asked.due_at <= late + timedelta(hours=1)
    case = await Case.get(id=case.id)
    assert [each.name for each in case.timers] == ["file_late", "verify_lapsed"]
    case = await answer(work, asked, at=asked.due_at - timedelta(seconds=1))
    assert case.stage_due_at == k1
    # Still planned: the clock has not come to it yet, and it happens once.
    assert [each.name for each in case.timers] == ["file_late", "file_by_clock"]


async def test_who_reported_it_does_not_verify_it_and_without_another_nobody_is_asked(county):
    work = Casework(county)
    case = await work.submitted()
    worker = await work.actor_by_id((await ask_to_look(work, case)).assignee_id)
    # The same place, reported by its own grid worker: another of the village, or nobody.
    name = await username(worker)
    own = await work.report(name, matter=ILLEGAL_BUILDING, photos=())
    assert own.stage == "submitted"
    before = await everything()
    with pytest.raises(CaseNotReady) as refused:
        await ask_to_look(work, own)
    assert refused.value.facts["missing"] == "grid_worker"
    assert await everything() == before
    nowhere = await work.report(position=None)
    with pytest.raises(CaseNotReady):
        await ask_to_look(work, nowhere)
    colleague = await work.actor("grid0201")
    await Grant.create(account_id=colleague.id, role="grid_worker", place_code=own.grid_code)
    assert (await ask_to_look(work, own)).assignee_id == colleague.id


async def test_the_least_busy_worker_of_the_grid_is_asked(county):
    work = Casework(county)
    first, second = await work.submitted(), await work.submitted("resident2")
    colleague = await work.actor("grid0201")
    await Grant.create(account_id=colleague.id, role="grid_worker", place_code=first.grid_code)
    asked = {
        (await ask_to_look(work, first)).assignee_id,
        (await ask_to_look(work, second)).assignee_id,
    }
    assert len(asked) == 2


async def test_only_who_was_asked_answers_and_the_acceptor_once_the_time_is_over(county):
    work = Casework(county)
    case = await work.submitted()
    asked = await ask_to_look(work, case)
    theirs = await work.photo("resident2")
    before = await everything()
    for who, problem in (
        ("resident1", NotFound),
        ("grid0101", NotFound),
        ("handler_D08", NotFound),
        ("leader1", NotFound),
        ("acceptor1", NotPermitted),
    ):
        with pytest.raises(problem):
            await answer(work, asked, who)
    with pytest.raises(UnknownPhoto):
        await answer(work, asked, photos=(theirs,))
    missing = Verification(id=10**9, assignee_id=asked.assignee_id)
    with pytest.raises(NotFound):
        await answer(work, missing)
    assert await everything() == before
    case = await answer(work, asked, "acceptor1", found=False, at=asked.due_at)
    assert case.stage == "submitted"
    before = await everything()
    with pytest.raises(CaseNotReady) as refused:
        await answer(work, asked)
    assert refused.value.facts["missing"] == "verification_open"
    assert await everything() == before


async def test_what_lapsed_and_was_asked_again_is_answered_by_the_one_asked_last(county):
    work = Casework(county)
    case = await work.submitted()
    first = await ask_to_look(work, case)
    await answer(work, first, "acceptor1", at=first.due_at)
    await Verification.filter(id=first.id).update(done_at=None)  # as the clock may leave it
    second = await ask_to_look(work, case)
    before = await everything()
    with pytest.raises(CaseNotReady) as refused:
        await answer(work, first)
    assert refused.value.facts["missing"] == "verification_open"
    assert await everything() == before
    assert (await answer(work, second)).stage == "submitted"


async def test_a_photo_that_cannot_be_read_proves_nothing(county):
    work = Casework(county)
    asked = await ask_to_look(work, await work.submitted())
    worker = await username(await work.actor_by_id(asked.assignee_id))
    photo = await work.photo(worker)
    await Photo.filter(id=photo).update(flags=["unreadable"])
    before = await everything()
    with pytest.raises(PhotoNotReady):
        await answer(work, asked, photos=(photo,))
    assert await everything() == before


async def test_those_who_screen_ask_and_nobody_else(county):
    work = Casework(county)
    case = await work.submitted()
    before = await everything()
    for who, problem in (
        ("resident1", NotPermitted),
        ("resident2", NotFound),
        ("grid0202", NotPermitted),
        ("township02", NotPermitted),
        ("duty01", NotFound),
        ("leader1", NotPermitted),
    ):
        with pytest.raises(problem):
            await ask_to_look(work, case, who)
    assert await everything() == before
    await ask_to_look(work, case, "dispatcher1")
    with pytest.raises(WrongStage):
        await ask_to_look(work, case)
    filed = await work.filed()
    with pytest.raises(WrongStage):
        await ask_to_look(work, filed)


async def test_a_reporter_by_merging_does_not_verify_either(county):
    work = Casework(county)
    case = await work.submitted()
    asked = await ask_to_look(work, case)
    worker = await work.actor_by_id(asked.assignee_id)
    own = await work.report(await username(worker), photos=(), position=position())
    by = await work.actor("acceptor1")
    await merging.merge(own.no, case.no, "同一件事", by=by, at=now(), basis=work.basis)
    before = await everything()
    with pytest.raises(InterestedParty):
        await answer(work, asked)
    assert await everything() == before


async def test_who_looks_sees_the_case_and_a_withdrawn_one_is_asked_of_nobody(county):
    work = Casework(county)
    case = await work.submitted()
    asked = await ask_to_look(work, case)
    worker = await work.actor_by_id(asked.assignee_id)
    assert await access.may_read(worker, await Case.get(id=case.id))
    await access.require(worker, Verb.VERIFY, await Case.get(id=case.id))
    by = await work.actor("resident1")
    await closing.withdraw(case.no, "算了", by=by, at=now(), basis=work.basis)
    assert await queries.open_verifications(worker, limit=9) == []
    with pytest.raises(NotPermitted):
        await access.require(worker, Verb.VERIFY, await Case.get(id=case.id))


async def test_an_answer_sent_again_by_the_same_person_is_told_from_a_question_that_is_over(
    county,
):
    work = Casework(county)
    asked = await ask_to_look(work, await work.submitted())
    await answer(work, asked)
    before = await everything()
    with pytest.raises(AlreadyDone):
        await answer(work, asked)
    assert await everything() == before
