"""What comes late or again: lost answers, pockets, old answers, the next person on the phone."""

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import expect

from server.cases.intake import inquiring
from server.cases.models.case import Case
from server.cases.models.report import Report
from server.cases.work import handling
from server.clock import now
from server.patrols.models import Patrol, PatrolPoint
from server.people.queries import account_id_of
from server.people.sign_in import sessions
from tests.browser.conftest import MISHAPS, PASSWORD, dies_before_the_answer
from tests.browser.forms import button, choose, enter, rest, turn_to
from tests.browser.reporting import LISTED, WORDS, delivered, fill_in, writing
from tests.browser.reporting import send as submit
from tests.casework import WALL, Casework
from tests.domain.acts.work import WORKER

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]

OF_LAST_WEEK = """async () => {
  const county = await caches.open("county");
  for (const key of await county.keys()) {
    const had = await county.match(key);
    const headers = new Headers(had.headers);
    headers.set("Date", new Date(Date.now() - 7 * 86400000).toUTCString());
    await county.put(key, new Response(await had.blob(), { headers }));
  }
}"""
LOOKED_AT = """(state) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
#: An access token that the server does not know any more; the refresh token stays.
OUT_OF_DATE = """() => {
  const kept = JSON.parse(localStorage["gridwhistle.session"]);
  localStorage["gridwhistle.session"] = JSON.stringify({ ...kept, token: "gone" });
}"""
SLOW_FIX = """
const real = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
navigator.geolocation.getCurrentPosition = (...given) => {
  globalThis.fixed = () => real(...given);
};
"""


async def hand_on(someone, page, username):
    """One signs out, and another signs in on the same phone."""
    await turn_to(someone, page, "/settings")
    await button(page, "退出登录").click()
    await page.wait_for_url("**/#/")
    await someone.sign_in(page, username)


async def accepted(county, case):
    work = Casework(county)
    task, officer = await work.lead(case)
    await handling.accept(task.id, by=officer, at=now(), basis=county.basis)
    await county.parts.bus.publish("outbox")


async def test_an_answer_from_the_cache_does_not_set_the_clock(county, phone, photo):
    someone = await phone()
    page = await writing(someone)
    await page.evaluate(LISTED)
    await page.evaluate(OF_LAST_WEEK)
    await someone.context.set_offline(True)
    await page.close()
    page = await someone.open("/report")
    await page.wait_for_selector(".place")
    await expect(page.get_by_text("手机的时间不准")).to_have_count(0)
    await fill_in(page, photo)
    await submit(page)
    await page.wait_for_selector("[data-state=waiting]")
    await someone.context.set_offline(False)
    await delivered(page)
    assert abs((await Report.get()).captured_at - now()) < timedelta(minutes=3)


async def test_a_page_that_was_in_a_pocket_shows_what_has_happened(county, phone):
    case = await Casework(county).report("resident1")
    someone = await phone()
    page = await enter(someone, "resident1", f"/mine/{case.no}")
    stage = page.locator("[data-stage]")
    await expect(stage).to_contain_text("待签收")
    await page.evaluate(LOOKED_AT, "hidden")
    await accepted(county, case)
    await page.wait_for_timeout(2_000)  # the message is written meanwhile
    await expect(stage).to_contain_text("待签收")
    await page.evaluate(LOOKED_AT, "visible")
    await expect(stage).to_contain_text("正在处理")


async def test_news_comes_after_signing_in_again(county, phone):
    case = await Casework(county).report("resident1")
    someone = await phone()
    page = await enter(someone, "resident1", f"/mine/{case.no}")
    await sessions.revoke_all(await account_id_of("resident1"), at=now())
    await page.evaluate(OUT_OF_DATE)
    await page.reload()
    await page.wait_for_timeout(15_000)  # what is tried again is tried more and more seldom
    await page.get_by_role("link", name="登录已过期").click()
    await page.get_by_label("用户名").fill("resident1")
    await page.get_by_label("密码").fill(PASSWORD)
    async with page.expect_websocket(timeout=5_000):  # by the sign-in, not by a later try
        await button(page, "登录").click()
    await accepted(county, case)
    await expect(page.locator("[data-stage]")).to_contain_text("正在处理")


async def test_a_lost_answer_to_a_renewal_signs_nobody_out(county, phone):
    case = await Casework(county).report("resident1")
    someone = await phone(service_workers="block")
    page = await enter(someone, "resident1", "/mine")
    await page.evaluate(OUT_OF_DATE)
    MISHAPS["/auth/refresh"] = dies_before_the_answer
    await page.reload()
    await expect(page.get_by_role("alert")).to_contain_text("网络不通")
    await expect(page.get_by_text("登录已过期")).to_have_count(0)
    MISHAPS.clear()
    await page.reload()
    await expect(page.get_by_text(case.no)).to_be_visible()


async def test_two_tabs_that_renew_at_once_stay_signed_in(county, phone):
    someone = await phone(service_workers="block")
    page = await enter(someone, "resident1", "/mine")
    tabs = [page, await someone.open("/mine")]
    for tab in tabs:
        await someone.settled(tab)
    await page.evaluate(OUT_OF_DATE)
    for _ in range(2):  # renewing, and with what was renewed
        for tab in tabs:
            await tab.evaluate("location.reload()")
        for tab in tabs:
            await expect(tab.get_by_text("还没有上报过")).to_be_visible()
            await expect(tab.get_by_text("登录已过期")).to_have_count(0)


async def test_a_call_whose_answer_was_lost_is_sent_again_and_is_one(county, phone):
    someone = await phone()
    page = await enter(someone, "township02", "/work/call")
    await page.get_by_label("情况说明").fill("无证烧烤，油烟扰民")
    await page.get_by_label("集合地点").fill("梅泽嘉园小区南门")
    await page.get_by_label("要求到场时间").fill("2030-01-02T15:30")
    await choose(page, "牵头单位", "综合行政执法")
    await page.get_by_label("期限").first.fill("2")
    MISHAPS["/m/v1/calls"] = dies_before_the_answer
    await button(page, "吹哨").click()
    await expect(page.get_by_role("alert")).to_contain_text("网络不通")
    MISHAPS.clear()
    await someone.context.set_geolocation(
        {"longitude": WALL[0] + 0.0001, "latitude": WALL[1], "accuracy": 12}
    )
    await page.reload()  # what was sent is kept whole
    await button(page, "吹哨").click()
    await page.wait_for_url("**/#/work/calls/*")
    assert await Case.all().count() == 1
    await turn_to(someone, page, "/work/call")
    await expect(page.get_by_label("情况说明")).to_have_value("")


async def test_a_call_changed_after_a_lost_answer_says_so_and_is_another(county, phone):
    someone = await phone()
    page = await enter(someone, "township02", "/work/call")
    await page.get_by_label("情况说明").fill("无证烧烤，油烟扰民")
    await page.get_by_label("集合地点").fill("梅泽嘉园小区南门")
    await choose(page, "牵头单位", "综合行政执法")
    await page.get_by_label("期限").first.fill("2")
    MISHAPS["/m/v1/calls"] = dies_before_the_answer
    await button(page, "吹哨").click()
    await expect(page.get_by_role("alert")).to_contain_text("网络不通")
    MISHAPS.clear()
    await page.get_by_label("集合地点").fill("北门")
    await button(page, "吹哨").click()
    await expect(page.get_by_role("alert")).to_contain_text("可能已经送达")
    await button(page, "吹哨").click()
    await page.wait_for_url("**/#/work/calls/*")
    assert await Case.all().count() == 2


async def test_a_supplement_whose_answer_was_lost_is_added_once(county, phone):
    work = Casework(county)
    case = await work.submitted()
    acceptor = await work.actor("acceptor1")
    await inquiring.inquire(case.no, ["具体是哪一栋楼"], by=acceptor, at=now(), basis=county.basis)
    someone = await phone()
    page = await enter(someone, "resident1", f"/mine/{case.no}")
    await button(page, "补充材料").click()
    await page.get_by_label("要补充的情况（有要求的请一次写全）").fill("在三号楼")
    MISHAPS[f"/m/v1/reports/{case.no}/supplement"] = dies_before_the_answer
    await button(page, "提交").click()
    await expect(page.get_by_role("status").filter(has_text="已存好")).to_be_visible()
    MISHAPS.clear()
    await page.reload()
    await turn_to(someone, page, "/queue")
    await page.wait_for_selector("[data-state=delivered]")
    assert await Report.filter(case_id=case.id, channel="supplement").count() == 1


async def test_the_next_person_on_the_phone_reads_nothing_of_the_last(county, phone):
    someone = await phone()
    page = await enter(someone, "township02", "/work/call")
    text = page.get_by_label("情况说明")
    await text.fill("举报人张三说隔壁有人贩毒")
    await hand_on(someone, page, "handler_D08")
    await turn_to(someone, page, "/work/call")
    await expect(text).to_have_value("")
    await hand_on(someone, page, "township02")
    await turn_to(someone, page, "/work/call")
    await expect(text).to_have_value("举报人张三说隔壁有人贩毒")


async def start_patrol(page):
    await page.get_by_label("同意在巡查期间记录我的行走轨迹").check()
    await button(page, "开始巡查").click()
    await expect(page.get_by_text("1 个轨迹点待上传")).to_be_visible()


async def test_a_track_goes_into_the_patrol_of_who_walked_it(county, phone):
    someone = await phone()
    page = await enter(someone, WORKER, "/work/patrol")
    await start_patrol(page)
    await hand_on(someone, page, "grid0101")
    await turn_to(someone, page, "/work/patrol")
    await start_patrol(page)  # one point: the own one
    await button(page, "结束巡查").click()
    await expect(button(page, "开始巡查")).to_be_visible()
    theirs = await Patrol.get(account_id=await account_id_of("grid0101"))
    [point] = await PatrolPoint.all()
    assert (point.patrol_id, point.at > theirs.started_at - timedelta(seconds=2)) == (
        theirs.id,
        True,
    )


async def test_a_long_track_is_sent_whole_before_the_patrol_ends(county, phone):
    someone = await phone()
    page = await enter(someone, WORKER, "/work/patrol")
    await start_patrol(page)
    patrol = await Patrol.get()
    name = f"gridwhistle.kept.{patrol.account_id}.track.{patrol.id}"
    await page.evaluate(
        """(name) => {
          const [point] = JSON.parse(localStorage[name]);
          const at = (n) => new Date(Date.parse(point.at) + n).toISOString();
          const points = Array.from({ length: 450 }, (_, n) => ({ ...point, at: at(n) }));
          localStorage[name] = JSON.stringify(points);
        }""",
        name,
    )
    await page.reload()
    await expect(page.get_by_text("个轨迹点待上传")).to_be_visible()
    path = f"/m/v1/patrols/{patrol.id}/points"
    MISHAPS[path] = dies_before_the_answer
    await button(page, "结束巡查").click()
    await expect(page.get_by_role("alert")).to_contain_text("网络不通")
    await expect(button(page, "结束巡查")).to_be_visible()
    assert (await Patrol.get()).ended_at is None
    MISHAPS.clear()
    await button(page, "结束巡查").click()
    await expect(button(page, "开始巡查")).to_be_visible()
    assert await PatrolPoint.all().count() >= 450
    assert await page.evaluate("(name) => localStorage[name]", name) is None


async def test_a_unit_that_was_typed_and_not_chosen_holds_the_form_up(county, phone):
    work = Casework(county)
    case = await work.report()
    lead, _ = await work.lead(case)
    someone = await phone()
    page = await enter(someone, "handler_D08", f"/work/tasks/{lead.id}")
    await rest(page, "退回")
    unit = page.get_by_role("searchbox", name="应由哪个单位办理")  # not the hits below it
    await unit.fill("供电")
    await page.get_by_label("具体说明").fill("这是供电公司的线路")
    await button(page, "提交").click()
    assert "点选" in await unit.evaluate("(field) => field.validationMessage")
    assert (await Case.get(id=case.id)).stage == "dispatched"


async def test_messages_come_once_and_lead_an_officer_to_the_task(county, phone):
    work = Casework(county)
    someone = await phone()
    page = await enter(someone, "handler_D08", "/inbox")
    cards = page.locator("main a.card")
    for _ in range(3):
        case = await work.report()
    await county.parts.bus.publish("outbox")
    await expect(cards).to_have_count(3)
    await page.wait_for_timeout(2_000)
    await expect(cards).to_have_count(3)
    await cards.first.click()
    lead, _ = await work.lead(case)
    await page.wait_for_url(f"**/#/work/tasks/{lead.id}")
    await expect(button(page, "签收")).to_be_visible()


@pytest.mark.parametrize("press", ["left", "right"], ids=["tapped", "pressed long"])
async def test_a_pin_stays_where_one_has_put_it(county, phone, photo, press):
    someone = await phone()
    await someone.context.add_init_script(SLOW_FIX)
    page = await writing(someone)
    await fill_in(page, photo)
    await button(page, "在地图上改").click()
    await page.wait_for_selector(".place")
    await page.locator(".map").click(position={"x": 150, "y": 120}, button=press)
    where = page.locator("[data-where]")
    await expect(where).to_contain_text("·")
    put = await where.inner_text()
    await page.evaluate("globalThis.fixed()")
    await page.wait_for_timeout(1_500)
    assert await where.inner_text() == put
    await submit(page)
    await delivered(page)
    assert (await Report.get()).source == "map"


async def test_the_map_shows_the_place_by_itself_with_what_is_reported_nearby(county, phone):
    case = await Casework(county).report("resident2")
    someone = await phone()
    page = await writing(someone)
    await page.wait_for_selector(".place")
    await expect(page.locator("[data-where]")).to_contain_text("荣华")
    near = page.get_by_text("附近已有人反映 1 件")
    await expect(near).to_have_count(0)  # before anything is said
    await page.get_by_label("怎么回事").fill(WORDS)
    await near.click()
    await expect(page.get_by_text("约 50 米内，今天 · 已交办，等待签收")).to_be_visible()
    await expect(page.get_by_text(case.no)).to_have_count(0)


async def test_who_taps_before_the_script_has_come_is_where_they_wanted(phone):
    someone = await phone()
    slow = asyncio.Event()

    async def held(route):
        await slow.wait()
        await route.continue_()

    await someone.context.route("**/assets/index-*.js", held)
    page = await someone.context.new_page()
    await page.goto(f"{someone.url}/", wait_until="commit")
    await page.get_by_text("我要上报").click()
    slow.set()
    await page.wait_for_url("**/#/sign-in?then=/report")
    await expect(page.get_by_label("用户名")).to_be_visible()
