"""What units ask for: a pause, more time, an exemption; granted, refused, and how clocks go on."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.cases.models.case import Case, Step
from server.cases.models.steering import Request
from server.cases.models.task import Task
from server.cases.rules.deadlines import Timer
from server.cases.work import request_queries, requests
from server.cases.work.requests import Wish
from server.clock import now
from server.errors import (
    InterestedParty,
    MomentPast,
    NoRequest,
    NotFound,
    NotOverdue,
    NotPermitted,
    ReasonMissing,
    RequestLate,
    RequestOpen,
    RequestUsed,
    TooLate,
    TooLong,
    WrongStage,
)
from server.outbox.models import Delivery
from server.people.actor import Held
from server.permissions import Role
from tests.casework import ROAD_DAMAGE, STREET_LAMP
from tests.domain.acts.work import (
    DAY,
    answer,
    ask,
    at_of,
    head,
    helping_township,
    pause_until,
    refused,
)

MORE = Wish(what="extend", reason="材料未到", limit=1)
APPEAL = Wish(what="exempt", reason="因暴雨无法施工")


async def test_an_extension_moves_deadline_and_marks_that_have_not_come(work):
    case = await work.handling()
    at = at_of(case, "urge")
    await work.until(at)
    officer = await work.actor(work.officer_of(case.lead_id))
    await ask(work, case, MORE, by=officer, at=at)
    longer = await answer(work, requests.extend, case, at=at)
    calendar, urgency = work.basis.calendar, case.urgency
    assert longer.due_at == calendar.add(case.due_at, 1, urgency).at
    assert longer.n_extend == 1
    assert longer.stage_due_at == longer.due_at
    assert "延长" in longer.due_why
    assert [each.name for each in longer.timers] == [Timer.WARN, Timer.SUPERVISE]
    whole = calendar.left(case.dispatched_at, longer.due_at, urgency)
    warned = calendar.left(case.dispatched_at, at_of(longer, "warn"), urgency)
    assert abs(warned - whole * 0.8) < timedelta(seconds=1)
    for task in await work.tasks(case):
        assert task.due_at == longer.due_at
    assert not (await work.until(case.due_at)).get("supervise")
    assert (await Case.get(id=case.id)).overdue_at is None


async def test_more_time_is_asked_for_before_the_deadline_twice_and_never_more_than_the_limit(
    work,
):
    case = await work.handling()
    late = case.due_at + timedelta(seconds=1)
    await refused(RequestLate, ask(work, case, MORE, at=late))
    for limit in (0, case.limit + 1):
        wish = Wish(what="extend", reason="x", limit=limit)
        problem = await refused(TooLong, ask(work, case, wish))
        assert problem.facts["most"]
    for _ in range(2):
        await ask(work, case, Wish(what="extend", reason="x", limit=case.limit))
        await answer(work, requests.extend, case)
    assert (await refused(RequestUsed, ask(work, case, MORE))).facts["most"] == 2


async def test_a_pause_is_asked_for_by_the_head_of_the_lead_and_lies_ahead(work):
    case = await work.handling()
    at = now()
    wish = pause_until(at + DAY)
    officer = await work.actor(work.officer_of(case.lead_id))
    resident = await work.actor("resident1")
    for by in (officer, resident):
        await refused(NotPermitted, ask(work, case, wish, by=by))
    _, stranger = await helping_township(work, case)
    await refused(NotPermitted, ask(work, case, wish, by=stranger))
    await refused(MomentPast, ask(work, case, pause_until(at - DAY), at=at))
    await refused(MomentPast, ask(work, case, Wish(what="suspend", reason="x"), at=at))
    too_long = pause_until(at + 366 * DAY)
    await refused(TooLong, ask(work, case, too_long, at=at))
    await refused(ReasonMissing, ask(work, case, Wish(what="suspend", reason=" "), at=at))


async def test_no_more_than_two_pauses_and_a_year_in_all(work):
    case = await work.handling()
    at = now()
    await ask(work, case, pause_until(at + 200 * DAY), at=at)
    await answer(work, requests.suspend, case, at=at)
    at += 100 * DAY
    await answer(work, requests.resume, case, at=at)  # what was not used does not count
    await refused(TooLong, ask(work, case, pause_until(at + 266 * DAY), at=at))
    await ask(work, case, pause_until(at + 20 * DAY), at=at)
    await answer(work, requests.suspend, case, at=at)
    at += DAY
    await answer(work, requests.resume, case, at=at)
    await refused(RequestUsed, ask(work, case, pause_until(at + DAY), at=at))


async def test_what_is_not_in_handling_is_neither_paused_nor_extended(work):
    case = await work.report()
    for wish in (pause_until(now() + DAY), MORE):
        await refused(WrongStage, ask(work, case, wish))


async def test_the_same_is_not_asked_for_twice_at_a_time(work):
    case = await work.handling()
    await ask(work, case, MORE)
    await refused(RequestOpen, ask(work, case, MORE))
    await ask(work, case, pause_until(now() + DAY))  # another thing is


async def test_nothing_is_granted_that_nobody_asked_for(work):
    case = await work.handling()
    by, at = await work.actor("dispatcher1"), now()
    for command in (requests.suspend, requests.extend, requests.exempt):
        await refused(NoRequest, command(case.no, by=by, at=at, basis=work.basis))
    await refused(
        NoRequest, requests.refuse(case.no, "extend", "不必", by=by, at=at, basis=work.basis)
    )


async def test_nobody_of_the_unit_that_asks_answers_and_only_dispatchers_do(work):
    case = await work.handling()
    await ask(work, case, MORE)
    mine = await head(work, case)
    own = await work.actor("dispatcher1")
    of_unit = type(own)(
        id=mine.id + 1000,
        name="x",
        held=(Held(role=Role.DISPATCHER),),
        unit_id=mine.unit_id,
        unit_ids=mine.unit_ids,
    )
    at = now()
    for command in (requests.extend,):
        await refused(InterestedParty, command(case.no, by=of_unit, at=at, basis=work.basis))
        for name in ("leader1", "acceptor1"):
            by = await work.actor(name)
            await refused(NotPermitted, command(case.no, by=by, at=at, basis=work.basis))
        resident = await work.actor("resident2")
        await refused(NotFound, command(case.no, by=resident, at=at, basis=work.basis))
    for name in ("leader1", "township01"):  # they refuse other things
        by = await work.actor(name)
        with pytest.raises((NotPermitted, NotFound)):
            await requests.refuse(case.no, "extend", "不", by=by, at=at, basis=work.basis)
    await refused(
        InterestedParty,
        requests.refuse(case.no, "extend", "不", by=of_unit, at=at, basis=work.basis),
    )
    assert await request_queries.waiting(of_unit, limit=10, after=0) == []
    [row] = await request_queries.waiting(own, limit=10, after=0)
    assert (row.no, row.what, row.limit) == (case.no, "extend", 1)
    assert await request_queries.waiting(await work.actor("leader1"), limit=10, after=0) == []


async def test_who_dispatched_may_grant(work):
    case = await work.handling()
    dispatcher = await work.actor("dispatcher1")
    case.dispatched_by_id = dispatcher.id
    await case.save()
    await ask(work, case, MORE)
    assert (await answer(work, requests.extend, case)).n_extend == 1


async def test_a_refusal_has_a_reason_and_the_unit_hears_it(work):
    case = await work.handling()
    await ask(work, case, MORE)
    by, at = await work.actor("dispatcher1"), now()
    await refused(
        ReasonMissing, requests.refuse(case.no, "extend", " ", by=by, at=at, basis=work.basis)
    )
    await requests.refuse(case.no, "extend", "时间足够", by=by, at=at, basis=work.basis)
    after = await Case.get(id=case.id)
    assert (after.due_at, after.n_extend, after.stage) == (case.due_at, 0, "handling")
    [told] = [
        row.facts
        for row in await Delivery.filter(stream=f"case:{case.no}", kind="case.moved")
        if row.facts["verb"] == "refuse"
    ]
    assert case.lead_id in told["units"]
    assert told["facts"]["reason"] == "时间足够"
    request = await Request.get(case_id=case.id)
    assert (request.granted, request.answer) == (False, "时间足够")
    await ask(work, case, MORE)  # and may ask again


async def test_an_overdue_appeal_adds_an_exemption_and_the_fact_stays(work):
    case = await work.handling()
    await refused(NotOverdue, ask(work, case, APPEAL))
    at = case.due_at + timedelta(hours=1)
    await work.until(at)
    officer = await work.actor(work.officer_of(case.lead_id))
    await refused(NotPermitted, ask(work, case, APPEAL, by=officer, at=at))
    days = work.basis.policy.appeal_days
    await refused(TooLate, ask(work, case, APPEAL, at=case.due_at + (days + 1) * DAY))
    await ask(work, case, APPEAL, at=at)
    after = await answer(work, requests.exempt, case, at=at + DAY)
    lead, _ = await work.lead(case)
    assert (after.overdue_at, after.exempted_at) == (case.due_at, at + DAY)
    assert (lead.overdue_at, lead.exempted_at) == (case.due_at, at + DAY)
    await refused(NotOverdue, ask(work, case, APPEAL, at=at + DAY))


async def test_an_exemption_of_a_cooperating_unit_is_its_own(work):
    case = await work.handling()
    at = case.due_at + timedelta(hours=1)
    await work.until(at)
    task, by = await helping_township(work, case)
    await ask(work, case, APPEAL, by=by, at=at)
    after = await answer(work, requests.exempt, case, at=at)
    assert (await Task.get(id=task.id)).exempted_at == at
    assert after.exempted_at is None


async def test_a_pause_granted_too_late_is_none(work):
    case = await work.handling()
    at = now()
    await ask(work, case, pause_until(at + DAY), at=at)
    by = await work.actor("dispatcher1")
    await refused(MomentPast, requests.suspend(case.no, by=by, at=at + DAY, basis=work.basis))


# However a case is paused, resumed and extended, it has the working time that it was given.

_MOVES = st.lists(
    st.tuples(
        st.sampled_from(["suspend", "extend"]),
        st.integers(0, 240).map(lambda n: timedelta(minutes=7 * n)),  # until the next thing
        st.integers(1, 400).map(lambda n: timedelta(hours=n)),  # how long it is paused
    ),
    max_size=4,
)


@pytest.mark.slow
@pytest.mark.parametrize("matter", [STREET_LAMP, ROAD_DAMAGE])
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=_MOVES)
async def test_the_time_until_the_deadline_is_the_limit_and_the_extensions(work, matter, moves):
    case = await work.handling(await work.report(matter=matter))
    assert case.limit
    calendar, urgency = work.basis.calendar, case.urgency
    given_time = calendar.left(case.dispatched_at, case.due_at, urgency)
    ran, since = timedelta(), case.dispatched_at
    at = now().replace(microsecond=0) + timedelta(seconds=1)
    n_pauses = 0
    for what, wait, length in moves:
        at += wait
        case = await Case.get(id=case.id)
        if case.due_at <= at:
            break
        try:
            if what == "extend":
                await ask(work, case, MORE, at=at)
                await answer(work, requests.extend, case, at=at)
                given_time += calendar.length(1, urgency)
            else:
                await ask(work, case, pause_until(at + length), at=at)
                await answer(work, requests.suspend, case, at=at)
                ran += calendar.left(since, at, urgency)
                at = since = at + length
                await work.until(at)
                n_pauses += 1
        except RequestUsed:
            continue
    case = await Case.get(id=case.id)
    total = ran + calendar.left(since, case.due_at, urgency)
    assert timedelta() <= total - given_time <= timedelta(seconds=n_pauses)
    await work.until(case.due_at)
    steps = Step.filter(case_id=case.id)
    for verb in ("urge", "supervise"):
        assert await steps.filter(verb=verb).count() == 1
    assert await steps.filter(verb="resume").count() == n_pauses
    assert (await Case.get(id=case.id)).overdue_at == case.due_at
