"""Several desks on the same cases: what another does, who looks, views, many at once, files."""

import re

import pytest
from playwright.async_api import expect

from server.cases.models.case import Case
from server.cases.models.steering import Watch
from server.cases.models.task import Task
from server.cases.work import requests
from server.cases.work.requests import Wish
from server.clock import now
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def test_what_another_does_is_seen_in_the_list_and_in_the_open_case(county, desk):
    work = Casework(county)
    case = await work.submitted("resident1")
    first, second = await desk(), await desk()
    watching = await first.sign_in("dispatcher1", f"/cases/{case.no}")
    await expect(watching.locator("[data-stage]")).to_have_text("已上报")
    acting = await second.sign_in("acceptor1", f"/cases/{case.no}")
    await expect(acting.get_by_text("正在查看")).to_be_visible()
    await expect(watching.get_by_text("正在查看")).to_be_visible(timeout=15_000)
    await acting.keyboard.press("f")
    await acting.get_by_role("form", name="立案").wait_for()
    await acting.keyboard.press("Control+Enter")
    await acting.get_by_role("button", name="现在提交").click()
    await expect(acting.get_by_text("已立案。")).to_be_visible()
    # Sooner than anything that is asked for now and then.
    await expect(watching.locator("[data-stage]")).not_to_have_text("已上报", timeout=5_000)
    await expect(watching.locator(".row .tag").first).not_to_have_text("已上报", timeout=5_000)
    await first.sure(watching)
    await acting.close()
    await expect(watching.get_by_text("正在查看")).to_have_count(0, timeout=15_000)


async def test_a_form_keeps_its_words_though_another_was_faster(county, desk):
    work = Casework(county)
    case = await work.submitted("resident1")
    mine = await desk()
    page = await mine.sign_in("acceptor1", f"/cases/{case.no}?act=verify")
    form = page.get_by_role("form", name="请网格员核实")
    await form.get_by_label("请网格员看什么").fill("灯杆是哪一根")
    other = await desk()
    theirs = await other.sign_in("dispatcher1", f"/cases/{case.no}?act=file")
    await theirs.get_by_role("form", name="立案").wait_for()
    await theirs.keyboard.press("Control+Enter")
    await theirs.get_by_role("button", name="现在提交").click()
    await expect(page.get_by_text("可能有人先办了这一步")).to_be_visible()
    await expect(form.get_by_label("请网格员看什么")).to_have_value("灯杆是哪一根")
    await page.keyboard.press("Control+Enter")
    await expect(form.get_by_role("alert")).to_be_visible()
    await expect(form.get_by_label("请网格员看什么")).to_have_value("灯杆是哪一根")
    await mine.sure(page)


async def test_the_list_holds_still_while_a_case_is_open_though_the_pointer_is_elsewhere(
    county, desk
):
    work = Casework(county)
    case = await work.submitted("resident1")
    mine = await desk()
    page = await mine.sign_in("acceptor1", f"/cases/{case.no}")
    rows = page.locator("a.row")
    await expect(rows).to_have_count(1)
    await page.mouse.move(1000, 300)
    await work.submitted("resident1")
    fresh = page.get_by_role("button", name="有 1 件新的")
    await expect(fresh).to_be_visible()
    await expect(rows).to_have_count(1)
    await fresh.click()
    await expect(rows).to_have_count(2)
    await work.submitted("resident1")
    await expect(fresh).to_be_visible()
    await expect(rows).to_have_count(2)
    await page.mouse.move(1000, 300)
    await page.keyboard.press("Escape")
    await expect(rows).to_have_count(3)


async def test_a_view_is_saved_counted_shared_renamed_and_its_removal_taken_back(county, desk):
    work = Casework(county)
    await work.submitted("resident1")
    mine = await desk()
    page = await mine.sign_in("acceptor1", "/cases?stage=submitted")
    menu = page.get_by_role("navigation", name="菜单")
    await page.get_by_role("button", name="存为视图").click()
    await page.get_by_label("视图名称").fill("等着立案的")
    await page.keyboard.press("Enter")
    await expect(menu.get_by_role("link", name="等着立案的")).to_be_visible()
    await expect(menu.locator(".view")).to_contain_text("1")
    await mine.sure(page)
    await menu.get_by_role("button", name="修改视图：等着立案的").click()
    await page.get_by_label("视图名称").fill("新来的")
    await page.keyboard.press("Enter")
    await expect(menu.get_by_role("link", name="新来的")).to_be_visible()
    await menu.get_by_role("button", name="修改视图：新来的").click()
    await page.get_by_role("button", name="删除").click()
    await expect(menu.get_by_role("link", name="新来的")).to_have_count(0)
    await page.get_by_role("button", name="撤销").click()
    await menu.get_by_role("link", name="新来的").click()
    await expect(page).to_have_url(f"{mine.url}/console/cases?stage=submitted")


async def test_an_old_link_says_which_filter_is_gone_and_shows_the_rest(county, desk):
    case = await Casework(county).submitted("resident1")
    mine = await desk()
    page = await mine.sign_in("acceptor1", "/cases?stage=submitted&unit=没有的局&colour=red")
    await expect(page.get_by_text("没有的局")).to_be_visible()
    await expect(page.locator(f'a.row[href*="{case.no}"]')).to_be_visible()
    await expect(page).to_have_url(f"{mine.url}/console/cases?stage=submitted")


async def test_many_are_chosen_by_key_and_range_and_what_failed_is_told_by_number(county, desk):
    work = Casework(county)
    cases = [await work.report() for _ in range(4)]
    merged = await work.report()
    mine = await desk()
    page = await mine.sign_in("leader1", f"/cases/{merged.no}")
    await expect(page.locator(".row")).to_have_count(5)
    await page.keyboard.press("x")
    await page.get_by_role("checkbox").nth(3).click(modifiers=["Shift"])
    bulk = page.get_by_role("region", name="批量处理")
    await expect(bulk).to_contain_text("已选 4 件")
    await mine.sure(page)
    await bulk.get_by_role("button", name="关注").click()
    await expect(bulk).to_contain_text("将把 4 件放进您的关注")
    await bulk.get_by_role("textbox").fill("一起看")
    await page.keyboard.press("Enter")
    await expect(bulk).to_contain_text("办成 4 件。")
    assert await Watch.all().count() == 4
    await bulk.get_by_role("button", name="知道了").click()
    await Case.filter(id=cases[3].id).update(stage="closed")
    await bulk.get_by_role("button", name="催办").click()
    await bulk.get_by_role("textbox").press("Enter")
    await expect(bulk).to_contain_text("办成 3 件。")
    await expect(bulk.get_by_role("list", name="没有办成的")).to_contain_text(cases[3].no)
    async with page.expect_download() as coming:
        await bulk.get_by_role("button", name="知道了").click()
        await bulk.get_by_role("link", name="csv").click()
    text = (await (await coming.value).path()).read_text("utf-8-sig")
    assert [case.no in text for case in (*cases, merged)] == [False, True, True, True, True]


async def test_a_head_gives_one_task_and_many_to_a_person_and_reads_which_were_not_the_units(
    county, desk
):
    work = Casework(county)
    cases = [await work.report() for _ in range(3)]
    handler = await work.actor("handler_D08")
    mine = await desk()
    page = await mine.sign_in("head_D08", f"/cases/{cases[0].no}")
    tasks = page.locator("section.tasks .task").first
    await tasks.get_by_role("button", name="指定经办人").click()
    form = tasks.get_by_role("form", name="指定经办人")
    await form.get_by_label("经办人").select_option(label=handler.name)
    await form.get_by_role("button", name="提交").click()
    await expect(tasks).to_contain_text(f"经办人：{handler.name}")
    await mine.sure(page)
    done, _ = await work.lead(cases[2])
    await Task.filter(id=done.id).update(stage="done")
    await page.goto(f"{mine.url}/console/cases")
    await expect(page.locator(".row")).to_have_count(3)
    boxes = page.get_by_role("checkbox", name=re.compile("选"))
    await boxes.first.click()
    await boxes.nth(2).click(modifiers=["Shift"])
    bulk = page.get_by_role("region", name="批量处理")
    await expect(bulk).to_contain_text("已选 3 件")
    await bulk.get_by_role("button", name="指定经办人").click()
    await expect(bulk).to_contain_text("将更换 3 件里本单位任务的经办人")
    await bulk.get_by_label("经办人").select_option(label=handler.name)
    await mine.sure(page)
    await bulk.get_by_role("button", name="指定经办人").click()
    await expect(bulk).to_contain_text("办成 2 件。")
    await expect(bulk.get_by_role("list", name="没有办成的")).to_contain_text(
        f"{cases[2].no} 这件没有本单位可以指定经办人的任务。"
    )
    given = await Task.filter(assignee_id=handler.id).order_by("case_id")
    assert [each.case_id for each in given] == [case.id for case in cases[:2]]
    other = await desk()
    theirs = await other.sign_in("handler_D08", "/work")
    await expect(theirs.locator("[data-row]")).to_have_count(2)
    await Task.filter(id=(await work.lead(cases[1]))[0].id).update(assignee_id=None)
    await theirs.reload()
    await theirs.get_by_label("只看由我经办的（1）").check()
    await expect(theirs.locator("[data-row]")).to_have_count(1)
    await expect(theirs.locator("[data-row]")).to_contain_text(handler.name)
    await other.sure(theirs)


async def test_the_map_beside_the_list_opens_a_case_and_the_case_is_printed(county, desk):
    work = Casework(county)
    case = await work.closed()
    mine = await desk()
    page = await mine.sign_in("leader1", f"/cases/{case.no}?map=1")
    await expect(page.get_by_text("地图上 1 件")).to_be_visible()
    await mine.pictures(page, "cases-map")
    link = page.get_by_role("link", name="打印办理单")
    answer = await page.request.get(f"{mine.url}{await link.get_attribute('href')}")
    assert (await answer.body())[:5] == b"%PDF-"


async def test_what_the_page_hears_while_nobody_is_at_it_keeps_no_session_alive(county, desk):
    work = Casework(county)
    case = await work.submitted("resident1")
    mine, other = await desk(), await desk()
    await mine.context.clock.install()
    page = await mine.context.new_page()
    async with page.expect_websocket() as opening:
        page = await mine.sign_in("dispatcher1", f"/cases/{case.no}", page=page)
    socket = await opening.value
    await expect(page.locator("[data-stage]")).to_have_text("已上报")
    await page.clock.fast_forward(6 * 60_000)
    await page.wait_for_load_state("networkidle")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    theirs = await other.sign_in("acceptor1", f"/cases/{case.no}?act=file")
    await theirs.get_by_role("form", name="立案").wait_for()
    await theirs.keyboard.press("Control+Enter")
    async with socket.expect_event("framereceived"):
        await theirs.get_by_role("button", name="现在提交").click()
    await page.clock.fast_forward(60_000)
    await expect(page.locator("[data-stage]")).to_have_text("已上报")
    # A photo that was not made ready yet is asked for until it is, a few times.
    assert [url for url in asked if "/photos/" not in url] == []
    await page.mouse.move(300, 300)
    await expect(page.locator("[data-stage]")).not_to_have_text("已上报")


async def test_a_message_leads_to_the_form_it_asks_for_and_what_one_waits_for_is_listed(
    county, desk
):
    work = Casework(county)
    case = await work.handling()
    _, officer = await work.lead(case)
    wish = Wish(what="extend", reason="材料未到", limit=1)
    await requests.ask(case.no, wish, by=officer, at=now(), basis=county.basis)
    asking = await desk()
    page = await asking.sign_in(work.officer_of(case.lead_id), "/work")
    await expect(page.get_by_role("heading", name="我申请的，等答复")).to_be_visible()
    await expect(page.locator("a.row .since").first).to_contain_text("起")
    await asking.pictures(page, "work-waited-for")
    answering = await desk()
    page = await answering.sign_in("dispatcher1", "/work")
    await page.get_by_role("button", name="消息").click()
    inbox = page.get_by_role("dialog", name="消息")
    await inbox.get_by_role("button", name="申请").first.click()
    await page.get_by_role("form", name="同意延期").wait_for()
    await answering.sure(page)
