"""Everyday words: the keeper's own, what closed cases propose, and what experience changes."""

from datetime import UTC, datetime, timedelta

import pytest

from server.cases.models.case import Case
from server.errors import AlreadyDone, BadInput, NotFound
from server.governance.learning import learn
from server.people.actor import SYSTEM
from server.people.queries import units_index
from server.responsibility.answering.in_memory import ListsInForce
from server.responsibility.list.models import Confirmation, Experience, Word
from server.responsibility.search import words_in_force
from server.responsibility.search.everyday_words import Confirmed, change_words, confirm, decide
from server.responsibility.search.suggest import Circumstances
from tests.casework import Casework, everything

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


def confirmed(n: int, code: str, text: str, **more: str) -> Confirmed:
    facts = {"suggested_code": "", "band": "morning", "township_code": ""} | more
    return Confirmed(case_no=f"C{n}", matter_code=code, text=text, at=NOON, **facts)


async def suggester(at: datetime):
    lists = ListsInForce(["main_and_cooperating"])
    await lists.refresh(await units_index(), since=NOON, at=NOON)
    return lists.suggester(at)


async def first(county, text: str) -> str:
    await county.parts.knowledge.refresh()
    found = county.basis.lists.suggester(datetime.now(UTC)).suggest(text)
    return found[0].code if found else ""


async def test_a_word_of_the_keeper_counts_at_once_and_a_hidden_one_no_longer(county):
    assert await first(county, "呜噜咔") != "CJ-011"
    await change_words("CJ-011", add=["呜噜咔"], hide=[], by=SYSTEM, at=NOON)
    assert await first(county, "呜噜咔") == "CJ-011"
    assert [row.word for row in await words_in_force.words(state="accepted")] == ["呜噜咔"]
    await change_words("CJ-011", add=[], hide=["呜噜咔"], by=SYSTEM, at=NOON + timedelta(1))
    assert await first(county, "呜噜咔") != "CJ-011"


@pytest.mark.parametrize(
    ("code", "add", "problem"),
    [
        ("XX-999", ["坑"], NotFound),
        ("CJ-011", ["。。"], BadInput),
        ("CJ-011", ["长" * 41], BadInput),
        ("CJ-011", [f"词{n}" for n in range(201)], BadInput),
    ],
)
async def test_what_is_no_word_is_refused_and_changes_nothing(county, code, add, problem):
    before = await everything()
    with pytest.raises(problem):
        await change_words(code, add=add, hide=[], by=SYSTEM, at=NOON)
    assert await everything() == before


async def test_what_several_confirmed_reports_say_is_proposed_once_and_decided_once(county):
    texts = ("咕咚桥那儿有个豁口子", "路上豁口子好大", "一个豁口子把车胎崩了")
    news = [confirmed(n, "CJ-010", text) for n, text in enumerate(texts)]
    assert await confirm(news[:2], at=NOON) == 2
    assert await words_in_force.words(state="proposed") == []
    assert await confirm(news, at=NOON) == 1
    proposed = await words_in_force.words(state="proposed")
    assert [(row.matter_code, row.word, row.n_cases) for row in proposed] == [
        ("CJ-010", "豁口子", 3)
    ]
    assert await confirm(news, at=NOON) == 0
    matter = await decide(proposed[0].id, accept=True, by=SYSTEM, at=NOON)
    assert matter == "CJ-010"
    assert await first(county, "豁口子") == "CJ-010"
    before = await everything()
    for word_id, problem in ((proposed[0].id, AlreadyDone), (999, NotFound)):
        with pytest.raises(problem):
            await decide(word_id, accept=False, by=SYSTEM, at=NOON)
    assert await everything() == before


async def test_of_one_sentence_that_several_say_one_scrap_is_proposed_and_no_two_that_overlap(
    county,
):
    texts = [f"{said}呜噜咔嗒叽里咕噜响" for said in ("昨天", "今早", "半夜")]
    await confirm([confirmed(n, "CJ-010", text) for n, text in enumerate(texts)], at=NOON)
    proposed = [row.word for row in await words_in_force.words(state="proposed")]
    assert len(proposed) == 1
    assert proposed[0] in texts[0]


async def test_nobodys_name_is_proposed_neither_of_an_account_nor_of_whose_door_it_is(county):
    work = Casework(county)
    colleague = (await work.actor("handler_D08")).name
    for n in range(3):
        case = await work.report(matter="CJ-010", text=f"张桂花家门口咕咚咔，{colleague}来看过{n}")
        await Case.filter(id=case.id).update(stage="closed", closed_at=NOON)
    assert await learn(at=NOON + timedelta(hours=1), zone=work.basis.zone) == 3
    words = [row.word for row in await words_in_force.words(state="proposed")]
    assert words
    for name in ("张桂花", colleague):
        assert not any(name[at : at + 2] in word for word in words for at in range(len(name) - 1))


async def test_a_word_turned_down_is_not_proposed_again(county):
    texts = ("咕咚桥那儿有个豁口子", "路上豁口子好大", "一个豁口子把车胎崩了", "又是豁口子")
    news = [confirmed(n, "CJ-010", text) for n, text in enumerate(texts)]
    await confirm(news[:3], at=NOON)
    [word] = await words_in_force.words(state="proposed")
    await decide(word.id, accept=False, by=SYSTEM, at=NOON)
    await confirm(news, at=NOON)
    assert await words_in_force.words(state="proposed") == []
    assert [row.word for row in await words_in_force.words(state="rejected")] == ["豁口子"]


async def test_corrections_are_learned_and_unlearned_when_the_matter_changes_again(county):
    text = "巷口那个大喇叭桶又冒了"
    before = await first(county, text)
    wanted = "CJ-022"
    assert before != wanted
    news = [confirmed(n, wanted, text, suggested_code=before) for n in range(4)]
    await confirm(news, at=NOON)
    assert await first(county, text) == wanted
    misled = (await words_in_force.layer()).misled
    assert set(misled) == {before}
    assert misled[before]["喇叭"] == 4
    again = [confirmed(n, before, text) for n in range(4)]
    assert await confirm(again, at=NOON + timedelta(hours=1)) == 4
    assert await first(county, text) == before
    assert (await Experience.get(matter_code=wanted)).n == 0
    assert (await words_in_force.layer()).misled == {}
    assert await Confirmation.all().count() == 4


async def test_time_and_place_of_what_was_confirmed_decide_between_likely_matters(county):
    night = [confirmed(n, "CJ-012", "呼噜声", band="night") for n in range(30)]
    noon = [confirmed(100 + n, "CJ-013", "呼噜声", band="morning") for n in range(30)]
    await confirm([*night, *noon], at=NOON)
    found = await suggester(datetime.now(UTC))
    for band, code in (("night", "CJ-012"), ("morning", "CJ-013")):
        around = Circumstances(band=band)
        assert found.suggest("呼噜声", circumstances=around)[0].code == code


async def test_a_text_is_kept_as_grams_only_and_numbers_not_at_all(county, people_of_case):
    work, case = people_of_case
    await work.closed(case)
    assert await learn(at=datetime.now(UTC), zone=county.basis.zone) == 1
    assert await learn(at=datetime.now(UTC), zone=county.basis.zone) == 0
    [row] = await Confirmation.all()
    assert (row.case_no, row.matter_code) == (case.no, case.matter_code)
    assert not any(gram.isdigit() and len(gram) > 1 for gram in row.grams)
    assert all(len(gram) <= 5 or gram.startswith("#") for gram in row.grams)
    assert await Word.all().count() == 0


@pytest.fixture
async def people_of_case(county):
    work = Casework(county)
    return work, await work.report(text="承重墙让人砸了，电话13800001111")


async def test_numbers_and_addresses_of_pages_teach_nothing(county):
    link = "https://example.com/share/abcdefgh?id=2026"
    texts = [f"咕咚桥垃圾桶满了，工单CJ-012，电话0632-5550108，103室，{link}" for _ in range(6)]
    await confirm([confirmed(n, "CJ-007", text) for n, text in enumerate(texts)], at=NOON)
    assert await first(county, "咕咚桥") == "CJ-007", "words do"
    for question in ("103", "2026", "0632-5550108", "5550108", "CJ-012", "example", "share"):
        assert await first(county, question) == "", question
