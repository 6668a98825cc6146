"""Going back: out of a photo, to where one was in a list; trying again; what the title says."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from server.cases.ends import closing
from server.clock import now
from tests.browser.forms import button, enter, turn_to
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def test_back_closes_a_photo_and_leaves_the_case_where_it_is(county, phone):
    case = await Casework(county).report()
    walker = await phone()
    page = await enter(walker, "resident1", "/mine")
    await page.locator(f"a[href$='{case.no}']").click()
    await page.locator("main img").first.click()
    large = page.get_by_role("dialog")
    for _ in range(2):  # the second time as the first
        await expect(large.locator("img")).to_be_visible()
        await page.go_back()
        await expect(large).to_have_count(0)
        assert page.url.endswith(f"/mine/{case.no}")
        assert (await page.title()) == "办理进展 · 网格哨"
        await page.locator("main img").first.click()
    await large.get_by_role("button", name="关闭").click()
    await expect(large).to_have_count(0)
    await page.go_back()  # closed by its button, it is no step of the way back
    await page.wait_for_url("**/#/mine")
    assert walker.faults == []


async def test_back_to_a_list_is_where_one_was_with_all_its_pages(county, phone):
    work = Casework(county)
    first = await work.report()
    for _ in range(21):
        await work.report(photos=(), text="路灯不亮")
    walker = await phone()
    page = await enter(walker, "resident1", "/mine")
    await button(page, "再看一些").click()
    row = page.locator(f"a[href$='{first.no}']")
    await row.scroll_into_view_if_needed()
    await walker.settled(page)
    there = await page.evaluate("scrollY")
    assert there > 1_000
    await row.click()
    await page.wait_for_url(f"**/#/mine/{first.no}")
    await expect(page.locator("[data-stage]").first).to_be_visible()
    assert await page.evaluate("scrollY") == 0
    await page.go_back()
    await expect(row).to_be_visible()
    await page.wait_for_function(f"Math.abs(scrollY - {there}) < 3")
    await walker.settled(page)
    assert abs(await page.evaluate("scrollY") - there) < 3, "what is read again moves nothing"
    await turn_to(walker, page, "/list")
    await expect(page.locator("article").nth(60)).to_be_visible()
    await page.evaluate("scrollTo(0, 2500)")
    await page.evaluate("location.hash = '#/closed'")
    await expect(page.get_by_role("heading", name="办结公开")).to_be_visible()
    await page.go_back()
    await page.wait_for_function("Math.abs(scrollY - 2500) < 3")
    assert walker.faults == []


@pytest.mark.parametrize(
    ("username", "path"),
    [
        ("resident1", "/mine/{no}"),
        ("resident1", "/mine"),
        ("acceptor1", "/work/cases/{no}"),
        ("acceptor1", "/work"),
        ("resident1", "/list"),
        ("resident1", "/closed"),
    ],
)
async def test_what_could_not_be_read_is_tried_again(county, phone, username, path):
    case = await Casework(county).report()
    walker = await phone(service_workers="block")  # its requests nobody can break
    page = await enter(walker, username, "/settings")
    broken = re.compile("/[ms]/v1/")
    await page.route(broken, lambda route: route.fulfill(status=500, body="oops"))
    await turn_to(walker, page, path.format(no=case.no))
    again = button(page, "重试")
    await expect(again).to_be_visible()
    await page.unroute(broken)
    await again.click()
    await expect(again).to_have_count(0)
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_every_tab_and_page_says_in_its_title_what_it_is(county, phone):
    walker = await phone()
    page = await enter(walker, "township02", "/")
    for path, title in (
        ("/", "首页"),
        ("/mine", "我的"),
        ("/inbox", "消息"),
        ("/work", "工作"),
        ("/list", "谁管什么"),
        ("/mine", "我的"),
    ):
        await turn_to(walker, page, path)
        assert await page.title() == f"{title} · 网格哨"


async def test_whoever_follows_stops_by_one_tap(county, phone):
    work = Casework(county)
    case = await work.report()
    await closing.follow(case.no, by=await work.actor("resident2"), at=now())
    walker = await phone()
    page = await enter(walker, "resident2", f"/mine/{case.no}")
    await button(page, "不再关注").click()
    await page.wait_for_url("**/#/mine")
    await expect(page.get_by_role("status").filter(has_text="已不再关注")).to_be_visible()
    await expect(page.locator(f"a[href$='{case.no}']")).to_have_count(0)
    assert walker.faults == []


async def test_a_patrol_that_begins_by_a_clock_ahead_has_taken_no_time(county, phone):
    walker = await phone()
    page = await enter(walker, "grid0202", "/")
    await page.clock.install()
    await page.clock.set_fixed_time(now() - timedelta(seconds=40))
    await turn_to(walker, page, "/work/patrol")
    await page.get_by_label("同意在巡查期间记录我的行走轨迹").check()
    await button(page, "开始巡查").click()
    await expect(page.get_by_text("已巡查 0 分钟")).to_be_visible()


async def test_on_its_side_a_phone_leaves_what_is_read_the_height(county, phone):
    walker = await phone(size=(740, 360))
    page = await enter(walker, "resident1", "/report")
    await page.evaluate("scrollTo(0, 200)")
    bars = await page.evaluate(
        """[...document.querySelectorAll('.bar, .tabs, .submit')].filter(one =>
            ['fixed', 'sticky'].includes(getComputedStyle(one).position))
          .reduce((sum, one) => sum + one.getBoundingClientRect().height, 0)"""
    )
    assert bars <= 110, "less than a third of it"


async def test_on_a_wide_window_tabs_and_texts_stay_one_column(county, phone):
    walker = await phone(size=(1440, 900))
    page = await enter(walker, "township02", "/mine")
    width = "one => one.getBoundingClientRect().width"
    tabs = await page.locator(".tabs a").evaluate_all(
        "all => all.at(-1).getBoundingClientRect().right - all[0].getBoundingClientRect().left"
    )
    assert tabs <= 4 * 36 * 16
    assert await page.locator(".tabs a").first.evaluate(width) <= 36 * 16
    assert await page.locator("main").evaluate(width) <= 50 * 16
