"""Complaining of a unit from the phone, and saying afterwards that a case complains of one."""

import pytest
from playwright.async_api import expect

from server.cases.models.case import Case
from tests.browser.conftest import PICTURES
from tests.browser.forms import add_photo, button, choose, enter, send, sure
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]

STATION, WORKS = "荣华派出所", "区住房和城乡建设局"


async def test_a_resident_complains_of_a_unit_that_is_found_by_name(county, phone, photo):
    walker = await phone()
    page = await enter(walker, "resident1", "/report")
    await page.get_by_label("怎么回事").fill("路灯坏了，打电话给派出所也没人管")
    await add_photo(page, photo)
    await page.locator(".matters button").first.click()
    await page.get_by_label("我要投诉一个单位").check()
    await button(page, "提交").click()
    await expect(page.get_by_role("alert")).to_contain_text("请选择要投诉的单位")
    await page.get_by_label("投诉哪个单位").fill("荣华派出所")
    hit = page.locator(".hit").first
    await hit.wait_for()
    covered = """(hit) => {
      const { left, top, width, height } = hit.getBoundingClientRect();
      return !hit.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    }"""
    assert not await hit.evaluate(covered), "what was found lies behind something"
    await choose(page, "投诉哪个单位", "荣华派出所")
    await sure(page)
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / "complaining.png", full_page=True)
    await button(page, "提交").click()
    number = (await page.locator(".number").inner_text()).split()[-1]
    case = await Case.get(no=number)
    units = county.basis.units
    assert case.about_unit_id == units.named(STATION).id
    assert case.lead_id == units.named("区公安分局").id
    await page.get_by_role("link", name="查看进展").click()
    await expect(page.get_by_text(f"投诉对象：{STATION}")).to_be_visible()
    await page.screenshot(path=PICTURES / "complained.png", full_page=True)
    assert walker.faults == []


async def test_an_acceptor_takes_a_case_from_the_unit_that_it_complains_of(county, phone):
    case = await Casework(county).report()
    walker = await phone()
    page = await enter(walker, "acceptor1", f"/work/cases/{case.no}")
    await button(page, "登记被投诉单位").click()
    await choose(page, "投诉哪个单位", "住房和城乡建设")
    await page.get_by_label("为什么").fill("说的就是住建局")
    await page.screenshot(path=PICTURES / "recusing.png", full_page=True)
    await send(page)
    await expect(page.locator("[data-stage]")).to_contain_text("待派遣")
    await expect(page.get_by_text(f"投诉对象：{WORKS}")).to_be_visible()
    await page.screenshot(path=PICTURES / "recused.png", full_page=True)
    case = await Case.get(id=case.id)
    assert (case.stage, case.about_unit_id) == ("filed", county.basis.units.named(WORKS).id)
    assert walker.faults == []
