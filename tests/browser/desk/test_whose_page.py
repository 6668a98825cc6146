"""Whose page it is: what waits when one signs out, when a session ends, and with two tabs."""

import pytest
from playwright.async_api import expect

from server.cases.models.case import Case, Step
from server.clock import now
from server.desk.models import Onlooker
from server.people.queries import account_id_of
from server.people.sign_in import sessions
from tests.browser.conftest import PASSWORD
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]
#: So long a process may go on with a session that was ended elsewhere.
REMEMBERED_MS = 4_500


async def ended(username: str, page) -> int:
    """End all sessions of somebody elsewhere."""
    account = await account_id_of(username)
    await sessions.revoke_all(account, at=now())
    await page.wait_for_timeout(REMEMBERED_MS)
    return account


async def sign_in_again(page, username: str) -> None:
    again = page.get_by_role("dialog", name="登录已过期，请重新登录")
    await again.get_by_label("用户名").fill(username)
    await again.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(again).to_be_hidden()


async def who_filed(case) -> list[int | None]:
    return await Step.filter(case_id=case.id, verb="file").values_list("by_id", flat=True)


async def begin_to_file(page) -> None:
    await page.get_by_role("button", name="立案 f").wait_for()
    await page.keyboard.press("f")
    await page.get_by_role("form", name="立案").wait_for()
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("秒后提交")).to_be_visible()


async def test_what_waits_is_sent_before_one_signs_out_and_nothing_is_left_for_the_next(
    county, desk
):
    case = await Casework(county).submitted("resident1")
    mine = await desk()
    page = await mine.sign_in("acceptor1", f"/cases/{case.no}")
    await expect(page.locator(".row")).to_have_count(1)
    await page.get_by_role("checkbox").first.click()
    await expect(page.get_by_text("已选 1 件")).to_be_visible()
    await begin_to_file(page)
    async with page.expect_event("load"):  # a fresh page, of which nothing is left
        await page.get_by_role("button", name="退出登录").click()
    await expect(page.get_by_role("heading", name="登录网格哨工作台")).to_be_visible()
    assert await who_filed(case) == [await account_id_of("acceptor1")]
    assert not await Onlooker.exists(case_id=case.id)
    await mine.sign_in("dispatcher1", "/cases", page)
    await expect(page.locator(".row")).to_have_count(1)
    await expect(page.get_by_text("立案")).to_have_count(0)
    await expect(page.get_by_text("已选")).to_have_count(0)


async def test_an_act_whose_session_ended_waits_for_the_same_person_and_for_no_other(county, desk):
    work = Casework(county)
    cases = [await work.submitted("resident1") for _ in range(2)]
    mine = await desk()
    page = await mine.sign_in("acceptor1", f"/cases/{cases[0].no}")
    await begin_to_file(page)
    account = await ended("acceptor1", page)
    await expect(page.get_by_text("还没有提交，登录后接着提交")).to_be_visible()
    await sign_in_again(page, "acceptor1")
    await page.get_by_role("button", name="现在提交").click()
    await expect(page.get_by_text("已立案。")).to_be_visible()
    assert await who_filed(cases[0]) == [account]

    await page.goto(f"{mine.url}/console/cases/{cases[1].no}")
    await begin_to_file(page)
    await ended("acceptor1", page)
    await expect(page.get_by_text("还没有提交，登录后接着提交")).to_be_visible()
    await sign_in_again(page, "dispatcher1")
    await expect(page.get_by_role("heading", name="待办")).to_be_visible()
    await expect(page.get_by_text("提交")).to_have_count(0)
    assert (await Case.get(id=cases[1].id)).stage == "submitted"


async def test_without_a_network_nobody_is_signed_out_by_appearance(county, desk):
    mine = await desk()
    page = await mine.sign_in("acceptor1", "/cases")
    await mine.context.set_offline(True)
    await page.get_by_role("button", name="退出登录").click()
    await expect(page.get_by_text("还没有退出：")).to_be_visible()
    await mine.context.set_offline(False)
    await page.get_by_role("button", name="退出登录").click()
    await expect(page.get_by_role("heading", name="登录网格哨工作台")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="登录网格哨工作台")).to_be_visible()


async def test_two_tabs_on_one_form_keep_their_own_words_and_one_hears_that_the_other_sent(
    county, desk
):
    work = Casework(county)
    case = await work.handling()
    task, _ = await work.lead(case)
    mine = await desk()
    where = f"/cases/{case.no}?act=progress&id={task.id}"
    first = await mine.sign_in(work.officer_of(task.unit_id), where)
    second = await mine.context.new_page()
    await second.goto(f"{mine.url}/console{where}")
    forms = [tab.get_by_role("form", name="反馈进展") for tab in (first, second)]
    for form, words in zip(forms, ("料已备好", "明天进场"), strict=True):
        await form.get_by_role("textbox").first.fill(words)
    await forms[0].get_by_role("button", name="提交").click()
    await expect(forms[0]).to_have_count(0)
    await expect(forms[1].get_by_text("您在另一个标签页刚提交了同样的一张")).to_be_visible()
    await mine.sure(second)
    await second.reload()
    await expect(forms[1].get_by_role("textbox").first).to_have_value("明天进场")
