"""What is done at a desk, done on a phone: filed, urged, ruled on, granted, sent back, closed."""

import pytest
from playwright.async_api import expect

from server.cases.models.case import Case
from server.cases.models.steering import Request
from tests.browser.conftest import PICTURES
from tests.browser.forms import button, enter, send, sure, turn_to
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


def row(page, section: str, words: str):
    """A row of one section of what waits, by its words."""
    return page.locator(f"#todo-{section} a", has_text=words)


async def picture(page, name: str):
    """Look at a page as it is, and keep it for people to look at."""
    await page.screenshot(path=PICTURES / f"desk-{name}.png", full_page=True)
    await sure(page)


async def more(page, name: str):
    """One of the acts that are put away."""
    await button(page, "更多").click()
    await button(page, name).click()


async def test_a_list_says_of_an_unfiled_report_how_it_was_put_with_its_photo(county, phone):
    case = await Casework(county).report(matter="", text="楼下烧烤摊呛人\n" + "天天这样" * 40)
    for who, path in (("resident1", "/mine"), ("acceptor1", "/work/map")):
        walker = await phone()
        page = await enter(walker, who, path)
        shown = page.locator(f"a[href$='{case.no}']")
        await expect(shown).to_contain_text("楼下烧烤摊呛人")
        await expect(shown).not_to_contain_text("待确认事项")
        await expect(shown.locator(".thumb")).to_be_visible()
        assert (await shown.bounding_box())["height"] < 220, "two lines of words, and no more"
        await picture(page, f"list-{who}")
        assert walker.faults == []


async def test_an_acceptor_works_off_what_waits_to_be_filed_and_closed(county, phone):
    work = Casework(county)
    told, unclear, elsewhere = [
        await work.submitted(who) for who in ("resident1", "resident2", "resident1")
    ]
    good = await work.checking(await work.report("resident2", text="灯杆下的灯不亮"))
    bad = await work.checking(await work.report("resident1", text="路口的灯一闪一闪"))
    await work.check(good)
    await work.check(bad, passed=False)
    walker = await phone()
    page = await enter(walker, "acceptor1", "/work")
    await expect(page.locator("#todo-file a")).to_have_count(3)
    await expect(row(page, "close", "灯杆下的灯不亮")).to_contain_text("结案")
    await expect(row(page, "close", "一闪一闪")).to_contain_text("返工")
    await picture(page, "todo")

    await page.locator(f"#todo-file a[href$='{told.no}']").click()
    await button(page, "立案").click()
    await send(page)
    await turn_to(walker, page, f"/work/cases/{unclear.no}")
    await picture(page, "case")
    await more(page, "一次性告知")
    await page.get_by_label("还缺什么，每行一样").fill("几号楼\n\n墙的照片")
    await send(page, told="已告知群众")
    await expect(page.get_by_text("几号楼；墙的照片")).to_be_visible()
    await turn_to(walker, page, f"/work/cases/{elsewhere.no}")
    await more(page, "不予立案")
    await page.get_by_label("请群众去哪里办").fill("区司法局 0632-1234567")
    await page.reload()
    await walker.settled(page)
    await more(page, "不予立案")
    await expect(page.get_by_label("请群众去哪里办")).to_have_value("区司法局 0632-1234567")
    await page.get_by_label("为什么不予立案").select_option(label="属于民事纠纷")
    await picture(page, "decline")
    await send(page, told="已告知群众")

    await turn_to(walker, page, "/work")
    await row(page, "close", "灯杆下的灯不亮").click()
    await expect(page.get_by_text("核查：已经解决")).to_be_visible()
    await button(page, "结案").click()
    await send(page, told="已结案")
    await turn_to(walker, page, "/work")
    await row(page, "close", "一闪一闪").click()
    await button(page, "返工，退回承办单位").click()
    await page.get_by_label("哪里没有解决").fill("还是一闪一闪")
    await send(page, told="已退回")
    stages = [(await Case.get(id=case.id)).stage for case in (told, elsewhere, good, bad)]
    assert stages == ["dispatched", "declined", "closed", "handling"]
    assert walker.faults == []


async def test_a_case_that_waits_for_an_office_is_on_its_open_page_at_once(county, phone):
    walker, leader = await phone(), await phone()
    page = await enter(walker, "acceptor1", "/work")
    await expect(page.get_by_text("现在没有要做的事")).to_be_visible()
    empty = await enter(leader, "leader1", "/work")
    await expect(empty.get_by_text("没有您还没过问的超期案件")).to_be_visible()
    await picture(empty, "leader")
    case = await Casework(county).submitted()
    # Long before the page would look by itself.
    shown = page.locator(f"#todo-file a[href$='{case.no}']")
    await expect(shown).to_be_visible(timeout=20_000)
    assert walker.faults + leader.faults == []


async def test_a_dispatcher_rules_on_a_return_and_answers_what_is_asked(county, phone):
    work = Casework(county)
    given = await work.disputed()
    asked = await work.ask(await work.handling(await work.report("resident2")))
    refused = await work.ask(await work.handling(await work.report("resident1")))
    walker = await phone()
    page = await enter(walker, "dispatcher1", "/work")
    await picture(page, "dispatcher")
    await page.locator(f"#todo-rule a[href$='{given.no}']").click()
    await button(page, "裁定退单").click()
    await page.get_by_label("退单不成立").check()
    await page.get_by_label("裁定的理由").fill("清单写明由住建局负责")
    await picture(page, "rule")
    await send(page, told="已裁定")
    await turn_to(walker, page, "/work")
    await page.locator(f"#todo-requests a[href$='{asked.no}']").click()
    await button(page, "同意").click()
    await send(page, told="已同意")
    await turn_to(walker, page, f"/work/cases/{refused.no}")
    await button(page, "不同意").click()
    await page.get_by_label("为什么不同意").fill("材料本地就有")
    await send(page, told="已答复不同意")
    await turn_to(walker, page, "/work")
    await expect(page.get_by_text("现在没有要做的事")).to_be_visible()
    assert (await Case.get(id=given.id)).stage != "disputed"
    answers = await Request.all().order_by("id").values_list("granted", flat=True)
    assert answers == [True, False]
    assert walker.faults == []


async def test_a_leader_urges_and_instructs_and_the_message_ends_at_the_answer(county, phone):
    work = Casework(county)
    case = await work.handling()
    lead, _ = await work.lead(case)
    walker, officer = await phone(), await phone()
    page = await enter(walker, "leader1", f"/work/cases/{case.no}")
    await button(page, "催办").click()
    await page.get_by_label("催办的话").fill("群众又来电话了")
    await send(page, told="已催办")
    await button(page, "批示").click()
    await page.get_by_label("批示的内容").fill("今天下班前回复")
    await send(page, told="已批示")
    await county.parts.bus.publish("outbox")

    unit = await enter(officer, work.officer_of(lead.unit_id), "/inbox")
    messages = unit.locator("main a.card")
    count = unit.locator(".tabs .n")
    urged = messages.filter(has_text="群众又来电话了")
    await expect(urged).to_have_count(1)
    before = int(await count.inner_text())
    await picture(unit, "inbox")
    await urged.click()
    await unit.wait_for_url(f"**/#/work/tasks/{lead.id}")
    await expect(count).to_have_text(str(before - 1))
    await turn_to(officer, unit, "/inbox")
    await messages.filter(has_text="今天下班前回复").click()
    await unit.wait_for_url("**/#/work/instructions")
    await unit.reload()
    await expect(count).to_have_text(str(before - 2))
    await turn_to(officer, unit, "/work")
    await row(unit, "instructions", "今天下班前回复").click()
    await button(unit, "答复").click()
    await unit.get_by_label("答复").fill("已派人")
    await send(unit)
    assert walker.faults + officer.faults == []
