"""What was sent is told of, what was called is found again, what was refused does not hide."""

import re

import pytest
from playwright.async_api import expect

from server.cases.calls import call_requests
from server.cases.calls.calling import NewCall
from server.cases.dispatch.dispatching import Choice
from server.cases.models.case import Case
from server.cases.models.report import Report
from server.cases.models.steering import Request
from server.cases.models.task import Call
from server.clock import now
from server.files.models import Photo
from tests.browser.forms import add_photo, button, enter, sure, turn_to
from tests.browser.reporting import WORDS, fill_in
from tests.casework import Casework
from tests.domain.acts.work import WORKER

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]

#: A place in the county, as that map takes it.
IN_AMAP = re.compile(r"^https://uri\.amap\.com/marker\?position=11\d\.\d{6},3\d\.\d{6}&name=")
#: By the county's clock, whatever the phone's is.
IN_TWO_HOURS = "() => new Date(Date.now() + (2 + 8) * 3600000).toISOString().slice(0, 16)"


async def refused(route):
    """As of a server that does not take a report."""
    if route.request.method != "POST":
        await route.continue_()
        return
    body = (
        '{"code": "case.no_self_handling", "title": "清单没有允许就地处理这一事项", "status": 422}'
    )
    await route.fulfill(status=422, content_type="application/problem+json", body=body)


async def calling(room):
    """The page of a call that the township has just made, to be met in two hours."""
    page = await enter(room, "township02", "/work/call")
    await page.get_by_label("情况说明").fill("无证烧烤，油烟扰民")
    await page.get_by_label("集合地点").fill("梅泽嘉园小区南门")
    await page.get_by_label("要求到场时间").fill(await page.evaluate(IN_TWO_HOURS))
    await page.get_by_role("searchbox", name="牵头单位（不填按清单）").fill("综合行政执法")
    await (
        page.get_by_role("group", name="牵头单位（不填按清单）")
        .get_by_role("button")
        .first.click()
    )
    await page.get_by_label("期限（清单外才填）").first.fill("2")
    await button(page, "吹哨").click()
    await page.wait_for_url("**/work/calls/*")
    return page


async def test_a_call_is_found_again_and_who_is_called_signs_and_arrives_in_two_touches(
    county, phone
):
    room = await phone(zone="America/New_York")
    page = await calling(room)
    await expect(page.locator("[data-call]")).to_contain_text("还有 1 小时 59 分钟")
    # Left, and found again where work is.
    await turn_to(room, page, "/work")
    await page.get_by_role("link", name="我叫的人").click()
    unit = page.locator("article")
    await expect(unit).to_have_count(1)
    ring = unit.get_by_role("link", name="打电话")
    name = await unit.locator("strong").first.inner_text()
    known = county.basis.units.named(name)
    await expect(ring).to_have_attribute("href", f"tel:{known.phone}")
    await sure(page)

    walker = await phone()
    theirs = await enter(walker, Casework(county).officer_of(known.id), "/work")
    await theirs.locator("a[href*='/work/tasks/']").first.click()
    called = theirs.locator("[data-called]")
    await expect(called).to_contain_text("吹哨：荣华街道叫您单位到场")
    await expect(called).to_contain_text("梅泽嘉园小区南门")
    await expect(called).to_contain_text("无证烧烤，油烟扰民")
    caller = county.basis.units.named("荣华街道")
    await expect(called.get_by_role("link", name="打电话")).to_have_attribute(
        "href", f"tel:{caller.phone}"
    )
    await button(theirs, "导航").click()
    away = theirs.get_by_role("link", name="高德地图")
    await expect(away).to_have_attribute("href", IN_AMAP)
    await button(theirs, "关闭").click()
    await expect(button(theirs, "签收")).to_be_in_viewport(ratio=1)
    await button(theirs, "签收").click()
    await expect(button(theirs, "到场报到")).to_be_in_viewport(ratio=1)
    await button(theirs, "到场报到").click()
    await expect(theirs.locator("[data-stage]")).to_contain_text("已报到")
    await sure(theirs)

    await county.parts.bus.publish("outbox")
    await expect(unit).to_contain_text("报到处离集合地点约 0 米")  # by itself
    await button(unit, "确认到场").click()
    await expect(unit).to_contain_text("已确认")
    await expect(button(unit, "确认到场")).to_have_count(0)
    case = await Case.all().get()
    await turn_to(room, page, f"/work/cases/{case.no}")
    await page.get_by_role("link", name="我叫的人").click()
    await page.wait_for_url(f"**/work/calls?no={case.no}")
    await expect(page.get_by_text("无证烧烤，油烟扰民")).to_be_visible()
    assert room.faults + walker.faults == []


async def test_a_receipt_says_who_answers_and_what_is_not_sent_yet_is_kept(county, phone, photo):
    someone = await phone()
    page = await enter(someone, "resident1", "/report")
    await page.evaluate("navigator.serviceWorker.ready")
    await fill_in(page, photo)
    await page.locator(".matters button").first.click()
    await page.wait_for_selector("[data-where]:has-text('荣华')")
    await button(page, "清空").click()
    await expect(page.get_by_label("怎么回事")).to_have_value("")
    await expect(page.locator("figure img")).to_have_count(0)
    await button(page, "恢复").click()
    await expect(page.get_by_label("怎么回事")).to_have_value(WORDS)
    await expect(page.locator("figure img")).to_have_count(1)
    await button(page, "提交").click()
    got = page.locator("[data-state=delivered]")
    await expect(got).to_contain_text("已收到")
    await expect(got).to_contain_text("由区住房和城乡建设局负责")
    await expect(got).to_contain_text("前办结")
    case = await Case.all().get()
    await expect(got).to_contain_text(case.no)
    await button(page, "复制编号").click()
    await expect(button(page, "已复制")).to_be_visible()
    await sure(page)
    await page.get_by_role("link", name="再报一件").click()
    await page.get_by_label("怎么回事").wait_for()
    await someone.context.set_offline(True)
    await page.get_by_label("怎么回事").fill("说不清是什么事")
    await button(page, "提交").click()
    kept = page.locator("[data-state=waiting]")
    await expect(kept).to_contain_text("已保存在这部手机里")
    await expect(kept).to_contain_text("有网时会自动发送")
    await sure(page)
    await someone.context.set_offline(False)
    await expect(page.locator("[data-state=delivered]")).to_contain_text("分钟", timeout=30_000)
    await turn_to(someone, page, "/queue")
    await expect(page.locator("[data-state]")).to_have_count(0)  # told of, it needs no row
    assert await Report.all().count() == 2
    assert someone.faults == []


async def test_what_the_list_does_not_let_be_settled_goes_as_a_plain_report(county, phone, photo):
    walker = await phone()
    page = await enter(walker, WORKER, "/report")
    await page.get_by_label("怎么回事").fill("路灯坏了")
    await add_photo(page, photo)
    await page.get_by_label("我已就地处理好").check()
    await expect(page.get_by_text("清单允许就地处理的有")).to_be_visible()
    await expect(page.get_by_text("还没有选事项")).to_be_visible()
    await page.locator(".matters button", has_text="城区路灯故障维修").click()
    await expect(page.get_by_text("清单没有允许就地处理“城区路灯故障维修”")).to_be_visible()
    await page.get_by_label("怎么处理的").fill("拧紧了灯头")
    await sure(page)
    await button(page, "提交").click()
    await expect(page.locator("[data-state=delivered]")).to_contain_text("已收到")
    case = await Case.all().get()
    report = await Report.get(case_id=case.id)
    assert report.text == "路灯坏了\n已就地处理：拧紧了灯头"
    assert (case.self_handled, await Photo.all().count()) == (False, 1)
    assert walker.faults == []


async def test_what_was_refused_is_red_on_every_screen_until_it_is_mended(county, phone):
    walker = await phone()
    page = await enter(walker, "resident1", "/report")
    await page.evaluate("navigator.serviceWorker.ready")
    await page.route("**/m/v1/reports", refused)
    await page.get_by_label("怎么回事").fill(WORDS)
    await button(page, "提交").click()
    await expect(page.locator("[data-state=refused]")).to_contain_text("没有被接收")
    await sure(page)
    for path in ("/", "/mine"):
        await turn_to(walker, page, path)
        await expect(page.get_by_role("link", name="1 件没有被接收")).to_be_visible()
    await page.get_by_role("link", name="1 件没有被接收").click()
    await button(page, "修改后重发").click()
    await page.unroute("**/m/v1/reports")
    await page.get_by_label("怎么回事").fill(f"{WORDS}，3 号楼")
    await button(page, "提交").click()
    await page.wait_for_selector("[data-state=delivered]")
    await turn_to(walker, page, "/")
    await expect(page.get_by_role("link", name="没有被接收")).to_have_count(0)
    assert walker.faults == []


async def test_a_call_that_a_grid_worker_wishes_for_begins_as_it_is_wished_for(county, phone):
    work = Casework(county)
    case = await work.report()
    wish = NewCall(
        reason="emergency",
        place_text="小区南门",
        no=case.no,
        text="劝不动",
        choice=Choice(cooperating=("供热公司",)),
    )
    by = await work.actor("grid0202")
    await call_requests.ask(wish, by=by, at=now(), basis=work.basis)
    room = await phone()
    page = await enter(room, "township02", f"/work/cases/{case.no}")
    await page.get_by_role("link", name="同意，去吹哨").click()
    await expect(page.get_by_label("集合地点")).to_have_value("小区南门")
    await expect(page.get_by_label("情况说明")).to_have_value("劝不动")
    await expect(page.get_by_role("combobox").first).to_have_value("emergency")
    await expect(page.locator("main")).to_contain_text("供热公司")
    await page.get_by_label("集合地点").fill("小区北门")
    await page.reload()
    await expect(page.get_by_label("集合地点")).to_have_value("小区北门")
    await button(page, "吹哨").click()
    await page.wait_for_url("**/work/calls/*")
    [call] = await Call.all()
    assert (call.place_text, call.case_id) == ("小区北门", case.id)
    assert await Request.filter(case_id=case.id, granted=True).count() == 1
    await sure(page)
