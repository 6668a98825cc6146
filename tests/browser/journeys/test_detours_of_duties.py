"""Detours on whose a case is: returned with good reason."""

import pytest
from playwright.async_api import expect

from tests.browser.journeys.playing import Play, begun, part_of
from tests.browser.journeys.screens import do, heard, look, told

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


async def test_5_a_return_with_good_reason_goes_to_whose_it_is(town):
    play = await begun(town, "5")
    await given_back(play, WORKS, "塌的是村道，不是市政道路", ROADS)
    await upheld(play, "经核对路产登记，属于村道")
    page = await town.desk(ROADS)
    await told(page, play.no, "退单已裁定")
    await do(page, "签收", "已提交。", soon=True)
    await expect(page.locator("[data-stage]")).to_have_text("处置中")
    await heard(await town.phone(play.script.reporter), play.no, f"{ROADS}已签收")
