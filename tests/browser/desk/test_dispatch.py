"""The dispatcher's room: what the lists could not decide, by keyboard."""

import pytest
from playwright.async_api import expect

from server.cases.models.case import Case
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def stage(case) -> str:
    return (await Case.get(id=case.id)).stage


async def test_what_no_list_names_is_given_to_a_unit(county, desk):
    case = await Casework(county).filed()
    dispatcher = await desk()
    page = await dispatcher.sign_in("dispatcher1", "/dispatch")
    waiting = page.get_by_role("navigation", name="等您处理的")
    await expect(waiting.get_by_role("link")).to_have_count(1)
    await page.keyboard.press("j")
    await page.get_by_role("button", name="派遣").wait_for()
    await page.keyboard.press("d")
    giving = page.get_by_role("form", name="派遣")
    await giving.get_by_label("牵头单位").fill("住房和城乡")
    await giving.get_by_role("button", name="区住房和城乡建设局").click()
    await giving.get_by_label("期限").first.fill("3")
    await page.keyboard.press("Control+Enter")
    async with page.expect_response("**/dispatch"):
        await page.get_by_role("button", name="现在提交").click()
    await expect(waiting.get_by_role("link")).to_have_count(0)
    assert await stage(case) == "dispatched"
    await dispatcher.sure(page)


async def test_a_return_is_ruled_on_beside_its_grounds_and_the_lists_words(county, desk):
    case = await Casework(county).disputed()
    dispatcher = await desk()
    page = await dispatcher.sign_in("dispatcher1", "/dispatch")
    await page.get_by_role("navigation", name="等您处理的").get_by_role("link").click()
    await expect(page.get_by_role("paragraph").filter(has_text="是供电设施")).to_be_visible()
    await expect(page.get_by_text("认为应由区供电公司")).to_be_visible()
    await expect(page.get_by_role("heading", name="清单上怎么写")).to_be_visible()
    ruling = page.get_by_role("form", name="裁定")
    await expect(ruling).to_be_visible()
    await page.wait_for_timeout(500)
    await dispatcher.pictures(page, "dispatch")
    await ruling.get_by_label("否", exact=True).check()
    await ruling.get_by_label("裁定的理由").fill("清单写明由牵头单位办理")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("已裁定。")).to_be_visible()
    assert await stage(case) != "disputed"
    await dispatcher.sure(page)


async def test_a_request_is_granted_where_it_is_read(county, desk):
    work = Casework(county)
    case = await work.ask(await work.handling())
    dispatcher = await desk()
    page = await dispatcher.sign_in("dispatcher1", "/dispatch")
    await page.get_by_role("navigation", name="等您处理的").get_by_role("link").click()
    await expect(page.get_by_text("材料未到").first).to_be_visible()
    due = (await Case.get(id=case.id)).due_at
    if not await page.get_by_role("form", name="同意延期").is_visible():
        await page.keyboard.press("1")
    await page.get_by_role("form", name="同意延期").wait_for()
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("已同意。")).to_be_visible()
    assert (await Case.get(id=case.id)).due_at > due
    await dispatcher.sure(page)


async def test_a_conference_is_decided_by_minutes_from_a_template(county, desk):
    case = await Casework(county).in_conference()
    keeper = await desk()
    page = await keeper.sign_in("keeper1", f"/dispatch/{case.no}")
    await expect(page.get_by_role("heading", name="联席会议", exact=True)).to_be_visible()
    await page.get_by_role("button", name="联席会议裁决").wait_for()
    await page.keyboard.press("e")
    form = page.get_by_role("form", name="联席会议裁决")
    minutes = await form.get_by_label("会议结论").input_value()
    assert "二、参加单位：" in minutes
    assert "区供电公司" in minutes
    await form.get_by_label("牵头单位").fill("区供电公司")
    await form.get_by_role("button", name="区供电公司").click()
    await form.get_by_label("期限").first.fill("2")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("已裁决。")).to_be_visible()
    assert await stage(case) == "dispatched"
    await keeper.sure(page)
