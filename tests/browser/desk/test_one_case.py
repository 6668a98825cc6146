"""One case at a desk as it is read: its clocks, why not, its photos, who was told."""

import pytest
from playwright.async_api import expect

from server.cases.work import steering
from server.clock import now
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def test_a_suspended_case_is_shown_with_its_clocks_at_rest(county, desk):
    work = Casework(county)
    case = await work.suspended()
    local = case.suspended_until.astimezone(work.basis.zone)
    rests = f"暂停计时至 {local.month}月{local.day}日"
    unit = work.basis.units.by_id[case.lead_id]
    for who in ("dispatcher1", f"handler_{unit.code}"):
        mine = await desk()
        page = await mine.sign_in(who, f"/cases/{case.no}")
        await expect(page.locator(".row .until").first).to_contain_text(rests)
        await expect(page.locator("article header")).to_contain_text(rests)
        await expect(page.locator("article header")).to_contain_text("材料未到")
        await expect(page.locator(".tasks")).to_contain_text(rests)
        await expect(page.locator(".tasks .clock")).to_have_count(0)
        await expect(page.locator("details.due")).to_have_count(0)
        await mine.pictures(page, f"suspended-{who}")
    await page.goto(f"{mine.url}/console/work")
    await expect(page.locator("[data-resting]")).to_contain_text(rests)
    await expect(page.locator("[data-row]")).to_have_count(0)
    await mine.pictures(page, "suspended-work")


async def test_an_act_that_is_gone_is_answered_with_a_sentence_and_the_rest_says_why_not(
    county, desk
):
    work = Casework(county)
    case = await work.handling()
    task, _ = await work.lead(case)
    mine = await desk()
    who = work.officer_of(task.unit_id)
    page = await mine.sign_in(who, f"/cases/{case.no}?act=accept&id={task.id}")
    said = page.locator("p.gone")
    await expect(said).to_contain_text("已签收")
    await expect(page.get_by_role("form", name="签收")).to_have_count(0)
    await page.get_by_text("还有的事现在为什么不能办").click()
    await expect(page.locator("[data-why-not]")).to_contain_text("由受理员办理")
    await mine.pictures(page, "why-not")
    await page.goto(f"{mine.url}/console/cases/{case.no}?act=verify&id=1")
    await expect(said).to_contain_text("已经办过")


async def test_a_message_of_a_conference_leads_its_party_to_its_words_and_others_to_none(
    county, desk
):
    work = Casework(county)
    case = await work.in_conference()
    mine = await desk()
    party = work.officer_of((await work.tasks(case, "lead"))[0].unit_id)
    page = await mine.sign_in(party, "/work")
    await expect(page.locator("[data-row]").filter(has_text="陈述")).to_have_count(1)
    helper = work.officer_of((await work.tasks(case, "cooperating"))[-1].unit_id)
    for who, forms in ((party, "陈述意见"), (helper, "")):
        other = await desk()
        reading = await other.sign_in(who, "/work")
        await reading.get_by_role("button", name="消息").click()
        await reading.get_by_role("button", name="已提交联席会议").click()
        await expect(reading.locator("[data-stage]")).to_have_text("联席会议")
        if forms:
            await expect(reading.get_by_role("form", name=forms)).to_be_visible()
        else:
            await expect(reading.get_by_role("form")).to_have_count(0)
        await other.sure(reading)


async def test_what_a_leader_and_a_dispatcher_asked_for_waits_in_their_work(county, desk):
    work = Casework(county)
    case = await work.handling()
    leader = await work.actor("leader1")
    await steering.instruct(case.no, "速查", by=leader, at=now(), basis=work.basis)
    await steering.watch(case.no, by=leader, at=now())
    mine = await desk()
    page = await mine.sign_in("leader1", "/work")
    waited = page.locator("[data-waited]")
    await expect(waited.get_by_role("link")).to_have_count(1)
    await expect(waited).to_contain_text("批示")
    await expect(waited).to_contain_text("速查")
    await expect(waited).to_contain_text("起")
    await mine.pictures(page, "waited")
    refused = []
    page.on("response", lambda answer: refused.append(answer) if answer.status == 403 else None)
    await waited.get_by_role("link").click()
    await expect(page.get_by_text("事项是上报时选定的。")).to_be_visible()
    await expect(page.get_by_role("heading", name="办理经过")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    assert refused == []
    await page.keyboard.press("i")
    await expect(page.get_by_role("form", name="批示")).to_contain_text("单位马上收到批示")
    await mine.pictures(page, "warned")
    met = await work.in_conference()
    other = await desk()
    boss = await other.sign_in("dispatcher1", "/work")
    await expect(boss.locator("[data-waited]")).to_contain_text("联席会议")
    await expect(boss.locator(f"[data-waited] a[href$='{met.no}']")).to_have_count(1)


async def test_a_photo_after_is_looked_at_beside_the_one_of_the_report(county, desk):
    work = Casework(county)
    case = await work.checking()
    mine = await desk()
    page = await mine.sign_in("acceptor1", f"/cases/{case.no}")
    await page.get_by_role("button", name="放大：处理后照片第 1 张").click()
    viewer = page.get_by_role("dialog")
    await expect(viewer.get_by_role("img")).to_have_count(1)
    await viewer.get_by_label("与上报时的照片对比").check()
    await expect(viewer.get_by_role("img")).to_have_count(2)
    await expect(viewer.get_by_role("img", name="上报时照片第 1 张")).to_be_visible()
    await mine.pictures(page, "compared")
