"""What units do with their tasks, in which order, and what it needs to be done."""

from datetime import timedelta

import pytest

from media.sample import jpeg
from server.cases.door.access import allowed_on_task
from server.cases.door.evidence import attach
from server.cases.door.journal import Act
from server.cases.door.moving import moving_task
from server.cases.models.case import Attachment, Case, Step
from server.cases.models.task import Check, Task
from server.cases.rules.flow import Verb
from server.cases.rules.shown import Purpose
from server.cases.work import checking, handling
from server.cases.work.handling import Spot
from server.clock import now
from server.errors import (
    AlreadyDone,
    CaseNotReady,
    NotFound,
    NotPermitted,
    PhotoNotReady,
    ReasonMissing,
    TasksOpen,
    UnknownPhoto,
    WrongStage,
    WrongTaskStage,
)
from server.files.models import Photo
from tests.casework import WALL, Casework, everything


async def test_handling_begins_with_the_leads_signature_and_counts_from_dispatch(county):
    work = Casework(county)
    case = await work.report()
    due_at, [helper, _] = case.due_at, await work.tasks(case, "cooperating")
    officer = await work.actor(work.officer_of(helper.unit_id))
    await handling.accept(helper.id, by=officer, at=now(), basis=work.basis)
    assert (await Case.get(id=case.id)).stage == "dispatched"
    lead, by = await work.lead(case)
    at = now() + timedelta(hours=3)
    await handling.accept(lead.id, by=by, at=at, basis=work.basis)
    case = await Case.get(id=case.id)
    assert (case.stage, case.accepted_at) == ("handling", at)
    assert case.due_at == case.stage_due_at == due_at
    lead = await Task.get(id=lead.id)
    assert (lead.stage, lead.accepted_by_id, lead.due_at) == ("accepted", by.id, due_at)


async def test_a_task_is_signed_for_once_and_only_by_its_own_unit(county):
    work = Casework(county)
    case = await work.report()
    lead, by = await work.lead(case)
    before = await everything()
    for who, problem in (
        ("handler_D01", NotFound),
        ("resident1", NotFound),
        ("grid0202", NotFound),
        ("acceptor1", NotPermitted),
        ("leader1", NotPermitted),
        ("township02", NotPermitted),
        ("township04", NotFound),
    ):
        with pytest.raises(problem):
            await handling.accept(lead.id, by=await work.actor(who), at=now(), basis=work.basis)
    with pytest.raises(NotFound):
        await handling.accept(10**9, by=by, at=now(), basis=work.basis)
    assert await everything() == before
    await handling.accept(lead.id, by=by, at=now(), basis=work.basis)
    with pytest.raises(WrongTaskStage):
        await handling.accept(lead.id, by=by, at=now(), basis=work.basis)


async def test_a_unit_reports_in_and_is_late_only_after_the_time_asked(county):
    work = Casework(county)
    case = await work.handling()
    lead, by = await work.lead(case)
    at = now()
    await Task.filter(id=lead.id).update(arrive_due_at=at)
    spot = Spot(lon=WALL[0], lat=WALL[1])
    found = await handling.check_in(lead.id, spot, by=by, at=at, basis=work.basis)
    assert (found.stage, found.arrived_at, found.arrived_in_time) == ("arrived", at, True)
    assert (found.lon, found.lat) == WALL
    helper = (await work.tasks(case, "cooperating"))[0]
    officer = await work.actor(work.officer_of(helper.unit_id))
    await handling.accept(helper.id, by=officer, at=at, basis=work.basis)
    await Task.filter(id=helper.id).update(arrive_due_at=at)
    late = await handling.check_in(
        helper.id, None, by=officer, at=at + timedelta(seconds=1), basis=work.basis
    )
    assert late.arrived_in_time is False
    with pytest.raises(WrongTaskStage):
        await handling.check_in(helper.id, None, by=officer, at=at, basis=work.basis)


async def test_photos_come_only_by_an_act_that_is_said_to_bring_them(county):
    work = Casework(county)
    lead, by = await work.lead(await work.handling())
    photo = await work.photo("handler_D08")
    before = await everything()
    act = Act(verb=Verb.PROGRESS, by=by, at=now(), note="已到场")
    for photos in ((photo,), ()):
        with pytest.raises(ValueError, match="progress brings no photos after"):
            async with moving_task(lead.id, act, work.basis) as opened:
                await attach(opened, photos, purpose=Purpose.AFTER)
    assert await everything() == before


async def test_the_township_confirms_or_contests_that_a_unit_came(county):
    work = Casework(county)
    case = await work.handling()
    lead, by = await work.lead(case)
    township = await work.actor("township02")
    with pytest.raises(WrongTaskStage):
        await handling.confirm(lead.id, by=township, at=now(), basis=work.basis)
    await handling.check_in(lead.id, None, by=by, at=now(), basis=work.basis)
    for who in (by, await work.actor("leader1")):
        with pytest.raises(NotPermitted):
            await handling.confirm(lead.id, by=who, at=now(), basis=work.basis)
    other = await work.actor("township04")
    with pytest.raises(NotFound):
        await handling.confirm(lead.id, by=other, at=now(), basis=work.basis)
    await handling.confirm(lead.id, by=township, at=now(), basis=work.basis)
    lead = await Task.get(id=lead.id)
    assert lead.arrival == "confirmed"
    assert Verb.CONFIRM not in allowed_on_task(township, case, lead, work.basis)
    with pytest.raises(AlreadyDone):
        await handling.confirm(lead.id, by=township, at=now(), basis=work.basis)
    with pytest.raises(ReasonMissing):
        await handling.contest(lead.id, " ", by=township, at=now(), basis=work.basis)
    await handling.contest(lead.id, "没见到人", by=township, at=now(), basis=work.basis)
    lead = await Task.get(id=lead.id)
    assert (lead.arrival, lead.arrived_in_time) == ("contested", False)
    assert Verb.CONTEST not in allowed_on_task(township, case, lead, work.basis)
    with pytest.raises(AlreadyDone):
        await handling.contest(lead.id, "还是没见到", by=township, at=now(), basis=work.basis)
    assert (await Step.get(case_id=case.id, verb="contest")).reason == "没见到人"


async def test_progress_is_written_down_with_photos_and_needs_a_signature_first(county):
    work = Casework(county)
    case = await work.report()
    lead, by = await work.lead(case)
    with pytest.raises(WrongTaskStage):
        await handling.progress(lead.id, "到场", by=by, at=now(), basis=work.basis)
    await work.handling(case)
    photo = await work.photo("handler_D08")
    await handling.progress(lead.id, "到场", (photo,), by=by, at=now(), basis=work.basis)
    [held] = await Attachment.filter(case_id=case.id, purpose="during")
    assert held.photo_id == photo
    assert (await Step.get(case_id=case.id, verb="progress")).note == "到场"


async def test_a_case_is_resolved_only_with_a_photo_after_and_no_task_open(county):
    work = Casework(county)
    case = await work.handling()
    lead, by = await work.lead(case)
    photo, theirs = await work.photo("handler_D08"), await work.photo("handler_U01")

    async def resolve(*photos):
        await handling.resolve(lead.id, "修好了", photos, by=by, at=now(), basis=work.basis)

    before = await everything()
    with pytest.raises(TasksOpen) as refused:
        await resolve(photo)
    assert set(refused.value.facts["units"].split("、")) == {"区供电公司", "荣华街道"}
    assert await everything() == before
    await work.helped(case)
    before = await everything()
    for photos, problem in (((), CaseNotReady), ((theirs,), UnknownPhoto)):
        with pytest.raises(problem):
            await resolve(*photos)
    assert await everything() == before
    await resolve(photo)
    case = await Case.get(id=case.id)
    assert (case.stage, case.result, case.handled_by_id) == ("checking", "修好了", by.id)
    assert (await Task.get(id=lead.id)).stage == "done"
    [after] = await Attachment.filter(case_id=case.id, purpose="after")
    assert after.photo_id == photo
    assert await Check.filter(case_id=case.id).count() == 1
    with pytest.raises(WrongTaskStage):
        await resolve(photo)


@pytest.mark.parametrize("flag", ["unreadable", "truncated", "header_broken"])
async def test_a_photo_that_cannot_be_read_proves_no_handling(county, flag):
    work = Casework(county)
    case = await work.handling()
    await work.helped(case)
    lead, by = await work.lead(case)
    photo, good = await work.photo("handler_D08"), await work.photo("handler_D08")
    await Photo.filter(id=photo).update(flags=[flag])
    before = await everything()
    for given in ((photo,), (good, photo)):
        with pytest.raises(PhotoNotReady) as refused:
            await handling.resolve(lead.id, "好了", given, by=by, at=now(), basis=work.basis)
        assert refused.value.facts["id"] == str(photo)
    assert await everything() == before
    await handling.resolve(lead.id, "好了", (good,), by=by, at=now(), basis=work.basis)
    check = await Check.get(case_id=case.id)
    checker = await work.actor_by_id(check.assignee_id)
    await Photo.filter(id=good).update(owner_id=checker.id, flags=[flag])
    before = await everything()
    with pytest.raises(PhotoNotReady):
        await checking.check(
            check.id, passed=True, note="", photos=(good,), by=checker, at=now(), basis=work.basis
        )
    assert await everything() == before


async def test_a_lead_that_has_not_signed_resolves_nothing(county):
    work = Casework(county)
    case = await work.report()
    await work.helped(case)
    lead, by = await work.lead(case)
    photo = await work.photo("handler_D08", jpeg(40, 30, seed=7))
    before = await everything()
    with pytest.raises(WrongTaskStage):
        await handling.resolve(lead.id, "好了", (photo,), by=by, at=now(), basis=work.basis)
    assert await everything() == before


async def test_a_cooperating_unit_does_its_part_and_cannot_resolve_the_case(county):
    work = Casework(county)
    case = await work.handling()
    helper = (await work.tasks(case, "cooperating"))[0]
    officer = await work.actor(work.officer_of(helper.unit_id))
    await handling.accept(helper.id, by=officer, at=now(), basis=work.basis)
    photo = await work.photo(work.officer_of(helper.unit_id))
    with pytest.raises(WrongStage):
        await handling.resolve(helper.id, "好了", (photo,), by=officer, at=now(), basis=work.basis)
    done = await handling.done(helper.id, "已配合", by=officer, at=now(), basis=work.basis)
    assert (done.stage, done.result, done.done_by_id) == ("done", "已配合", officer.id)
    assert (await Case.get(id=case.id)).stage == "handling"
    with pytest.raises(WrongTaskStage):
        await handling.done(helper.id, "再来", by=officer, at=now(), basis=work.basis)
    lead, by = await work.lead(case)
    with pytest.raises(WrongStage):
        await handling.done(lead.id, "好了", by=by, at=now(), basis=work.basis)
