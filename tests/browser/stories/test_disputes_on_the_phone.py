"""What is seldom done, done on a phone: stated, convened, decided, resumed, redone, opined."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from server.cases.models.case import Case
from server.cases.models.dispute import Conference, Statement
from server.cases.models.task import Check
from server.governance.models.proposal import Opinion
from tests.api.proposing import admission
from tests.browser.forms import button, choose, enter, send, sure, turn_to
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def act(page, name: str):
    """Begin one of the acts on a case, put away or not."""
    more = button(page, "更多")
    if not await button(page, name).count() and await more.count():
        await more.click()
    await button(page, name).click()


async def test_a_dispute_is_stated_convened_and_decided(county, phone):
    work = Casework(county)
    case = await work.disputed()
    unit, office, keeper = await phone(), await phone(), await phone()
    lead = work.officer_of(case.lead_id)
    page = await enter(unit, lead, f"/work/cases/{case.no}")
    await act(page, "陈述意见")
    await page.get_by_label("本单位的意见和依据").fill("设施没有移交")
    await send(page, told="已陈述")
    assert (await Statement.get(case_id=case.id)).text == "设施没有移交"

    page = await enter(office, "dispatcher1", f"/work/cases/{case.no}")
    await act(page, "提交联席会议")
    await page.get_by_label("提请会议议什么").fill("灯杆归谁管")
    await send(page, told="已提交联席会议")

    page = await enter(keeper, "keeper1", "/work")
    await page.locator(f"#todo-conferences a[href$='{case.no}']").click()
    await button(page, "联席会议裁决").click()
    await page.get_by_label("会议结论").fill("由供电公司负责")
    await choose(page, "牵头单位", "供电")
    await send(page, told="已裁决")
    decided = await Case.get(id=case.id)
    assert decided.stage == "dispatched"
    assert decided.lead_id != case.lead_id
    assert (await Conference.get(case_id=case.id)).decided_at is not None
    assert unit.faults + office.faults + keeper.faults == []


async def test_a_case_whose_clock_stands_is_taken_up_again(county, phone):
    case = await Casework(county).suspended()
    walker = await phone()
    page = await enter(walker, "dispatcher1", f"/work/cases/{case.no}")
    await act(page, "恢复办理")
    await page.get_by_label("为什么恢复办理").fill("工程提前完工")
    await send(page, told="已恢复办理")
    assert (await Case.get(id=case.id)).stage == "handling"
    assert walker.faults == []


async def test_a_leader_has_a_closed_case_handled_again(county, phone):
    case = await Casework(county).closed()
    walker = await phone()
    page = await enter(walker, "leader1", f"/work/cases/{case.no}")
    await act(page, "重办")
    await page.get_by_label("为什么要重办").fill("群众说又灭了")
    await send(page, told="已交回重办")
    assert (await Case.get(id=case.id)).cycle == 2
    assert walker.faults == []


async def test_a_check_that_nobody_made_is_answered_by_the_documents(county, phone):
    work = Casework(county)
    case = await work.checking()
    while case.owner_role != "acceptor":  # one person after the other does not come
        await work.until(case.stage_due_at + timedelta(minutes=1))
        await case.refresh_from_db()
    walker = await phone()
    page = await enter(walker, "acceptor1", "/work")
    await page.locator(f"#todo-close a[href$='{case.no}']").click()
    await act(page, "按材料核查")
    await page.get_by_label("没解决").check()
    await page.get_by_label("说明").fill("照片里灯还是暗的")
    await send(page, told="已核查")
    made = await Check.get(case_id=case.id)
    assert (made.passed, made.note) == (False, "照片里灯还是暗的")
    assert walker.faults == []


async def test_a_unit_gives_the_opinion_that_it_owes(county, phone, someone):
    head = await someone("head_D02")
    await head.post("/s/v1/admissions", admission(), expect=201)
    walker = await phone()
    page = await enter(walker, "township02", "/work")
    await page.locator("#todo-opinions a").click()
    await page.get_by_role("radio", name="不同意").check()
    await page.get_by_label("意见（").fill("没有人手")
    await sure(page)
    await button(page, "提交").click()
    await expect(page.get_by_role("status").filter(has_text="已提出意见")).to_be_visible()
    said = await Opinion.filter(stance="object")
    assert [each.text for each in said] == ["没有人手"]
    await turn_to(walker, page, "/work")
    await expect(page.locator("#todo-opinions")).to_have_count(0)
    assert walker.faults == []
