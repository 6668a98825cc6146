"""Which matter a person's own words mean, over the demo county's list."""

import csv
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwhistle.demo.spreadsheet import workbook
from server.people.units import UnitKind, Units, UnitView
from server.responsibility.entries import EntryView
from server.responsibility.importing import understand
from server.responsibility.suggest import Suggester

SENTENCES = list(
    csv.DictReader(Path(__file__).with_name("sentences.csv").read_text("utf-8").splitlines())
)


def demo_units() -> Units:
    source = resources.files("gridwhistle.demo").joinpath("data/units.csv")
    rows = csv.DictReader(source.read_text("utf-8").splitlines())
    return Units(
        UnitView(id=n, code=row["code"], name=row["name"], kind=UnitKind(row["kind"]))
        for n, row in enumerate(rows, 1)
    )


def entry(code: str, name: str, description: str = "", words: tuple[str, ...] = ()) -> EntryView:
    return EntryView(
        id=1,
        version_id=1,
        matter_code=code,
        row=1,
        name=name,
        domain="d",
        description=description,
        kind="livelihood",
        platform="",
        responsibility="county",
        lead_id=None,
        lead_duties="",
        township_duties="",
        legal_basis="",
        contact_name="",
        contact_phone="",
        self_handle=False,
        receives="department",
        urgency="work_day",
        limit=1,
        closing_condition="",
        words=words,
    )


@pytest.fixture(scope="module")
def entries() -> list[EntryView]:
    drafts = understand(workbook(), "list.xlsx", demo_units(), {}).drafts
    return [
        entry(each.code, each.texts["name"], each.texts["description"], each.words)
        for each in drafts
    ]


@pytest.fixture(scope="module")
def suggester(entries) -> Suggester:
    return Suggester(entries)


def test_colloquial_sentences_find_their_matter(suggester):
    ranks = Counter[int]()
    for row in SENTENCES:
        codes = [each.code for each in suggester.suggest(row["text"])]
        ranks[codes.index(row["code"]) + 1 if row["code"] in codes else 0] += 1
    n = len(SENTENCES)
    assert n > 240
    assert ranks[1] / n >= 0.92
    assert (ranks[1] + ranks[2] + ranks[3]) / n >= 0.97


def test_the_reason_is_what_text_and_matter_have_in_common(suggester):
    first = suggester.suggest("有人遛狗不拴绳，还吓着小孩")[0]
    assert first.code == "ZH-002"
    assert first.score == 1
    assert "遛狗不拴绳" in first.why
    assert all(len(part) >= 2 for part in first.why)


def test_suggestions_come_best_first_and_no_more_than_asked_for(suggester):
    found = suggester.suggest("小区门口垃圾没人清运", 3)
    assert len(found) == 3
    assert [each.score for each in found] == sorted((e.score for e in found), reverse=True)
    assert len(suggester.suggest("小区门口垃圾没人清运")) == 5


def test_width_case_and_punctuation_make_no_difference(suggester):
    plain = suggester.suggest("KTV唱歌到凌晨")
    assert suggester.suggest("ｋｔｖ，唱歌！！到凌晨") == suggester.suggest("ktv 唱歌 到凌晨")
    assert plain[0].code == "ZH-001"


def test_what_a_description_excludes_speaks_not_for_the_matter():
    found = Suggester(
        [
            entry("A", "噪声", "包括音响；不含工地机械"),
            entry("B", "扬尘", "工地机械和渣土"),
        ]
    ).suggest("工地机械")
    assert [each.code for each in found] == ["B"]


def test_words_that_mean_alike_find_the_lists_word():
    found = Suggester([entry("A", "犬只管理"), entry("B", "噪声")]).suggest("一条大金毛跑来跑去")
    assert [each.code for each in found] == ["A"]


def test_the_town_and_the_country_are_told_apart():
    of = Suggester([entry("A", "农村污水治理"), entry("B", "污水冒溢处置")])
    assert of.suggest("小区污水")[0].code == "B"


@pytest.mark.parametrize("text", ["", "。。。", "   ", "的了吗", "\U0001f600"])
def test_a_text_without_words_gets_no_suggestion(suggester, text):
    assert suggester.suggest(text) == []


@given(st.text(max_size=3000))
def test_any_text_gets_an_answer(text):
    found = Suggester([entry("A", "犬只管理"), entry("B", "噪声")]).suggest(text)
    assert all(0 < each.score <= 1 for each in found)


def test_an_empty_list_suggests_nothing():
    assert Suggester([]).suggest("犬只") == []
