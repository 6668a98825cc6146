"""What a reporter, a checker and a unit see of where a case is, and of photos round by round."""

import pytest
from playwright.async_api import expect

from server.cases.intake import verifying
from server.cases.models.case import Case
from server.cases.models.task import Check, Verification
from server.cases.work import checking, handling
from server.clock import now
from tests.browser.conftest import PICTURES
from tests.browser.forms import enter
from tests.casework import Casework, rows_of

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def username(account_id: int) -> str:
    [row] = await rows_of("SELECT username FROM account WHERE id = $1", account_id)
    return row["username"]


async def test_what_was_only_looked_at_is_no_result(county, phone):
    work = Casework(county)
    case = await work.verifying()
    asked = await Verification.get(case_id=case.id)
    looker = await username(asked.assignee_id)
    by, photo = await work.actor(looker), await work.photo(looker)
    look = {"found": True, "note": "确有此事", "photos": (photo,)}
    await verifying.answer(asked.id, **look, by=by, at=now(), basis=work.basis)
    resident = await phone()
    page = await enter(resident, "resident1", f"/mine/{case.no}")
    await expect(page.locator("[data-until]")).to_contain_text("现场核实")
    await expect(page.get_by_role("heading", name="处理结果")).to_have_count(0)
    await expect(page.locator(".rail .reached")).to_have_count(1)
    assert resident.faults == []


async def test_photos_stand_in_the_order_of_events_on_their_side_of_the_result(county, phone):
    work = Casework(county)
    case = await work.handling()
    task, by = await work.lead(case)
    during = await work.photo(work.officer_of(task.unit_id))
    told = {"note": "正在换灯头", "photos": (during,)}
    await handling.progress(task.id, **told, by=by, at=now(), basis=work.basis)
    await work.helped(case)
    case = await work.resolve(await Case.get(id=case.id))
    check = await Check.get(case_id=case.id)
    by, checker = await work.actor_by_id(check.assignee_id), await username(check.assignee_id)
    looked = {"passed": True, "note": "看过了", "photos": (await work.photo(checker),)}
    await checking.check(check.id, **looked, by=by, at=now(), basis=work.basis)
    resident = await phone()
    page = await enter(resident, "resident1", f"/mine/{case.no}")
    result = page.get_by_role("heading", name="处理结果")
    await expect(result).to_be_visible()
    await expect(page.locator(".photos").first).to_be_visible()
    order = await page.locator(".photos > p, h2").all_inner_texts()
    seen = [each for each in order if each in {"上报时", "处置中", "处理结果", "处理后", "复核时"}]
    assert seen == ["上报时", "处置中", "处理结果", "处理后", "复核时"]
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / "phone-photos-in-order.png", full_page=True)
    assert resident.faults == []


async def test_after_rework_the_rail_goes_back_and_the_unit_reads_why(county, phone):
    work = Casework(county)
    case = await work.checking()
    await work.check(case, passed=False)
    acceptor = await work.actor("acceptor1")
    if (await Case.get(id=case.id)).stage == "checking":
        again = {"by": acceptor, "at": now(), "basis": work.basis}
        await checking.rework(case.no, "灯还是不亮", **again)
    resident, unit = await phone(), await phone()
    page = await enter(resident, "resident1", f"/mine/{case.no}")
    await expect(page.locator(".rail .reached")).to_have_count(3)
    task, _ = await work.lead(await Case.get(id=case.id))
    page = await enter(unit, work.officer_of(task.unit_id), f"/work/tasks/{task.id}")
    await expect(page.locator("[data-again]")).to_contain_text("灯还是不亮")

    case = await work.resolve(await Case.get(id=case.id))
    check = await Check.get(case_id=case.id, cycle=case.cycle)
    checker = await phone()
    walker = await username(check.assignee_id)
    page = await enter(checker, walker, f"/work/checks/{check.id}")
    await expect(page.locator("main")).to_contain_text("处理后（第 1 轮）")
    assert resident.faults + unit.faults + checker.faults == []
