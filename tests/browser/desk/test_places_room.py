"""The room of boundaries: a file refused, another published; points that are not sure."""

import json

import pytest
from playwright.async_api import expect

from gridwhistle.demo.geography import features
from server.places.models import Place
from tests.browser.conftest import PICTURES
from tests.browser.forms import enter
from tests.casework import PLACES, Casework, position
from tests.domain.acts.places import swapped_grids

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def bring(page, made: dict):
    """Have boundaries looked at."""
    file = {
        "name": "new.geojson",
        "mimeType": "application/geo+json",
        "buffer": json.dumps(made).encode(),
    }
    await page.get_by_label("坐标系").select_option("wgs84")
    await page.get_by_label("区划文件").set_input_files(file)
    await page.get_by_role("button", name="上传并检查").click()


async def test_boundaries_are_refused_with_what_mending_would_move_then_published(county, desk):
    admin = await desk()
    page = await admin.sign_in("admin1", "/places/upload")
    crossed = features()
    grid = next(each for each in crossed["features"] if each["properties"].get("level") == "grid")
    ring = grid["geometry"]["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]
    await bring(page, crossed)
    await expect(page.get_by_text("没有存入，现行区划没有变")).to_be_visible()
    place = page.get_by_role("application", name="在图上的位置")
    await expect(place).to_be_visible()
    await page.get_by_role("button", name="在图上看").first.click()
    await page.wait_for_timeout(1_000)
    await admin.pictures(page, "places-fault")
    await page.get_by_role("button", name="看看能不能自动修补").click()
    await expect(page.get_by_text("修补").nth(1)).to_be_visible()
    await admin.pictures(page, "places-refused")
    made, _ = swapped_grids(features(), grid["properties"]["code"])
    await bring(page, made)
    await expect(page.get_by_role("heading", name="与现行区划相比")).to_be_visible()
    await expect(page.get_by_role("row").nth(1)).to_be_visible()
    await admin.pictures(page, "places-generation")
    await page.get_by_role("button", name="发布").click()
    await page.get_by_role("form", name="发布").get_by_role("button", name="提交").click()
    await expect(page.get_by_text("已发布。")).to_be_visible()
    await page.get_by_role("link", name="网格牌").click()
    await page.get_by_label("镇街").select_option(index=1)
    await expect(page.get_by_role("link", name="打开打印页")).to_be_visible()
    await admin.sure(page)


async def test_a_dispatcher_finds_no_case_to_rebind(county, desk):
    dispatcher = await desk()
    page = await dispatcher.sign_in("dispatcher1", "/places")
    await expect(page.get_by_text("没有要改网格的案件。")).to_be_visible()
    await dispatcher.sure(page)


async def test_what_a_file_leaves_open_is_said_at_the_desk(county, desk):
    made = features()
    townships = [each for each in made["features"] if each["properties"]["level"] == "township"]
    made["features"] = [
        each | {"properties": {"X1": each["properties"]["code"], "X2": each["properties"]["name"]}}
        for each in townships
    ]
    admin = await desk()
    page = await admin.sign_in("admin1", "/places/upload")
    await bring(page, made)
    await expect(page.get_by_text("没有存入，现行区划没有变")).to_be_visible()
    await page.get_by_text("文件里没有写级别").click()
    await page.get_by_label("全部图形是哪一级").select_option(label="镇街")
    await page.get_by_label("编码在哪一列").fill("X1")
    await page.get_by_label("名称在哪一列").fill("X2")
    await page.get_by_role("button", name="上传并检查").click()
    await expect(page.get_by_role("heading", name="与现行区划相比")).to_be_visible()
    kept = await Place.filter(generation__starts_at=None).order_by("code").values_list("name")
    assert {name for (name,) in kept} == {each["properties"]["name"] for each in townships}
    await admin.sure(page)


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
