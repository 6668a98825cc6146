"""Finding cases by words at a desk: whatever is said of them, however typed; nobody in it."""

from urllib.parse import quote

import pytest

from server.cases.models.case import Case, CaseWords
from server.cases.reading import by_words, queries
from server.cases.reading.by_words import said_of
from server.cases.reading.queries import Narrowing
from server.clock import now
from server.errors import BadInput
from server.people.units import Units
from tests.casework import Casework, position, rows_of

SAID = "ＡＢ小区3号楼下烧烤摊油烟呛人，电话13812345678"


async def found(desk, question):
    return {card["no"] for card in (await desk.get(f"/s/v1/cases?q={quote(question)}"))["items"]}


@pytest.mark.parametrize(
    "question",
    [
        *("烧烤", "油烟", "烤", "人", "3号楼", "3", "ab小区", "ＡＢ小区", "AB", "Ab小区３号楼"),
        *("烧烤摊油烟", "油烟 烧烤", "呛人，3号楼", "龙泉路", "烟　泉"),
    ],
)
async def test_a_waiting_case_is_found_by_whatever_is_said_of_it(county, someone, question):
    work, desk = Casework(county), await someone("acceptor1", face="console")
    case = await work.report(matter="", text=SAID, address="龙泉路与文化路交叉口")
    await work.report()
    assert await found(desk, question) == {case.no}


@pytest.mark.slow
async def test_a_case_is_found_by_place_unit_matter_result_and_any_end_of_its_number(
    county, someone
):
    work, desk = Casework(county), await someone("acceptor1", face="console")
    case = await work.handling(await work.report(text="黑了三天"))
    await work.helped(case)
    await work.resolve(case, "更换灯泡两只")
    other = await work.report(matter="", text="没人修", position=position((117.0, 34.0)))
    words = ["荣华", "住建", "区住房和城乡建设局", "路灯", "更换灯泡", "灯泡 住建 荣华", "黑"]
    ends = [case.no, *(case.no[:n] for n in (6, 9)), *(case.no[n:] for n in (3, 7, 9, 11))]
    for question in (*words, *ends):
        answer = await found(desk, question)
        assert case.no in answer, question
        assert (other.no in answer) == other.no.startswith(question), question
    for question in ("灯泡 油烟", case.no[7:] + "0", "灯黑", "泡灯"):
        assert await found(desk, question) == set(), question


async def test_nobody_is_found_by_what_is_masked_for_whoever_reads(county, someone):
    work, desk = Casework(county), await someone("acceptor1", face="console")
    (name,) = [
        row["name"]
        for row in await rows_of("SELECT name FROM account WHERE username = 'resident1'")
    ]
    await work.report(matter="", text=f"{SAID}，我是{name}", address=f"{name}家门口 13900001111")
    assert await found(desk, "烧烤 门口")
    for question in ("13812345678", "345678", "13900001111", "138", name):
        assert await found(desk, question) == set(), question


async def test_words_of_a_complaint_find_it_for_nobody_whom_it_concerns(county, someone):
    work = Casework(county)
    case = await work.report(text="住建局窗口态度恶劣", about_unit="区住房和城乡建设局")
    inside = await someone("head_D08", face="console")
    auditor = await someone("auditor1", face="console")
    for question in ("态度恶劣", "窗口", case.no[-6:], "住建"):
        assert await found(inside, question) == set(), question
    assert await found(auditor, "态度恶劣") == {case.no}
    township = await someone("township05", face="console")
    assert await found(township, "态度恶劣") == set()


async def test_what_is_said_later_finds_a_case_at_once(county, someone):
    work, desk = Casework(county), await someone("acceptor1", face="console")
    one, two = await work.submitted(), await work.report(matter="", text="井盖晃动")
    assert await found(desk, "井盖") == {two.no}
    merged = await desk.call(
        "POST", f"/s/v1/cases/{two.no}/merge", json={"into": one.no, "reason": "同一处"}
    )
    assert merged[0] == 200, merged
    assert await found(desk, "井盖") == {one.no, two.no}
    undone = await desk.call("POST", f"/s/v1/cases/{two.no}/unmerge", json={"reason": "两回事"})
    assert undone[0] == 200, undone
    assert await found(desk, "井盖") == {two.no}


async def test_every_case_has_its_words_whichever_way_it_came_and_went(county):
    work = Casework(county)
    for stage in ("submitted", "dispatched", "handling", "closed", "merged", "disputed"):
        await work.at(stage)
    assert await Case.all().count() == await CaseWords.all().count() > 6


def test_a_question_of_marks_alone_is_none():
    with pytest.raises(BadInput):
        said_of("，。 '", Units(()))


@pytest.mark.slow
async def test_words_are_found_by_the_index_however_many_cases_there_are(county):
    work = Casework(county)
    case, actor = await work.report(matter="", text=SAID), await work.actor("acceptor1")
    await plant(case)
    for question in ("烧烤", "烧", "烧烤摊油烟", "油烟 烧烤", case.no[-6:]):
        said = said_of(question, work.basis.units)
        plan = await planned(said.ever())
        assert "case_words_lexemes" in plan, plan
        assert "Seq Scan" not in plan, plan
        narrowing = Narrowing(words=said)
        shown = await queries.cards(actor, narrowing, limit=51, before_id=None, at=now())
        assert [each.no for each in shown] == [case.no], question


async def test_what_half_the_county_says_is_found_among_the_newest_without_the_index(county):
    work = Casework(county)
    await plant(await work.report(matter=""))
    said = said_of("垃圾没人清运", work.basis.units)
    newest = [
        int(each)
        for each in await Case.all().order_by("-id").limit(300).values_list("id", flat=True)
    ]
    plan = "\n".join(r["QUERY PLAN"] for r in await rows_of(f"EXPLAIN {said.few}", newest, 51))
    assert "case_words_lexemes" not in plan, plan
    assert await said.among(newest, 51) == [each for each in newest if each % 3 == 0][:51]


@pytest.mark.parametrize(
    "pattern", ["xxxxxxxxx", "x........", "........x", "x.x.x.x.x", "xx......x"]
)
async def test_the_newest_that_say_it_are_found_however_far_one_has_to_look(
    county, monkeypatch, pattern
):
    monkeypatch.setattr(by_words, "_SOON", 2)
    monkeypatch.setattr(by_words, "_LATE", 5)
    work = Casework(county)
    saying = []
    for each in pattern:
        case = await work.report(text="油烟呛人" if each == "x" else "没有灯")
        if each == "x":
            saying.append(case.id)
    words = said_of("油烟", work.basis.units)
    for who in ("acceptor1", "handler_D08", "township02"):
        by = await work.actor(who)
        for limit in range(1, 11):
            rows = await queries.cards(
                by, Narrowing(words=words), limit=limit, before_id=None, at=now()
            )
            assert [case.id for case in rows] == saying[::-1][:limit], (who, limit)


async def test_what_the_list_can_be_narrowed_to_is_said_as_people_call_it(county, someone):
    acceptor = await someone("acceptor1")
    said = await acceptor.get("/s/v1/case-choices")
    assert {"code": "checking", "name": "核查中"} in said["stages"]
    assert {"code": "hotline", "name": "热线"} in said["channels"]
    assert {"code": "综治", "name": "综治"} in said["platforms"]
    for name, choices in said.items():
        assert choices, name
        parameter = name.removesuffix("s")
        # What a unit is in a case is asked of one unit.
        whose = "&unit=D08" if parameter == "part" else ""
        found = await acceptor.get(f"/s/v1/cases?{parameter}={choices[0]['code']}{whose}")
        assert found["items"] == [], name


async def plant(case):
    """Twenty thousand cases like one, of which each says what many say."""
    names = [row["column_name"] for row in await rows_of(_COLUMNS)]
    values = [_IN_BULK.get(name, f'"{name}"') for name in names]
    listed = ", ".join(f'"{name}"' for name in names)
    await rows_of(
        f"INSERT INTO case_file ({listed}) SELECT {', '.join(values)}"
        " FROM case_file, generate_series(1, 20000) AS n WHERE id = $1",
        case.id,
    )
    await rows_of(
        "INSERT INTO case_words (case_id, words) SELECT id, CASE WHEN id % 3 = 0"
        " THEN '垃圾没人清运 ' ELSE '路灯不亮 #7 ' END || id FROM case_file WHERE id >= 1000000"
    )
    await rows_of("ANALYZE case_file, case_words")


async def planned(condition):
    asked = Case.filter(condition).order_by("-id").limit(51)
    rows = await rows_of(f"EXPLAIN {asked.sql(params_inline=True)}")
    return "\n".join(row["QUERY PLAN"] for row in rows)


_COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = 'case_file'"
_IN_BULK = {"id": "1000000 + n", "no": "'BULK-' || n"}
