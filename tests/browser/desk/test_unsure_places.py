"""Places on maps only as sure as they are, at a desk and on a phone."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import PICTURES
from tests.browser.forms import enter
from tests.casework import PLACES, Casework, position

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def test_a_place_that_is_not_sure_is_drawn_and_told_so_at_a_desk(county, desk):
    work = Casework(county)
    sure = await work.report()
    vague = await work.report(position=position(PLACES["market_gate"], accuracy=900.0))
    mine = await desk()
    page = await mine.sign_in("acceptor1", f"/cases/{vague.no}?map=1")
    legends = page.locator("[data-legend]")
    await expect(legends.first).to_contain_text("空心的点：只知道大概在那里")
    await expect(page.get_by_text("定位误差约 900 米")).to_be_visible()
    await expect(page.get_by_text(vague.place.text).first).to_be_visible()
    await mine.pictures(page, "case-about-there")
    await page.goto(f"{mine.url}/console/cases/{sure.no}")
    await expect(page.get_by_text("定位误差约 8 米")).to_be_visible()
    await expect(page.get_by_text("空心的点")).to_have_count(0)


async def test_a_place_that_is_not_sure_is_drawn_and_told_so_on_a_phone(county, phone):
    work = Casework(county)
    await work.report()
    vague = await work.report(position=position(PLACES["market_gate"], accuracy=900.0))
    mine = await phone()
    page = await enter(mine, "dispatcher1", "/work/map")
    await expect(page.locator("[data-legend]")).to_contain_text("空心的点")
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / "phone-about-there-map.png")
    page = await enter(mine, "acceptor1", f"/work/cases/{vague.no}")
    legend = page.locator("[data-legend]")
    await legend.scroll_into_view_if_needed()
    await expect(legend).to_contain_text("定位误差约 900 米")
    await page.wait_for_timeout(500)
    await page.screenshot(path=PICTURES / "phone-about-there.png", full_page=True)
    assert mine.faults == []
