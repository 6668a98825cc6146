"""Which matter a person's own words mean, over the demo county's list."""

import csv
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwhistle.demo.spreadsheet import workbook
from server.people.units import UnitKind, Units, UnitView
from server.responsibility.list.fields import EntryView
from server.responsibility.list.list_types import MAIN, list_type
from server.responsibility.search.gram_weights import Layer, Learned, tokens
from server.responsibility.search.grams import pieces
from server.responsibility.search.suggest import Circumstances, Suggester, band_of
from server.responsibility.sheets.importing import understand
from server.responsibility.sheets.report import Known
from tests.pure.lists.asking.asked import SETS, sentences

UNTUNED = ("sentences_last", "sentences_unseen")


def shares(suggester: Suggester, name: str) -> tuple[float, float]:
    """The shares of a set's sentences that find their matter first, and within three."""
    ranks = Counter[int]()
    rows = sentences(name)
    for row in rows:
        codes = [each.code for each in suggester.suggest(row["text"], 3)]
        ranks[codes.index(row["code"]) + 1 if row["code"] in codes else 0] += 1
    return ranks[1] / len(rows), 1 - ranks[0] / len(rows)


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
        responsibility="county",
        lead_id=None,
        self_handle=False,
        receives="department",
        urgency="work_day",
        limit=1,
        words=words,
    )


@pytest.fixture(scope="module")
def entries() -> list[EntryView]:
    drafts = understand(workbook(), "list.xlsx", Known(demo_units(), (), list_type(MAIN))).drafts
    return [
        entry(each.code, each.texts["name"], each.texts["description"], each.words)
        for each in drafts
    ]


@pytest.fixture(scope="module")
def suggester(entries) -> Suggester:
    return Suggester(entries)


@pytest.mark.parametrize("name", SETS)
def test_colloquial_sentences_find_their_matter(suggester, name):
    first, three = shares(suggester, name)
    assert (first, three) >= SETS[name], (first, three)
    assert three >= SETS[name][1]


def test_a_list_without_everyday_words_is_still_searched_by_what_belongs_together(entries):
    bare = [replace(each, words=(), description="") for each in entries]
    first, three = shares(Suggester(bare), "sentences_fresh")
    assert first >= 0.5
    assert three >= 0.68


def test_confirmed_reports_teach_a_list_without_everyday_words(entries):
    bare = [replace(each, words=(), description="") for each in entries]
    texts = defaultdict[str, list[str]](list)
    for row in sentences("sentences"):
        texts[row["code"]].append(row["text"])
    learned = {
        code: Learned(
            len(said), Counter(t for one in said for t in set(tokens(pieces(one)))), {}, {}
        )
        for code, said in texts.items()
    }
    first, three = shares(Suggester(bare, Layer(learned=learned)), "sentences_fresh")
    assert first >= 0.85
    assert three >= 0.95


def test_what_was_confirmed_goes_before_what_the_lists_own_words_say():
    held = [entry("A", "犬只管理", words=("狗",)), entry("B", "夜间停车")]
    assert Suggester(held).suggest("狗叫了一夜")[0].code == "A"
    said = Counter(tokens(pieces("狗叫了一夜")))
    layer = Layer(learned={"B": Learned(5, Counter(dict.fromkeys(said, 5)), {}, {})})
    assert Suggester(held, layer).suggest("狗叫了一夜")[0].code == "B"


def test_what_people_corrected_weighs_against_the_words_that_misled_and_no_others():
    held = [entry("A", "看守", words=("钟楼",)), entry("B", "灯塔", words=("钟楼",))]
    first, second = [each.code for each in Suggester(held).suggest("钟楼")]
    misled = {first: Counter(dict.fromkeys(tokens(pieces("钟楼")), 5))}
    corrected = Suggester(held, Layer(misled=misled))
    assert [each.code for each in corrected.suggest("钟楼")] == [second, first]
    for other in ("看守", "灯塔"):
        assert corrected.suggest(other) == Suggester(held).suggest(other)


def test_corrections_of_a_county_make_suggestions_for_others_no_worse(entries, suggester):
    """Taught by the other sets as a county would be; the last one is never learned from."""
    texts, wrong = defaultdict[str, Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
    n = Counter[str]()
    for row in (row for name in SETS if name not in UNTUNED for row in sentences(name)):
        said = set(tokens(pieces(row["text"])))
        first = [each.code for each in suggester.suggest(row["text"], 1)]
        texts[row["code"]].update(said)
        n[row["code"]] += 1
        if first and first != [row["code"]]:
            wrong[first[0]].update(said)
    learned = {code: Learned(n[code], grams, {}, {}) for code, grams in texts.items()}
    taught = shares(Suggester(entries, Layer(learned=learned, misled=wrong)), "sentences_last")
    assert taught >= shares(suggester, "sentences_last")
    assert taught >= (0.9, 0.96), taught


def test_words_of_the_layer_count_and_hidden_ones_do_not():
    held = [entry("A", "犬只管理", words=("毛孩子",)), entry("B", "噪声")]
    assert Suggester(held).suggest("毛孩子")[0].code == "A"
    hidden = Layer(hidden={"A": frozenset({"毛孩子"})})
    assert Suggester(held, hidden).suggest("毛孩子") == []
    added = Layer(hidden={"A": frozenset({"毛孩子"})}, added={"B": ("毛孩子",)})
    assert Suggester(held, added).suggest("毛孩子")[0].code == "B"


def test_characters_that_sound_alike_stand_for_each_other_where_none_is_meant():
    found = Suggester([entry("A", "楼道堆物清理"), entry("B", "噪声")]).suggest("楼到里有东西")
    assert found[0].code == "A"


def test_a_village_tells_town_and_country_apart():
    of = Suggester([entry("A", "农村污水治理"), entry("B", "污水冒溢处置")])
    assert of.suggest("污水", circumstances=Circumstances(village="东街社区"))[0].code == "B"


@pytest.mark.parametrize(
    ("hour", "band"),
    [(0, "night"), (5, "night"), (6, "morning"), (17, "afternoon"), (22, "night")],
)
def test_the_day_has_four_parts(hour, band):
    assert band_of(datetime(2026, 1, 1, hour, tzinfo=UTC)) == band


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


@pytest.mark.slow
@given(st.text(max_size=3000))
def test_any_text_gets_an_answer(text):
    found = Suggester([entry("A", "犬只管理"), entry("B", "噪声")]).suggest(text)
    assert all(0 < each.score <= 1 for each in found)


def test_an_empty_list_suggests_nothing():
    assert Suggester([]).suggest("犬只") == []
