"""Detours on the way to the end of a case: not taken on, arrived or not, settled on the spot."""

import pytest
from playwright.async_api import expect

from tests.browser.forms import add_photo, button
from tests.browser.journeys.playing import begun, part_of
from tests.browser.journeys.screens import do, heard, look, submit, tap, told, waits
from tests.casework import PLACES

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


async def test_2_what_is_not_taken_on_is_told_once_with_where_to_go_and_what_to_bring(town):
    play = await begun(town, "2")
    acceptor = await town.desk("acceptor1")
    await look(acceptor, play.no)
    told_once = {
        "为什么不予立案": "属于民事纠纷",
        "请群众去哪里办": "梅泽司法所申请调解，或向区人民法院起诉",
        "还缺什么": "装修合同\n付款记录",
    }
    await do(acceptor, "不予立案", "已告知群众不予立案。", told_once)
    page = await town.phone(play.script.reporter)
    await heard(page, play.no, "没有立案")
    await expect(page.locator("[data-instead]")).to_contain_text("梅泽司法所申请调解")
    await expect(page.get_by_text("装修合同")).to_be_visible()
    dispatcher = await play.stands("dispatcher1", "不予立案")
    await expect(dispatcher.get_by_role("button", name="派遣")).to_have_count(0)


async def test_3_an_arrival_needs_a_position_and_a_township_that_saw_it(town):
    play = await begun(town, "3")
    [helper] = play.script.cooperating
    page = await town.phone(helper)
    await page.context.set_geolocation(None)
    await heard(page, play.no, "请及时签收")
    await tap(page, "到场报到")
    await expect(page.get_by_role("alert")).to_contain_text("报到必须带上位置")
    lon, lat = PLACES[play.script.landmark]
    await page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 8})
    await tap(page, "到场报到")
    await expect(page.locator("[data-stage]")).to_have_text("已报到")
    room = await town.desk(play.script.township)
    await told(room, play.no, f"{helper}已到现场")
    why = {"为什么认为没有按时到场": "签到后车没停就走了"}
    await do(part_of(room, helper), "没有按时到场", "已提交。", why)
    await heard(page, play.no, "签到后车没停就走了")
    await told(await town.desk(play.script.lead), play.no, "没有得到确认")


async def test_4_one_takes_a_report_back_and_the_case_goes_on_for_who_follows_it(town):
    play = await begun(town, "4")
    follower = await town.phone("resident3", play.script.landmark)
    await follower.goto(f"{town.url}/#/report")
    await follower.get_by_label("怎么回事").fill(play.script.words)
    named = town.matter(play.script.matter)
    await follower.locator(".matters button", has_text=named).click()
    await button(follower, "就是这件，我要关注").first.click()
    await follower.wait_for_url(f"**/mine/{play.no}")
    reporter = await town.phone(play.script.reporter)
    await button(reporter, "撤回上报").click()
    await submit(reporter, fields={"为什么撤回": "看错了，我报的是另一座桥"})
    for page in (reporter, follower):
        await heard(page, play.no, "一份上报已撤回")
    await play.stands("acceptor1", "待签收")


async def test_8_a_grid_worker_settles_it_on_the_spot_and_another_looks(town):
    play = await begun(town, "8")
    page = await town.phone(play.script.reporter)
    await tap(page, "就地处理")
    fields = {"处理结果": "已铲除，墙面擦净", "处理后的照片": town.photo()}
    await submit(page, fields=fields)
    room = await town.desk(play.script.township)
    await told(room, play.no, "已就地处理")
    await expect(room.locator("[data-stage]")).to_have_text("核查中")
    await play.checked("墙面干净")
    await play.closed_by("acceptor1")
    await heard(page, play.no, "已结案")


async def test_11_what_is_unclear_is_asked_for_once_and_looked_at_before_it_is_taken_on(town):
    play = await begun(town, "11")
    acceptor, reporter = await town.desk("acceptor1"), await town.phone(play.script.reporter)
    await look(acceptor, play.no)
    await do(acceptor, "一次性告知", "已告知群众，等待补充。", {"还缺什么": "店名\n门牌号"})
    await expect(acceptor.get_by_role("button", name="请网格员核实")).to_be_visible()
    await expect(acceptor.get_by_role("button", name="一次性告知")).to_have_count(0)
    await heard(reporter, play.no, "还需要您补充")
    await button(reporter, "补充材料").click()
    added = {"要补充的情况": "石榴园南门往东第三间，没有招牌"}
    await submit(reporter, "已收到补充", added)
    question = {"请网格员看什么": "那间铺子有没有营业"}
    await do(acceptor, "请网格员核实", "已请网格员去看。", question)
    walker = await town.phone("grid0103", play.script.landmark)
    await heard(walker, play.no, "到现场核实")
    await expect(walker.get_by_text("那间铺子有没有营业")).to_be_visible()
    await walker.get_by_label("说明").fill("正在营业，没有挂照")
    await add_photo(walker, town.photo(), "照片")
    await button(walker, "情况属实").click()
    await expect(walker.get_by_role("status").filter(has_text="核实已收到")).to_be_visible()
    await waits(acceptor, play.no)
    await do(acceptor, "立案", "已立案。", soon=True)
    await heard(reporter, play.no, "已安排处理")
