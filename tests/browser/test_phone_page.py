"""The phone page in a real browser: reporting, offline, live news, officers on foot."""

import pytest
from playwright.async_api import expect

from server.cases.models.case import Case, Step
from server.cases.models.report import Report
from server.cases.work import handling
from server.clock import now
from server.files.models import Photo
from tests.browser.conftest import PICTURES
from tests.browser.reporting import WORDS, fill_in
from tests.casework import Casework

pytestmark = pytest.mark.needs("chromium")


async def choose_first(page):
    await page.locator(".matters button").first.click()


async def test_from_opening_the_page_to_a_number_and_the_answer_comes_by_itself(
    county, phone, photo
):
    someone = await phone()
    page = await someone.open("/sign-in?demo=demo")  # as the start of the demo prints it
    await page.get_by_role("button", name="演示：以居民身份进入").click()
    await page.get_by_text("我要上报").click()
    await fill_in(page, photo)
    await page.wait_for_selector("[data-where]:has-text('荣华')")
    await choose_first(page)
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / "reporting.png")
    await page.get_by_role("button", name="提交", exact=True).click()
    number = await page.locator(".number").inner_text()
    case = await Case.get(no=number.split()[-1])
    report = await Report.get(case_id=case.id)
    assert (report.datum, report.source, report.text) == ("wgs84", "device", WORDS)
    [sent] = await Photo.all()
    assert sent.n_bytes <= 400_000

    await page.get_by_role("link", name="查看进展").click()
    await page.wait_for_selector("[data-stage]:has-text('待签收')")
    work = Casework(county)
    task, officer = await work.lead(case)
    await handling.accept(task.id, by=officer, at=now(), basis=county.basis)
    await county.parts.bus.publish("outbox")
    await page.wait_for_selector("[data-stage]:has-text('正在处理')", timeout=10_000)
    assert someone.faults == []


@pytest.mark.slow
async def test_three_reports_made_offline_outlive_the_page_and_become_three_cases(
    county, phone, photo
):
    someone = await phone()
    page = await someone.open()
    await someone.sign_in(page, "resident1")
    await page.evaluate("navigator.serviceWorker.ready")
    await page.reload()  # now the worker serves it
    assert await page.evaluate("navigator.serviceWorker.controller !== null")
    await someone.context.set_offline(True)
    for n in range(3):
        await page.goto(f"{someone.url}/#/report")
        await page.get_by_label("怎么回事").wait_for()
        await fill_in(page, photo, f"{WORDS}（第{n + 1}处）")
        await page.get_by_role("button", name="提交", exact=True).click()
        await page.wait_for_selector("[data-state=waiting]")
    await page.goto(f"{someone.url}/#/queue")
    await expect(page.locator("[data-state=waiting]")).to_have_count(3)
    await page.close()
    assert await Report.all().count() == 0

    page = await someone.open("/queue")  # still without a network: from the worker
    await page.wait_for_selector("[data-state=waiting]")
    await someone.context.set_offline(False)
    await expect(page.locator("[data-state=delivered]")).to_have_count(3, timeout=30_000)
    texts = await Report.all().order_by("received_at").values_list("text", flat=True)
    assert texts == [f"{WORDS}（第{n}处）" for n in (1, 2, 3)]
    assert await Case.all().count() == 3
    await page.reload()
    await page.wait_for_timeout(500)
    assert await Case.all().count() == 3
    assert await Step.filter(verb="report").count() == 3
    assert someone.faults == []


@pytest.mark.slow
async def test_a_dialog_keeps_the_focus_closes_by_escape_and_gives_it_back(county, phone, photo):
    someone = await phone()
    page = await someone.open("/sign-in")
    await someone.sign_in(page, "resident1")
    await page.goto(f"{someone.url}/#/queue")
    await page.get_by_text("没有待发送的上报").wait_for()
    await page.goto(f"{someone.url}/#/report")
    await page.get_by_label("怎么回事").wait_for()
    await someone.context.set_offline(True)
    await fill_in(page, photo)
    await page.get_by_role("button", name="提交", exact=True).click()
    await page.wait_for_selector("[data-state=waiting]")
    await page.goto(f"{someone.url}/#/queue")
    away = page.get_by_role("button", name="删除", exact=True)
    await away.press("Enter")
    dialog = page.get_by_role("dialog")
    inside = "document.activeElement === document.body || document.activeElement.closest('dialog')"
    for _ in range(5):
        await page.keyboard.press("Tab")
        assert await page.evaluate(f"!!({inside})")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(away).to_be_focused()
    await expect(page.locator("[data-state=waiting]")).to_have_count(1)
    await away.press("Enter")
    await dialog.get_by_role("button", name="删除").click()
    await expect(page.locator("[data-state]")).to_have_count(0)
    assert someone.faults == []
