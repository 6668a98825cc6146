"""What was asked for on a case that has moved on: closed with the reason, and who asked hears."""

import pytest

from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import conferences
from server.cases.disputes.conferences import Decision
from server.cases.ends import closing, merging
from server.cases.models.case import Case, Step
from server.cases.models.steering import Request
from server.clock import now
from server.push.models import Message
from tests.domain.acts.calls import ask_for_call, wish
from tests.domain.acts.disputes import WATER, give_back, open_lead, rule


async def asking(work) -> Case:
    """A case in handling whose lead asks for more time."""
    return await work.ask(await work.handling())


async def lapsed(county, case: Case, why: str) -> None:
    """Assert that what was asked for is closed for this reason, in history and to who asked."""
    request = await Request.get(case_id=case.id)
    assert (request.granted, request.answer) == (False, why)
    assert request.answered_at is not None
    assert request.answered_by_id is None
    step = await Step.get(case_id=case.id, verb="lapse")
    assert (step.reason, step.by_role) == (why, "system")
    await county.deliver()
    [said] = await Message.filter(no=case.no, event__endswith=":lapse")
    assert said.account_id == request.by_id
    assert why in said.text


async def test_closing_ends_what_the_lead_asked_for(county, work):
    case = await asking(work)
    await work.helped(case)
    await work.resolve(case)
    assert (await Request.get(case_id=case.id)).granted is None, "it may be reworked"
    await work.check(await Case.get(id=case.id))
    by = await work.actor("acceptor1")
    await closing.close(case.no, by=by, at=now(), basis=work.basis)
    await lapsed(county, case, "案件已结案")


async def test_an_overdue_appeal_outlives_the_closing(work):
    case = await work.handling()
    await work.helped(case)
    await work.ask(case, "exempt", at=case.due_at)
    await work.resolve(case)
    await work.check(await Case.get(id=case.id))
    by = await work.actor("acceptor1")
    await closing.close(case.no, by=by, at=now(), basis=work.basis)
    assert (await Request.get(case_id=case.id)).granted is None


async def test_merging_ends_it_and_taking_apart_lets_it_wait_again(county, work):
    case, other = await asking(work), await work.report("resident2")
    by = await work.actor("acceptor1")
    await merging.merge(case.no, other.no, "同", by=by, at=now(), basis=work.basis)
    await lapsed(county, case, "案件已并入另一案件")
    await merging.unmerge(case.no, "不同", by=by, at=now(), basis=work.basis)
    request = await Request.get(case_id=case.id)
    assert (request.granted, request.answered_at, request.answer) == (None, None, "")


async def test_a_withdrawn_report_ends_the_call_that_was_asked_for(county, work):
    case = await work.report()
    await ask_for_call(work, wish(case, choice=Choice(cooperating=(WATER,))))
    by = await work.actor("resident1")
    await closing.withdraw(case.no, "修好了", by=by, at=now(), basis=work.basis)
    await lapsed(county, case, "上报已撤回")


async def test_a_conference_that_declines_the_case_ends_it(county, work):
    case = await asking(work)
    [lead] = await open_lead(work, case)
    await give_back(work, lead)
    by = await work.actor("dispatcher1")
    await conferences.convene(case.no, by=by, at=now(), basis=work.basis)
    assert (await Request.get(case_id=case.id)).granted is None, "the same lead may go on"
    decision = Decision(minutes="不予受理", declined=True, where_to_go="法院")
    keeper = await work.actor("keeper1")
    await conferences.decide(case.no, decision, by=keeper, at=now(), basis=work.basis)
    await lapsed(county, case, "案件不予立案")


@pytest.mark.parametrize("upheld", [True, False])
async def test_another_lead_ends_what_the_first_asked_for_and_a_refused_return_does_not(
    county, work, upheld
):
    case = await asking(work)
    [lead] = await open_lead(work, case)
    await give_back(work, lead)
    await rule(work, case, upheld)
    if upheld:
        await lapsed(county, case, "案件已改由其他单位牵头")
    else:
        assert (await Request.get(case_id=case.id)).granted is None
