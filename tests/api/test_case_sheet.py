"""A case on one sheet of paper."""

import pytest

from media.fonts import chinese_font
from server.cases.models.report import Report
from server.clock import now
from server.people.models import Account
from server.staff_api.case_sheet import page_of
from tests.casework import Casework


@pytest.mark.skipif(chinese_font() is None, reason="no Chinese typeface")
async def test_a_case_is_one_page_to_print_without_the_person_who_reported_it(county, someone):
    case = await Casework(county).closed()
    reporters = await Report.filter(case_id=case.id).values_list("reporter_id", flat=True)
    names = await Account.filter(id__in=list(reporters)).values_list("name", flat=True)
    officer = await someone("handler_D08", face="console")
    status, data = await officer.call("GET", f"/s/v1/cases/{case.no}/sheet")
    assert (status, data[:5], data.count(b"/Type /Page\n")) == (200, b"%PDF-", 1)
    page = await page_of(case, county.basis, at=now())
    shown = dict(page.rows)
    assert case.no in page.subtitle
    assert shown["处理结果"] == "已修好"
    assert "结案" in shown["办理经过"]
    said = " ".join(each for row in page.rows for each in row)
    assert not [name for name in names if name in said]


async def test_a_case_that_is_not_ones_own_is_not_printed(county, someone):
    case = await Casework(county).closed()
    other = await someone("handler_D12", face="console")
    status, answer = await other.call("GET", f"/s/v1/cases/{case.no}/sheet")
    assert (status, answer["code"]) == (404, "not_found")


@pytest.mark.skipif(chinese_font() is None, reason="no Chinese typeface")
async def test_many_cases_are_printed_a_page_each_and_none_that_is_not_ones_own(county, someone):
    work = Casework(county)
    nos = [(await work.closed()).no for _ in range(3)]
    officer = await someone("handler_D08", face="console")
    path = "/s/v1/exports/sheets?nos="
    status, data = await officer.call("GET", path + ",".join([*nos, nos[0]]))
    assert (status, data[:5], data.count(b"/Type /Page\n")) == (200, b"%PDF-", 3)
    foreign = await work.submitted()
    status, answer = await officer.call("GET", path + f"{nos[0]},{foreign.no}")
    assert (status, answer["code"], answer["facts"]) == (404, "not_found", {"no": foreign.no})
    for wrong in ("", "x y", ",".join(f"261130-{n:08}" for n in range(51))):
        status, answer = await officer.call("GET", path + wrong)
        assert (status, answer["code"]) == (400, "bad_input"), wrong
