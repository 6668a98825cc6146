"""A grid worker's round: verify, check, settle on the spot, patrol, each sent from a real page."""

import pytest
from playwright.async_api import expect

from media.sample import jpeg
from server.appraisal.models import Appraisal
from server.cases.models.case import Case
from server.cases.models.report import Report
from server.cases.models.task import Check, Verification
from tests.browser.forms import add_photo, button, enter, send, sure
from tests.browser.scenes import username_of
from tests.casework import WALL, Casework
from tests.domain.acts.work import SMALL_ADS, WORKER

SMALL_ADS_NAME = "乱贴小广告清理"
pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def test_what_was_asked_about_is_verified_with_photo_and_position(
    county, phone, someone, photo
):
    case = await Casework(county).verifying()
    look = await Verification.get(case_id=case.id)
    walker, username = await phone(), await username_of(look.assignee_id)
    page = await enter(walker, username, f"/work/verifications/{look.id}")
    await page.get_by_label("说明").fill("三楼门锁着，墙完好")
    await add_photo(page, photo)
    await expect(page.get_by_text("您离这里约 0 米")).to_be_visible()
    await sure(page)
    await button(page, "没有发现").click()
    await page.wait_for_url("**/#/work")
    await expect(page.get_by_role("status").filter(has_text="核实已收到")).to_be_visible()
    worker = await someone(username)
    assert (await worker.get("/m/v1/tasks"))["verifications"] == []
    shown = await worker.get(f"/m/v1/cases/{case.no}")
    assert shown["case"]["stage"] == "submitted"
    assert shown["timeline"][-1]["note"] == "三楼门锁着，墙完好"
    answered = await Verification.get(id=look.id)
    assert (answered.found, round(answered.lon, 4)) == (False, round(WALL[0], 4))
    assert walker.faults == []


async def test_what_was_handled_is_checked_with_photo_and_position(county, phone, someone, photo):
    case = await Casework(county).checking()
    check = await Check.get(case_id=case.id)
    walker, username = await phone(), await username_of(check.assignee_id)
    page = await enter(walker, username, f"/work/checks/{check.id}")
    await page.get_by_label("说明").fill("灯亮了")
    await add_photo(page, photo)
    for side in ("处理前", "处理后"):
        shown = page.get_by_role("group", name=side).locator("img")
        await expect(shown.first).to_be_visible()
    await expect(page.get_by_text("路灯不亮")).to_be_visible()
    await sure(page)
    await button(page, "已解决").click()
    await page.wait_for_url("**/#/work")
    await expect(page.get_by_role("status").filter(has_text="核查已收到")).to_be_visible()
    assert (await (await someone(username)).get("/m/v1/tasks"))["checks"] == []
    made = await Check.get(id=check.id)
    assert (made.passed, made.note, round(made.lat, 4)) == (True, "灯亮了", round(WALL[1], 4))
    assert walker.faults == []


async def test_a_case_is_settled_on_the_spot_with_before_and_after(
    county, phone, someone, photo, tmp_path
):
    after = tmp_path / "after.jpg"
    after.write_bytes(jpeg(1200, 900, seed=8))
    case = await Casework(county).report(WORKER, matter=SMALL_ADS, photos=())
    walker, worker = await phone(), await someone(WORKER)
    page = await enter(walker, WORKER, f"/work/cases/{case.no}")
    await button(page, "就地处理").click()
    await page.get_by_label("处理结果").fill("小广告已铲除")
    await add_photo(page, photo, "处理前的照片")
    await button(page, "提交").click()
    await expect(page.get_by_role("alert")).to_contain_text("处理后的照片")
    await add_photo(page, after, "处理后的照片")
    await send(page)
    done = await worker.get(f"/m/v1/cases/{case.no}")
    assert (done["case"]["stage"], done["result"]) == ("checking", "小广告已铲除")
    assert sorted(each["purpose"] for each in done["photos"]) == ["after", "before"]
    assert walker.faults == []


async def test_a_report_says_that_it_was_settled_and_goes_to_be_checked(
    county, phone, someone, photo, tmp_path
):
    after = tmp_path / "after.jpg"
    after.write_bytes(jpeg(1200, 900, seed=9))
    walker, worker = await phone(), await someone(WORKER)
    page = await enter(walker, WORKER, "/report")
    await page.get_by_label("怎么回事").fill("楼道里贴满小广告")
    await page.locator(".matters button", has_text=SMALL_ADS_NAME).click()
    await add_photo(page, photo)
    await page.get_by_label("我已就地处理好").check()
    await page.get_by_label("怎么处理的").fill("已全部铲除")
    await button(page, "提交").click()
    await expect(page.get_by_role("alert")).to_contain_text("处理后的照片")
    await add_photo(page, after, "处理后的照片")
    await sure(page)
    await button(page, "提交").click()
    await page.wait_for_selector("[data-state=delivered]")
    case = await Case.all().get()
    done = await worker.get(f"/m/v1/cases/{case.no}")
    assert (done["case"]["stage"], done["result"]) == ("checking", "已全部铲除")
    assert sorted(each["purpose"] for each in done["photos"]) == ["after", "before"]
    assert (case.self_handled, await Check.filter(case_id=case.id).count()) == (True, 1)
    assert (await Report.get(case_id=case.id)).channel == "patrol"
    assert walker.faults == []


@pytest.mark.parametrize("username", [WORKER, "township02"])
async def test_who_works_on_a_case_and_is_asked_to_appraise_it_does_so_where_the_message_leads(
    county, phone, username
):
    work = Casework(county)
    case = await work.closed(await work.report(WORKER))
    walker = await phone()
    page = await enter(walker, username, f"/work/cases/{case.no}?told=close")
    for group in ("有人回应您吗？", "问题解决了吗？"):
        await page.get_by_role("group", name=group).get_by_label("是").check()
    await page.get_by_label("4 星").check(force=True)
    await send(page, "提交评价", told="谢谢您的评价")
    opinion = await Appraisal.get(case_id=case.id)
    assert (opinion.account_id, opinion.satisfaction) == ((await work.actor(username)).id, 4)
    assert walker.faults == []


async def test_a_patrol_is_started_with_consent_and_ended(county, phone, someone):
    walker, worker = await phone(), await someone(WORKER)
    page = await enter(walker, WORKER, "/work/patrol")
    await page.get_by_label("同意在巡查期间记录我的行走轨迹").check()
    await button(page, "开始巡查").click()
    await expect(page.get_by_text("1 个轨迹点待上传")).to_be_visible()
    [patrol] = (await worker.get("/m/v1/patrols"))["items"]
    assert (patrol["track"], patrol["ended_at"]) == (True, None)
    await sure(page)
    await button(page, "结束巡查").click()
    await expect(button(page, "开始巡查")).to_be_visible()
    [ended] = (await worker.get("/m/v1/patrols"))["items"]
    assert (ended["id"], bool(ended["ended_at"])) == (patrol["id"], True)
    assert walker.faults == []
