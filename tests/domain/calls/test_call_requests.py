"""A grid worker calls through the township: asks, is granted by the call, or refused."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from server.cases.calls import call_requests, calling
from server.cases.dispatch.dispatching import Choice
from server.cases.models.case import Case, Step
from server.cases.models.steering import Request
from server.cases.models.task import Call
from server.clock import now
from server.errors import (
    CallInPast,
    CallLead,
    CallNeedsReport,
    CallPlaceMissing,
    KeyReused,
    NoRequest,
    NotFound,
    NotPermitted,
    RequestOpen,
    UnknownUnit,
    WrongStage,
)
from server.push.models import Message
from tests.casework import WALL_HOLE, Casework, everything
from tests.domain.acts.calls import ask_for_call, new_call, wish
from tests.domain.acts.push import messages

POLICE = "区公安分局"


async def test_a_grid_worker_asks_the_township_calls_and_all_hear_of_it_once(county):
    work = Casework(county)
    case = await work.handling(await work.report("resident1", matter=WALL_HOLE))
    await county.deliver()
    new = wish(case, choice=Choice(cooperating=(POLICE,)), key=uuid4(), text="门洞还在扩大")
    request = await ask_for_call(work, new)
    assert (request.what, request.granted) == ("call", None)
    assert (request.terms.place, request.terms.cooperating) == ("荣华里3号楼", (POLICE,))
    assert await Call.filter(case_id=case.id).count() == 0
    await county.deliver()
    worker = await work.actor("grid0202")
    for who in ("township02", "duty02"):
        [said] = await messages(work, who, case, "attention.ask")
        assert "由网格员提出" in said
        assert worker.name not in said
        assert "吹哨" in said
    assert (await ask_for_call(work, new)).id == request.id  # sent again
    before = await Case.get(id=case.id)
    room = await work.actor("township02")
    granting = wish(case, choice=Choice(cooperating=(POLICE,)), request=request.id)
    await calling.call(granting, by=room, at=now(), basis=work.basis)
    request = await Request.get(id=request.id)
    assert (request.granted, request.answered_by_id) == (True, room.id)
    made = await Call.get(case_id=case.id)
    assert made.by_id == room.id
    assert (await Case.get(id=case.id)).version == before.version + 1
    await county.deliver()
    [said] = await messages(work, "grid0202", case, "attention.call")
    assert "荣华街道" in said
    assert len(await messages(work, "handler_D01", case, "case.call")) == 1


async def test_who_reported_the_case_hears_of_the_call_as_its_reporter_and_once(county):
    work = Casework(county)
    case = await work.report("grid0202", matter=WALL_HOLE)
    request = await ask_for_call(work, wish(case))
    by = await work.actor("duty02")
    await calling.call(wish(case, request=request.id), by=by, at=now(), basis=work.basis)
    await county.deliver()
    assert len(await messages(work, "grid0202", case, "case.call")) == 1
    assert await messages(work, "grid0202", case, "attention.call") == []


async def test_a_township_refuses_with_a_reason_and_may_be_asked_again(county):
    work = Casework(county)
    case = await work.report("resident1", matter=WALL_HOLE)
    await ask_for_call(work, wish(case))
    await county.deliver()
    before = await Message.filter(no=case.no).count()
    room = await work.actor("duty02")
    await call_requests.refuse(case.no, "已安排人去看", by=room, at=now(), basis=work.basis)
    [request] = await Request.filter(case_id=case.id)
    assert (request.granted, request.answer) == (False, "已安排人去看")
    await county.deliver()
    [said] = await messages(work, "grid0202", case, "attention.refuse")
    assert "已安排人去看" in said
    assert await Message.filter(no=case.no).count() == before + 1  # nobody else
    kept = await everything()
    with pytest.raises(NoRequest):
        await call_requests.refuse(case.no, "再说", by=room, at=now(), basis=work.basis)
    with pytest.raises(NoRequest):
        await calling.call(wish(case, request=request.id), by=room, at=now(), basis=work.basis)
    assert await everything() == kept
    assert (await ask_for_call(work, wish(case))).id != request.id


async def test_a_grid_worker_asks_for_no_call_in_a_grid_of_another(county):
    work = Casework(county)
    case = await work.report("grid0101", matter=WALL_HOLE)  # it reported the case of another's
    before = await everything()
    with pytest.raises(NotPermitted):
        await ask_for_call(work, wish(case), "grid0101")
    assert await everything() == before


async def test_the_same_wish_sent_twice_at_once_is_one_request(county):
    work = Casework(county)
    case = await work.report("resident1", matter=WALL_HOLE)
    new = wish(case, key=uuid4())
    made = await asyncio.gather(*(ask_for_call(work, new) for _ in range(3)))
    assert len({each.id for each in made}) == 1
    assert await Step.filter(case_id=case.id, verb="ask").count() == 1
    before = await everything()
    with pytest.raises(KeyReused):
        await ask_for_call(work, wish(case, key=new.key, place_text="别处"))
    with pytest.raises(RequestOpen):
        await ask_for_call(work, wish(case, key=uuid4()))
    assert await everything() == before


async def test_a_wish_that_cannot_be_is_refused_and_changes_nothing(county):
    work = Casework(county)
    case = await work.report("resident1", matter=WALL_HOLE)
    submitted, closed = await work.submitted(), await work.closed()
    before = await everything()
    for who, new, problem in (
        ("grid0202", new_call(), CallNeedsReport),
        ("grid0202", wish(case, place_text=" "), CallPlaceMissing),
        ("grid0202", wish(case, asked_at=now() - timedelta(hours=1)), CallInPast),
        ("grid0202", wish(case, choice=Choice(lead=POLICE)), CallLead),
        ("grid0202", wish(case, choice=Choice(cooperating=("没有",))), UnknownUnit),
        ("grid0202", wish(submitted), WrongStage),
        ("grid0202", wish(closed), WrongStage),
        ("grid0401", wish(case), NotFound),
        ("resident1", wish(case), NotPermitted),
        ("township02", wish(case), NotPermitted),
        ("handler_D02", wish(case), NotPermitted),
    ):
        with pytest.raises(problem):
            await ask_for_call(work, new, who)
    assert await everything() == before
    request = await ask_for_call(work, wish(case))
    before = await everything()
    for who, problem in (
        ("township04", NotFound),
        ("grid0202", NotPermitted),
        ("head_D02", NotPermitted),
        ("dispatcher1", NotPermitted),
    ):
        with pytest.raises(problem):
            await call_requests.refuse(
                case.no, "不", by=await work.actor(who), at=now(), basis=work.basis
            )
    head = await work.actor("head_D02")  # calls, but not for the township
    with pytest.raises(NoRequest):
        await calling.call(
            wish(case, choice=Choice(cooperating=(POLICE,)), request=request.id),
            by=head,
            at=now(),
            basis=work.basis,
        )
    assert await everything() == before
