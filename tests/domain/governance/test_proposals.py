"""Admission, adjustment and exit: from the proposal to a case that is dispatched by it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.models.case import Case
from server.clock import now
from server.errors import (
    AdmissionNeeded,
    AlreadyDone,
    BadInput,
    NotAdmitted,
    NotPermitted,
    OffListTownship,
    ProcedureConflict,
    ReasonMissing,
    WrongProcedureStage,
)
from server.governance import admitted, commands, deciding, proposing, queries
from server.governance.models.proposal import Opinion, Proposal
from server.governance.reminding import remind_late
from server.responsibility.changing.drafting import TOWNSHIP, EntryChange
from server.responsibility.list import queries as lists
from server.responsibility.list import versions
from tests.casework import STAIRS_BLOCKED, STREET_LAMP, everything, rows_of
from tests.domain.acts.governance import (
    ADMITTED,
    HEAD,
    MAIN,
    UNIT,
    adjustment,
    admission,
    answered,
    approved,
    known,
    next_version,
    proposed,
    told,
)


async def test_an_admission_runs_from_proposal_to_a_case_dispatched_to_the_township(work):
    proposal = await proposed(work)
    townships = {u.id for u in work.basis.units.all() if u.kind == "township"}
    asked = await Opinion.filter(proposal_id=proposal.id).values_list("unit_id", flat=True)
    assert set(asked) == townships
    proposal = await answered(work, proposal)
    assert proposal.stage == "review"
    await deciding.review(proposal.id, "职责清楚", **await known(work, "keeper1"))
    assert (await Proposal.get(id=proposal.id)).stage == "review"
    await deciding.review(proposal.id, "于法有据", **await known(work, "keeper2"))
    done = await deciding.approve(proposal.id, "", **await known(work, "leader1"))
    assert done.stage == "approved"

    version_id = await next_version(work)
    proposal = await Proposal.get(id=proposal.id)
    assert (proposal.stage, proposal.version_id) == ("in_force", version_id)
    case = await work.report(matter=proposal.matter_code)
    assert case.stage == "dispatched"
    assert work.basis.units.by_id[case.lead_id].kind == "township"
    assert case.explanation.version_id == version_id
    assert case.due_at is not None

    await work.county.deliver()
    assert len(await told("township02", "proposal_opinions")) == 1
    assert len(await told("leader1", "proposal_approval")) == 1
    assert len(await told("township02", "proposal_in_force")) == 1
    whole = await queries.proposal(proposal.id)
    verbs = [event.verb for event in whole.events if event.verb != "opine"]
    assert verbs == ["propose", "review", "review", "approve", "publish"]


async def test_until_it_is_published_nothing_of_an_admission_reaches_a_township(work):
    proposal = await approved(work)
    assert await lists.matter_name(proposal.matter_code) is None
    case = await work.filed()
    choice = Choice(lead="荣华街道", limit=2, urgency="natural_day")
    with pytest.raises(OffListTownship):
        await dispatching.dispatch(case.no, choice, **await known(work, "dispatcher1"))
    assert (await Case.get(id=case.id)).stage == "filed"


async def test_an_admission_names_everything_that_goes_with_it(work):
    named = {name: ADMITTED.texts[name] for name in ("name", "domain")}
    bare = replace(ADMITTED, texts=named | {"lead_duties": ""}, limit=None)
    before = await everything()
    wish = admission(change=bare, flow=" ", funds="", staff="", until=None)
    with pytest.raises(BadInput) as refused:
        await proposed(work, wish)
    assert {each["pointer"] for each in refused.value.errors} == {
        *("/change/lead_duties", "/change/legal_basis", "/change/limit"),
        *("/flow", "/funds", "/staff", "/until"),
    }
    with pytest.raises(BadInput):
        await proposed(work, admission(until=now() - timedelta(days=1)))
    with pytest.raises(BadInput):  # nothing for a township in it
        await proposed(work, admission(change=replace(ADMITTED, lead=UNIT)))
    assert await everything() == before


async def test_only_a_department_proposes_an_admission(work):
    for who in ("township02", "handler_D02", "resident1", "leader1"):
        with pytest.raises(NotPermitted):
            await proposed(work, who=who)


async def test_an_objection_is_settled_or_amended_before_anybody_reviews(work):
    proposal = await answered(work, await proposed(work), objects="T02")
    assert proposal.stage == "settling"
    with pytest.raises(WrongProcedureStage) as refused:
        await deciding.review(proposal.id, "好", **await known(work, "keeper1"))
    assert refused.value.facts["possible"] == ["amend", "settle", "withdraw"]

    better = admission(staff="派驻四名协管员")
    proposal = await proposing.amend(proposal.id, better, "增派人手", **await known(work, HEAD))
    assert (proposal.stage, proposal.round) == ("opinions", 2)
    assert proposal.support["staff"] == "派驻四名协管员"
    assert proposal.matter_code.startswith("A-")
    proposal = await answered(work, proposal, objects="T03")
    with pytest.raises(ReasonMissing):
        await proposing.settle(proposal.id, " ", **await known(work, HEAD))
    proposal = await proposing.settle(
        proposal.id, "与梅泽街道协商，先试点半年", **await known(work, HEAD)
    )
    assert proposal.stage == "review"
    whole = await queries.proposal(proposal.id)
    assert {(o.round, o.text) for o in whole.opinions if o.stance == "object"} == {
        (1, "没有执法权，也没有人手"),
        (2, "没有执法权，也没有人手"),
    }


async def test_what_is_amended_stays_about_its_matter(work):
    proposal = await proposed(work, adjustment(STREET_LAMP, EntryChange(limit=9)), "keeper3")
    objecting = (await queries.proposal(proposal.id)).opinions[0].unit_id
    code = work.basis.units.by_id[objecting].code
    proposal = await answered(work, proposal, objects=code)
    before = await everything()
    # Of the stairs the township has charge: as theirs this would ask nothing new of it.
    wish = adjustment(STAIRS_BLOCKED, EntryChange(lead=TOWNSHIP, limit=9))
    with pytest.raises(BadInput) as refused:
        await proposing.amend(proposal.id, wish, "改", **await known(work, "keeper3"))
    assert [each["pointer"] for each in refused.value.errors] == ["/matter"]
    wish = adjustment(STREET_LAMP, EntryChange(lead=TOWNSHIP))
    with pytest.raises(AdmissionNeeded):
        await proposing.amend(proposal.id, wish, "改", **await known(work, "keeper3"))
    assert await everything() == before


async def test_a_unit_gives_one_opinion_a_round_and_only_its_own(work):
    proposal = await proposed(work)
    await deciding.opine(proposal.id, "", agrees=True, **await known(work, "township02"))
    with pytest.raises(AlreadyDone):
        await deciding.opine(proposal.id, "", agrees=True, **await known(work, "duty02"))
    with pytest.raises(ReasonMissing):
        await deciding.opine(proposal.id, "", agrees=False, **await known(work, "township03"))
    with pytest.raises(NotPermitted):  # nobody asked this department
        await deciding.opine(proposal.id, "", agrees=True, **await known(work, "head_D05"))


async def test_who_proposes_does_not_review_and_who_reviewed_does_not_approve(work):
    change = EntryChange(limit=3)
    proposal = await proposed(work, adjustment(STREET_LAMP, change), "keeper1")
    proposal = await answered(work, proposal)
    with pytest.raises(ProcedureConflict):
        await deciding.review(proposal.id, "好", **await known(work, "keeper1"))
    await deciding.review(proposal.id, "好", **await known(work, "keeper3"))
    with pytest.raises(AlreadyDone):  # one office counts once
        await deciding.review(proposal.id, "好", **await known(work, "keeper3"))
    for who in ("keeper2", "leader1"):
        with pytest.raises((NotPermitted, WrongProcedureStage)):
            await deciding.approve(proposal.id, "好", **await known(work, who))
    await deciding.review(proposal.id, "好", **await known(work, "keeper2"))
    with pytest.raises(NotPermitted):
        await deciding.refuse(proposal.id, "不", **await known(work, "keeper2"))
    assert (
        await deciding.refuse(proposal.id, "暂缓", **await known(work, "leader1"))
    ).stage == "refused"


async def test_what_is_sent_back_is_reviewed_by_both_offices_again(work):
    proposal = await answered(work, await proposed(work))
    await deciding.review(proposal.id, "好", **await known(work, "keeper1"))
    await deciding.send_back(proposal.id, "经费没有来源", **await known(work, "keeper2"))
    await proposing.settle(proposal.id, "列入预算", **await known(work, HEAD))
    proposal = await deciding.review(proposal.id, "好", **await known(work, "keeper2"))
    assert proposal.stage == "review"
    proposal = await deciding.review(proposal.id, "好", **await known(work, "keeper1"))
    assert proposal.stage == "approval"


async def test_an_adjustment_changes_the_next_version_and_old_cases_keep_theirs(work):
    old = await work.report()
    before = old.explanation
    proposal = await approved(work, adjustment(STREET_LAMP, EntryChange(limit=9)), "keeper3")
    version_id = await next_version(work)
    assert (await Proposal.get(id=proposal.id)).stage == "in_force"
    new = await work.report(text="又一盏路灯不亮")
    assert (new.explanation.limit, new.explanation.version_id) == (9, version_id)
    assert (await Case.get(id=old.id)).explanation == before
    old_entries = await lists.all_entries(before.version_id)
    fresh = {each.matter_code: each for each in await lists.all_entries(version_id)}
    assert len(fresh) == len(old_entries)
    for entry in old_entries:
        same = replace(fresh[entry.matter_code], id=entry.id, version_id=entry.version_id)
        if entry.matter_code == STREET_LAMP:
            same = replace(same, limit=entry.limit)
        assert same == entry


async def test_what_asks_more_of_townships_is_no_adjustment(work):
    for change in (
        EntryChange(lead=TOWNSHIP),
        EntryChange(lead=TOWNSHIP, texts={"lead_duties": "修"}),
    ):
        with pytest.raises(AdmissionNeeded):
            await proposed(work, adjustment(STREET_LAMP, change), "keeper3")
    with pytest.raises(BadInput):
        await proposed(work, adjustment(STREET_LAMP, EntryChange()), "keeper3")
    with pytest.raises(BadInput):
        await proposed(work, adjustment("XX-404", EntryChange(limit=3)), "keeper3")


async def test_an_exit_gives_a_matter_back_to_a_department(work):
    with pytest.raises(BadInput):
        await proposed(
            work, adjustment(STAIRS_BLOCKED, EntryChange(limit=3), "exit"), "township02"
        )
    back = EntryChange(lead="D05", cooperating=(), texts={"township_duties": ""})
    await approved(work, adjustment(STAIRS_BLOCKED, back, "exit"), "township02")
    await next_version(work)
    case = await work.report(matter=STAIRS_BLOCKED)
    assert work.basis.units.by_id[case.lead_id].code == "D05"
    away = EntryChange(removed=True)
    await approved(work, adjustment(STAIRS_BLOCKED, away, "adjustment"), "keeper3")
    await next_version(work)
    assert work.basis.lists.at(now()).entry(STAIRS_BLOCKED) is None


async def test_a_version_that_hands_townships_more_than_was_admitted_is_not_published(work):
    keeper = await known(work, "keeper1")
    version_id, carried = await admitted.draft_next(MAIN, label="偷偷加的", **keeper)
    assert carried == []
    await rows_of(
        "UPDATE list_entry SET lead_id = NULL, responsibility = 'township'"
        " WHERE version_id = $1 AND matter_id = (SELECT id FROM matter WHERE code = $2)",
        version_id,
        STREET_LAMP,
    )
    await versions.submit(version_id, by=keeper["by"], at=now())
    before, at = await everything(), now()
    with pytest.raises(NotAdmitted) as refused:
        await commands.publish_list(version_id, starts_at=at, by=keeper["by"], at=at)
    assert STREET_LAMP in refused.value.facts["matters"]
    assert await everything() == before
    order = "省委编办〔2026〕7号"
    await commands.publish_list(version_id, starts_at=at, by=keeper["by"], at=at, order=order)
    assert (await lists.version_report(version_id))["order"] == order


async def test_when_an_admission_is_over_the_matter_is_nobodys_by_the_list(work):
    until = now() + timedelta(days=30)
    proposal = await approved(work, admission(until=until))
    await next_version(work)
    view = work.basis.lists
    assert view.at(until - timedelta(seconds=1)).entry(proposal.matter_code) is not None
    assert view.at(until).entry(proposal.matter_code) is None
    assert view.at(until).entry(STREET_LAMP) is not None
    finding = view.at(until).lookup(proposal.matter_code, "")
    assert finding.off_list


async def test_who_is_late_is_reminded_once_a_day_and_leaders_with_them(work):
    proposal = await proposed(work)
    await deciding.opine(proposal.id, "", agrees=True, **await known(work, "township02"))
    due = (await Proposal.get(id=proposal.id)).due_at
    assert await remind_late(at=due - timedelta(seconds=1), basis=work.basis) == 0
    for _ in range(2):
        await remind_late(at=due + timedelta(hours=1), basis=work.basis)
    assert await remind_late(at=due + timedelta(hours=25), basis=work.basis) == 1
    await work.county.deliver(at=due + timedelta(days=2))
    assert len(await told("township03", "proposal_late")) == 2
    assert len(await told("leader1", "proposal_late")) == 2
    assert await told("township02", "proposal_late") == []


async def test_a_proposal_given_up_ends_and_is_told(work):
    proposal = await proposed(work)
    with pytest.raises(NotPermitted):
        await proposing.withdraw(proposal.id, "不办了", **await known(work, "head_D05"))
    await proposing.withdraw(proposal.id, "不办了", **await known(work, HEAD))
    await work.county.deliver()
    assert len(await told("township02", "proposal_withdrawn")) == 1
    with pytest.raises(WrongProcedureStage):
        await deciding.opine(proposal.id, "", agrees=True, **await known(work, "township02"))
