"""Detours on whose a case is: returned with good reason."""

import pytest
from playwright.async_api import expect

from gridwhistle.tour.script import script
from tests.browser.forms import button
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
    play.no = await play.report(words="打架报警，派出所说不归他们管", complains_of="梅泽派出所")
    acceptor = await town.desk("acceptor1")
    await look(acceptor, play.no)
    await expect(acceptor.get_by_text("投诉：梅泽派出所")).to_be_visible()
    await expect(acceptor.get_by_text("上级")).to_be_visible()
    await told(await town.desk("区公安分局"), play.no, "有新任务")
