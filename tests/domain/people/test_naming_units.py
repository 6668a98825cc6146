"""A unit is understood by its code, its name, a short or a former name, wherever one is named."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from server.cases.calls import calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import returns
from server.cases.disputes.returns import Claim, Ruling
from server.cases.ends import recusing
from server.cases.models.case import Case
from server.cases.models.dispute import Return
from server.cases.work import steering
from server.clock import now
from server.errors import UnknownUnit
from server.governance import burdens
from server.governance.diligence import record as diligence
from server.people import reorganising
from server.people.queries import unit_and_below
from server.people.units import UnitKind, Units, UnitView
from server.responsibility.sheets.matching import UnitMatcher
from tests.casework import Casework

DOCUMENT = "榴编〔2026〕12号"
#: The same unit, in every way in which somebody may write it after a renaming and a merger.
WRITTEN = ("D06", " d06 ", "区商务粮食局", "区招商局", "区商务和投资促进局", "区应急局", "D05")


async def reorganised(work: Casework) -> int:
    """Rename D06 and merge D05 into it; its id."""
    by = await work.actor("keeper1")
    heir = work.basis.units.named("D06").id
    await reorganising.rename(heir, "区商务粮食局", DOCUMENT, by=by, at=now())
    await work.merge_units("D05", "D06")
    return heir


async def dispatched_to(work: Casework, written: str) -> int | None:
    case = await work.filed()
    choice = Choice(lead=written, limit=2, urgency="work_day", note="就近")
    by = await work.actor("dispatcher1")
    await dispatching.dispatch(case.no, choice, by=by, at=now(), basis=work.basis)
    return (await Case.get(id=case.id)).lead_id


async def helping_after(work: Casework, written: str) -> int | None:
    case = await work.filed()
    choice = Choice(lead="D08", cooperating=(written,), limit=2, urgency="work_day", note="就近")
    by = await work.actor("dispatcher1")
    await dispatching.dispatch(case.no, choice, by=by, at=now(), basis=work.basis)
    [task] = await work.tasks(case, "cooperating")
    return task.unit_id


async def named_as_proper(work: Casework, written: str) -> int | None:
    case = await work.report()
    task, by = await work.lead(case)
    claim = Claim(ground="wrong_matter", reason="不归我们管", proper_unit=written)
    await returns.give_back(task.id, claim, by=by, at=now(), basis=work.basis)
    return (await Return.get(task_id=task.id)).proper_unit_id


async def ruled_to_lead(work: Casework, written: str) -> int | None:
    case = await work.report()
    task, by = await work.lead(case)
    claim = Claim(ground="wrong_matter", reason="不归我们管", proper_unit="D11")
    await returns.give_back(task.id, claim, by=by, at=now(), basis=work.basis)
    ruling = Ruling(upheld=True, reason="应由其牵头", choice=Choice(lead=written))
    ruler = await work.actor("dispatcher2")
    await returns.rule(case.no, ruling, by=ruler, at=now(), basis=work.basis)
    return (await Case.get(id=case.id)).lead_id


async def called(work: Casework, written: str) -> int | None:
    case = await work.filed()
    choice = Choice(lead=written, limit=2, urgency="work_day")
    new = NewCall(
        reason="joint_enforcement",
        place_text="小区南门",
        asked_at=now() + timedelta(hours=1),
        no=case.no,
        choice=choice,
    )
    by = await work.actor("township02")
    await calling.call(new, by=by, at=now(), basis=work.basis)
    [task] = await work.tasks(case)
    return task.unit_id


async def instructed(work: Casework, written: str) -> int | None:
    case = await work.filed()
    choice = Choice(lead="区商务粮食局", limit=2, urgency="work_day", note="就近")
    by = await work.actor("dispatcher1")
    await dispatching.dispatch(case.no, choice, by=by, at=now(), basis=work.basis)
    leader = await work.actor("leader1")
    given, _ = await steering.instruct(
        case.no, "请尽快查清", unit=written, by=leader, at=now(), basis=work.basis
    )
    return given.unit_id


@pytest.mark.parametrize(
    "act", [dispatched_to, helping_after, named_as_proper, ruled_to_lead, called, instructed]
)
async def test_every_act_understands_a_unit_however_it_is_written(work, act):
    heir = await reorganised(work)
    assert {written: await act(work, written) for written in WRITTEN} == dict.fromkeys(
        WRITTEN, heir
    )


async def test_a_complaint_about_a_unit_keeps_out_whoever_took_it_over(work):
    heir = await reorganised(work)
    by = await work.actor("acceptor1")
    for written in WRITTEN:
        case = await work.submitted()
        await recusing.recuse(case.no, written, "说的就是他们", by=by, at=now(), basis=work.basis)
        about = (await Case.get(id=case.id)).about_unit_id
        assert heir in (await unit_and_below(about)).unit_ids, written


async def objected_to(work: Casework, written: str) -> int | None:
    by = await work.actor("township02")
    burden = await burdens.register(
        "ledger", "台账", "要求每月上报", against=written, by=by, at=now(), basis=work.basis
    )
    return burden.against_id


async def matched_in_a_sheet(work: Casework, written: str) -> int | None:
    matcher = UnitMatcher(work.basis.units)
    match = matcher.match(written)
    assert match is not None
    assert matcher.known(written) == match.unit_id
    return match.unit_id


@pytest.mark.parametrize("act", [objected_to, matched_in_a_sheet])
async def test_lists_and_objections_too_understand_a_unit_however_it_is_written(work, act):
    heir = await reorganised(work)
    assert {written: await act(work, written) for written in WRITTEN} == dict.fromkeys(
        WRITTEN, heir
    )


async def test_what_was_given_before_a_merger_is_found_by_every_name_of_who_goes_on_with_it(
    work, someone
):
    case = await work.filed()
    choice = Choice(lead="D05", limit=2, urgency="work_day", note="就近")
    by = await work.actor("dispatcher1")
    await dispatching.dispatch(case.no, choice, by=by, at=now(), basis=work.basis)
    old = work.basis.units.named("D05")
    heir = await reorganised(work)
    leader, auditor = await work.actor("leader1"), await work.actor("auditor1")
    phone = await someone("dispatcher1")
    for written in WRITTEN:
        given, _ = await steering.instruct(
            case.no, "请查清", unit=written, by=leader, at=now(), basis=work.basis
        )
        assert given.unit_id == old.id, written
        found = await diligence.record(case.no, written, by=auditor, at=now(), basis=work.basis)
        assert found.unit.id == old.id, written
        listed = await phone.get(f"/s/v1/cases?unit={quote(written)}")
        assert [each["no"] for each in listed["items"]] == [case.no], written
        if written.strip().casefold() not in ("d05", "d06"):
            told = await phone.get(f"/s/v1/cases?q={quote(written)}")
            assert [each["no"] for each in told["items"]] == [case.no], written
            offered = await phone.get(f"/m/v1/units?q={quote(written)}")
            assert [each["code"] for each in offered["items"]] == ["D06"], written
    named = f"{work.basis.units.by_id[heir].name}（原{old.name}）"
    assert listed["items"][0]["lead"] == listed["items"][0]["answerable"] == named
    published = (await phone.get("/m/v1/public/matters?limit=100"))["items"]
    ours = {
        entry.matter_code
        for entry in work.basis.lists.at(now()).entries()
        if entry.lead_id == old.id
    }
    leads = {each["lead"] for each in published if each["code"] in ours}
    assert leads == {named}


def test_an_id_names_its_unit_unless_it_is_the_code_of_another():
    one = UnitView(id=7, code="D07", name="区一局", kind=UnitKind.DEPARTMENT)
    other = UnitView(id=8, code="7", name="区二局", kind=UnitKind.DEPARTMENT)
    units = Units([one, other])
    assert units.identified("8") == units.identified("区二局") == other
    assert Units([one]).identified("7") == one
    with pytest.raises(UnknownUnit):
        units.identified("7")


async def test_a_unit_that_nobody_knows_is_refused_by_what_was_written(work):
    for act in (dispatched_to, helping_after, named_as_proper, ruled_to_lead, called):
        with pytest.raises(UnknownUnit) as refused:
            await act(work, "没有这个局")
        assert refused.value.facts == {"name": "没有这个局"}
