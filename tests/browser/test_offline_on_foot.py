"""What is done on foot without a network is kept, goes out later, once, and under its own name."""

import asyncio

import pytest
from playwright.async_api import expect

from media.sample import jpeg
from server.cases.ends.recusing import recuse
from server.cases.models.case import Case, Step
from server.cases.models.report import Report
from server.cases.models.task import Check
from server.cases.reading import queries
from server.clock import now
from server.people.queries import account_id_of
from tests.browser.conftest import MISHAPS, dies_before_the_answer
from tests.browser.forms import add_photo, button, enter, rest, sure, turn_to
from tests.browser.reporting import WORDS, fill_in, send, writing
from tests.browser.scenes import username_of
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]

#: As where the browser opens no store, in some private windows.
NO_STORE = """
IDBFactory.prototype.open = () => { throw new DOMException("no store", "UnknownError"); };
"""


@pytest.fixture
def photos(tmp_path):
    """Three different photos."""
    files = [tmp_path / f"{n}.jpg" for n in range(3)]
    for n, file in enumerate(files):
        file.write_bytes(jpeg(800, 600, seed=n + 1))
    return files


async def choose_all(page, files):
    """Choose several photos at once."""
    await page.locator("input[type=file]").first.set_input_files([str(file) for file in files])
    await expect(page.locator("figure img")).to_have_count(len(files))
    await expect(page.get_by_text("正在处理照片")).to_have_count(0)


async def test_a_check_made_without_a_network_outlives_the_page_and_is_sent_later(
    county, phone, photo
):
    case = await Casework(county).checking()
    check = await Check.get(case_id=case.id)
    walker = await phone()
    page = await enter(walker, await username_of(check.assignee_id), "/work")
    await page.evaluate("navigator.serviceWorker.ready")
    await page.reload()  # now the worker serves it
    await walker.settled(page)
    await walker.context.set_offline(True)
    await page.locator(f"a[href$='/work/checks/{check.id}']").click()
    await page.get_by_label("说明").fill("没有亮")
    await add_photo(page, photo)
    await page.reload()
    await expect(page.locator("main")).to_contain_text(case.no)
    await expect(page.locator("main")).to_contain_text("没有网络，这是")
    await expect(page.get_by_label("说明")).to_have_value("没有亮")
    await expect(page.locator("figure img")).to_have_count(1)
    await sure(page)
    await button(page, "没解决").click()
    await expect(page.get_by_role("status").filter(has_text="有网后自动发送")).to_be_visible()
    await page.wait_for_url("**/#/work")
    await turn_to(walker, page, f"/work/checks/{check.id}")
    await page.get_by_role("link", name="这里填写的在待发送里").click()
    waiting = page.locator("[data-state=waiting]")
    await expect(waiting).to_contain_text(f"核查 · {case.title}")
    await expect(waiting).to_contain_text("没有亮")
    await sure(page)
    await walker.context.set_offline(False)
    await expect(page.locator("[data-state=delivered]")).to_have_count(1)
    made = await Check.get(id=check.id)
    assert (made.passed, made.note, made.lat is not None) == (False, "没有亮", True)
    fresh = await Case.get(id=case.id)
    purposes = [each.purpose for each in await queries.attachments([fresh.id])]
    assert purposes.count("check") == 1
    assert walker.faults == []


async def test_what_was_read_is_gone_when_one_may_read_it_no_more_or_signs_out(county, phone):
    work = Casework(county)
    case = await work.handling()
    walker = await phone()
    page = await enter(walker, "handler_D08", f"/work/cases/{case.no}")
    held = "caches.open('read').then((all) => all.keys()).then((of) => of.map((each) => each.url))"

    async def kept():
        return [url.rpartition("/")[2] for url in await page.evaluate(held)]

    assert case.no in await kept()
    by = await work.actor("acceptor1")
    await recuse(case.no, "区住建局", "说的就是他们", by=by, at=now(), basis=work.basis)
    await page.reload()
    await walker.settled(page)
    assert case.no not in await kept()
    await turn_to(walker, page, "/work")
    assert await kept() != []
    await turn_to(walker, page, "/settings")
    await button(page, "退出登录").click()
    await expect(page.get_by_text("登录后上报")).to_be_visible()
    assert await kept() == []


async def test_photos_chosen_at_once_all_go_with_the_result_and_nothing_goes_before_they_are_ready(
    county, phone, photos
):
    work = Casework(county)
    case = await work.handling()
    await work.helped(case)
    lead, _ = await work.lead(case)
    walker = await phone()
    page = await enter(walker, "handler_D08", f"/work/tasks/{lead.id}")
    await rest(page, "办结")
    await page.get_by_label("处理结果").fill("换了灯头，已亮")
    await choose_all(page, photos)
    await page.reload()
    await rest(page, "办结")
    await expect(page.locator("figure img")).to_have_count(3)
    await button(page, "提交").click()
    await expect(page.get_by_role("status").filter(has_text="已提交")).to_be_visible()
    fresh = await Case.get(id=case.id)
    purposes = [each.purpose for each in await queries.attachments([fresh.id])]
    assert (fresh.stage, purposes.count("after")) == ("checking", 3)
    assert walker.faults == []


async def test_photos_of_a_report_chosen_at_once_are_all_kept_and_a_tenth_is_told(
    county, phone, photos
):
    someone = await phone()
    page = await writing(someone)
    await choose_all(page, photos)
    await page.get_by_label("怎么回事").fill(WORDS)
    ten = [photos[n % 3] for n in range(7)]
    await page.locator("input[type=file]").set_input_files([str(file) for file in ten])
    await expect(page.get_by_role("alert")).to_contain_text("最多 9 张")
    await expect(page.locator("figure img")).to_have_count(9)


async def test_a_result_whose_answer_was_lost_is_not_refused_the_second_time(county, phone, photo):
    work = Casework(county)
    case = await work.handling()
    await work.helped(case)
    lead, _ = await work.lead(case)
    walker = await phone()
    page = await enter(walker, "handler_D08", f"/work/tasks/{lead.id}")
    await rest(page, "办结")
    await page.get_by_label("处理结果").fill("换了灯头，已亮")
    await add_photo(page, photo)
    MISHAPS[f"/m/v1/tasks/{lead.id}/resolve"] = dies_before_the_answer
    await button(page, "提交").click()
    await expect(page.get_by_role("status").filter(has_text="已存好")).to_be_visible()
    MISHAPS.clear()
    await turn_to(walker, page, "/queue")
    done = page.locator("[data-state=delivered]")
    await expect(done).to_contain_text("已送达", timeout=30_000)
    assert await Step.filter(case_id=case.id, verb="resolve").count() == 1
    assert walker.faults == []


async def test_a_result_that_is_refused_later_is_mended_with_words_and_photo(county, phone, photo):
    work = Casework(county)
    case = await work.handling()
    lead, _ = await work.lead(case)
    walker = await phone()
    page = await enter(walker, "handler_D08", f"/work/tasks/{lead.id}")
    await page.evaluate("navigator.serviceWorker.ready")
    await walker.context.set_offline(True)
    await rest(page, "办结")
    await page.get_by_label("处理结果").fill("换了灯头，已亮")
    await button(page, "提交").click()
    await expect(page.get_by_role("alert")).to_contain_text("处理后的照片")
    await add_photo(page, photo)
    await button(page, "提交").click()
    await page.get_by_role("link", name="这里填写的在待发送里").click()
    await walker.context.set_offline(False)
    refused = page.locator("[data-state=refused]")
    await expect(refused).to_contain_text("换了灯头，已亮", timeout=30_000)
    await work.helped(case)
    await button(page, "修改后重发").click()
    await rest(page, "办结")
    await expect(page.get_by_label("处理结果")).to_have_value("换了灯头，已亮")
    await expect(page.locator("figure img")).to_have_count(1)
    await button(page, "提交").click()
    await expect(page.get_by_role("status").filter(has_text="已提交")).to_be_visible()
    assert (await Case.get(id=case.id)).stage == "checking"
    await turn_to(walker, page, "/queue")
    await expect(page.locator("[data-state]")).to_have_count(0)


async def test_a_report_half_sent_never_goes_out_under_the_next_persons_name(county, phone, photo):
    someone = await phone()
    page = await writing(someone)
    await page.evaluate("navigator.serviceWorker.ready")
    await someone.context.set_offline(True)
    for n in (1, 2):
        await page.goto(f"{someone.url}/#/report")
        await fill_in(page, photo, f"{WORDS}（第{n}处）")
        await send(page)
        await page.wait_for_url("**/#/receipt/*")
    held = asyncio.Event()

    async def late(request, handler):
        await held.wait()
        return await handler(request)

    MISHAPS["/m/v1/photos"] = late
    await someone.context.set_offline(False)
    await page.goto(f"{someone.url}/#/queue")
    await page.wait_for_selector("[data-state=sending]")
    await page.goto(f"{someone.url}/#/settings")
    await button(page, "退出登录").click()
    await page.wait_for_url("**/#/")
    await someone.sign_in(page, "resident2")
    held.set()
    MISHAPS.clear()
    await turn_to(someone, page, "/mine")
    assert await Report.all().count() == 0
    await page.goto(f"{someone.url}/#/settings")
    await button(page, "退出登录").click()
    await page.wait_for_url("**/#/")
    await someone.sign_in(page, "resident1")
    await page.goto(f"{someone.url}/#/queue")
    await expect(page.locator("[data-state=delivered]")).to_have_count(2, timeout=30_000)
    reporters = await Report.all().values_list("reporter_id", flat=True)
    assert set(reporters) == {await account_id_of("resident1")}


async def test_a_second_report_is_sent_though_the_first_was_still_on_its_way(county, phone, photo):
    someone = await phone()
    page = await writing(someone)
    held = asyncio.Event()

    async def late(request, handler):
        await held.wait()
        return await handler(request)

    MISHAPS["/m/v1/photos"] = late
    await fill_in(page, photo, f"{WORDS}（第1处）")
    await send(page)
    await page.wait_for_selector("[data-state=sending]")
    await page.goto(f"{someone.url}/#/report")
    await page.get_by_label("怎么回事").fill(f"{WORDS}（第2处）")
    await send(page)
    await page.wait_for_selector("[data-state=waiting]")
    await page.goto(f"{someone.url}/#/queue")
    held.set()
    await expect(page.locator("[data-state=delivered]")).to_have_count(2)
    assert await Report.all().count() == 2


async def test_where_the_browser_opens_no_store_one_reports_all_the_same(county, phone, photo):
    someone = await phone()
    await someone.context.add_init_script(NO_STORE)
    page = await writing(someone)
    await fill_in(page, photo)
    await expect(page.get_by_role("alert").first).to_contain_text("浏览器不让保存")
    await send(page)
    await page.wait_for_selector("[data-state=delivered]")
    [report] = await Report.all().values_list("text", flat=True)
    assert report == WORDS
    assert someone.faults == []


async def test_a_photo_that_the_browser_cleared_away_is_missed_aloud(county, phone, photo):
    someone = await phone()
    page = await writing(someone)
    await page.evaluate("navigator.serviceWorker.ready")
    await someone.context.set_offline(True)
    await fill_in(page, photo)
    await send(page)
    await page.wait_for_selector("[data-state=waiting]")
    await page.evaluate(CLEARED)
    await someone.context.set_offline(False)
    done = page.locator("[data-state=delivered]")
    await expect(done).to_contain_text("有 1 张照片在发送前被手机清除了")


CLEARED = """() => new Promise((done) => {
  const opening = indexedDB.open("gridwhistle");
  opening.onsuccess = () => {
    const work = opening.result.transaction("photos", "readwrite");
    work.objectStore("photos").clear();
    work.oncomplete = done;
  };
})"""
