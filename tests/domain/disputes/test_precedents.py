"""What a conference decided is cited the next time."""

import pytest

from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes.queries import conference_for, docket, waiting_returns
from server.cases.door.knowledge import Knowledge
from server.cases.models.case import Case
from server.clock import now
from server.errors import (
    NotFound,
    OffListTownship,
    WrongStage,
)
from server.responsibility.list import precedents
from tests.casework import OFF_LIST, STREET_LAMP, WALL_HOLE, Casework, everything
from tests.domain.acts.disputes import MINUTES, POWER, WORKS, decide, in_conference, state


async def test_the_next_report_cites_the_precedent_and_the_list_is_to_be_adjusted(county):
    work = Casework(county)
    case = await in_conference(work)
    elsewhere = Knowledge(county.parts.settings)
    await elsewhere.refresh()
    long = MINUTES + "。" + "详" * 200
    case = await decide(work, case, lead=POWER, minutes=long)
    assert (await work.report()).explanation["precedents"] == []  # not read yet
    await county.parts.knowledge.refresh()
    await elsewhere.refresh()
    following = await work.report("resident2")
    [cited] = following.explanation["precedents"]
    day = f"{now().astimezone(work.basis.zone):%Y-%m-%d}"
    assert (cited["no"], cited["lead"], cited["on"]) == (case.no, POWER, day)
    assert cited["text"].startswith(MINUTES)
    assert len(cited["text"]) <= 81
    for part in (case.no, POWER, day, "先例"):
        assert part in following.explanation["text"]
    # It is cited, and decides nothing by itself: the list is changed by who keeps it.
    assert work.basis.units.by_id[following.lead_id].name == WORKS
    finding = elsewhere.basis.lists.at(now()).lookup(STREET_LAMP, "")
    assert [each["no"] for each in finding.explanation["precedents"]] == [case.no]
    [proposal] = await precedents.adjustments(limit=9)
    assert (proposal.matter_code, proposal.ground, proposal.state) == (
        STREET_LAMP,
        "precedent",
        "proposed",
    )
    assert proposal.case_no == case.no
    assert POWER in proposal.text
    assert [row.text for row in await precedents.page(limit=9, matter=STREET_LAMP)] == [long]
    assert await precedents.page(limit=9, matter=WALL_HOLE) == []
    assert await precedents.adjustments(limit=9, matter=WALL_HOLE) == []


async def test_a_matter_off_the_list_is_cited_too_and_still_waits_for_the_dispatcher(county):
    work = Casework(county)
    filed = await work.filed()
    choice = Choice(lead=WORKS, limit=2, urgency="work_day", note="就近")
    by = await work.actor("dispatcher2")
    await dispatching.dispatch(filed.no, choice, by=by, at=now(), basis=work.basis)
    case = await in_conference(work, await Case.get(id=filed.id))
    with pytest.raises(OffListTownship):
        await decide(work, case, lead=POWER, cooperating=("T02",))
    await decide(work, case, lead=POWER)
    await county.parts.knowledge.refresh()
    following = await work.filed("resident2")
    assert (following.stage, following.matter_code) == ("filed", OFF_LIST)
    [cited] = following.explanation["precedents"]
    assert (cited["no"], cited["lead"]) == (case.no, POWER)
    assert POWER in following.explanation["text"]


async def test_no_more_than_the_latest_precedents_are_cited(county):
    work = Casework(county)
    for n in range(precedents.N_CITED + 2):
        await precedents.record(
            STREET_LAMP, "路灯", case_no=f"N{n}", lead=None, minutes="不受理", at=now()
        )
    await county.parts.knowledge.refresh()
    cited = (await work.report()).explanation["precedents"]
    assert [each["no"] for each in cited] == ["N4", "N3", "N2"]


async def test_the_docket_shows_open_conferences_first(county):
    work = Casework(county)
    first, second, third = [await in_conference(work) for _ in range(3)]
    await decide(work, first, lead=POWER)
    for who in ("keeper1", "leader1", "dispatcher1", "auditor1"):
        by = await work.actor(who)
        rows = await docket(by, limit=9, offset=0)
        assert [case.no for _, case in rows] == [second.no, third.no, first.no]
        found, case = await conference_for(by, rows[0][0].id)
        assert (case.no, found.decided_at) == (second.no, None)
    stranger = await work.actor("handler_D08")
    assert await docket(stranger, limit=9, offset=0) == []
    with pytest.raises(NotFound):
        await conference_for(stranger, rows[0][0].id)
    with pytest.raises(NotFound):
        await conference_for(await work.actor("keeper1"), 10**9)
    assert await waiting_returns(await work.actor("dispatcher1"), limit=9) == []


async def test_nothing_is_stated_once_it_is_decided(county):
    work = Casework(county)
    case = await decide(work, await in_conference(work), lead=POWER)
    before = await everything()
    with pytest.raises(WrongStage):
        await state(work, case)
    assert await everything() == before
