"""What residents may say after reporting: each form sent once from a real page."""

import pytest
from playwright.async_api import expect

from server.appraisal.models import Appraisal
from server.cases.intake import inquiring
from server.cases.models.case import Case
from server.clock import now
from tests.browser.forms import add_photo, button, enter, send, sure, turn_to
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def test_a_closed_case_is_appraised_by_keyboard_and_asked_for_again(county, phone, someone):
    case = await Casework(county).closed()
    walker, resident = await phone(), await someone("resident1")
    page = await enter(walker, "resident1", f"/mine/{case.no}")
    assert await page.locator("form input:checked").count() == 0
    await page.get_by_role("group", name="有人回应您吗？").get_by_label("是").check()
    await page.get_by_role("group", name="问题解决了吗？").get_by_label("否").check()
    await page.get_by_label("5 星").focus()
    for _ in range(3):
        await page.keyboard.press("ArrowLeft")
    await page.get_by_label("哪里没有解决？").fill("第二天又灭了")
    await send(page, "提交评价", told="没解决的已申请重新办理")
    opinion = await Appraisal.get(case_id=case.id)
    assert (opinion.satisfaction, opinion.solved, opinion.comment) == (2, False, "第二天又灭了")
    shown = await resident.get(f"/m/v1/reports/{case.no}")
    assert shown["case"]["stage"] == "handling"
    await expect(page.get_by_role("heading", name="上一轮的处理结果")).to_be_visible()
    await expect(page.locator("[data-earlier]")).to_contain_text("第 1 轮的评价：没有解决 · 2 星")
    await page.get_by_text("办理经过").click()
    await expect(page.locator("li", has_text="重新办理").first).to_contain_text("第二天又灭了")
    assert walker.faults == []


async def test_what_was_said_of_an_answer_is_shown_again(county, phone, someone):
    case = await Casework(county).closed()
    walker, resident = await phone(), await someone("resident1")
    page = await enter(walker, "resident1", f"/mine/{case.no}")
    for group in ("有人回应您吗？", "问题解决了吗？"):
        await page.get_by_role("group", name=group).get_by_label("是").check()
    await page.get_by_label("4 星").check(force=True)
    await send(page, "提交评价", told="谢谢您的评价")
    await page.reload()
    await expect(page.locator("[data-opinion]")).to_have_text("您的评价：解决了 · 4 星")
    shown = await resident.get(f"/m/v1/reports/{case.no}")
    said = {"responded": True, "solved": True, "satisfaction": 4, "comment": ""}
    assert shown["opinion"] == said
    assert walker.faults == []


async def test_a_merged_report_has_no_term_and_a_closed_one_the_countys_date(county, phone):
    work = Casework(county)
    case = await work.merged()
    into = await Case.get(id=case.merged_into_id)
    await work.closed(await work.report("resident2"))
    walker = await phone()
    page = await enter(walker, "resident1", "/mine")
    gone = page.locator(f"a[href$='{case.no}']")
    await expect(gone).to_contain_text(f"已并入 {into.no}")
    await expect(gone).not_to_contain_text("前办好")
    await expect(page.locator(f"a[href$='{into.no}']")).to_contain_text("前办好")
    await turn_to(walker, page, "/closed")
    await expect(page.locator("article").first).to_contain_text("今天")
    assert walker.faults == []


async def test_a_refusal_is_objected_to_and_another_report_withdrawn(county, phone, someone):
    work = Casework(county)
    declined, unwanted = await work.declined(), await work.submitted()
    walker, resident = await phone(), await someone("resident1")
    page = await enter(walker, "resident1", f"/mine/{declined.no}")
    await expect(page.locator("[data-instead]")).to_contain_text("可以去哪里办：")
    await button(page, "没有受理，我有异议").click()
    await page.get_by_label("为什么应该受理？").fill("墙还在拆")
    await send(page, told="已提交异议")
    shown = await resident.get(f"/m/v1/reports/{declined.no}")
    assert (shown["case"]["stage"], "object" in shown["may"]) == ("submitted", False)
    await turn_to(walker, page, f"/mine/{unwanted.no}")
    await button(page, "撤回上报").click()
    await page.get_by_label("为什么撤回？").fill("邻居已经停工")
    await send(page)
    shown = await resident.get(f"/m/v1/reports/{unwanted.no}")
    assert shown["case"]["stage"] == "withdrawn"
    assert walker.faults == []


async def test_what_is_asked_for_is_supplied_with_words_and_photo(county, phone, someone, photo):
    work = Casework(county)
    case = await work.submitted()
    acceptor = await work.actor("acceptor1")
    await inquiring.inquire(case.no, ["具体是哪一栋楼"], by=acceptor, at=now(), basis=county.basis)
    walker, resident = await phone(), await someone("resident1")
    page = await enter(walker, "resident1", f"/mine/{case.no}")
    before = len((await resident.get(f"/m/v1/reports/{case.no}"))["photos"])
    await button(page, "补充材料").click()
    await page.get_by_label("要补充的情况（有要求的请一次写全）").fill("3 号楼 2 单元")
    await add_photo(page, photo)
    await send(page, told="已收到补充")
    shown = await resident.get(f"/m/v1/reports/{case.no}")
    assert len(shown["photos"]) == before + 1
    assert "supplement" in [row["verb"] for row in shown["timeline"]]
    assert walker.faults == []


async def test_what_is_reported_already_is_followed_and_news_come_to_the_inbox(
    county, phone, someone
):
    work = Casework(county)
    case = await work.report("resident2")
    walker, resident = await phone(), await someone("resident1")
    page = await enter(walker, "resident1", "/report")
    await page.get_by_label("怎么回事").fill("路灯坏了，晚上一片漆黑")
    await page.locator(".matters button").first.click()
    await expect(page.get_by_text("附近已有人反映")).to_be_visible()
    await sure(page)
    await button(page, "就是这件，我要关注").click()
    await page.wait_for_url(f"**/mine/{case.no}")
    assert (await resident.get("/m/v1/reports"))["items"][0]["no"] == case.no
    await work.handling(case)
    await county.parts.bus.publish("outbox")
    await expect(page.get_by_role("link", name="消息 1")).to_be_visible()
    await page.get_by_role("link", name="消息 1").click()
    await expect(page.locator("main .row").first).to_contain_text("签收")
    await button(page, "全部已读").click()
    await expect(button(page, "全部已读")).to_have_count(0)
    assert (await resident.get("/m/v1/inbox"))["unread"] == 0
    assert walker.faults == []


async def test_anybody_looks_up_who_answers_and_what_was_closed(county, phone):
    case = await Casework(county).closed()
    walker = await phone()
    page = await walker.open("/list")
    await page.get_by_label("搜索").fill("路灯")
    entry = page.locator("article", has_text="城区路灯故障维修")
    known = county.basis.lists.at(now()).entry("CJ-012")
    lead = county.basis.units.by_id[known.lead_id].name
    await expect(entry).to_contain_text(f"由{lead}负责")
    call = entry.get_by_role("link", name=known.contact_phone)
    await expect(call).to_have_attribute("href", f"tel:{known.contact_phone}")
    await entry.get_by_role("button").click()
    await expect(entry).to_contain_text(known.lead_duties)
    await expect(entry).to_contain_text("办理时限：2 天内")
    await sure(page)
    await turn_to(walker, page, "/closed")
    await expect(page.locator("article")).to_contain_text(["城区路灯故障维修"])
    await expect(page.get_by_text(case.no)).to_have_count(0)
    assert walker.faults == []
