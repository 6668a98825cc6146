"""What goes wrong is said in one sentence, and words and photos are still there."""

import json
from datetime import timedelta

import pytest
from playwright.async_api import expect

from server.cases.models.report import Report
from server.clock import now
from server.files.models import Photo
from server.http.sign_in import SIGN_INS
from server.people.queries import account_id_of
from server.people.sign_in import sessions
from tests.browser.conftest import (
    MISHAPS,
    PASSWORD,
    dies_before_the_answer,
    dies_in_the_body,
)
from tests.browser.reporting import LISTED, WORDS, delivered, fill_in, send, writing

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]

BEIJING = (116.39, 39.91)
FULL = """
globalThis.full = false;
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...given) {
  if (globalThis.full) throw new DOMException("full", "QuotaExceededError");
  return put.apply(this, given);
};
"""
A_DAY_AHEAD = """
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length) super(...given);
    else super(Real.now() + 86400000);
  }
  static now() { return Real.now() + 86400000; }
};
"""


async def all_is_there(page, n_photos=1):
    await expect(page.get_by_label("怎么回事")).to_have_value(WORDS)
    await expect(page.locator("figure img")).to_have_count(n_photos)


async def test_without_leave_to_know_the_position_one_reports_all_the_same(county, phone, photo):
    someone = await phone(at=None)
    page = await writing(someone)
    await fill_in(page, photo)
    await expect(page.locator("[data-where]")).to_contain_text("没有定位权限")
    await page.wait_for_selector(".leaflet-container")
    await all_is_there(page)
    await page.get_by_label("补充地址").fill("荣华里3号楼")
    await send(page)
    await delivered(page)
    [sent] = await Report.all()
    assert (sent.address, sent.lon, sent.lat) == ("荣华里3号楼", None, None)


async def test_a_position_outside_and_a_photo_that_is_none_are_told(
    county, phone, photo, tmp_path
):
    someone = await phone(at=BEIJING)
    page = await writing(someone)
    await fill_in(page, photo)
    await expect(page.locator("[data-where]")).to_contain_text("不在本县区内")
    broken = tmp_path / "notes.jpg"
    broken.write_bytes(b"no photo at all")
    await page.set_input_files("input[type=file]", str(broken))
    await expect(page.get_by_role("alert")).to_contain_text("notes.jpg")
    await all_is_there(page)
    await page.wait_for_timeout(600)  # what is typed has been kept
    await page.reload()
    await all_is_there(page)


async def test_a_phone_without_room_says_so_and_sends_from_memory(county, phone, photo):
    someone = await phone()
    await someone.context.add_init_script(FULL)
    page = await writing(someone)
    await page.evaluate("globalThis.full = true")
    await fill_in(page, photo)
    await expect(page.get_by_role("alert").first).to_contain_text("存储空间不足")
    await all_is_there(page)
    await send(page)
    await delivered(page)


async def test_a_sign_in_that_ends_in_the_queue_waits_for_the_next(county, phone, photo):
    someone = await phone()
    page = await writing(someone)
    await page.evaluate("navigator.serviceWorker.ready")
    await someone.context.set_offline(True)
    for n in (1, 2):
        await page.goto(f"{someone.url}/#/report")
        await fill_in(page, photo, f"{WORDS}（第{n}处）")
        await send(page)
        await page.wait_for_url("**/#/receipt/*")
    await page.goto(f"{someone.url}/#/queue")
    await expect(page.locator("[data-state=waiting]")).to_have_count(2)
    account = await account_id_of("resident1")
    assert account is not None

    async def the_last(request, handler):
        answer = await handler(request)
        await sessions.revoke_all(account, at=now())
        request.app[SIGN_INS].forget(account)
        return answer

    MISHAPS["/m/v1/reports"] = the_last
    await someone.context.set_offline(False)
    await expect(page.locator("[data-state=delivered]")).to_have_count(1)
    await expect(page.locator("[data-state=waiting]")).to_have_count(1)
    MISHAPS.clear()
    await page.get_by_role("link", name="登录已过期").click()
    await page.get_by_label("用户名").fill("resident1")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.wait_for_url("**/#/queue")
    await expect(page.locator("[data-state=delivered]")).to_have_count(1)  # the other was told of
    texts = await Report.all().order_by("received_at").values_list("text", flat=True)
    assert texts == [f"{WORDS}（第{n}处）" for n in (1, 2)]


async def test_a_refused_report_is_mended_with_all_that_was_in_it(county, phone, photo):
    someone = await phone(service_workers="block")
    page = await writing(someone)
    await fill_in(page, photo)
    said = {"code": "matter.unknown", "title": "没有这个事项，请重新选择。", "status": 422}

    async def refuse(route):
        await route.fulfill(
            status=422, content_type="application/problem+json", body=json.dumps(said)
        )

    await page.route("**/m/v1/reports", refuse, times=1)
    await send(page)
    await expect(page.locator("[data-state=refused]")).to_contain_text("没有这个事项")
    await page.get_by_role("button", name="修改后重发").click()
    await all_is_there(page)
    await expect(page.get_by_text("没有这个事项")).to_be_visible()
    await send(page)
    await delivered(page)


async def test_a_page_of_somebody_else_is_no_answer(county, phone, photo):
    someone = await phone(service_workers="block")
    page = await writing(someone)
    await fill_in(page, photo)

    async def portal(route):
        await route.fulfill(status=200, content_type="text/html", body="<h1>请登录无线网络</h1>")

    await page.route("**/m/v1/photos", portal, times=1)
    await send(page)
    waiting = page.locator("[data-state=waiting]")
    await expect(waiting).to_contain_text("不是网格哨的回答")
    await page.get_by_role("button", name="现在发送").click()
    await delivered(page)


async def test_a_clock_wrong_by_a_day_is_told_and_set_right(county, phone, photo):
    someone = await phone()
    await someone.context.add_init_script(A_DAY_AHEAD)
    page = await writing(someone)
    await expect(page.get_by_text("手机的时间不准")).to_contain_text("24 小时")
    await fill_in(page, photo)
    await send(page)
    await delivered(page)
    report = await Report.get()
    assert abs(report.captured_at - now()) < timedelta(minutes=3)
    assert "captured_in_future" not in report.evidence.flags


async def test_a_server_that_dies_in_the_midst_of_an_upload_gets_it_once(county, phone, photo):
    someone = await phone()
    page = await writing(someone)
    await fill_in(page, photo)
    MISHAPS["/m/v1/photos"] = dies_in_the_body
    await send(page)
    waiting = page.locator("[data-state=waiting]")
    await expect(waiting).to_contain_text("网络不通")
    assert await Photo.all().count() == 0
    MISHAPS["/m/v1/photos"] = MISHAPS["/m/v1/reports"] = dies_before_the_answer
    await page.get_by_role("button", name="现在发送").click()
    while not await Photo.all().count():  # what the page says of the first try stands till then
        await page.wait_for_timeout(100)
    await expect(waiting).to_contain_text("网络不通")
    assert await Photo.all().count() == 1
    del MISHAPS["/m/v1/photos"]
    await page.get_by_role("button", name="现在发送").click()
    while not await Report.all().count():
        await page.wait_for_timeout(100)
    await expect(waiting).to_contain_text("网络不通")
    MISHAPS.clear()
    await delivered(page)  # by itself


async def test_without_a_network_the_map_and_the_list_are_there(county, phone):
    someone = await phone()
    page = await writing(someone)
    await page.evaluate(LISTED)  # its last page: what is fetched ahead is there
    await someone.context.set_offline(True)
    await page.goto(f"{someone.url}/#/list")
    await expect(page.locator("article")).to_have_count(
        len(county.basis.lists.at(now()).entries())
    )
    await page.goto(f"{someone.url}/#/report")
    await page.get_by_label("怎么回事").fill(WORDS)
    await page.wait_for_selector(".place")  # the names of townships on the map
    await expect(page.locator(".matters")).to_contain_text("路灯")  # of the list
    await expect(page.get_by_text("地图暂时取不到")).to_have_count(0)
    await send(page)
    await page.wait_for_selector("[data-state=waiting]")
