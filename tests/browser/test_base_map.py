"""Streets under the county's boundaries: drawn from our own file, a place chosen under a cross."""

import math
import re

import pytest
from playwright.async_api import expect

from gridwhistle.demo.basemap import write_basemap
from server.cases.models.report import Report
from tests.browser.reporting import delivered, fill_in, send, writing
from tests.casework import WALL

pytestmark = pytest.mark.needs("chromium")

#: What drawing might lean on and Chromium 80, iOS 14 and plain http do not have.
OLDER = """
for (const [holder, names] of [
  [globalThis, ["DecompressionStream", "structuredClone", "createImageBitmap", "OffscreenCanvas"]],
  [Array.prototype, ["at", "findLast", "toSorted", "with"]],
  [String.prototype, ["at", "replaceAll"]],
  [Object, ["hasOwn", "groupBy"]],
  [Promise, ["any", "withResolvers"]],
  [AbortSignal, ["any", "timeout"]],
  [AbortSignal.prototype, ["throwIfAborted"]],
]) for (const name of names) delete holder[name];
Object.defineProperty(globalThis, "caches", { value: undefined });
"""
#: What a pixel of the map at the zoom of a report is, in degrees of longitude.
PIXEL = 360 / (256 * 2**16)
#: Whether the map's pictures show a colour of the page's own, told by its name.
PAINTED = """(name) => {
  const map = document.querySelector(".map");
  if (!map) return false;
  const wanted = getComputedStyle(map).getPropertyValue(`--map-${name}`).trim();
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(wanted.slice(at, at + 2), 16));
  let found = 0;
  for (const canvas of map.querySelectorAll("canvas.leaflet-tile-loaded")) {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) found++;
    }
  }
  return found > 50;
}"""
NEAR = re.compile(r"^(距 .+ 约 \d+ 米|就在 .+ 附近)$")


@pytest.fixture
def streets(county):
    """The demo county's base map, where this county's server reads it."""
    write_basemap(county.parts.settings.basemap_file)


async def _drag(page, east: float, south: float) -> None:
    """Move the map by pixels, and let go of it at rest."""
    box = await page.locator(".map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + east / 2, y + south / 2, steps=4)
    await page.mouse.move(x + east, y + south, steps=4)
    await page.wait_for_timeout(300)
    await page.mouse.up()


@pytest.mark.slow
async def test_a_place_is_what_lies_under_the_cross_of_a_map_with_streets(
    county, streets, phone, photo
):
    someone = await phone()
    page = await writing(someone)
    await fill_in(page, photo)
    for colour in ("building", "estate", "edge"):
        await page.wait_for_function(PAINTED, arg=colour)
    near, where = page.locator("[data-near]"), page.locator("[data-where]")
    await expect(near).to_have_text(NEAR)
    await expect(where).to_contain_text("荣华")
    await page.locator(".map").evaluate("(map) => map.scrollIntoView({ block: 'center' })")
    before = await near.inner_text()
    for name in ("放大", "缩小"):
        box = await page.get_by_role("button", name=name, exact=True).bounding_box()
        assert min(box["width"], box["height"]) >= 44
    await _drag(page, -90, 40)
    await expect(near).not_to_have_text(before)
    await expect(near).to_have_text(NEAR)
    before = await near.inner_text()
    await page.locator(".map").focus()
    await page.keyboard.press("ArrowRight")
    await expect(near).not_to_have_text(before)
    await page.keyboard.press("Enter")
    await send(page)
    await delivered(page)
    report = await Report.get()
    assert report.source == "map"
    assert report.lon == pytest.approx(WALL[0] + (90 + 80) * PIXEL, abs=2 * PIXEL)
    up = 40 * PIXEL * math.cos(math.radians(WALL[1]))
    assert report.lat == pytest.approx(WALL[1] + up, abs=2 * PIXEL)
    assert someone.faults == []


@pytest.mark.slow
async def test_streets_once_seen_are_there_without_a_network(streets, phone):
    someone = await phone()
    page = await writing(someone)
    await page.wait_for_function("() => navigator.serviceWorker.controller")
    for network in (True, True, False):
        await someone.context.set_offline(not network)
        await page.goto(f"{someone.url}/#/")
        await page.get_by_text("我要上报").first.wait_for()
        await page.goto(f"{someone.url}/#/report")
        await page.wait_for_function(PAINTED, arg="building")
        await expect(page.locator("[data-near]")).to_have_text(NEAR)
        await someone.settled(page)


@pytest.mark.slow
async def test_an_old_phone_draws_them_as_well(streets, phone):
    someone = await phone(color_scheme="dark")
    await someone.context.add_init_script(OLDER)
    page = await writing(someone)
    await page.wait_for_function(PAINTED, arg="building")
    await expect(page.locator("[data-near]")).to_have_text(NEAR)
    assert someone.faults == []


@pytest.mark.slow
async def test_without_a_base_map_the_boundaries_are_what_is_drawn(phone):
    someone = await phone()
    page = await writing(someone)
    await page.wait_for_selector(".place")
    await expect(page.locator("[data-where]")).to_contain_text("荣华")
    await expect(page.locator(".map canvas.leaflet-tile")).to_have_count(0)
    await expect(page.locator("[data-near]")).to_have_count(0)
    assert someone.faults == []


#: The names of townships that stand within the map as it is.
SEEN = """() => {
  const map = document.querySelector(".map")?.getBoundingClientRect();
  return [...document.querySelectorAll(".place")].filter((name) => {
    const { left, right, top, bottom } = name.getBoundingClientRect();
    return left >= map.left && right <= map.right && top >= map.top && bottom <= map.bottom;
  }).map((name) => name.textContent);
}"""


@pytest.mark.slow
async def test_the_map_of_open_cases_begins_at_ones_own_area(phone):
    someone = await phone()
    page = await someone.open("/sign-in")
    await someone.sign_in(page, "township02")
    await page.goto(f"{someone.url}/#/work/map")
    await page.wait_for_selector(".place")
    await someone.settled(page)
    seen = await page.evaluate(SEEN)
    assert "荣华街道" in seen
    assert not {"阴平镇", "底阁镇", "古邵镇"} & set(seen)
