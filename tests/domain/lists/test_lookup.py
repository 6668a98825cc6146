"""Who answers for a matter at a place, and the sentence that explains it."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gridwhistle.demo.spreadsheet import workbook
from server.governance import commands as governance
from server.people.actor import SYSTEM
from server.people.queries import units_index
from server.people.units import UnitKind, Units, UnitView
from server.responsibility.answering.in_memory import ListsInForce
from server.responsibility.answering.lookup import CompiledVersion, ListInForce, explain
from server.responsibility.changing.commands import import_list
from server.responsibility.list import versions
from server.responsibility.list.entries import PrecedentView, VersionView
from server.responsibility.list.fields import Cooperating, EntryView, FilingCondition
from tests.domain.acts.lists import make_demo_units

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
EAST, WEST = "370499001000", "370499002000"
POLICE, PARKS, STATION, TOWN, GONE = 1, 2, 3, 4, 5
UNITS = Units(
    [
        UnitView(id=POLICE, code="D1", name="区公安分局", kind=UnitKind.DEPARTMENT),
        UnitView(id=PARKS, code="D2", name="区林业局", kind=UnitKind.DEPARTMENT),
        UnitView(
            id=STATION,
            code="S1",
            name="东街派出所",
            kind=UnitKind.STATION,
            parent_id=POLICE,
            township_code=EAST,
        ),
        UnitView(id=TOWN, code="T1", name="东街街道", kind=UnitKind.TOWNSHIP, township_code=EAST),
        UnitView(id=GONE, code="D3", name="区旧局", kind=UnitKind.DEPARTMENT, active=False),
    ]
)


def entry(code: str, lead_id: int | None, receives: str = "department", **more) -> EntryView:
    fields = {
        "id": 7,
        "version_id": 1,
        "matter_code": code,
        "row": 3,
        "name": "噪声",
        "domain": "综合治理",
        "kind": "enforcement",
        "responsibility": "county",
        "lead_id": lead_id,
        "self_handle": False,
        "receives": receives,
        "urgency": "work_day",
        "limit": 2,
    }
    return EntryView(**(fields | more))


def in_force(*entries: EntryView, **others: list[EntryView]) -> ListInForce:
    versions = [CompiledVersion(VersionView(1, "main", "主清单", 1, "2026版"), entries)]
    versions += [
        CompiledVersion(VersionView(n, kind, kind, 1, "v"), held)
        for n, (kind, held) in enumerate(others.items(), 2)
    ]
    return ListInForce(versions, UNITS)


@pytest.mark.parametrize(
    ("found", "township", "lead", "rule", "fallback"),
    [
        (entry("A", POLICE), EAST, POLICE, "lead", None),
        (entry("A", POLICE), "", POLICE, "lead", None),
        (entry("A", POLICE, "station"), EAST, STATION, "station", None),
        (entry("A", POLICE, "station"), WEST, POLICE, "department_no_station", "no_station"),
        (entry("A", POLICE, "station"), "", POLICE, "department_no_station", "place_unknown"),
        (entry("A", None), EAST, TOWN, "township_of_place", None),
        (entry("A", None), WEST, None, "township_unknown", "no_township_unit"),
        (entry("A", None), "", None, "township_unknown", "place_unknown"),
        (entry("A", GONE), EAST, None, "lead_gone", "unit_inactive"),
    ],
)
def test_the_lead_is_the_unit_for_the_place_and_every_fallback_has_a_reason(
    found, township, lead, rule, fallback
):
    answer = in_force(found).lookup("A", township)
    assert answer.lead_unit_id == lead
    assert not answer.off_list
    assert (answer.explanation.rule, answer.explanation.fallback) == (rule, fallback)
    assert (answer.limit, answer.urgency) == (2, "work_day")
    sentence = explain(answer.explanation)
    assert "主清单" in sentence
    assert "第3行" in sentence
    assert ("原因" in sentence) == (fallback is not None)
    if lead is not None:
        assert UNITS.by_id[lead].name in sentence


def test_a_matter_on_no_list_has_no_lead_and_falls_on_nobody():
    answer = in_force(entry("A", None)).lookup("B", EAST)
    assert answer.off_list
    assert (answer.entry, answer.lead_unit_id, answer.cooperating) == (None, None, ())
    assert "清单外" in explain(answer.explanation)


def test_cooperating_units_come_once_with_duties_and_never_the_lead():
    helpers = (
        Cooperating(PARKS, "看树"),
        Cooperating(None, "到场"),
        Cooperating(POLICE, "秩序"),
    )
    view = in_force(
        entry("A", POLICE, "station", cooperating=helpers), entry("B", None, cooperating=helpers)
    )
    assert view.lookup("A", EAST).cooperating == ((PARKS, "看树"), (TOWN, "到场"))
    assert view.lookup("B", EAST).cooperating == ((PARKS, "看树"), (POLICE, "秩序"))
    nowhere = view.lookup("A", "")
    assert nowhere.cooperating == ((PARKS, "看树"),)
    assert nowhere.explanation.township_missing
    assert "配合单位：区林业局。" in explain(nowhere.explanation)


def test_the_chosen_filing_conditions_limit_goes_before_the_entrys():
    conditions = (FilingCondition("正在发生"), FilingCondition("线索", 3, "urgent_hour"))
    view = in_force(entry("A", POLICE, filing_conditions=conditions))
    limits = [
        (found.limit, found.urgency)
        for found in (view.lookup("A", EAST, at) for at in (None, 0, 1, 9))
    ]
    assert limits == [(2, "work_day"), (2, "work_day"), (3, "urgent_hour"), (2, "work_day")]


def test_the_first_list_in_the_configured_order_governs():
    view = in_force(entry("A", POLICE), basic=[entry("A", PARKS), entry("B", PARKS)])
    assert view.lookup("A", EAST).lead_unit_id == POLICE
    assert view.lookup("B", EAST).explanation.list_type == "basic"
    assert [each.matter_code for each in view.entries()] == ["A", "B"]
    assert view.entry("A").lead_id == POLICE
    assert view.entry("C") is None


@pytest.mark.usefixtures("db")
async def test_the_published_demo_list_answers_as_the_acceptance_stories_have_it():
    await make_demo_units()
    version = await import_list(workbook(), "list.xlsx", label="2026版", by=SYSTEM, at=NOON)
    await versions.submit(version.id, by=SYSTEM, at=NOON)
    await governance.publish_list(version.id, starts_at=NOON, by=SYSTEM, at=NOON)
    lists = ListsInForce(["main_and_cooperating", "basic"])
    from_db = await units_index()
    await lists.refresh(from_db, since=NOON, at=NOON)
    view = lists.at(NOON)
    workshops = view.lookup("HJ-001", EAST)
    assert from_db.by_id[workshops.lead_unit_id].name == "市生态环境局榴城分局"
    wall = view.lookup("CJ-002", EAST)
    assert wall.entry.matter_code == "CJ-002"
    assert wall.version.id == version.id
    assert wall.explanation.entry_id == wall.entry.id
    assert "2026版" in explain(wall.explanation)


def test_precedents_of_a_matter_are_cited_on_the_list_and_off_it():
    ruled = datetime(2026, 11, 19, 17, tzinfo=UTC)  # the 20th in the county
    held = {
        "A": (
            PrecedentView(2, "A", "噪声", "LC2", PARKS, "公园里的归林业" + "。" * 100, ruled),
            PrecedentView(1, "A", "噪声", "LC1", None, "室内的不受理", ruled),
        ),
        "B": (PrecedentView(3, "B", "别的", "LC3", POLICE, "归公安", ruled),),
    }
    versions = in_force(entry("A", POLICE)).versions
    view = ListInForce(versions, UNITS, precedents=held, zone=ZoneInfo("Asia/Shanghai"))
    listed, off = view.lookup("A", EAST), view.lookup("B", EAST)
    assert (listed.lead_unit_id, off.lead_unit_id, off.off_list) == (POLICE, None, True)
    cited = listed.explanation.precedents
    assert [(each.no, each.lead, each.on) for each in cited] == [
        ("LC2", "区林业局", "2026-11-20"),
        ("LC1", None, "2026-11-20"),
    ]
    assert len(cited[0].text) == 81
    sentence = explain(listed.explanation)
    assert sentence.index("LC2") < sentence.index("LC1")
    assert "区林业局" in sentence
    assert "LC3" in explain(replace(off.explanation, matter="别的"))
    assert view.lookup("C", EAST).explanation.precedents == ()
