"""A case from the report to the end by the keyboards of three desks, and a session that ends."""

import re

import pytest
from playwright.async_api import expect

from server.cases.models.case import Case
from server.clock import now
from server.people.queries import account_id_of
from server.people.sign_in import sessions
from tests.browser.conftest import PASSWORD, PICTURES
from tests.casework import STREET_LAMP, Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]
#: So long a process may go on with a session that was ended elsewhere.
REMEMBERED_MS = 4_500


async def sent(page, told: str):
    """Send what waits for ten seconds at once, and read what came of it."""
    await page.get_by_role("button", name="现在提交").click()
    await expect(page.get_by_text(told)).to_be_visible()


async def form(page, name: str):
    """The form of an act, once it is there."""
    found = page.get_by_role("form", name=name)
    await expect(found).to_be_visible()
    return found


async def stage(case) -> str:
    return (await Case.get(id=case.id)).stage


async def test_a_case_goes_from_the_report_to_the_end_by_keyboard(county, desk, photo):
    work = Casework(county)
    case = await work.submitted("resident1")
    acceptor = await desk()
    page = await acceptor.sign_in("acceptor1")
    await expect(page.locator("[data-row]")).to_have_count(1)
    await expect(page).to_have_title("(1) 待办 · 网格哨工作台")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await form(page, "立案")
    await page.keyboard.press("Control+Enter")
    await sent(page, "已立案。")
    await expect(page).to_have_title("案件 · 网格哨工作台")

    task, _ = await work.lead(await Case.get(id=case.id))
    officer = await desk()
    handler = await officer.sign_in(work.officer_of(task.unit_id), f"/cases/{case.no}")
    await handler.get_by_role("button", name="签收").wait_for()
    await handler.keyboard.press("A")
    await form(handler, "签收")
    await handler.keyboard.press("Control+Enter")
    await sent(handler, "已提交。")
    await work.helped(await Case.get(id=case.id))
    await handler.reload()
    await handler.get_by_role("button", name="办结").wait_for()
    await handler.keyboard.press("R")
    ending = await form(handler, "办结")
    await ending.get_by_label("处理结果").fill("已修好")
    await ending.get_by_label("处理后的照片").set_input_files(photo)
    await expect(ending.get_by_text("1 张照片")).to_be_visible()
    await handler.keyboard.press("Control+Enter")
    await expect(handler.get_by_text("已提交。")).to_be_visible()
    await officer.sure(handler)

    await work.check(await Case.get(id=case.id))
    await page.goto(f"{acceptor.url}/console/work")
    await expect(page.locator("[data-row]")).to_contain_text("结案")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await form(page, "结案")
    await page.keyboard.press("Control+Enter")
    await sent(page, "已结案，会请群众评价。")
    assert await stage(case) == "closed"
    await acceptor.sure(page)


async def test_a_dispatcher_gives_a_case_off_the_list_to_a_unit_and_may_take_it_back(county, desk):
    work = Casework(county)
    case = await work.filed()
    dispatcher = await desk()
    page = await dispatcher.sign_in("dispatcher1")
    await page.get_by_role("main").get_by_role("link", name="派遣").wait_for()
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    giving = await form(page, "派遣")
    await giving.get_by_label("牵头单位").fill("住房和城乡")
    await giving.get_by_role("button", name="区住房和城乡建设局").click()
    await giving.get_by_label("期限").first.fill("3")
    await page.keyboard.press("Control+Enter")
    await page.get_by_role("button", name="撤销").click()
    await expect(page.get_by_text("已撤销，没有提交")).to_be_visible()
    assert await stage(case) == "filed"
    await page.keyboard.press("d")
    giving = await form(page, "派遣")
    await expect(giving.get_by_role("button", name="去掉区住房和城乡建设局")).to_be_visible()
    await page.keyboard.press("Control+Enter")
    await sent(page, "已提交。")
    assert await stage(case) == "dispatched"
    await dispatcher.sure(page)


async def test_a_session_that_ends_in_the_middle_of_a_form_loses_no_word(county, desk):
    case = await Casework(county).submitted("resident1")
    acceptor = await desk()
    page = await acceptor.sign_in("acceptor1", f"/cases/{case.no}?act=verify")
    asking = await form(page, "请网格员核实")
    words = asking.get_by_label("请网格员看什么")
    await words.fill("灯杆是哪一根")
    account = await account_id_of("acceptor1")
    await sessions.revoke_all(account, at=now())
    await page.wait_for_timeout(REMEMBERED_MS)
    await page.keyboard.press("Control+Enter")
    again = page.get_by_role("dialog", name="登录已过期，请重新登录")
    await again.get_by_label("用户名").fill("acceptor1")
    await again.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(again).to_be_hidden()
    await expect(words).to_have_value("灯杆是哪一根")
    await words.press("Control+Enter")
    await expect(page.get_by_text("已请网格员去看。")).to_be_visible()
    assert await stage(case) == "verifying"
    await acceptor.sure(page)


async def test_a_letter_of_several_parts_reaches_each_of_them_and_help_says_all_keys(county, desk):
    work = Casework(county)
    case = await work.report()
    task, _ = await work.lead(case)
    mine = await desk()
    page = await mine.sign_in(work.officer_of(task.unit_id), "/cases")
    await expect(page.locator(".row")).to_have_count(1)
    await page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="快捷键")
    await expect(keys.get_by_role("listitem").filter(has_text="Enter")).to_be_visible()
    await expect(keys.get_by_role("listitem").filter(has_text="↓")).to_contain_text("j")
    await page.keyboard.press("Escape")
    await expect(keys).to_be_hidden()
    await page.keyboard.press("Enter")
    waived = page.locator(".task").get_by_role("button", name="免除配合 Shift W")
    await expect(waived.nth(1)).to_be_visible()
    n = await waived.count()
    for at in (*range(n), 0, 1):
        await page.keyboard.press("W")
        await expect(waived.nth(at)).to_be_focused()
        await expect(waived.nth(at)).to_have_class("button plain")
    unit = page.locator(".task", has=page.locator(":focus"))
    unit = await unit.locator("strong").first.inner_text()
    await page.keyboard.press("Enter")
    await expect(
        page.locator(".task", has_text=unit).get_by_role("form", name="免除配合")
    ).to_be_visible()
    await page.screenshot(path=PICTURES / "console-letters.png")
    await mine.sure(page)


DROP = """([at, named]) => {
  const files = new DataTransfer();
  for (const [name, type, bytes] of named)
    files.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const on = document.querySelector(at);
  return ["dragover", "drop"].map((each) => !on.dispatchEvent(
    new DragEvent(each, { bubbles: true, cancelable: true, dataTransfer: files })));
}"""


async def test_a_file_dropped_beside_a_field_is_caught_and_a_large_one_not_sent(
    county, desk, photo
):
    work = Casework(county)
    case = await work.handling()
    task, _ = await work.lead(case)
    mine = await desk()
    where = f"/cases/{case.no}?act=progress&id={task.id}"
    page = await mine.sign_in(work.officer_of(task.unit_id), where)
    asked = await form(page, "反馈进展")
    small = [["a.jpg", "image/jpeg", 10]]
    assert await page.evaluate(DROP, ["body", small]) == [True, True]
    await expect(page.get_by_text("这里不能放文件")).to_be_visible()
    sent_photos = []
    page.on("request", lambda each: "/m/v1/photos" in each.url and sent_photos.append(each.url))
    wrong = [["大.jpg", "image/jpeg", 20 * 2**20 + 1], ["表.pdf", "application/pdf", 9]]
    # Anywhere on the form: it has one field for photos.
    assert await page.evaluate(DROP, ["form.act h3", wrong]) == [True, True]
    await expect(asked.get_by_text("“大.jpg”超过 20 MB，没有上传")).to_be_visible()
    await expect(asked.get_by_text("“表.pdf”不是照片，没有上传")).to_be_visible()
    assert sent_photos == []
    await asked.get_by_label("处理后的照片").set_input_files(photo)
    await expect(asked.get_by_text("1 张照片")).to_be_visible()
    await mine.sure(page)
    await page.screenshot(path=PICTURES / "console-photos.png")


async def test_every_room_is_fit_to_be_seen_at_each_size(county, desk):
    work = Casework(county)
    await work.submitted("resident1")
    case = await work.handling()
    await work.disputed()
    dispatcher = await desk()
    page = await dispatcher.sign_in("dispatcher1")
    await expect(page.locator("[data-row]").first).to_be_visible()
    await dispatcher.pictures(page, "work")
    await page.get_by_role("link", name="案件").click()
    await page.get_by_role("button", name="筛选").click()
    await expect(page.get_by_label("阶段")).to_be_visible()
    await page.wait_for_timeout(500)
    await dispatcher.pictures(page, "filters")
    await page.goto(f"{dispatcher.url}/console/cases/{case.no}")
    await expect(page.get_by_role("heading", name="办理经过")).to_be_visible()
    await dispatcher.pictures(page, "case")
    await page.goto(f"{dispatcher.url}/console/settings")
    await expect(page.get_by_text("工作台", exact=False).first).to_be_visible()
    await dispatcher.pictures(page, "settings")
    await page.goto(f"{dispatcher.url}/console/nowhere")
    await expect(page.get_by_role("heading", name="没有这个页面")).to_be_visible()
    await dispatcher.sure(page)


async def test_the_list_is_narrowed_by_names_and_says_where_and_who_at_any_width(county, desk):
    work = Casework(county)
    case = await work.handling()
    closed = await work.closed()
    place = (await Case.get(no=case.no)).village_code
    dispatcher = await desk()
    link = f"/cases?matter={STREET_LAMP}&village={place}&clock=gone&grid=330000&foo=1"
    page = await dispatcher.sign_in("dispatcher1", link)
    dropped = page.get_by_role("status").filter(has_text="这个链接里的筛选")
    for gone in ("时限：gone", "网格：330000", "foo：1"):
        await expect(dropped).to_contain_text(gone)
    await expect(page.get_by_role("button", name="城区路灯故障维修 ×")).to_be_visible()
    row = page.locator(".row", has_text=case.title)
    await expect(row.locator(".where").first).to_contain_text("区住房和城乡建设局")
    await page.get_by_role("button", name="筛选").click()
    await page.get_by_role("button", name="去掉城区路灯故障维修").click()
    await page.get_by_role("searchbox", name="事项").fill("路灯")
    await page.get_by_role("group", name="事项").get_by_role("button").first.click()
    await expect(page).to_have_url(re.compile(f"matter={STREET_LAMP}"))
    await dispatcher.pictures(page, "filters-picked")
    await page.goto(f"{dispatcher.url}/console/cases?stage={closed.stage}")
    await expect(page.locator(".row").first).to_contain_text("办结")
    await page.set_viewport_size({"width": 880, "height": 720})
    menu = page.get_by_role("navigation", name="菜单")
    for name in await menu.get_by_role("link").all():
        box = await name.bounding_box()
        assert box is not None
        assert box["width"] > box["height"]
        assert box["x"] + box["width"] <= 880
    await page.screenshot(path=PICTURES / "console-menu-880.png")
    await dispatcher.sure(page)
