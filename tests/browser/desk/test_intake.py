"""The acceptor's room: each act by one key, and the next report comes by itself."""

import re

import pytest
from playwright.async_api import expect

from server.cases.models.case import Case
from server.clock import now
from server.desk.standard_texts import NewText, TextKind, add
from tests.casework import ILLEGAL_BUILDING, Casework

MISSING = ["门牌号或楼号", "具体在哪里（哪条路、附近有什么）"]
pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def stage(case) -> str:
    return (await Case.get(id=case.id)).stage


async def shows(page, case) -> None:
    await expect(page.locator(".read")).to_contain_text(case.no)


async def sent(page) -> None:
    async with page.expect_response("**/file"):
        await page.get_by_role("button", name="现在提交").first.click()
    await expect(page.get_by_text("已立案。")).to_be_visible()


async def keep(county) -> None:
    """A text that the office keeps."""
    new = NewText(kind=TextKind.INQUIRE, text="门牌号或楼号", matter=ILLEGAL_BUILDING)
    await add(new, by=await county.actor("acceptor1"), at=now())


async def in_turn(work, *, n):
    """New reports, and all that wait in the order in which the room shows them."""
    return [await work.submitted("resident1") for _ in range(n)]


async def test_a_report_is_filed_by_one_key_the_next_one_comes_and_it_may_be_taken_back(
    county, desk
):
    first, second = await in_turn(Casework(county), n=2)
    acceptor = await desk()
    page = await acceptor.sign_in("acceptor1", "/intake")
    await shows(page, first)
    await expect(page.locator("figure img").first).to_be_visible()
    await expect(page.get_by_role("radio", name="上报人选的")).to_be_checked()
    await page.keyboard.press("f")
    await shows(page, second)
    await expect(page.get_by_text("本次已办 1 件")).to_be_visible()
    await page.get_by_role("button", name="撤销").click()
    await shows(page, first)
    assert await stage(first) == "submitted"
    await page.keyboard.press("f")
    await sent(page)
    assert await stage(first) == "dispatched"
    await shows(page, second)
    await page.keyboard.press("f")
    await sent(page)
    await expect(page.get_by_text("都受理完了")).to_be_visible()
    assert await stage(second) == "dispatched"
    await acceptor.sure(page)


async def test_a_report_is_declined_asked_about_looked_at_or_merged_by_keyboard_alone(
    county, desk
):
    work = Casework(county)
    declined, asked, looked, same = await in_turn(work, n=4)
    await keep(county)
    acceptor = await desk()
    page = await acceptor.sign_in("acceptor1", "/intake")
    await shows(page, declined)
    await page.keyboard.press("x")
    form = page.get_by_role("form", name="不予立案")
    await form.get_by_label("为什么不予立案").select_option("in_court")
    await form.get_by_label("请群众去哪里办").fill("区人民法院")
    await page.keyboard.press("Control+Enter")
    await shows(page, asked)
    assert await stage(declined) == "declined"

    await page.keyboard.press("q")
    form = page.get_by_role("form", name="一次性告知")
    await form.get_by_role("checkbox", name="门牌号或楼号").check()
    await form.get_by_role("checkbox", name="具体在哪里").check()
    await page.keyboard.press("Control+Enter")
    await shows(page, looked)
    assert (await Case.get(id=asked.id)).notice == MISSING

    await page.keyboard.press("v")
    form = page.get_by_role("form", name="请网格员核实")
    await form.get_by_label("请网格员看什么").fill("是不是承重墙")
    await page.keyboard.press("Control+Enter")
    await shows(page, same)
    assert await stage(looked) == "verifying"

    await page.keyboard.press("m")
    form = page.get_by_role("form", name="并入另一件")
    near = await form.get_by_role("button", name="去掉").inner_text()
    into = next(word for word in near.split() if re.fullmatch(r"\d{6}-\d{8}", word))
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("都受理完了")).to_be_visible()
    assert (await Case.get(id=same.id)).merged_into_id == (await Case.get(no=into)).id
    await acceptor.sure(page)


async def test_a_report_that_another_files_first_stays_and_keys_rest_until_one_goes_on(
    county, desk
):
    first, second = await in_turn(Casework(county), n=2)
    slower, faster = await desk(), await desk()
    page = await slower.sign_in("dispatcher1", f"/intake/{first.no}")
    other = await faster.sign_in("acceptor1", "/intake")
    await shows(other, first)
    await expect(page.get_by_text("正在查看")).to_be_visible(timeout=15_000)
    await page.keyboard.press("x")
    form = page.get_by_role("form", name="不予立案")
    await form.get_by_label("请群众去哪里办").fill("可以找物业公司协商")
    await other.keyboard.press("f")
    await sent(other)
    await expect(page.get_by_text("这一件已经不等您受理")).to_be_visible()
    await shows(page, first)
    await expect(form.get_by_label("请群众去哪里办")).to_have_value("可以找物业公司协商")
    await slower.sure(page)
    await page.keyboard.press("Escape")
    await expect(form).to_have_count(0)
    await page.keyboard.press("f")
    await shows(page, first)
    await expect(page.get_by_text("秒后提交")).to_have_count(0)
    await page.keyboard.press("j")
    await shows(page, second)
    await expect(page.get_by_text("这一件已经不等您受理")).to_have_count(0)
    assert await stage(second) == "submitted"
    await page.goto(f"{slower.url}/console/intake/{first.no}")
    await expect(page.get_by_text("这一件已经不等您受理")).to_be_visible()
    await page.get_by_role("button", name="去下一件").click()
    await shows(page, second)


async def test_a_refusal_that_comes_late_does_not_take_the_open_report_away(county, desk):
    work = Casework(county)
    first, second = await in_turn(work, n=2)
    acceptor = await desk()
    page = await acceptor.sign_in("acceptor1", "/intake")
    await shows(page, first)
    await page.keyboard.press("f")
    await shows(page, second)
    await page.keyboard.press("x")
    form = page.get_by_role("form", name="不予立案")
    await form.get_by_label("请群众去哪里办").fill("区人民法院")
    await work.file(first)
    await page.get_by_role("button", name="现在提交").click()
    await expect(page.get_by_text("没有办成。")).to_be_visible()
    await shows(page, second)
    await expect(form.get_by_label("请群众去哪里办")).to_have_value("区人民法院")


async def test_who_may_keeps_standard_texts_in_the_settings_and_finds_them_in_forms(county, desk):
    case = await Casework(county).submitted("resident1")
    acceptor = await desk()
    page = await acceptor.sign_in("acceptor1", "/settings")
    texts = page.get_by_role("region", name="标准用语")
    await texts.get_by_label("用在哪里").select_option("decline")
    await texts.get_by_label("内容").fill("区人民法院诉讼服务中心")
    await texts.get_by_role("button", name="保存").click()
    row = texts.get_by_role("listitem")
    await expect(row).to_contain_text("区人民法院诉讼服务中心")
    await row.get_by_role("button", name="修改").click()
    await texts.get_by_label("内容").fill("区人民法院诉讼服务中心，电话 12368")
    await texts.get_by_role("button", name="保存").click()
    await expect(row).to_contain_text("12368")
    await acceptor.pictures(page, "texts")
    await page.goto(f"{acceptor.url}/console/intake/{case.no}")
    await shows(page, case)
    await page.keyboard.press("x")
    form = page.get_by_role("form", name="不予立案")
    await form.get_by_label("标准用语：请群众去哪里办").select_option(index=1)
    await expect(form.get_by_label("请群众去哪里办", exact=True)).to_have_value(
        "区人民法院诉讼服务中心，电话 12368"
    )
    await acceptor.sure(page)
    await page.goto(f"{acceptor.url}/console/settings")
    await row.get_by_role("button", name="删除").click()
    await expect(row).to_have_count(0)


async def test_the_acceptors_room_is_fit_to_be_seen_at_each_size(county, desk):
    await in_turn(Casework(county), n=2)
    acceptor = await desk()
    page = await acceptor.sign_in("acceptor1", "/intake")
    await expect(page.locator("figure img").first).to_be_visible()
    await acceptor.pictures(page, "intake")
