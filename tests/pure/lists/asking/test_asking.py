"""Who sees to what: a question finds what a unit leads and what its words mean, or nothing."""

import csv
from importlib import resources

import pytest

from gridwhistle.demo.spreadsheet import workbook
from server.people.units import UnitKind, Units, UnitView
from server.responsibility.list.list_types import MAIN, list_type
from server.responsibility.search.asked import who_sees_to
from server.responsibility.search.suggest import Suggester
from server.responsibility.sheets.importing import understand
from server.responsibility.sheets.report import Known
from tests.pure.lists.asking.asked import SETS, sentences

#: Named in a question, and what the unit is called whose matters are asked for.
CALLED = {
    "住建": "区住房和城乡建设局",
    "区住建局": "区住房和城乡建设局",
    "住建局管什么": "区住房和城乡建设局",
    "公安": "区公安分局",
    "公安局": "区公安分局",
    "城管局负责什么": "区综合行政执法局",
    "环保": "市生态环境局榴城分局",
    "生态环境局": "市生态环境局榴城分局",
    "卫健委": "区卫生健康局",
    "交通部门": "区交通运输局",
    "市场监管": "区市场监督管理局",
    "房管局": "区住房和城乡建设局",
}


def demo_units() -> Units:
    """The demo county's units, one of them taken over by another."""
    source = resources.files("gridwhistle.demo").joinpath("data/units.csv")
    rows = list(csv.DictReader(source.read_text("utf-8").splitlines()))
    numbers = {row["name"]: n for n, row in enumerate(rows, 1)}
    found = [
        UnitView(
            id=n,
            code=row["code"],
            name=row["name"],
            kind=UnitKind(row["kind"]),
            short_names=tuple(filter(None, row["short_names"].split("、"))),
        )
        for n, row in enumerate(rows, 1)
    ]
    heir = numbers["区住房和城乡建设局"]
    gone = UnitView(
        id=len(found) + 1,
        code="G1",
        name="区房产管理局",
        kind=UnitKind.DEPARTMENT,
        short_names=("房管局",),
        active=False,
        successor_id=heir,
    )
    return Units([*found, gone])


@pytest.fixture(scope="module")
def units() -> Units:
    return demo_units()


@pytest.fixture(scope="module")
def entries(units):
    drafts = understand(workbook(), "list.xlsx", Known(units, (), list_type(MAIN))).drafts
    return [draft.entry(n, 1) for n, draft in enumerate(drafts, 1)]


@pytest.fixture(scope="module")
def ask(units, entries):
    suggester = Suggester(entries)
    return lambda question: [
        each.code for each in who_sees_to(question, entries, suggester, units)
    ]


@pytest.mark.parametrize(("question", "name"), CALLED.items())
def test_a_unit_by_whatever_name_finds_what_it_leads_before_anything_else(
    ask, entries, units, question, name
):
    lead = units.named(name)
    led = {entry.matter_code for entry in entries if entry.lead_id == lead.id}
    assert led
    assert set(ask(question)[: len(led)]) == led


def test_of_what_a_unit_leads_that_goes_first_which_the_other_words_mean(ask, entries):
    found = ask("住建局 路灯")
    assert found[0] == "CJ-012"
    assert found.index("CJ-014") > found.index("CJ-010")  # by the words, but another's


def test_a_township_leads_what_a_list_leaves_to_the_township_of_the_place(ask, entries):
    led = {entry.matter_code for entry in entries if entry.lead_id is None}
    assert set(ask("峨山镇")[: len(led)]) == led


def test_who_leads_nothing_and_who_is_merely_mentioned_bring_nothing_forward(ask):
    assert ask("税务局") == []
    report = "路灯坏了一个星期没人修，公安局也不管"
    assert ask(report)[0] == "CJ-012"


@pytest.mark.parametrize(
    "question", ["马蜂窝", "老赖", "摘马蜂窝找谁", "护照", "公交晚点", "aaaa", "103"]
)
def test_what_no_matter_is_about_finds_nothing(ask, question):
    assert ask(question) == []


def test_everyday_questions_find_their_matter_or_nothing(ask):
    """Written before any result was seen; what is found of the rest, the list says in words."""
    rows = sentences("questions")
    meant = [row for row in rows if row["codes"]]
    right = [row for row in meant if ask(row["text"])[:1] and ask(row["text"])[0] in row["codes"]]
    about_nothing = [row for row in rows if not row["codes"]]
    silent = [row for row in about_nothing if not ask(row["text"])]
    assert len(right) >= len(meant) - 1
    assert len(silent) >= len(about_nothing) - 8


@pytest.mark.parametrize("name", SETS)
def test_no_report_loses_the_matter_that_is_suggested_to_it(ask, entries, name):
    suggester = Suggester(entries)
    for row in sentences(name):
        suggested = [each.code for each in suggester.suggest(row["text"], 3)]
        if row["code"] in suggested:
            assert row["code"] in ask(row["text"])[:3], row["text"]


def test_the_code_of_a_matter_finds_that_alone(ask):
    assert ask("cj-012") == ["CJ-012"]


def test_a_word_of_the_list_itself_is_an_answer(ask):
    assert ask("蚊子") == ["HJ-009"]
