"""Handled on the spot: where the list allows it, with photos, looked at by somebody else."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from server.cases.ends import closing
from server.cases.models.case import Attachment, Case, Step
from server.cases.models.task import Check
from server.cases.rules.views import answerable_id
from server.cases.work import checking, handling
from server.cases.work.on_the_spot import Handled
from server.clock import now
from server.errors import (
    CaseNotReady,
    InterestedParty,
    KeyReused,
    NoSelfHandling,
    NotFound,
    NotPermitted,
    PhotoNotReady,
    UnknownPhoto,
    WrongStage,
)
from server.files.models import Photo
from server.people.models import Unit
from server.push.models import Message
from tests.casework import (
    STAIRS_BLOCKED,
    STREET_LAMP,
    Casework,
    everything,
    new_report,
    position,
)
from tests.domain.acts.work import (
    SMALL_ADS,
    WORKER,
    done_already,
    send,
    sent_back,
    settle,
    worker_of,
)


async def test_a_grid_worker_settles_it_units_stop_and_another_grid_worker_looks(county):
    work = Casework(county)
    case = await work.report(matter=SMALL_ADS)
    tasks = await work.tasks(case)
    await county.deliver()
    who = await worker_of(work, case)
    case = await settle(work, case, who)
    by = await work.actor(who)
    assert (case.stage, case.self_handled, case.lead_id) == ("checking", True, None)
    assert (case.handled_by_id, case.result, case.waits_for) == (by.id, "已铲除", [])
    assert {task.stage for task in await work.tasks(case)} == {"waived"}
    assert {task.wake_at for task in await work.tasks(case)} == {None}
    assert {each.name for each in case.timers} == {"check_late"}
    check = await Check.get(case_id=case.id)
    assert check.assignee_id not in (None, by.id)
    purposes = await Attachment.filter(case_id=case.id).values_list("purpose", flat=True)
    assert sorted(purposes) == ["after", "before"]
    verbs = await Step.filter(case_id=case.id).order_by("version").values_list("verb", flat=True)
    assert verbs[-2:] == ["self_handle", "check"]
    await county.deliver()
    for task in tasks:
        officer = await work.actor(work.officer_of(task.unit_id))
        if task.unit_id == by.unit_id:
            continue
        heard = await Message.filter(account_id=officer.id, no=case.no, kind="case.self_handle")
        assert len(heard) == 1
        assert "原来的任务不用再办" in heard[0].text
    resident = await work.actor("resident1")
    [heard] = await Message.filter(account_id=resident.id, kind="case.self_handle")
    assert "荣华街道" in heard.text
    assert "已铲除" in heard.text
    await work.check(case)
    acceptor = await work.actor("acceptor1")
    await closing.close(case.no, by=acceptor, at=now(), basis=work.basis)
    assert (await Case.get(id=case.id)).stage == "closed"


@pytest.mark.parametrize("make", ["submitted", "filed", "dispatched", "urgent"])
async def test_it_is_settled_before_anybody_was_sent_for_and_due_the_same_day(county, make):
    work = Casework(county)
    changes = {
        "submitted": {"matter": SMALL_ADS, "photos": ()},
        "filed": {"matter": "AQ-005", "position": None},
        "dispatched": {"matter": SMALL_ADS},
        "urgent": {"matter": "AQ-005"},
    }[make]
    case = await work.report(WORKER, **changes)
    assert case.stage == {"urgent": "dispatched"}.get(make, make)
    due = case.due_at
    before = (await work.photo(WORKER),)
    case = await settle(work, case, before=before)
    assert case.stage == "checking"
    if due is None:
        local = case.due_at.astimezone(work.basis.zone)
        received = case.received_at.astimezone(work.basis.zone)
        assert (local.hour, local.minute) == (0, 0)
        assert 0 < (local - received).total_seconds() <= 86400
        assert "当日" in case.due_why
    else:
        assert case.due_at == due
    assert case.filed_at is not None


async def test_what_the_list_does_not_allow_or_no_longer_is_new_goes_to_the_lead(county):
    work = Casework(county)
    lamp = await work.report(WORKER)
    open_matter = await work.report(WORKER, matter="")
    off = await work.report(WORKER, matter=await work.off_list())
    ads = await work.handling(await work.report(WORKER, matter=SMALL_ADS))
    after = (await work.photo(WORKER),)
    before = await everything()
    for case, problem in (
        (lamp, NoSelfHandling),
        (open_matter, NoSelfHandling),
        (off, NoSelfHandling),
        (ads, WrongStage),
    ):
        with pytest.raises(problem):
            await settle(work, case, after=after)
    assert await everything() == before


async def test_photos_before_and_after_are_different_readable_and_ones_own(county):
    work = Casework(county)
    case = await work.report(matter=SMALL_ADS)
    bare = await work.report(matter=SMALL_ADS, photos=())
    [held] = await Attachment.filter(case_id=case.id)
    mine, other = await work.photo(WORKER), await work.photo(WORKER)
    theirs, broken = await work.photo("resident2"), await work.photo(WORKER)
    await Photo.filter(id=broken).update(flags=["truncated"])
    before = await everything()
    for target, given, problem, missing in (
        (case, {"after": ()}, CaseNotReady, "photo_after"),
        (case, {"after": (held.photo_id,)}, CaseNotReady, "photo_after"),
        (case, {"before": (mine,), "after": (mine,)}, CaseNotReady, "photo_after"),
        (case, {"result": " ", "after": (mine,)}, CaseNotReady, "result"),
        (case, {"after": (theirs,)}, UnknownPhoto, None),
        (case, {"before": (theirs,), "after": (mine,)}, UnknownPhoto, None),
        (case, {"after": (broken,)}, PhotoNotReady, None),
        (case, {"before": (broken,), "after": (mine,)}, PhotoNotReady, None),
        (bare, {"after": (mine,)}, CaseNotReady, "photo_before"),
    ):
        with pytest.raises(problem) as refused:
            await settle(work, target, await worker_of(work, target), **given)
        if missing:
            assert refused.value.facts["missing"] == missing
    assert await everything() == before
    await settle(work, bare, await worker_of(work, bare), before=(other,), after=(mine,))


async def test_nobody_settles_what_is_not_of_their_grid_or_township(county):
    work = Casework(county)
    case = await work.report(matter=SMALL_ADS)
    shots = {
        who: (await work.photo(who),)
        for who in ("resident1", "grid0101", "township01", "handler_D02", "acceptor1")
    }
    before = await everything()
    for who, problem in (
        ("resident1", NotPermitted),
        ("grid0101", NotFound),
        ("township01", NotFound),
        ("acceptor1", NotPermitted),
    ):
        with pytest.raises(problem):
            await settle(work, case, who, after=shots[who])
    assert await everything() == before


async def test_what_a_township_settled_itself_is_looked_at_from_another_township(county):
    work = Casework(county)
    case = await settle(work, await work.report(matter=SMALL_ADS), "township02")
    township = await work.actor("township02")
    assert case.lead_id == township.unit_id
    check = await Check.get(case_id=case.id)
    checker = await work.actor_by_id(check.assignee_id)
    assert checker.township_code != township.township_code
    before = await everything()
    for who in ("township02", "duty02"):
        by = await work.actor(who)
        with pytest.raises(NotFound):
            await checking.check(check.id, passed=True, note="", by=by, at=now(), basis=work.basis)
    assert await everything() == before


async def test_a_check_that_fails_sends_it_to_the_lists_lead_with_all_its_time(county):
    work = Casework(county)
    case = await work.report(matter=SMALL_ADS)
    first = {task.id for task in await work.tasks(case)}
    case = await settle(work, case, await worker_of(work, case))
    acceptor = await work.actor("acceptor1")
    case = await sent_back(work, case)
    assert (case.stage, case.cycle, case.self_handled) == ("dispatched", 2, False)
    step = await Step.get(case_id=case.id, verb="rework")
    assert (step.way, step.reason, step.target) == ("to_lead", "还在", "dispatched")
    fresh = [task for task in await work.tasks(case) if task.id not in first]
    assert {task.stage for task in fresh} == {"pending"}
    [lead] = [task for task in fresh if task.part == "lead"]
    assert case.lead_id == lead.unit_id
    assert lead.due_at == case.due_at > step.at
    assert (case.handled_by_id, case.handled_at) == (None, None)
    by = await work.actor(work.officer_of(lead.unit_id))
    await handling.accept(lead.id, by=by, at=now(), basis=work.basis)
    for task in fresh:
        if task.part == "cooperating":
            helper = await work.actor(work.officer_of(task.unit_id))
            await handling.accept(task.id, by=helper, at=now(), basis=work.basis)
            await handling.done(task.id, "已配合", by=helper, at=now(), basis=work.basis)
    photo = (await work.photo(work.officer_of(lead.unit_id)),)
    await handling.resolve(lead.id, "铲了", photo, by=by, at=now(), basis=work.basis)
    case = await sent_back(work, await Case.get(id=case.id))
    assert (case.stage, case.lead_id) == ("handling", lead.unit_id), "now it is the lead's own"
    await county.deliver()
    assert await Message.filter(no=case.no, account_id=by.id, kind="case.rework").count() == 2
    assert acceptor.id not in {case.handled_by_id}


async def test_without_a_lead_on_the_list_the_dispatcher_is_asked(county):
    work = Casework(county)
    case = await work.report(WORKER, matter=SMALL_ADS)
    case = await settle(work, case)
    lead = work.basis.lists.at(now()).entry(SMALL_ADS).lead_id
    await Unit.filter(id=lead).update(active=False)
    await county.parts.knowledge.refresh()
    case = await sent_back(work, case)
    assert (case.stage, case.owner_role, case.waits_for) == ("filed", "dispatcher", ["no_lead"])
    assert (case.lead_id, case.due_at) == (None, None)
    assert (await Step.get(case_id=case.id, verb="rework")).way == "to_dispatcher"
    assert [each.name for each in case.timers] == ["dispatch_late"]


async def test_a_redo_of_what_was_settled_on_the_spot_goes_to_the_lead_too(county):
    work = Casework(county)
    case = await settle(work, await work.report(matter=SMALL_ADS), "township02")
    await work.check(case)
    acceptor = await work.actor("acceptor1")
    await closing.close(case.no, by=acceptor, at=now(), basis=work.basis)
    by = await work.actor("resident1")
    await closing.redo(case.no, "又有了", by=by, at=now(), basis=work.basis)
    case = await Case.get(id=case.id)
    assert (case.stage, case.cycle, case.n_redo) == ("dispatched", 2, 1)
    assert work.basis.units.by_id[case.lead_id].name == "区综合行政执法局"
    assert (await Step.get(case_id=case.id, verb="redo")).way == "to_lead"


async def test_who_settled_it_neither_checks_nor_closes_nor_sends_it_back(county):
    work = Casework(county)
    case = await settle(work, await work.report(WORKER, matter=SMALL_ADS))
    check = await Check.get(case_id=case.id)
    acceptor = await work.actor("acceptor1")
    await Case.filter(id=case.id).update(handled_by_id=acceptor.id)
    before = await everything()
    with pytest.raises(InterestedParty):
        await checking.check(
            check.id, passed=True, note="", by=acceptor, at=check.due_at, basis=work.basis
        )
    with pytest.raises(InterestedParty):
        await checking.rework(case.no, "x", by=acceptor, at=now(), basis=work.basis)
    assert await everything() == before


async def test_a_report_of_what_was_settled_already_is_one_receipt_and_one_check(county):
    work = Casework(county)
    new = await done_already(work)
    taken = await send(work, new)
    assert (taken.created, taken.body["stage"], taken.body["lead"]) == (True, "checking", None)
    case = await Case.get(no=taken.body["no"])
    by = await work.actor(WORKER)
    assert (case.self_handled, case.handled_by_id, case.cycle) == (True, by.id, 1)
    assert (case.owner_role, case.waits_for) == ("grid_worker", [])
    check = await Check.get(case_id=case.id)
    assert check.assignee_id not in (None, by.id)
    steps = await Step.filter(case_id=case.id).order_by("version")
    assert [(step.verb, step.target) for step in steps] == [
        ("report", "submitted"),
        ("self_handle", "handled"),
        ("check", "checking"),
    ]
    assert await Attachment.filter(case_id=case.id, purpose="after").count() == 1
    before = await everything()
    again = await send(work, new)
    assert (again.created, again.body) == (False, taken.body)
    with pytest.raises(KeyReused):
        await send(work, replace(new, handled=None))
    with pytest.raises(KeyReused):
        await send(work, replace(new, handled=replace(new.handled, result="别的")))
    assert await everything() == before
    await county.deliver()
    assert await Message.filter(no=case.no, kind="work.check").count() == 1
    assert (await work.check(case)).passed


async def test_what_may_not_be_settled_so_is_not_reported_at_all(county):
    work = Casework(county)
    good = await done_already(work)
    broken = await work.photo(WORKER)
    await Photo.filter(id=broken).update(flags=["unreadable"])
    resident = await done_already(work, "resident1")
    before = await everything()
    for who, new, problem in (
        ("resident1", resident, NotPermitted),
        (WORKER, replace(good, matter=STREET_LAMP), NoSelfHandling),
        (WORKER, replace(good, matter=""), NoSelfHandling),
        (WORKER, replace(good, photos=()), CaseNotReady),
        (WORKER, replace(good, photos=good.handled.photos), CaseNotReady),
        (WORKER, replace(good, handled=Handled(result="", photos=(broken,))), CaseNotReady),
        (WORKER, replace(good, handled=Handled(result="好", photos=(broken,))), PhotoNotReady),
        (WORKER, replace(good, handled=Handled(result="好", photos=(uuid4(),))), UnknownPhoto),
    ):
        with pytest.raises(problem):
            await send(work, new, who)
    assert await everything() == before


#: Of a report as it was stored before a report could say what had been settled.
OLD = "cde2a2788bee4380868e1fe89023201091667240b9cbe186e5bba9b3512a1359"


def test_a_report_without_it_keeps_the_fingerprint_that_it_always_had():
    new = new_report(
        key=UUID(int=1),
        photos=(UUID(int=2),),
        position=position((117.5, 34.7)),
        captured_at=datetime(2026, 3, 2, 8, tzinfo=UTC),
    )
    assert new.fingerprint() == OLD
    settled = [replace(new, handled=Handled(result=word, photos=())) for word in ("好", "行")]
    assert len({OLD, *(each.fingerprint() for each in settled)}) == 3


async def test_who_received_it_first_answers_until_the_lead_has_accepted(county):
    work = Casework(county)
    worker = await work.actor(WORKER)
    case = await work.report(WORKER)
    assert answerable_id(case) == case.first_unit_id == case.lead_id != worker.unit_id
    resident = await work.actor("resident1")
    case = await work.report(WORKER, on_behalf_of=resident.id)
    assert answerable_id(case) == case.first_unit_id == worker.unit_id != case.lead_id
    case = await work.handling(case)
    assert answerable_id(case) == case.lead_id
    by_resident = await work.report()
    assert by_resident.first_unit_id == by_resident.lead_id == answerable_id(by_resident)
    waiting = await work.submitted()
    assert answerable_id(waiting) is None
    settled = await settle(work, await work.report(WORKER, matter=STAIRS_BLOCKED))
    assert answerable_id(settled) == worker.unit_id
