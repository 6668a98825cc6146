"""Detours after the work: handled again, two reports of one thing, duties shown to be met."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.forms import button
from tests.browser.journeys.playing import Play, begun, finish
from tests.browser.journeys.screens import do, enter, heard, look, submit, waits

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


async def handled_again(play: Play, on: str, result: str) -> None:
    """Do it once more as the lead, and bring it to its end."""
    await finish(play, on, result)
    await play.checked(f"{result}，没有新的问题")
    await play.closed_by("acceptor1")


async def unsolved(play: Play, why: str, said: str) -> None:
    """Say on the reporter's phone that it is not solved, where the message of its end leads."""
    page = await play.town.phone(play.script.reporter)
    await heard(page, play.no, "已结案")
    await button(page, "没有解决，请重新办理").click()
    await submit(page, said, {"哪里没有解决？": why})


async def test_1_a_failed_look_sends_it_back_and_who_reported_has_it_done_again(town):
    play = await begun(town, "1")
    await play.checked("回填的土又陷下去了", passed=False)
    acceptor = await town.desk("acceptor1")
    await waits(acceptor, play.no)
    await expect(acceptor.get_by_role("button", name="结案")).to_have_count(0)
    why = {"哪里没有解决，要怎么做": "核查不通过，请夯实后重铺"}
    await do(acceptor, "返工，退回承办单位", "已退回承办单位返工。", why)
    await heard(await town.phone(play.script.reporter), play.no, "请夯实后重铺")
    await handled_again(play, "需要返工", "路基夯实，路面重铺")
    await unsolved(play, "旁边又裂了一道缝", "已提交")
    await handled_again(play, "需要重办", "裂缝灌实")
    await unsolved(play, "雨后又沉了", "已请领导决定是否再办")
    await play.stands("acceptor1", "已结案")
    leader = await town.desk("leader1")
    await waits(leader, play.no)
    agreed = {"为什么要重办": "雨后又沉，说明路基没处理好，请彻底重做"}
    await do(leader, "重办", "已交回重办。", agreed)
    await heard(await town.phone(play.script.reporter), play.no, "将重新办理")
    await play.stands("acceptor1", "处置中")


async def test_7_two_reports_of_one_thing_become_one_case_and_both_hear(town):
    play = await begun(town, "7")
    second = await play.report(by="resident2", words="门口路灯不亮，晚上看不见路")
    acceptor = await town.desk("acceptor1")
    await look(acceptor, second)
    alike = acceptor.locator(".case").get_by_role("link", name=town.matter(play.script.matter))
    await expect(alike).to_have_attribute("href", f"/console/cases/{play.no}")
    same = {"并入哪一件": (play.no,), "为什么": "同一盏路灯"}
    await do(acceptor, "并入另一件", "已并案。", same)
    await play.sign(play.script.lead)
    for who in (play.script.reporter, "resident2"):
        await heard(await town.phone(who), play.no, f"{play.script.lead}已签收")
    page = await town.phone("resident2")
    await heard(page, second, "已合并办理")
    await page.get_by_role("link", name=f"已与 {play.no} 合并办理").click()
    await expect(page.locator("[data-stage]")).to_have_text("正在处理")


async def record(play: Play, who: str) -> Page:
    """The record of the lead's duties, as somebody finds it at a desk."""
    page = await play.town.desk(who)
    await page.get_by_role("link", name="容错").click()
    form = page.get_by_role("form", name="查看")
    await form.get_by_label("案件编号").fill(play.no)
    if not await form.get_by_text(play.script.lead).count():
        own = form.get_by_role("button", name="去掉")
        if await own.count():  # one's own unit stands there at first
            await own.click()
        await enter(form, "单位", (play.script.lead,))
    await button(form, "查看").click()
    return page


async def test_15_a_unit_shows_by_its_duties_on_the_list_that_it_met_them(town):
    play = await begun(town, "15")
    shown = "接报后当场责令停工"
    page = await record(play, play.script.lead)
    duties = page.get_by_role("region", name="清单上的职责").get_by_role("listitem")
    await expect(duties.first).to_be_visible()
    await expect(duties.filter(has_text="还没有说明")).to_have_count(await duties.count())
    await do(duties.first, "说明怎样履职", "已记录", {"说明": shown})
    await expect(duties.filter(has_text=shown)).to_contain_text("已说明")
    await expect(duties.filter(has_text="还没有说明")).to_have_count(await duties.count() - 1)
    page = await record(play, play.script.township)
    await expect(page.get_by_role("alert")).to_contain_text("没有权限")
    await expect(button(page, "说明怎样履职")).to_have_count(0)
    page = await record(play, "auditor1")
    await expect(page.get_by_text(shown)).to_be_visible()
    of_work = page.get_by_role("region", name="办理过程中的职责").get_by_role("listitem")
    for duty, state in (
        ("按时签收", "按时完成"),
        ("在时限内办结", "按时完成"),
        ("配合单位都已办结", "已完成"),
        ("写明结果", "已完成"),
    ):
        await expect(of_work.filter(has_text=duty).first).to_contain_text(state)
