"""Every search reads a question in one way: its words, all of them, in one width and case."""

from urllib.parse import quote

import pytest

from server.clock import now
from server.people import reorganising
from tests.casework import Casework


async def found(person, path: str, q: str) -> list:
    return (await person.get(f"{path}?q={quote(q)}"))["items"]


@pytest.mark.parametrize(
    ("who", "path", "plainly", "otherwise"),
    [
        ("keeper1", "/s/v1/entries", "生活垃圾", "　生活垃圾 "),
        ("keeper1", "/s/v1/entries", "CJ-007", "ＣＪ－００７"),
        ("keeper1", "/s/v1/entries", "CJ-007", "cj 007"),
        ("resident1", "/m/v1/public/matters", "CJ-007", "ＣＪ-００７"),
        ("resident1", "/m/v1/units", "D05", "Ｄ０５"),
        ("resident1", "/m/v1/units", "住房", "区　住房"),
        ("keeper1", "/s/v1/units", "D05", "ｄ０５"),
        ("keeper1", "/s/v1/units", "住房", "住房 城乡"),
        ("admin1", "/s/v1/accounts", "dispatcher1", "ＤＩＳＰＡＴＣＨＥＲ１"),
    ],
)
async def test_a_question_finds_the_same_however_wide_large_or_apart_it_is_written(
    someone, who, path, plainly, otherwise
):
    person = await someone(who, "console")
    expected = await found(person, path, plainly)
    assert expected
    assert await found(person, path, otherwise) == expected


async def test_of_two_words_both_are_wanted(someone):
    admin = await someone("admin1", "console")
    [person] = await found(admin, "/s/v1/accounts", "dispatcher1")
    both = await found(admin, "/s/v1/accounts", f"{person['name']} DISPATCHER")
    assert person in both
    assert await found(admin, "/s/v1/accounts", f"{person['name']} acceptor1") == []
    assert await found(admin, "/s/v1/units", "住房 公安") == []
    whole = await found(admin, "/s/v1/entries", "生活垃圾")
    apart = await found(admin, "/s/v1/entries", "垃圾 生活")
    assert whole
    assert all(each in apart for each in whole)
    assert await found(admin, "/s/v1/entries", "生活垃圾 没有这样的词") == []


async def test_matters_are_found_by_what_their_unit_was_called_before(county, someone):
    resident = await someone("resident1")
    unit = county.basis.units.named("D05")
    entries = county.basis.lists.at(now()).entries()
    its = {each.matter_code for each in entries if each.lead_id == unit.id}
    assert its
    by = await county.actor("keeper1")
    await reorganising.rename(unit.id, "区城市更新局", "榴编〔2026〕1号", by=by, at=now())
    await county.parts.knowledge.refresh()
    for name in (unit.name, "区城市更新局", unit.short_names[0]):
        hits = await found(resident, "/m/v1/public/matters", name)
        assert its <= {each["code"] for each in hits}, name


async def test_a_case_is_found_by_its_number_as_people_say_it_and_by_its_last_digits(
    county, someone
):
    case = await Casework(county).report()
    acceptor = await someone("acceptor1", "console")
    for said in (
        f"编号{case.no}",
        f"案件编号：{case.no}",
        f"编号 {case.no[-6:]}",
        case.no[-2:],
        case.no[-1:],
    ):
        cards = await found(acceptor, "/s/v1/cases", said)
        assert [each["no"] for each in cards] == [case.no], said
    assert await found(acceptor, "/s/v1/cases", "编号") == []
