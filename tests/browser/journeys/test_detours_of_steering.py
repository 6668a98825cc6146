"""Detours from above and on time: a leader's word, more time, a pause, a call asked for."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from server.clock import now
from tests.browser.forms import button
from tests.browser.journeys.playing import begun, part_of
from tests.browser.journeys.screens import do, heard, look, told

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


async def test_9_a_leader_instructs_is_answered_and_urges(town):
    play = await begun(town, "9")
    leader, lead = await town.desk("leader1"), await town.desk(play.script.lead)
    await look(leader, play.no)
    await leader.get_by_role("button", name="关注").click()
    await expect(leader.get_by_role("button", name="取消关注")).to_be_visible()
    wish = {"批示的内容": "三日内清完，查清来源，报我", "紧急，尽快答复": True}
    await do(leader, "批示", "已批示，等待答复。", wish)
    await told(lead, play.no, "作了批示")
    answer = "已清运八车，来源是南岸工地，正在立案"
    await do(lead, "答复批示", "已答复。", {"答复批示": answer})
    await told(leader, play.no, "答复了您的批示")
    await expect(leader.get_by_text(answer).first).to_be_visible()
    await do(leader, "催办", "已催办。", {"催办的话（可不填）": "剩下的抓紧"}, soon=True)
    await told(lead, play.no, "剩下的抓紧")


async def test_10_more_time_and_a_pause_are_asked_for_granted_and_over(town):
    play = await begun(town, "10")
    head, dispatcher = await town.desk("head_D10"), await town.desk("dispatcher1")
    await look(head, play.no)
    longer = {
        "申请什么": "延期",
        "延长多少（按案件的期限单位）": "3",
        "具体说明": "清淤船要从外地调",
    }
    await do(part_of(head, play.script.lead), "申请", "已提出申请，等待答复。", longer)
    await told(dispatcher, play.no, "延期3个工作日")
    await do(dispatcher, "同意延期", "已同意。")
    await told(head, play.no, "延期已得到同意")
    await head.get_by_role("button", name="取消").click()
    spring = (now() + timedelta(days=30)).date().isoformat()
    paused = {
        "申请什么": "挂账（暂停计时）",
        "挂账到哪一天": spring,
        "挂账的原因": "季节条件不允许",
        "具体说明": "汛期水位高，施工船进不去",
    }
    await do(part_of(head, play.script.lead), "申请", "已提出申请，等待答复。", paused)
    await told(dispatcher, play.no, "挂账至")
    await do(dispatcher, "同意挂账", "已同意。")
    await expect(dispatcher.locator("[data-stage]")).to_have_text("挂账")
    await told(head, play.no, "已挂账")
    await look(dispatcher, play.no)
    await do(dispatcher, "恢复办理", "已恢复办理。")
    await expect(dispatcher.locator("[data-stage]")).to_have_text("处置中")
    await heard(await town.phone(play.script.reporter), play.no, "已恢复办理")


async def test_12_a_grid_worker_asks_the_township_to_call(town):
    play = await begun(town, "12")
    walker = await town.phone(play.script.reporter)
    await button(walker, "更多").click()
    await walker.get_by_role("link", name="请镇街吹哨").click()
    await walker.get_by_label("情况说明").fill("劝不动，越聚越多，请到现场")
    await walker.get_by_label("理由").select_option("紧急情况")
    await walker.get_by_label("集合地点").fill("底阁桥头")
    await button(walker, "请镇街吹哨").click()
    await expect(walker.get_by_role("status")).to_contain_text("已请镇街吹哨")
    room = await town.desk(play.script.township)
    await told(room, play.no, "吹哨申请")
    form = room.get_by_role("form", name="发起呼叫")
    await expect(form.get_by_label("在哪里集合")).to_have_value("底阁桥头")
    await expect(form.get_by_label("现场情况")).to_have_value("劝不动，越聚越多，请到现场")
    await button(form, "呼叫").click()
    called = room.get_by_role("article").filter(has_text="底阁桥头")
    await expect(called).to_contain_text(play.script.lead)
    await told(await town.desk(play.script.lead), play.no, "吹哨：请")
    await heard(walker, play.no, "已请有关单位到场处理")


async def test_12_a_township_says_why_it_does_not_call(town):
    play = await begun(town, "12")
    walker = await town.phone(play.script.reporter)
    await button(walker, "更多").click()
    await walker.get_by_role("link", name="请镇街吹哨").click()
    await walker.get_by_label("情况说明").fill("请再来一次")
    await walker.get_by_label("集合地点").fill("底阁桥头")
    await button(walker, "请镇街吹哨").click()
    room = await town.desk(play.script.township)
    await told(room, play.no, "吹哨申请")
    await room.get_by_role("link", name="不同意这个请求").click()
    why = {"哪一项申请": "网格员请求呼叫", "为什么不同意": "刚去过，先观察"}
    await do(room, "不同意申请", "已答复不同意。", why)
    await heard(walker, play.no, "刚去过，先观察")
