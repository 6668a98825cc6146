"""Detours from above and on time: a leader's word, more time, a pause, a call asked for."""

import pytest
from playwright.async_api import expect

from tests.browser.journeys.playing import begun
from tests.browser.journeys.screens import do, look, told

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
