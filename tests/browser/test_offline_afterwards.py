"""What is said of a case later, without a network, waits on the phone and goes out by itself."""

import pytest
from playwright.async_api import expect

from server.appraisal.models import Appraisal
from server.cases.disputes import returns
from server.cases.disputes.returns import Claim
from server.cases.ends.closing import withdraw
from server.cases.models.case import Case
from server.cases.models.dispute import Return
from server.clock import now
from tests.browser.forms import button, choose, enter, rest, sure, turn_to
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]

LATER = "有网后自动发送。"


async def away(walker, page):
    """Let the page be served by its worker, and take the network away."""
    await page.evaluate("navigator.serviceWorker.ready")
    await walker.context.set_offline(True)


async def stored(page, *words: str):
    """Read that it was stored, and find it in 待发送."""
    await expect(page.get_by_role("status").filter(has_text=LATER)).to_be_visible()
    await sure(page)
    await page.get_by_role("link", name="这里填写的在待发送里").click()
    waiting = page.locator("[data-state=waiting]")
    for said in words:
        await expect(waiting).to_contain_text(said)


async def write_withdrawal(page, words: str):
    await button(page, "撤回上报").click()
    await page.get_by_label("为什么撤回？").fill(words)
    await button(page, "提交").click()


async def write_opinion(page, words: str):
    await page.get_by_role("group", name="有人回应您吗？").get_by_label("否").check()
    await page.get_by_role("group", name="问题解决了吗？").get_by_label("否").check()
    await page.get_by_label("2 星").check(force=True)
    await page.get_by_label("哪里没有解决？").fill(words)
    await button(page, "提交评价").click()


async def test_a_withdrawal_without_a_network_goes_out_by_itself(county, phone):
    case = await Casework(county).submitted()
    walker = await phone()
    page = await enter(walker, "resident1", f"/mine/{case.no}")
    await away(walker, page)
    await write_withdrawal(page, "已经自己拆了")
    await expect(button(page, "撤回上报")).to_have_count(0)  # it waits, and is not asked twice
    await stored(page, f"撤回上报 · {case.no}", "已经自己拆了")
    await walker.context.set_offline(False)
    await expect(page.locator("[data-state=delivered]")).to_have_count(1)
    assert (await Case.get(id=case.id)).stage == "withdrawn"
    assert walker.faults == []


async def test_a_withdrawal_that_came_too_late_is_red_with_its_words_and_is_no_other_act(
    county, phone
):
    work = Casework(county)
    case = await work.submitted()
    walker = await phone()
    page = await enter(walker, "resident1", f"/mine/{case.no}")
    await away(walker, page)
    await write_withdrawal(page, "已经自己拆了")
    await stored(page, "已经自己拆了")
    by = await work.actor("resident1")
    await withdraw(case.no, "从另一部手机撤回", by=by, at=now(), basis=work.basis)
    await walker.context.set_offline(False)
    refused = page.locator("[data-state=refused]")
    await expect(refused).to_contain_text("已经自己拆了", timeout=30_000)
    await expect(refused.locator(".wrong").last).not_to_be_empty()
    await button(page, "修改后重发").click()
    await page.wait_for_url(f"**/#/mine/{case.no}")
    await expect(page.get_by_role("main")).to_contain_text("已撤回")
    await turn_to(walker, page, "/queue")
    await expect(page.locator("[data-state]")).to_have_count(0)


async def test_an_opinion_without_a_network_goes_out_by_itself(county, phone):
    case = await Casework(county).closed()
    walker = await phone()
    page = await enter(walker, "resident1", f"/mine/{case.no}")
    await away(walker, page)
    await write_opinion(page, "第二天又灭了")
    await stored(page, f"评价 · {case.no}", "没有解决 · 2 星", "第二天又灭了")
    await walker.context.set_offline(False)
    await expect(page.locator("[data-state=delivered]")).to_have_count(1)
    opinion = await Appraisal.get(case_id=case.id)
    assert (opinion.responded, opinion.satisfaction) == (False, 2)
    assert (await Case.get(id=case.id)).stage == "handling"
    assert walker.faults == []


async def test_an_opinion_that_a_second_phone_gave_first_is_red_and_mended_in_its_form(
    county, phone, someone
):
    case = await Casework(county).closed()
    walker, resident = await phone(), await someone("resident1")
    page = await enter(walker, "resident1", f"/mine/{case.no}")
    await away(walker, page)
    await write_opinion(page, "第二天又灭了")
    await stored(page, "第二天又灭了")
    said = {"responded": True, "solved": True, "satisfaction": 5, "comment": ""}
    await resident.post(f"/m/v1/reports/{case.no}/appraisal", said)
    await walker.context.set_offline(False)
    await expect(page.locator("[data-state=refused]")).to_contain_text(
        "第二天又灭了", timeout=30_000
    )
    assert (await Appraisal.get(case_id=case.id)).satisfaction == 5
    await button(page, "修改后重发").click()
    await page.wait_for_url(f"**/#/mine/{case.no}")
    await expect(page.locator("[data-opinion]")).to_have_text("您的评价：解决了 · 5 星")


async def test_a_unit_signs_without_a_network_and_it_goes_out_once(county, phone):
    work = Casework(county)
    case = await work.report()
    lead, _ = await work.lead(case)
    walker = await phone()
    page = await enter(walker, "handler_D08", f"/work/tasks/{lead.id}")
    await away(walker, page)
    await button(page, "签收").click()
    await stored(page, f"签收 · {case.title}")
    await walker.context.set_offline(False)
    await expect(page.locator("[data-state=delivered]")).to_have_count(1)
    assert (await Case.get(id=case.id)).stage == "handling"
    assert walker.faults == []


async def test_giving_back_without_a_network_is_refused_red_after_another_phone_did_and_is_mended(
    county, phone
):
    work = Casework(county)
    case = await work.report()
    lead, by = await work.lead(case)
    walker = await phone()
    page = await enter(walker, "handler_D08", f"/work/tasks/{lead.id}")
    await away(walker, page)
    await rest(page, "退回")
    await choose(page, "应由哪个单位办理", "区供电公司")
    await page.get_by_label("具体说明").fill("这是供电公司的线路")
    await button(page, "提交").click()
    await stored(page, f"退回 · {case.title}", "这是供电公司的线路")
    claim = Claim(ground="not_on_list", reason="归供电", proper_unit="区供电公司")
    await returns.give_back(lead.id, claim, by=by, at=now(), basis=work.basis)
    await walker.context.set_offline(False)
    await expect(page.locator("[data-state=refused]")).to_contain_text("线路", timeout=30_000)
    assert (await Return.get(task_id=lead.id)).reason == "归供电"
    await button(page, "修改后重发").click()
    await page.wait_for_url(f"**/#/work/tasks/{lead.id}")
    await expect(button(page, "签收")).to_have_count(0)


async def test_where_nothing_can_wait_it_is_said_before_it_is_filled_in(county, phone):
    walker = await phone()
    page = await enter(walker, "township02", "/work/call")
    await expect(page.locator("[data-needs-network]")).to_have_count(0)
    await away(walker, page)
    await expect(page.locator("[data-needs-network]")).to_contain_text("要有网才能办")
    await expect(page.locator(".banner")).to_contain_text("要有网才能办的，填写前会写明")
    await sure(page)
