"""Units, townships and duty leaders on foot: each of their forms sent once from a real page."""

import pytest
from playwright.async_api import expect

from server.cases.models.task import Check
from tests.browser.forms import add_photo, button, choose, enter, send, sure, turn_to
from tests.casework import WALL, Casework
from tests.domain.test_on_the_spot import SMALL_ADS

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]
HERE = {"position": {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "source": "device"}}


async def test_a_lead_signs_comes_tells_and_resolves_with_photos(county, phone, someone, photo):
    work = Casework(county)
    case = await work.report()
    lead, _ = await work.lead(case)
    walker, officer = await phone(), await someone("handler_D08")
    page = await enter(walker, "handler_D08", f"/work/tasks/{lead.id}")

    async def stands(stage):
        await expect(page.locator("[data-stage]")).to_contain_text(stage)
        return (await officer.get(f"/m/v1/tasks/{lead.id}"))["task"]

    await button(page, "签收").click()
    assert (await stands("已签收"))["accepted_at"]
    await button(page, "到场报到").click()
    arrived = await stands("已报到")
    assert arrived["arrived_at"]
    await button(page, "反馈进展").click()
    await page.get_by_label("说明").fill("正在换灯头")
    await add_photo(page, photo)
    await send(page)
    told = (await officer.get(f"/m/v1/tasks/{lead.id}"))["timeline"]
    assert "正在换灯头" in [row["note"] for row in told]
    await work.helped(case)
    await button(page, "办结").click()
    await page.get_by_label("处理结果").fill("换了灯头，已亮")
    await add_photo(page, photo)
    await send(page)
    done = await officer.get(f"/m/v1/cases/{case.no}")
    assert (done["case"]["stage"], done["result"]) == ("checking", "换了灯头，已亮")
    assert "after" in [each["purpose"] for each in done["photos"]]
    assert walker.faults == []


async def test_a_lead_gives_a_task_back_with_ground_and_proper_unit(county, phone, someone):
    work = Casework(county)
    case = await work.report()
    lead, _ = await work.lead(case)
    walker = await phone()
    page = await enter(walker, "handler_D08", f"/work/tasks/{lead.id}")
    await button(page, "退回").click()
    await page.get_by_label("退回的理由").select_option(label="事项认定有误")
    await choose(page, "应由哪个单位办理", "供电")
    await page.get_by_label("具体说明").fill("这是供电公司的线路")
    await send(page)
    dispatcher = await someone("dispatcher1", face="console")
    [waiting] = (await dispatcher.get("/s/v1/returns"))["items"]
    given = waiting["given"]
    assert (given["ground"], given["proper_unit"]) == ("wrong_matter", "区供电公司")
    assert given["reason"] == "这是供电公司的线路"
    assert (waiting["case"]["no"], waiting["case"]["stage"]) == (case.no, "disputed")
    assert walker.faults == []


async def test_a_township_calls_units_and_says_who_came(county, phone, someone):
    walker, room = await phone(), await someone("township02")
    page = await enter(walker, "township02", "/work/call")
    await page.get_by_label("情况说明").fill("无证烧烤，油烟扰民")
    await page.get_by_label("理由").select_option(label="需要联合执法")
    await page.get_by_label("集合地点").fill("梅泽嘉园小区南门")
    await page.get_by_label("要求到场时间").fill("2030-01-02T15:30")
    await choose(page, "牵头单位（不填按清单）", "综合行政执法")
    await page.get_by_label("期限（清单外才填）").first.fill("2")
    await choose(page, "还要哪些单位来（可不填）", "市场监督")
    await choose(page, "还要哪些单位来（可不填）", "公安")
    await sure(page)
    await button(page, "吹哨").click()
    await page.wait_for_url("**/work/calls/*")
    path = f"/m/v1/calls/{page.url.rpartition('/')[2]}"
    call = await room.get(path)
    assert (call["reason"], call["place"]) == ("joint_enforcement", "梅泽嘉园小区南门")
    assert call["asked_at"].startswith("2030-01-02T07:30")
    units = [task["unit"] for task in call["tasks"]]
    assert len(units) == 3
    for task in call["tasks"][:2]:
        unit = county.basis.units.by_name(task["unit"])
        officer = await someone(Casework(county).officer_of(unit.id))
        await officer.post(f"/m/v1/tasks/{task['id']}/accept")
        await officer.post(f"/m/v1/tasks/{task['id']}/check-in", HERE)
    await county.parts.bus.publish("outbox")
    first, second = (page.locator("article", has_text=unit) for unit in units[:2])
    await button(first, "确认到场").click()  # it is there by itself: the page heard of it
    await expect(button(first, "确认到场")).to_have_count(0)
    await button(second, "没有按时到场").click()
    await expect(button(second, "没有按时到场")).to_have_count(0)
    arrivals = [task["arrival"] for task in (await room.get(path))["tasks"]]
    assert arrivals == ["confirmed", "contested", ""]
    assert walker.faults == []


async def test_a_duty_leader_files_a_case_and_dispatches_another(county, phone, someone):
    work = Casework(county)
    unfiled, undispatched = await work.submitted(), await work.filed("resident2")
    walker, leader = await phone(), await someone("duty02")
    page = await enter(walker, "duty02", f"/work/cases/{unfiled.no}")
    await button(page, "立案").click()
    await page.get_by_label("认定为什么事项").fill("路灯坏了")
    await page.locator(".matters button").first.click()
    await send(page)
    filed = (await leader.get(f"/m/v1/cases/{unfiled.no}"))["case"]
    assert (filed["stage"], filed["title"]) == ("dispatched", "城区路灯故障维修")

    await turn_to(walker, page, f"/work/cases/{undispatched.no}")
    await button(page, "派遣").click()
    await choose(page, "牵头单位（不填按清单）", "住房")
    await choose(page, "配合单位", "市场监督")
    await page.get_by_label("期限（清单外才填）").first.fill("2")
    await page.get_by_label("说明").fill("请当天处理")
    await send(page)
    sent = await leader.get(f"/m/v1/cases/{undispatched.no}")
    assert sent["case"]["stage"] == "dispatched"
    assert {task["part"]: task["unit"][:3] for task in sent["tasks"]} == {
        "lead": "区住房",
        "cooperating": "区市场",
    }
    assert walker.faults == []


async def test_a_township_settles_a_case_on_the_spot(county, phone, someone, photo):
    case = await Casework(county).report("grid0202", matter=SMALL_ADS)
    walker, room = await phone(), await someone("township02")
    page = await enter(walker, "township02", f"/work/cases/{case.no}")
    await button(page, "就地处理").click()
    await page.get_by_label("处理结果").fill("已铲除")
    await add_photo(page, photo, "处理后的照片")
    await send(page)
    done = await room.get(f"/m/v1/cases/{case.no}")
    assert (done["case"]["stage"], done["result"]) == ("checking", "已铲除")
    assert await Check.filter(case_id=case.id).count() == 1
    assert walker.faults == []
