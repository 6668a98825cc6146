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
