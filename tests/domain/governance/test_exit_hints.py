"""Matters that townships might give back: counted over closed cases, judged by thresholds."""

from datetime import timedelta

import pytest

from server.cases.figures import township_figures
from server.cases.figures.township_figures import Figures
from server.cases.models.case import Case
from server.clock import now
from server.governance import exit_hints
from server.governance.exit_hints import Thresholds, reasons
from tests.casework import STAIRS_BLOCKED, STREET_LAMP, Casework, rows_of
from tests.domain.acts.governance import made, ripen

DUMPED = "CJ-022"  # the township leads
LIMITS = Thresholds(days=365, min_age_days=180, few=5, share=0.3, help_share=0.5)


async def figures(days=365):
    at = now()
    return await township_figures.figures(at - timedelta(days=days), at)


async def hinted(work, limits=LIMITS, **more):
    given = {"at": now(), "basis": work.basis, "limit": 100} | more
    return await exit_hints.hints(limits, **given)


async def test_closed_cases_are_counted_by_matter_and_by_the_township_that_led(county):
    work = Casework(county)
    await made(work, n=2)
    await made(work, cycle=2)
    await made(work, overdue=True)
    await made(work, overdue=True, exempted=True)
    await made(work, returned=True)
    await made(work, returned=True, lead="区供电公司")
    await made(work, called=True)
    await made(work, self_handled=True)
    await made(work, township="梅泽街道", n=3)
    # None of these counts: too old, still open, led by a department.
    await made(work, ago=400)
    await made(work, stage="handling")
    await made(work, matter=STREET_LAMP, township="区住房和城乡建设局")
    home = work.basis.units.named("荣华街道").township_code
    other = work.basis.units.named("梅泽街道").township_code
    mine = Figures(n_cases=9, n_returned=2, n_redone=1, n_overdue=1, n_helped=2)
    assert await figures() == {
        STAIRS_BLOCKED: {
            None: Figures(n_cases=12, n_returned=2, n_redone=1, n_overdue=1, n_helped=2),
            home: mine,
            other: Figures(n_cases=3),
        }
    }


async def test_a_case_that_the_domain_closed_counts_once(county):
    work = Casework(county)
    case = await work.closed(await work.report(matter=STAIRS_BLOCKED))
    await Case.filter(id=case.id).update(closed_at=now() - timedelta(minutes=1))
    found = await figures()
    assert found[STAIRS_BLOCKED] == {
        None: Figures(n_cases=1),
        case.township_code: Figures(n_cases=1),
    }


async def test_a_year_is_read_by_the_index_of_closed_cases_however_many_there_are(county):
    await made(Casework(county))
    names = [row["column_name"] for row in await rows_of(_COLUMNS)]
    values = [_IN_BULK.get(name, f'"{name}"') for name in names]
    await rows_of(
        f"INSERT INTO case_file ({', '.join(map(quoted, names))}) SELECT {', '.join(values)}"
        " FROM case_file, generate_series(1, 20000) AS n WHERE no LIKE 'MADE-%'"
    )
    await rows_of("ANALYZE case_file")
    at = now()
    plan = await rows_of(f"EXPLAIN {township_figures._FIGURES}", at - timedelta(days=365), at, 100)
    assert any("case_file_closed_at" in row["QUERY PLAN"] for row in plan)
    assert not any("Seq Scan on case_file" in row["QUERY PLAN"] for row in plan)


def quoted(name: str) -> str:
    return f'"{name}"'


_COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = 'case_file'"
_IN_BULK = {
    "id": "1000000 + n",
    "no": "'BULK-' || n",
    "closed_at": "closed_at - make_interval(days => 400 + n % 3000)",
}


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        (Figures(n_cases=0), ["few"]),
        (Figures(n_cases=4, n_returned=4), ["few"]),
        (Figures(n_cases=5), []),
        (Figures(n_cases=10, n_returned=2, n_redone=2, n_overdue=2, n_helped=4), []),
        (Figures(n_cases=10, n_returned=3), ["returned"]),
        (Figures(n_cases=10, n_redone=3, n_helped=5), ["redone", "helped"]),
        (Figures(n_cases=10, n_overdue=10), ["overdue"]),
    ],
)
def test_a_hint_needs_a_reason_and_shares_need_cases(given, codes):
    assert [each.code for each in reasons(given, LIMITS)] == codes


def test_without_a_least_number_no_cases_are_no_reason():
    never = Thresholds(days=365, min_age_days=0, few=0, share=0.3, help_share=0.5)
    assert reasons(Figures(), never) == ()


async def test_few_cases_of_an_old_entry_are_a_hint_and_of_a_young_one_are_not(county):
    work = Casework(county)
    await made(work, n=4)
    assert await hinted(work) == []
    await ripen()
    found = {hint.matter_code: hint for hint in await hinted(work)}
    led = {e.matter_code for e in work.basis.lists.at(now()).entries() if e.lead_id is None}
    assert set(found) == led
    hint = found[STAIRS_BLOCKED]
    assert (hint.township_code, hint.figures.n_cases) == (None, 4)
    assert hint.text == (
        f"“{hint.matter_name}”近365天的办理情况：办理量少，只办结4件（少于5件）。"
        "建议评估后考虑交回主管部门。"
    )


async def test_one_township_that_cannot_is_named_where_the_others_can(county):
    work = Casework(county)
    await ripen()
    await made(work, n=3, called=True)
    await made(work, n=2, returned=True)
    await made(work, township="梅泽街道", n=20)
    await made(work, township="榴园街道", n=4, returned=True)  # too few to say anything
    [hint] = [each for each in await hinted(work) if each.matter_code == STAIRS_BLOCKED]
    home = work.basis.units.named("荣华街道").township_code
    assert hint.township_code == home
    assert [reason.code for reason in hint.reasons] == ["returned", "helped"]
    assert "（荣华街道）" in hint.text
    assert "承接意愿弱，5件中有2件退单（40%）；技术要求高，5件中有3件" in hint.text


async def test_what_townships_do_well_is_no_hint(county):
    work = Casework(county)
    await ripen()
    await made(work, n=12)
    await made(work, matter=DUMPED, n=12, cycle=2)
    codes = {each.matter_code: each.reasons[0].code for each in await hinted(work)}
    assert STAIRS_BLOCKED not in codes
    assert codes[DUMPED] == "redone"


async def test_hints_are_paged_in_the_order_of_matters(county):
    work = Casework(county)
    await ripen()
    whole = await hinted(work)
    assert [each.key for each in whole] == sorted(each.key for each in whole)
    first = await hinted(work, limit=3)
    rest = await hinted(work, after=first[-1].key)
    assert first + rest == whole
    assert len(whole) > 10
