"""Detours on whose a case is: returned with good reason."""

import pytest
from playwright.async_api import Page, expect

from gridwhistle.tour.script import script
from tests.browser.journeys.playing import Play, begun, part_of
from tests.browser.journeys.screens import do, heard, look, refused, told, waits

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
WORKS, ROADS = "区住房和城乡建设局", "区交通运输局"


async def given_back(play: Play, unit: str, reason: str, proper: str) -> None:
    """Give a unit's part back at its desk, with whose it is instead."""
    page = await play.town.desk(unit)
    await look(page, play.no)
    claim = {"退回的理由": "事项认定有误", "应由哪个单位办理": (proper,), "具体说明": reason}
    await do(part_of(page, unit), "退回", "已退回，等待裁定。", claim)


async def upheld(play: Play, reason: str) -> None:
    """Rule for who gave it back, at the desk where the message of that leads."""
    page = await play.town.desk("dispatcher1")
    await told(page, play.no, "裁定")
    await do(page, "裁定退单", "已裁定。", {"退单成立": True, "裁定的理由": reason})


async def unheard_of(play: Play) -> None:
    """What is closed of complaints about a unit is not for the public to read."""
    page = await play.town.phone(play.script.reporter)
    await page.goto(f"{play.town.url}/#/closed")
    await expect(page.get_by_role("main")).to_contain_text("还没有")


async def test_5_a_return_with_good_reason_goes_to_whose_it_is(town):
    play = await begun(town, "5")
    await given_back(play, WORKS, "塌的是村道，不是市政道路", ROADS)
    await upheld(play, "经核对路产登记，属于村道")
    page = await town.desk(ROADS)
    await told(page, play.no, "退单已裁定")
    await do(page, "签收", "已提交。", soon=True)
    await expect(page.locator("[data-stage]")).to_have_text("处置中")
    await heard(await town.phone(play.script.reporter), play.no, f"{ROADS}已签收")


async def test_16_who_is_complained_of_neither_leads_nor_reads_it(town):
    play = await begun(town, "16")
    acceptor = await town.desk("acceptor1")
    await look(acceptor, play.no)
    about = {
        "被投诉的单位（不填表示没有投诉单位）": (WORKS,),
        "为什么": "反映的是住建局工作人员的态度",
    }
    await do(acceptor, "登记被投诉单位", "已提交。", about)
    await expect(acceptor.locator("[data-stage]")).to_have_text("已立案待派遣")
    works = await town.desk(WORKS)
    await told(works, play.no, "有新任务")
    await expect(works.get_by_role("alert")).to_contain_text("没有找到")
    dispatcher = await town.desk("dispatcher1")
    await waits(dispatcher, play.no)
    await refused(dispatcher, "派遣", {"牵头单位": (WORKS,)}, "回避")
    await waits(dispatcher, play.no)
    await dispatcher.get_by_role("button", name=f"去掉{WORKS}").click()
    await do(dispatcher, "派遣", "已提交。", {"牵头单位": (ROADS,)}, soon=True)
    await play.sign(ROADS)
    roads = await town.desk(ROADS)
    done = {"处理结果": "坑已补平，有关人员已道歉", "处理后的照片": town.photo()}
    await do(roads, "办结", "已提交。", done)
    await play.checked("路面平整")
    await play.closed_by("acceptor1")
    await unheard_of(play)


async def test_16_whose_station_is_complained_of_leads_itself(town):
    play = Play(town, script("16"))
    play.no = await play.report(
        words="路上的坑绊人打了架，派出所说不归他们管", complains_of="梅泽派出所"
    )
    acceptor = await town.desk("acceptor1")
    await look(acceptor, play.no)
    await expect(acceptor.get_by_text("投诉对象：梅泽派出所")).to_be_visible()
    await expect(acceptor.get_by_text("由它的上级区公安分局牵头")).to_be_visible()
    await told(await town.desk("区公安分局"), play.no, "有新任务")


async def stated(play: Play, unit: str, words: str) -> None:
    """Say at a unit's desk what it holds of the dispute, where the message of it leads."""
    page = await play.town.desk(unit)
    await told(page, play.no, "已提交联席会议")
    await do(page, "陈述意见", "已陈述。", {"本单位的意见和依据": words})


async def test_6_two_returns_meet_in_a_conference_whose_word_holds_from_then_on(town):
    play = await begun(town, "6")
    first, telecom, power = play.script.lead, "通信运营企业", "区供电公司"
    await given_back(play, first, "断的是通信光缆", telecom)
    await upheld(play, "光缆由运营企业维护")
    await given_back(play, telecom, "线挂在电力杆上", power)
    await play.stands(telecom, "联席会议")
    await stated(play, telecom, "杆不是我们的，线可以由我们接")
    await stated(play, power, "电力杆只管电力线，搭挂的光缆由产权单位负责")
    keeper = await town.desk("keeper1")
    await told(keeper, play.no, "已提交联席会议")
    minutes = "搭挂在电力杆上的通信线缆，由线缆产权单位牵头处置，供电公司配合停电。"
    ruling = {"会议结论": minutes, "牵头单位": (telecom,)}
    await do(keeper, "联席会议裁决", "已裁决。", ruling)
    page = await town.desk(telecom)
    await told(page, play.no, "联席会议已有裁定")
    await do(page, "签收", "已提交。", soon=True)
    own = part_of(page, telecom)
    await expect(own.get_by_role("button", name="反馈进展")).to_be_visible()
    await expect(own.get_by_role("button", name="退回")).to_have_count(0)
    await precedent(play, keeper, minutes)
    second = await play.report(words="桥头也有一根线垂下来")
    dispatcher = await town.desk("dispatcher1")
    await look(dispatcher, second)
    await expect(dispatcher.locator(".case").get_by_role("link", name=play.no)).not_to_have_count(
        0
    )
    await told(page, second, "有新任务")


async def precedent(play: Play, page: Page, minutes: str) -> None:
    """The keeper reads it at the entry, and among what speaks for changing the list."""
    await page.get_by_role("link", name="责任清单").click()
    await page.get_by_label("查找：事项").fill(play.script.matter)
    await (
        page.locator("li .line-link").filter(has_text=play.town.matter(play.script.matter)).click()
    )
    await expect(page.get_by_text(minutes)).to_be_visible()
    await page.get_by_role("link", name="准入与调整").click()
    await page.get_by_role("link", name="调整建议").click()
    hint = page.locator(".line").filter(has_text=play.town.matter(play.script.matter))
    await expect(hint.get_by_role("link", name="照此提出调整")).to_be_visible()
