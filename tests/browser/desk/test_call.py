"""The command room at a desk: a call and who comes, the roster of its shifts, its team."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from server.cases.calls import calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch.dispatching import Choice
from server.cases.models.case import Case
from server.cases.models.task import Call, Task
from server.cases.work import handling
from server.clock import now
from server.people.models import Account, Shift
from tests.casework import WALL, Casework, position
from tests.domain.acts.people import second_leader

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def called(work):
    """A call on units by the list, for the same day."""
    new = NewCall(
        reason="joint_enforcement",
        place_text="荣华里3号楼",
        asked_at=now() + timedelta(hours=2),
        matter="CJ-002",
        position=position(),
        text="有人砸墙",
        choice=Choice(),
    )
    by = await work.actor("township02")
    return await calling.call(new, by=by, at=now(), basis=work.basis)


async def test_a_township_calls_units_and_says_who_has_come(county, desk):
    work = Casework(county)
    case = await called(work)
    task, by = await work.lead(case)
    await handling.accept(task.id, by=by, at=now(), basis=work.basis)
    here = handling.Spot(lon=WALL[0], lat=WALL[1])
    await handling.check_in(task.id, here, by=by, at=now(), basis=work.basis)
    room = await desk()
    page = await room.sign_in("township02", "/call")
    unit = page.get_by_role("listitem").filter(has_text="到场").first
    await expect(unit).to_contain_text("今天")
    await room.pictures(page, "call")
    await unit.get_by_role("button", name="确认到场").click()
    await expect(page.get_by_text("已记下。")).to_be_visible()
    assert (await Task.get(id=task.id)).arrival == "confirmed"
    await expect(page.get_by_text("已确认到场")).to_be_visible()
    await room.sure(page)


async def test_a_call_is_made_with_a_place_on_the_map(county, desk):
    room = await desk()
    page = await room.sign_in("township02", "/call")
    await expect(page.get_by_text("还没有呼叫过谁。")).to_be_visible()
    await page.keyboard.press("n")
    form = page.get_by_role("form", name="发起呼叫")
    await form.get_by_label("现场情况").fill("有人砸墙")
    await form.get_by_label("事项").fill("承重")
    await form.get_by_role("button", name="承重").first.click()
    await form.get_by_label("在哪里集合").fill("荣华里3号楼")
    await form.locator(".leaflet-container").click()
    await page.wait_for_timeout(800)
    await room.pictures(page, "call-new")
    await form.get_by_role("button", name="呼叫", exact=True).click()
    await expect(page.get_by_role("heading", name="还没有到齐的")).to_be_visible()
    await expect(page.get_by_text("还没有签收").first).to_be_visible()
    assert await Task.all().count() > 0
    await room.sure(page)


async def test_a_call_goes_to_a_place_by_its_name_or_by_an_address_and_says_how_sure_it_is(
    county, desk
):
    room = await desk()
    page = await room.sign_in("township02", "/call/new")
    form = page.get_by_role("form", name="发起呼叫")
    await form.get_by_label("事项").fill("承重")
    await form.get_by_role("button", name="承重").first.click()
    await form.get_by_label("在哪里集合").fill("荣华里3号楼")
    await expect(form.get_by_text("还没有说明集合点在哪里。")).to_be_visible()
    await form.get_by_role("button", name="呼叫", exact=True).click()
    await expect(form.get_by_role("alert")).to_have_text("还没有说明集合点在哪里。")
    await form.get_by_label("按名称或者地址选").check()
    await form.get_by_label("集合点所在的镇街、村居或者网格").fill("荣华里3号楼东墙")
    await form.get_by_role("button", name="荣华街道荣华里社区", exact=True).click()
    await expect(form.get_by_text("只知道约在哪里")).to_be_visible()
    await room.pictures(page, "call-named")
    await page.reload()  # what was chosen is there again, by its name
    await expect(form.get_by_role("button", name="去掉荣华街道荣华里社区")).to_be_visible()
    await form.get_by_role("button", name="呼叫", exact=True).click()
    await expect(page.get_by_role("heading", name="还没有到齐的")).to_be_visible()
    case = await Case.get()
    assert (case.place.village, case.lon) == ("荣华里社区", None)
    assert case.place.text == "约在荣华街道荣华里社区，网格待确认"
    await room.sure(page)


async def test_a_call_at_a_case_meets_where_the_case_lies(county, desk):
    work = Casework(county)
    case = await called(work)
    room = await desk()
    page = await room.sign_in("township02", f"/call/new?no={case.no}")
    form = page.get_by_role("form", name="发起呼叫")
    await expect(form.get_by_label("案件所在的地方")).to_be_checked()
    await expect(form.get_by_text(f"就是案件所在的地方：{case.place.text}")).to_be_visible()
    await form.get_by_label("在哪里集合").fill("荣华里3号楼")
    await form.get_by_role("button", name="呼叫", exact=True).click()
    await expect(page.get_by_role("heading", name="还没有到齐的")).to_be_visible()
    second = await Call.filter(case_id=case.id).order_by("-id").first()
    assert (second.lon, second.lat) == (case.lon, case.lat)
    await room.sure(page)


async def test_a_leader_is_put_into_a_shift_by_click_and_by_drag_and_taken_out(county, desk):
    await second_leader(county)
    room = await desk()
    page = await room.sign_in("township02", "/call/roster")
    await page.get_by_role("button", name="下一周").click()
    leaders = page.get_by_role("group", name="值班领导")
    await expect(leaders.get_by_role("radio")).to_have_count(2)
    named = await leaders.locator(".chip").all_inner_texts()
    cells = page.locator("tbody td")
    held = await cells.first.inner_text()
    [new] = [each for each in named if each not in held]
    await leaders.get_by_role("radio", name=new).check()
    await cells.nth(0).get_by_role("button", name="排进").click()
    await expect(cells.nth(0)).to_contain_text(new)
    await leaders.locator(".chip").filter(has_text=new).drag_to(cells.nth(8))
    await expect(cells.nth(8)).to_contain_text(new)
    await room.pictures(page, "roster")
    await cells.nth(8).get_by_role("button", name=f"去掉{new}").click()
    await expect(page.get_by_text("秒后提交")).to_contain_text(new)
    await page.get_by_role("button", name="现在提交").click()
    await expect(cells.nth(8)).not_to_contain_text(new)
    await room.sure(page)


async def test_a_weekly_shift_is_taken_from_every_week_after_ten_seconds_and_can_be_kept(
    county, desk
):
    room = await desk()
    page = await room.sign_in("township02", "/call/roster")
    weekly = page.locator("tbody td").filter(has_text="每周").first
    taken = weekly.get_by_role("button", name="去掉")
    before = await Shift.all().count()
    await taken.click()
    soon = page.get_by_text("秒后提交")
    await expect(soon).to_contain_text("每一周都去掉")
    await expect(taken).to_have_count(0)
    await room.sure(page)
    await page.keyboard.press("z")
    await expect(taken).to_have_count(1)
    assert await Shift.all().count() == before
    await taken.click()
    await expect(page.get_by_text("已把")).to_be_visible(timeout=15_000)
    assert await Shift.all().count() == before - 1


async def test_who_sits_is_offered_nothing_that_would_be_refused(county, desk):
    other = await Account.get(id=await second_leader(county))
    room = await desk()
    page = await room.sign_in("duty02", "/call/roster")
    leaders = page.get_by_role("group", name="值班领导")
    await expect(leaders.get_by_role("radio")).to_have_count(1)
    await expect(leaders).to_contain_text(other.name)
    await expect(leaders).to_contain_text("自己的班要由别人来排")
    await room.sure(page)


async def test_a_township_keeps_its_team(county, desk):
    room = await desk()
    page = await room.sign_in("township02", "/call/team")
    await page.get_by_label("单位").fill("住房和城乡")
    await page.get_by_role("button", name="区住房和城乡建设局", exact=True).click()
    await page.get_by_label("常驻").check()
    await page.get_by_label("电话").fill("0000-1")
    await page.get_by_role("button", name="加入").click()
    member = page.get_by_role("listitem").filter(has_text="0000-1")
    await expect(member).to_contain_text("区住房和城乡建设局")
    await member.get_by_role("button", name="退出").click()
    await expect(page.get_by_text("秒后提交")).to_contain_text("退出队伍")
    await page.get_by_role("button", name="现在提交").click()
    await expect(member).to_have_count(0)
    await room.sure(page)
