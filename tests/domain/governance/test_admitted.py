"""What was approved and what is published: held against each other, taken back, at an end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.cases.intake import screening
from server.clock import now
from server.errors import AdmissionNeeded, BadInput, NotAdmitted, ProposalsLeft
from server.governance import admitted, commands, deciding, proposing
from server.governance.models.proposal import Proposal
from server.responsibility.changing.commands import answer, import_list
from server.responsibility.changing.drafting import EntryChange
from server.responsibility.list import queries as lists
from server.responsibility.list import versions
from server.responsibility.list.fields import EntryView
from tests.casework import STAIRS_BLOCKED, STREET_LAMP, Casework, everything, rows_of
from tests.domain.acts.governance import (
    ADMITTED,
    MAIN,
    adjustment,
    admission,
    approved,
    known,
    next_version,
    proposed,
)
from tests.domain.acts.lists import xlsx

MONTH = timedelta(days=30)


async def drafted(work: Casework) -> tuple[int, list[int]]:
    """The next draft, in review, and the proposals it carries."""
    keeper = await known(work, "keeper1")
    version_id, carried = await admitted.draft_next(MAIN, label="下一版", **keeper)
    await versions.submit(version_id, by=keeper["by"], at=now())
    return version_id, carried


async def publish(work: Casework, version_id: int, **more) -> None:
    at = now()
    given = {"starts_at": at, "by": await work.actor("keeper1"), "at": at} | more
    await commands.publish_list(version_id, **given)
    await work.county.parts.knowledge.refresh()


async def altered(version_id: int, matter: str, assignment: str) -> None:
    """Change an entry of a draft, as somebody would in a spreadsheet."""
    await rows_of(
        f"UPDATE list_entry SET {assignment} WHERE version_id = $1"
        " AND matter_id = (SELECT id FROM matter WHERE code = $2)",
        version_id,
        matter,
    )


async def entry_of(version_id: int, matter: str) -> EntryView:
    [found] = [e for e in await lists.all_entries(version_id) if e.matter_code == matter]
    return found


async def test_a_township_named_by_itself_needs_an_admission_as_well(work):
    without = EntryChange(cooperating=(), texts={"township_duties": ""})
    await approved(work, adjustment(STREET_LAMP, without), "keeper3")
    await next_version(work)
    for change in (EntryChange(lead="T02"), EntryChange(cooperating=(("T02", "看"),))):
        with pytest.raises(AdmissionNeeded):
            await proposed(work, adjustment(STREET_LAMP, change), "keeper3")
    version_id, _ = await drafted(work)
    town = work.basis.units.named("T02").id
    await altered(version_id, STREET_LAMP, f"lead_id = {town}")
    with pytest.raises(NotAdmitted) as refused:
        await publish(work, version_id)
    assert refused.value.facts["matters"].startswith(STREET_LAMP)


async def test_an_admission_of_one_township_holds_for_its_term_and_no_longer(work):
    until = now() + MONTH
    wish = admission(change=replace(ADMITTED, lead="T02"), until=until)
    proposal = await approved(work, wish)
    await next_version(work)
    before = work.basis.lists.at(until - timedelta(seconds=1))
    assert before.lookup(proposal.matter_code, "").lead_unit_id == work.basis.units.named("T02").id
    assert work.basis.lists.at(until).entry(proposal.matter_code) is None
    said = [
        {each.code for each in work.basis.lists.suggester(at).suggest("共享单车乱停")}
        for at in (now(), until)
    ]
    assert [proposal.matter_code in codes for codes in said] == [True, False]


async def test_the_first_list_of_another_type_needs_admissions_too(work):
    sheet = xlsx(["某区"], ["序号", "事项名称"], ["1", "给每户测量门牌"])
    by = await work.actor("keeper1")
    version = await import_list(
        sheet, "清单.xlsx", label="基本", by=by, at=now(), list_type="basic"
    )
    await answer(version.id, {}, new_matters=True, by=by, at=now())
    await versions.submit(version.id, by=by, at=now())
    before = await everything()
    with pytest.raises(NotAdmitted):
        await publish(work, version.id)
    assert await everything() == before
    await publish(work, version.id, order="省委编办〔2026〕7号")
    assert (await lists.version_row(version.id, at=now())).state == "published"


async def test_a_version_that_does_not_say_what_was_approved_is_refused_unless_that_may_wait(work):
    lamp = await approved(work, adjustment(STREET_LAMP, EntryChange(limit=9)), "keeper3")
    handed = await approved(work, admission(until=now() + MONTH))
    version_id, carried = await drafted(work)
    assert carried == [lamp.id, handed.id]
    await altered(version_id, STREET_LAMP, '"limit" = 8')
    await altered(version_id, handed.matter_code, "words = '[\"单车\"]'")
    before = await everything()
    with pytest.raises(ProposalsLeft) as refused:
        await publish(work, version_id)
    assert refused.value.facts["n_proposals"] == 2
    assert handed.matter_name in refused.value.facts["proposals"]
    assert await everything() == before

    await publish(work, version_id, leave_proposals=True)
    # What reaches townships by an admission is that admission in force, with its term.
    stages = [(await Proposal.get(id=each.id)).stage for each in (lamp, handed)]
    assert stages == ["approved", "in_force"]
    assert (await entry_of(version_id, handed.matter_code)).township_until == handed.until
    assert work.basis.lists.at(handed.until).entry(handed.matter_code) is None
    assert (await drafted(work))[1] == [lamp.id]


@pytest.mark.slow
async def test_a_term_goes_on_in_later_versions_until_the_matter_is_admitted_anew(work):
    first = await approved(work, admission(until=now() + MONTH))
    await next_version(work)
    later = await next_version(work)
    assert (await entry_of(later, first.matter_code)).township_until == first.until
    longer = admission(matter=first.matter_code, until=now() + 2 * MONTH)
    renewed = await approved(work, longer)
    version_id = await next_version(work)
    assert (await entry_of(version_id, first.matter_code)).township_until == renewed.until
    assert work.basis.lists.at(first.until).entry(first.matter_code) is not None


async def test_an_admission_of_what_townships_have_anyway_is_refused(work):
    change = EntryChange(texts={"lead_duties": "清理", "legal_basis": "《消防法》"})
    before = await everything()
    with pytest.raises(BadInput) as refused:
        await proposed(work, admission(matter=STAIRS_BLOCKED, change=change))
    assert [each["reason"] for each in refused.value.errors] == ["no_admission"]
    assert await everything() == before


async def test_a_proposal_is_carried_out_by_the_successor_of_the_unit_it_names(work):
    proposal = await approved(work, adjustment(STREET_LAMP, EntryChange(lead="D05")), "keeper3")
    _, heir = await work.merge_units("D05", "D06")
    version_id = await next_version(work)
    assert (await entry_of(version_id, STREET_LAMP)).lead_id == heir
    assert (await Proposal.get(id=proposal.id)).stage == "in_force"
    assert (await drafted(work))[1] == []


async def test_two_proposals_for_one_matter_are_carried_out_together(work):
    earlier = EntryChange(limit=9, lead="D05", cooperating=())
    for change in (earlier, EntryChange(limit=5)):
        await approved(work, adjustment(STREET_LAMP, change), "keeper3")
    entry = await entry_of(await next_version(work), STREET_LAMP)
    assert (entry.limit, entry.lead_id) == (5, work.basis.units.named("D05").id)
    assert set(await Proposal.all().values_list("stage", flat=True)) == {"in_force"}


async def test_what_a_version_carries_out_waits_again_when_it_is_taken_back(work):
    proposal = await approved(work, admission(until=now() + 2 * MONTH))
    version_id, _ = await drafted(work)
    await publish(work, version_id, starts_at=now() + MONTH)
    assert (await Proposal.get(id=proposal.id)).stage == "in_force"
    await commands.take_list_back(version_id, **await known(work, "keeper1"))
    back = await Proposal.get(id=proposal.id)
    assert (back.stage, back.version_id) == ("approved", None)
    assert (await entry_of(version_id, proposal.matter_code)).township_until is None
    await versions.withdraw(version_id)
    assert (await drafted(work))[1] == [proposal.id]


async def test_what_is_amended_with_nobody_to_ask_goes_back_to_review(work):
    own = EntryChange(lead="D05", cooperating=(), texts={"township_duties": ""})
    await approved(work, adjustment(STREET_LAMP, own), "keeper3")
    await next_version(work)
    wish = adjustment(STREET_LAMP, EntryChange(limit=9))
    proposal = await proposed(work, wish, "head_D05")
    assert proposal.stage == "review"
    await deciding.send_back(proposal.id, "太长", **await known(work, "keeper1"))
    wish = adjustment(STREET_LAMP, EntryChange(limit=5))
    proposal = await proposing.amend(proposal.id, wish, "改", **await known(work, "head_D05"))
    assert (proposal.stage, proposal.round) == ("review", 2)


@pytest.mark.slow
async def test_a_case_is_filed_by_the_list_of_its_receipt_however_many_came_since(work):
    case = await work.submitted()
    await rows_of("UPDATE case_file SET received_at = received_at - interval '3 days'")
    await rows_of("UPDATE list_version SET starts_at = starts_at - interval '4 days'")
    first = await lists.version_in_force(MAIN, at=now())
    for _ in range(4):
        await next_version(work)
    await screening.file(case.no, by=await work.actor("acceptor1"), at=now(), basis=work.basis)
    await case.refresh_from_db()
    assert (case.off_list, case.list_version_id) == (False, first)
