"""Units merged are one house: it has no second part in a case, and waits not for itself."""

from datetime import timedelta

import pytest

from server.cases.calls import calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import conferences, returns
from server.cases.disputes.returns import Claim, Ruling
from server.cases.door.hindrances import MAX_STATEMENTS
from server.cases.models.case import Case
from server.cases.work import handling
from server.clock import now
from server.errors import ProperUnit, ReturnedBefore, StatementsUsed, TasksOpen
from tests.casework import Casework


async def dispatched(work: Casework, lead: str, *helpers: str) -> Case:
    """A case that these units were given, and that its lead signed for."""
    case, by = await work.filed(), await work.actor("dispatcher1")
    choice = Choice(lead=lead, cooperating=helpers, limit=2, urgency="work_day", note="就近")
    await dispatching.dispatch(case.no, choice, by=by, at=now(), basis=work.basis)
    return await work.handling(await Case.get(id=case.id))


async def call(work: Casework, case: Case, choice: Choice) -> None:
    new = NewCall(
        reason="joint_enforcement",
        place_text="小区南门",
        asked_at=now() + timedelta(hours=1),
        no=case.no,
        choice=choice,
    )
    by = await work.actor("township02")
    await calling.call(new, by=by, at=now(), basis=work.basis)


async def parts(work: Casework, case: Case) -> list[tuple[str, int, bool]]:
    """Part, unit, and whether it was called, of every task."""
    return [(task.part, task.unit_id, task.call_id is not None) for task in await work.tasks(case)]


@pytest.mark.parametrize("written", ["D05", "D06"])
async def test_a_helper_merged_is_called_by_the_part_that_it_has(work, written):
    case = await dispatched(work, "D08", "D05")
    old, _ = await work.merge_units("D05", "D06")
    await call(work, case, Choice(cooperating=(written,)))
    lead = work.basis.units.named("D08").id
    assert await parts(work, case) == [("lead", lead, False), ("cooperating", old, True)]


@pytest.mark.parametrize("written", ["D05", "D06"])
async def test_a_lead_merged_is_called_by_the_part_that_it_has(work, written):
    case = await dispatched(work, "D05")
    old, _ = await work.merge_units("D05", "D06")
    await call(work, case, Choice(lead=written))
    assert await parts(work, case) == [("lead", old, True)]


async def test_who_helped_and_leads_now_too_waits_not_for_itself(work):
    case = await dispatched(work, "D05", "D06")
    old, heir = await work.merge_units("D05", "D06")
    done = await resolved(work, case)
    assert done.stage == "checking"
    stages = {task.unit_id: task.stage for task in await work.tasks(case)}
    assert stages == {old: "done", heir: "waived"}


async def test_another_helper_is_waited_for_as_before(work):
    case = await dispatched(work, "D05", "D06", "D08")
    await work.merge_units("D05", "D06")
    with pytest.raises(TasksOpen) as refused:
        await resolved(work, case)
    assert refused.value.facts == {"units": work.basis.units.named("D08").name}
    stages = {task.stage for task in await work.tasks(case, "cooperating")}
    assert stages == {"pending"}


async def resolved(work: Casework, case: Case) -> Case:
    task, _ = await work.lead(case)
    by = await work.county.actor("handler_D06")
    photo = await work.photo("handler_D06")
    return await handling.resolve(task.id, "已办", (photo,), by=by, at=now(), basis=work.basis)


async def test_whoever_took_a_unit_over_does_not_return_to_itself(work):
    case = await work.filed()
    choice = Choice(lead="D05", limit=2, urgency="work_day", note="就近")
    by = await work.actor("dispatcher1")
    await dispatching.dispatch(case.no, choice, by=by, at=now(), basis=work.basis)
    await work.merge_units("D05", "D06")
    [task] = await work.tasks(case)
    officer = await work.county.actor("handler_D06")
    for written in ("D05", "D06"):
        claim = Claim(ground="wrong_matter", reason="不归我们管", proper_unit=written)
        with pytest.raises(ProperUnit):
            await returns.give_back(task.id, claim, by=officer, at=now(), basis=work.basis)
    claim = Claim(ground="wrong_matter", reason="不归我们管", proper_unit="D08")
    await returns.give_back(task.id, claim, by=officer, at=now(), basis=work.basis)
    ruling = Ruling(upheld=True, reason="应由其牵头", choice=Choice(lead="D06"))
    ruler = await work.actor("dispatcher2")
    with pytest.raises(ProperUnit):
        await returns.rule(case.no, ruling, by=ruler, at=now(), basis=work.basis)


@pytest.mark.parametrize(("old", "heir"), [("D05", "D06"), ("D06", "D05")])
async def test_what_one_of_a_house_returned_no_other_of_it_returns_again(work, old, heir):
    case = await dispatched(work, "D05")
    task, by = await work.lead(case)
    claim = Claim(ground="wrong_matter", reason="不归我们管", proper_unit="D06")
    await returns.give_back(task.id, claim, by=by, at=now(), basis=work.basis)
    ruling = Ruling(upheld=True, reason="应由其牵头", choice=Choice(lead="D06"))
    ruler = await work.actor("dispatcher2")
    case = await returns.rule(case.no, ruling, by=ruler, at=now(), basis=work.basis)
    [task] = [each for each in await work.tasks(case, "lead") if each.stage == "pending"]
    assert await returns.why_not_returned(task, case, at=now(), basis=work.basis) is None
    await work.merge_units(old, heir)
    assert await returns.why_not_returned(task, case, at=now(), basis=work.basis)
    by = await work.county.actor(f"handler_{heir}")
    claim = Claim(ground="wrong_matter", reason="不归我们管", proper_unit="D08")
    with pytest.raises(ReturnedBefore):
        await returns.give_back(task.id, claim, by=by, at=now(), basis=work.basis)


async def test_a_house_states_its_case_as_often_as_one_unit(work):
    case = await dispatched(work, "D05")
    task, by = await work.lead(case)
    claim = Claim(ground="wrong_matter", reason="不归我们管", proper_unit="D06")
    await returns.give_back(task.id, claim, by=by, at=now(), basis=work.basis)
    for n in range(MAX_STATEMENTS):
        speaks = by if n % 2 else await work.actor("handler_D06")
        await conferences.state(case.no, f"第{n}点", by=speaks, at=now(), basis=work.basis)
    await work.merge_units("D05", "D06")
    by = await work.county.actor("handler_D06")
    with pytest.raises(StatementsUsed):
        await conferences.state(case.no, "再说", by=by, at=now(), basis=work.basis)


async def test_a_helper_merged_into_the_new_lead_gets_no_second_part(work):
    case = await dispatched(work, "D08", "D05")
    old, heir = await work.merge_units("D05", "D06")
    task, officer = await work.lead(case)
    claim = Claim(ground="wrong_matter", reason="不归我们管", proper_unit="D06")
    await returns.give_back(task.id, claim, by=officer, at=now(), basis=work.basis)
    ruling = Ruling(upheld=True, reason="应由其牵头", choice=Choice(lead="D06"))
    ruler = await work.actor("dispatcher2")
    await returns.rule(case.no, ruling, by=ruler, at=now(), basis=work.basis)
    open_ones = [
        (each.part, each.unit_id)
        for each in await work.tasks(case)
        if each.stage in ("pending", "accepted", "arrived")
    ]
    assert open_ones == [("lead", heir)]
    assert old not in {unit_id for _, unit_id in open_ones}
