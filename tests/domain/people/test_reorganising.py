"""Units renamed and merged: lists, tasks and people go on, with a trace."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.cases.calls import calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch.dispatching import Choice
from server.cases.models.case import Case
from server.cases.reading.open_cases import in_hand
from server.cases.work import handling
from server.clock import now
from server.errors import (
    BadInput,
    Duplicate,
    NotMergeable,
    PlanConflict,
    PlanDecided,
    PlanFollowed,
    PlanTooOld,
    UnknownUnit,
)
from server.governance import admitted, regrouping
from server.people import queries, reorganising, unit_plans
from server.people.actors import actor_for
from server.people.queries import account_id_of, units_index
from server.people.unit_plans import NewPlan, PlanStage
from server.responsibility.answering.lookup import explain
from server.responsibility.list import queries as lists
from tests.casework import STREET_LAMP, Casework, everything, rows_of

DOCUMENT = "榴编〔2026〕12号"


async def merged(work: Casework, case: Case, into: str = "D05") -> int:
    """Merge the unit that leads a case into another; return the other's id."""
    _, heir = await work.merge_units(case.lead_id, into)
    return heir


async def test_what_a_merged_unit_was_given_its_successor_does(work):
    case = await work.report()
    old = work.basis.units.by_id[case.lead_id]
    heir = await merged(work, case)
    assert not work.basis.units.by_id[old.id].active
    task, _ = await work.lead(case)
    for who in (f"handler_{old.code}", "handler_D05"):
        assert (await actor_for(await account_id_of(who))).unit_id == heir
    by = await actor_for(await account_id_of("handler_D05"))
    await handling.accept(task.id, by=by, at=now(), basis=work.basis)
    assert (await Case.get(id=case.id)).stage == "handling"


async def test_a_list_that_names_a_merged_unit_means_its_successor_and_says_so(work):
    case = await work.report()
    old = work.basis.units.by_id[case.lead_id].name
    heir = await merged(work, case)
    fresh = await work.report(text="路灯又不亮")
    assert (fresh.stage, fresh.lead_id) == ("dispatched", heir)
    sentence = explain(fresh.explanation)
    assert old in sentence
    assert work.basis.units.by_id[heir].name in sentence
    assert "撤并" in sentence


async def test_the_next_version_names_the_successor(work):
    case = await work.report()
    heir = await merged(work, case)
    by = await work.actor("keeper1")
    version_id, _ = await admitted.draft_next(
        "main_and_cooperating", label="机构改革后", by=by, at=now(), basis=work.basis
    )
    entries = await lists.all_entries(version_id)
    assert case.lead_id not in {each.lead_id for each in entries}
    lamp = next(each for each in entries if each.matter_code == STREET_LAMP)
    assert lamp.lead_id == heir
    for entry in entries:
        helpers = [each.unit_id for each in entry.cooperating]
        assert case.lead_id not in helpers
        assert len(helpers) == len(set(helpers))
        assert entry.lead_id is None or entry.lead_id not in helpers


async def test_who_was_merged_before_is_succeeded_by_the_last(work):
    case = await work.report()
    middle = await merged(work, case)
    last = work.basis.units.named("D06")
    by = await work.actor("keeper1")
    await reorganising.merge(middle, last.id, DOCUMENT, by=by, at=now())
    units = await units_index()
    assert units.acting(case.lead_id).id == last.id
    assert units.acting(middle).id == last.id
    rows = await reorganising.changes(limit=9)
    assert [(row.kind, row.now) for row in rows] == [
        ("merged", last.name),
        ("merged", units.by_id[middle].name),
    ]


async def test_units_that_do_not_fit_are_not_merged(work):
    by, units = await work.actor("keeper1"), work.basis.units
    before = await everything()
    pairs = [("D05", "D05"), ("D05", "荣华街道"), ("荣华街道", "梅泽街道"), ("D05", "荣华派出所")]
    for one, other in pairs:
        with pytest.raises(NotMergeable):
            await reorganising.merge(
                units.named(one).id, units.named(other).id, DOCUMENT, by=by, at=now()
            )
    with pytest.raises(UnknownUnit):
        await reorganising.merge(units.named("D05").id, 99999, DOCUMENT, by=by, at=now())
    assert await everything() == before


async def test_whoever_takes_a_unit_over_reads_once_what_is_now_theirs_to_do(work):
    case = await work.report()
    old = work.basis.units.by_id[case.lead_id]
    heir = work.basis.units.named("D05")
    plan = await planned(work, NewPlan(unit_id=old.id, into_id=heir.id, document=DOCUMENT))
    handler = await account_id_of("handler_D05")
    assert await told(handler) == []
    await regrouping.confirm(plan.id, by=await work.actor("admin1"), at=now(), basis=work.basis)
    await work.county.deliver()
    [said] = await told(handler)
    assert said.startswith(f"{old.name}已并入贵单位")
    assert case.no in said


async def test_the_people_of_both_units_hear_of_a_merger_and_of_its_undoing(work):
    case, admin = await work.report(), await work.actor("admin1")
    old, heir = work.basis.units.by_id[case.lead_id], work.basis.units.named("D05")
    ours, theirs = (
        await account_id_of(f"handler_{old.code}"),
        await account_id_of("handler_D05"),
    )
    plan = await planned(work, NewPlan(unit_id=old.id, into_id=heir.id, document=DOCUMENT))
    await regrouping.confirm(plan.id, by=admin, at=now(), basis=work.basis)
    await work.county.deliver()
    [said] = await told(ours, "merged_into")
    assert said.startswith(f"贵单位已并入{heir.name}")
    assert case.no in said
    assert await told(theirs, "merged_into") == await told(ours) == []
    await work.take_back(plan.id)
    await work.county.deliver()
    [said] = await told(theirs, "parted")
    assert said.startswith(f"{old.name}不再并入贵单位")
    assert case.no in said
    [said] = await told(ours, "independent")
    assert said.startswith(f"贵单位不再并入{heir.name}")
    assert case.no in said
    assert await told(ours, "parted") == await told(theirs, "independent") == []


async def planned(work: Casework, new: NewPlan):
    by = await work.actor("keeper1")
    return await regrouping.propose(new, by=by, at=now(), basis=work.basis)


async def told(account_id: int, verb: str = "taken_over") -> list[str]:
    rows = await rows_of(
        "SELECT text FROM inbox_message WHERE account_id = $1 AND kind = $2",
        account_id,
        f"staff.{verb}",
    )
    return [row["text"] for row in rows]


async def test_what_was_merged_is_parted_again_as_it_was(work):
    admin = await work.actor("admin1")
    old, heir = (work.basis.units.named(code) for code in ("D08", "D05"))
    before = await rows_of("SELECT * FROM unit ORDER BY id")
    people = await rows_of("SELECT id, unit_id FROM account ORDER BY id")
    plan = await planned(work, NewPlan(unit_id=old.id, into_id=heir.id, document=DOCUMENT))
    await unit_plans.confirm(plan.id, by=admin, at=now())
    assert (await units_index()).acting(old.id).id == heir.id
    await work.take_back(plan.id)
    assert await rows_of("SELECT * FROM unit ORDER BY id") == before
    assert await rows_of("SELECT id, unit_id FROM account ORDER BY id") == people
    assert [row.kind for row in await reorganising.changes(limit=9)] == ["parted", "merged"]


async def test_what_was_followed_by_another_change_or_is_long_ago_is_not_taken_back(work):
    admin, at = await work.actor("admin1"), now()
    old, heir, third = (work.basis.units.named(code).id for code in ("D08", "D05", "D06"))
    plan = await planned(work, NewPlan(unit_id=old, into_id=heir, document=DOCUMENT))
    await unit_plans.confirm(plan.id, by=admin, at=at)
    with pytest.raises(PlanTooOld):
        await work.take_back(plan.id, at=at + timedelta(days=31))
    after = await planned(work, NewPlan(unit_id=heir, into_id=third, document=DOCUMENT))
    await unit_plans.confirm(after.id, by=admin, at=at + timedelta(days=1))
    with pytest.raises(PlanFollowed):
        await work.take_back(plan.id, at=at + timedelta(days=2))
    await work.take_back(after.id, at=at + timedelta(days=2))
    assert (await units_index()).acting(old).id == heir


async def test_what_followed_and_was_taken_back_hinders_nothing(work):
    admin, at = await work.actor("admin1"), now()
    old, heir, third = (work.basis.units.named(code).id for code in ("D08", "D05", "D06"))
    before = await rows_of("SELECT * FROM unit ORDER BY id")
    merger = await planned(work, NewPlan(unit_id=old, into_id=heir, document=DOCUMENT))
    await unit_plans.confirm(merger.id, by=admin, at=at)
    renaming = await planned(work, NewPlan(unit_id=heir, name="区城市更新局", document=DOCUMENT))
    await unit_plans.confirm(renaming.id, by=admin, at=at + timedelta(minutes=1))
    another = await planned(work, NewPlan(unit_id=third, into_id=heir, document=DOCUMENT))
    await unit_plans.confirm(another.id, by=admin, at=at + timedelta(minutes=2))
    with pytest.raises(PlanFollowed) as refused:
        await work.take_back(merger.id, at=at + timedelta(minutes=3))
    was = work.basis.units.by_id[third].name
    said = {"was": was, "now": "区城市更新局", "document": DOCUMENT}
    assert refused.value.facts == said
    await work.take_back(another.id, at=at + timedelta(minutes=4))
    with pytest.raises(PlanFollowed) as refused:
        await work.take_back(merger.id, at=at + timedelta(minutes=5))
    assert refused.value.facts["now"] == "区城市更新局"
    await work.take_back(renaming.id, at=at + timedelta(minutes=6))
    await work.take_back(merger.id, at=at + timedelta(minutes=7))
    assert await rows_of("SELECT * FROM unit ORDER BY id") == before


async def test_a_renamed_unit_is_still_found_by_its_old_name(work):
    by, unit = await work.actor("keeper1"), work.basis.units.named("D05")
    await reorganising.rename(unit.id, "区城市更新局", DOCUMENT, by=by, at=now())
    units = await units_index()
    assert units.named("区城市更新局").id == units.named(unit.name).id == unit.id
    with pytest.raises(Duplicate):
        await reorganising.rename(unit.id, "区公安分局", DOCUMENT, by=by, at=now())
    [row] = await reorganising.changes(limit=9)
    assert (row.was, row.now, row.document) == (unit.name, "区城市更新局", DOCUMENT)
    with pytest.raises(Exception, match="append-only"):
        await rows_of("UPDATE unit_change SET was = ''")


@pytest.mark.parametrize(
    "name",
    [
        "区公安　分局",
        "区 公安分局",
        "公安分局",
        "住建局",
        "荣华里 社区",
        "荣华街道",
        "区公安分局\ufe0f",
        "区公安\u200b分局",
    ],
)
async def test_no_unit_takes_a_name_that_means_another_unit_or_a_place(work, name):
    unit = work.basis.units.named("D05")
    before = await everything()
    with pytest.raises((Duplicate, BadInput)):
        await planned(work, NewPlan(unit_id=unit.id, name=name, document=DOCUMENT))
    assert await everything() == before


async def test_a_name_with_characters_that_nobody_sees_is_none(work):
    unit = work.basis.units.named("D05")
    for unseen in ("\u200b", "\u202e", "\x07", "\ufeff", "\u2028"):
        new = NewPlan(unit_id=unit.id, name=f"区城市{unseen}更新局", document=DOCUMENT)
        with pytest.raises(BadInput):
            await planned(work, new)


async def test_a_name_that_another_took_meanwhile_is_refused_when_it_is_confirmed(work):
    first, second = (work.basis.units.named(code).id for code in ("D05", "D06"))
    admin = await work.actor("admin1")
    one = await planned(work, NewPlan(unit_id=first, name="区城市更新局", document=DOCUMENT))
    other = await planned(work, NewPlan(unit_id=second, name="区城市 更新局", document=DOCUMENT))
    await unit_plans.confirm(one.id, by=admin, at=now())
    with pytest.raises(Duplicate):
        await unit_plans.confirm(other.id, by=admin, at=now())
    assert (await units_index()).named("区城市更新局").id == first


async def test_a_renaming_taken_back_leaves_nothing_of_the_name(work):
    admin, unit = await work.actor("admin1"), work.basis.units.named("D05")
    before = await rows_of("SELECT * FROM unit ORDER BY id")
    plan = await planned(work, NewPlan(unit_id=unit.id, name="区城市更新局", document=DOCUMENT))
    await unit_plans.confirm(plan.id, by=admin, at=now())
    assert (await units_index()).named(unit.name).id == unit.id
    await work.take_back(plan.id)
    assert await rows_of("SELECT * FROM unit ORDER BY id") == before


async def test_a_name_that_stood_for_a_while_is_understood_where_people_ask(work):
    admin, unit = await work.actor("admin1"), work.basis.units.named("D05")
    plan = await planned(work, NewPlan(unit_id=unit.id, name="区城市更新局", document=DOCUMENT))
    await unit_plans.confirm(plan.id, by=admin, at=now())
    await work.take_back(plan.id)
    units = await units_index()
    assert units.named("区城市更新局") is None
    found = await queries.once_called("区城市更新局", units)
    assert found is not None
    assert found.id == unit.id
    assert await queries.once_called("区城市再造局", units) is None


async def test_a_short_name_that_was_made_the_name_is_a_short_name_again(work):
    admin, unit = await work.actor("admin1"), work.basis.units.named("D05")
    plan = await planned(
        work, NewPlan(unit_id=unit.id, name=unit.short_names[0], document=DOCUMENT)
    )
    await unit_plans.confirm(plan.id, by=admin, at=now())
    await work.take_back(plan.id)
    again = (await units_index()).by_id[unit.id]
    assert (again.name, set(again.short_names)) == (unit.name, set(unit.short_names))


async def test_taking_a_merger_back_is_proposed_by_one_and_decided_by_another(work):
    old, heir = (work.basis.units.named(code) for code in ("D08", "D05"))
    keeper, admin = await work.actor("keeper2"), await work.actor("admin1")
    plan = await planned(work, NewPlan(unit_id=old.id, into_id=heir.id, document=DOCUMENT))
    await unit_plans.confirm(plan.id, by=admin, at=now())
    done, before = await unit_plans.plan(plan.id), await rows_of("SELECT * FROM unit ORDER BY id")
    undoing = await unit_plans.propose_undoing(plan.id, by=admin, at=now())
    assert await rows_of("SELECT * FROM unit ORDER BY id") == before
    with pytest.raises(PlanDecided):  # one waits already
        await unit_plans.propose_undoing(plan.id, by=keeper, at=now())
    with pytest.raises(PlanConflict):
        await unit_plans.confirm(undoing.id, by=admin, at=now())
    await unit_plans.confirm(undoing.id, by=keeper, at=now())
    assert (await units_index()).acting(old.id).id == old.id
    assert await unit_plans.plan(plan.id) == replace(done, stage=PlanStage.UNDONE)
    told_beside = (await unit_plans.undoings([plan.id]))[plan.id]
    assert (told_beside.by_id, told_beside.decided_by_id) == (admin.id, keeper.id)
    parted, merger = await reorganising.changes(limit=9)
    assert (parted.proposed_by_id, parted.by_id) == (admin.id, keeper.id)
    assert (merger.proposed_by_id, merger.by_id) == (plan.by_id, admin.id)
    with pytest.raises(PlanDecided):  # neither twice, nor an undoing taken back in its turn
        await unit_plans.propose_undoing(plan.id, by=keeper, at=now())
    with pytest.raises(PlanDecided):
        await unit_plans.propose_undoing(undoing.id, by=keeper, at=now())


async def test_an_undoing_that_was_withdrawn_is_proposed_again_and_hinders_nothing(work):
    old, heir = (work.basis.units.named(code) for code in ("D08", "D05"))
    keeper, admin = await work.actor("keeper2"), await work.actor("admin1")
    plan = await planned(work, NewPlan(unit_id=old.id, into_id=heir.id, document=DOCUMENT))
    await unit_plans.confirm(plan.id, by=admin, at=now())
    undoing = await unit_plans.propose_undoing(plan.id, by=keeper, at=now())
    await unit_plans.withdraw(undoing.id, by=keeper, at=now())
    assert (await unit_plans.plan(plan.id)).stage == PlanStage.DONE
    await work.take_back(plan.id)
    assert (await unit_plans.plan(plan.id)).stage == PlanStage.UNDONE


async def test_what_followed_between_proposing_and_confirming_an_undoing_stands_in_its_way(work):
    old, heir, third = (work.basis.units.named(code).id for code in ("D08", "D05", "D06"))
    keeper, admin = await work.actor("keeper2"), await work.actor("admin1")
    plan = await planned(work, NewPlan(unit_id=old, into_id=heir, document=DOCUMENT))
    await unit_plans.confirm(plan.id, by=admin, at=now())
    undoing = await unit_plans.propose_undoing(plan.id, by=keeper, at=now())
    other = await planned(work, NewPlan(unit_id=heir, into_id=third, document=DOCUMENT))
    await unit_plans.confirm(other.id, by=admin, at=now())
    with pytest.raises(PlanFollowed):
        await unit_plans.confirm(undoing.id, by=admin, at=now())
    assert (await units_index()).acting(old).id == third


async def test_before_a_merger_is_taken_back_it_is_seen_what_goes_back_and_what_stays(work):
    case = await work.report()
    old, heir = work.basis.units.by_id[case.lead_id], work.basis.units.named("D05")
    plan = await planned(work, NewPlan(unit_id=old.id, into_id=heir.id, document=DOCUMENT))
    would = await regrouping.preview(plan, at=now(), basis=work.basis)
    n_stations = len(work.basis.units.children(old.id))
    assert (would.task_nos, would.staying_nos) == ((case.no,), ())
    assert (would.n_cases, would.n_stations) == (1, n_stations)
    admin = await work.actor("admin1")
    await regrouping.confirm(plan.id, by=admin, at=now(), basis=work.basis)
    await work.county.parts.knowledge.refresh()
    meanwhile = await called(work, old.name)
    assert meanwhile.lead_id == heir.id
    by = await work.actor("keeper2")
    undoing = await unit_plans.propose_undoing(plan.id, by=by, at=now())
    seen = await regrouping.preview(undoing, at=now(), basis=work.basis)
    assert seen.task_nos == (case.no,)
    assert seen.staying_nos == (meanwhile.no,)
    assert (seen.n_people, seen.n_cases, seen.n_entries) == (
        would.n_people,
        would.n_cases,
        would.n_entries,
    )
    await regrouping.confirm(undoing.id, by=admin, at=now(), basis=work.basis)
    await work.county.parts.knowledge.refresh()
    after = await in_hand([old.id])
    assert after.task_nos == seen.task_nos
    assert (await Case.get(id=meanwhile.id)).lead_id == heir.id
    assert await queries.n_accounts(old.id) == seen.n_people


async def called(work: Casework, lead: str) -> Case:
    """A filed case to which a township calls a unit by its name, as the one that leads."""
    case, by = await work.filed(), await work.actor("township02")
    choice = Choice(lead=lead, limit=2, urgency="work_day", note="就近")
    new = NewCall(reason="joint_enforcement", place_text="小区南门", no=case.no, choice=choice)
    return await calling.call(new, by=by, at=now(), basis=work.basis)
