"""Filing, declining and dispatching: exactly one lead, everybody a task, and never by default."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tortoise.exceptions import IntegrityError

from server.cases.calls import calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.door.journal import Act
from server.cases.door.moving import moving
from server.cases.door.recusal_rules import finding_of
from server.cases.intake import screening
from server.cases.models.case import Case, Step
from server.cases.models.task import Task
from server.cases.reading import boards, queries
from server.cases.reading.boards import BoardFilter
from server.cases.rules.flow import Verb
from server.clock import now
from server.errors import (
    BadInput,
    CaseNotReady,
    NoLead,
    NotFound,
    NotPermitted,
    OffListTownship,
    ReasonMissing,
    UnknownMatter,
    UnknownUnit,
    WrongStage,
)
from tests.casework import (
    PLACES,
    STAIRS_BLOCKED,
    STREET_LAMP,
    WALL_HOLE,
    Casework,
    everything,
    position,
)
from tests.domain.acts.push import messages

HOUSING = "区住房和城乡建设局"


async def file(work, case, who="acceptor1", **about):
    by = await work.actor(who)
    await screening.file(case.no, by=by, at=now(), basis=work.basis, **about)
    return await Case.get(id=case.id)


async def dispatch(work, case, who="dispatcher1", **choice):
    by = await work.actor(who)
    await dispatching.dispatch(case.no, Choice(**choice), by=by, at=now(), basis=work.basis)
    return await Case.get(id=case.id)


async def test_filing_dispatches_at_once_when_the_list_decides(county):
    work = Casework(county)
    case = await file(work, await work.submitted())
    assert case.stage == "dispatched"
    assert work.basis.units.by_id[case.lead_id].name == "区综合行政执法局"
    assert case.waits_for == []
    # The matter has a process: besides its lead only the first step has begun.
    assert [task.step for task in await work.tasks(case)] == ["", "现场核实、拍照，劝停在建行为"]
    verbs = await Step.filter(case_id=case.id).order_by("version").values_list("verb", flat=True)
    assert verbs == ["report", "file", "dispatch"]


async def test_the_acceptor_may_give_matter_and_place_that_were_missing(county):
    work = Casework(county)
    grid = next(row for row in work.basis.places.at(now()).rows("grid") if row.parent_code)
    bare = await work.report(matter="", position=None)
    case = await file(work, bare, matter=STAIRS_BLOCKED, place=grid.code)
    assert case.stage == "dispatched"
    assert (case.grid_code, case.place.by) == (grid.code, "person")
    lead = work.basis.units.by_id[case.lead_id]
    assert (lead.kind, lead.township_code) == ("township", case.township_code)


async def test_a_case_filed_without_a_place_waits_for_it_visibly(county):
    work = Casework(county)
    case = await file(work, await work.report(position=None))
    assert case.stage == "filed"
    assert case.waits_for == ["no_position"]
    outside = await work.report(position=position(PLACES["outside"]))
    assert (await file(work, outside)).waits_for == ["outside_county"]


async def test_filing_needs_a_matter_of_the_catalogue_and_a_place_of_the_county(county):
    work = Casework(county)
    case = await work.report(matter="")
    before = await everything()
    for about, problem in (
        ({}, CaseNotReady),
        ({"matter": "ZZ-999"}, UnknownMatter),
        ({"matter": STREET_LAMP, "place": "330000"}, BadInput),
    ):
        with pytest.raises(problem):
            await file(work, case, **about)
    assert await everything() == before


async def test_a_matter_off_the_list_is_filed_for_the_dispatcher(county):
    work = Casework(county)
    case = await file(work, await work.report(matter=""), matter=await work.off_list())
    assert (case.stage, case.waits_for, case.off_list) == ("filed", ["off_list"], True)
    assert case.owner_role == "dispatcher"


async def test_declining_gives_one_complete_notice(county):
    work = Casework(county)
    case, by = await work.submitted(), await work.actor("acceptor1")
    await screening.decline(
        case.no,
        "not_ours",
        where_to_go="拨打110",
        missing=("身份证", "合同"),
        by=by,
        at=now(),
        basis=work.basis,
    )
    case = await Case.get(id=case.id)
    assert (case.stage, case.owner_role, case.stage_due_at) == ("declined", "", None)
    step = await Step.get(case_id=case.id, verb="decline")
    assert (step.reason, step.by_id) == ("not_ours", by.id)
    await county.deliver()
    [said] = await messages(work, "resident1", case, "case.decline")
    assert "拨打110" in said
    assert "身份证、合同" in said


async def test_declining_needs_a_reason(county):
    work = Casework(county)
    case, by = await work.submitted(), await work.actor("acceptor1")
    before = await everything()
    act = Act(verb=Verb.DECLINE, by=by, at=now(), reason=" ")
    with pytest.raises(ReasonMissing):
        async with moving(case.no, act, work.basis):
            raise AssertionError("the door let it in")
    assert await everything() == before


async def test_the_dispatcher_names_lead_helpers_and_limit_off_the_list(county):
    work = Casework(county)
    filed = await work.filed()
    case = await dispatch(
        work,
        filed,
        lead=HOUSING,
        cooperating=("区供电公司", HOUSING),
        limit=24,
        urgency="urgent_hour",
    )
    assert case.stage == "dispatched"
    assert case.due_at - case.dispatched_at == timedelta(hours=24)
    parts = {work.basis.units.by_id[t.unit_id].name: t.part for t in await work.tasks(case)}
    assert parts == {HOUSING: "lead", "区供电公司": "cooperating"}
    assert case.dispatched_by_id == (await work.actor("dispatcher1")).id
    assert case.explanation.dispatched_by == "person"


async def test_off_the_list_a_limit_is_fifteen_days_at_most_and_a_call_keeps_the_lists(
    county,
):
    work = Casework(county)
    case, listed = await work.filed(), await file(work, await work.submitted())
    for limit, urgency in ((16, "natural_day"), (121, "work_hour"), (361, "urgent_hour")):
        with pytest.raises(BadInput):
            await dispatch(work, case, lead=HOUSING, limit=limit, urgency=urgency)
    assert (await dispatch(work, case, lead=HOUSING, limit=15, urgency="work_day")).limit == 15
    assert listed.limit is not None
    sooner = Choice(lead=HOUSING, limit=1, urgency="urgent_hour")
    new = NewCall(
        reason="emergency",
        place_text="路口",
        matter=STREET_LAMP,
        position=position(),
        choice=sooner,
    )
    with pytest.raises(BadInput):
        await calling.call(new, by=await work.actor("township02"), at=now(), basis=work.basis)


async def test_off_the_list_never_reaches_a_township(county):
    work = Casework(county)
    case = await work.filed()
    before = await everything()
    for choice in (
        {"lead": "荣华街道"},
        {"lead": "峨山镇"},
        {"lead": HOUSING, "cooperating": ("荣华街道",)},
    ):
        with pytest.raises(OffListTownship):
            await dispatch(work, case, limit=24, urgency="urgent_hour", **choice)
    assert await everything() == before


async def test_on_the_list_a_township_leads_only_where_the_list_says_so(county):
    work = Casework(county)
    case = await work.report(matter=WALL_HOLE, position=None)
    with pytest.raises(OffListTownship):
        await dispatch(work, case, lead="荣华街道")
    assert (await dispatch(work, case)).stage == "dispatched"


async def test_a_dispatch_that_is_not_complete_is_refused_and_changes_nothing(county):
    work = Casework(county)
    case = await work.filed()
    before = await everything()
    for choice, problem in (
        ({}, NoLead),
        ({"lead": "没有这个局"}, UnknownUnit),
        ({"lead": HOUSING}, CaseNotReady),
        ({"lead": HOUSING, "limit": 3}, CaseNotReady),
        (
            {"lead": HOUSING, "cooperating": ("没有",), "limit": 3, "urgency": "work_day"},
            UnknownUnit,
        ),
    ):
        with pytest.raises(problem):
            await dispatch(work, case, **choice)
    assert await everything() == before


async def test_what_the_list_names_no_lead_for_is_no_decision(county):
    work = Casework(county)
    finding = finding_of(await work.report(), work.basis)
    with pytest.raises(NoLead):
        dispatching.by_list(replace(finding, lead_unit_id=None))


async def test_the_database_itself_holds_to_one_lead(county):
    work = Casework(county)
    case = await work.report()
    other = work.basis.units.named("区供水公司")
    [lead] = await work.tasks(case, "lead")
    with pytest.raises(IntegrityError):
        await Task.create(
            case_id=case.id,
            unit_id=other.id,
            part="lead",
            stage="pending",
            dispatched_at=lead.dispatched_at,
        )
    with pytest.raises(IntegrityError):
        await Case.filter(id=case.id).update(lead_id=None)


async def test_who_may_not_dispatch_does_not_and_who_may_not_see_it_finds_nothing(county):
    work = Casework(county)
    case = await work.filed()
    choice = {"lead": HOUSING, "limit": 1, "urgency": "work_day"}
    before = await everything()
    for who, problem in (
        ("acceptor1", NotPermitted),
        ("township02", NotPermitted),
        ("resident1", NotPermitted),
        ("resident2", NotFound),
        ("duty04", NotFound),
        ("handler_D08", NotFound),
    ):
        with pytest.raises(problem):
            await dispatch(work, case, who, **choice)
    assert await everything() == before
    assert (await dispatch(work, case, "duty02", **choice)).stage == "dispatched"


async def test_a_second_dispatch_or_filing_is_refused_with_what_one_may_do(county):
    work = Casework(county)
    case = await work.report()
    before = await everything()
    with pytest.raises(WrongStage) as refused:
        await dispatch(work, case)
    possible = refused.value.facts["possible"]
    assert {"accept", "dispatch"}.isdisjoint(possible)  # others' acts, and what is done
    assert "merge" in possible
    with pytest.raises(WrongStage):
        await file(work, case)
    with pytest.raises(NotFound):
        await dispatching.dispatch(
            "000000-00000000",
            Choice(),
            by=await work.actor("dispatcher1"),
            at=now(),
            basis=work.basis,
        )
    assert await everything() == before


async def test_another_township_that_a_case_touches_may_cooperate_but_only_on_the_list(county):
    work = Casework(county)
    listed, off = (
        await work.report("resident1", matter=WALL_HOLE, position=None),
        await work.filed(),
    )
    assert listed.stage == "filed"
    neighbour = next(
        unit
        for unit in work.basis.units.all()
        if unit.kind == "township" and unit.township_code != off.township_code
    )
    by = await work.actor("dispatcher1")
    before = await everything()
    for case, choice in (
        (off, Choice(lead=HOUSING, cooperating=(neighbour.name,), limit=2, urgency="work_day")),
        (off, Choice(lead=neighbour.name, limit=2, urgency="work_day")),
        (listed, Choice(lead=neighbour.name, note="更近")),
    ):
        with pytest.raises(OffListTownship):
            await dispatching.dispatch(case.no, choice, by=by, at=now(), basis=work.basis)
    assert await everything() == before
    choice = Choice(cooperating=("区供电公司", neighbour.name))
    await dispatching.dispatch(listed.no, choice, by=by, at=now(), basis=work.basis)
    parts = {task.unit_id: task.part for task in await work.tasks(listed)}
    assert parts[neighbour.id] == "cooperating"
    officer = await work.actor(work.officer_of(neighbour.id))
    assert (await queries.case_for(officer, listed.no)).id == listed.id
    board = await boards.task_board(officer, BoardFilter(), limit=9)
    assert [task.case_id for task, _ in board] == [listed.id]


async def test_a_township_that_the_list_has_cooperate_is_not_made_the_lead(county):
    work = Casework(county)
    case = await work.report()
    [town] = [
        work.basis.units.by_id[task.unit_id]
        for task in await work.tasks(case, "cooperating")
        if work.basis.units.by_id[task.unit_id].kind == "township"
    ]
    with pytest.raises(OffListTownship):
        dispatching.by_person(case, Choice(lead=town.name, note="更近"), work.basis)
    other = dispatching.by_person(case, Choice(lead=HOUSING, note="专业"), work.basis)
    assert other.lead_id != town.id
    assert town.id in other.duties
