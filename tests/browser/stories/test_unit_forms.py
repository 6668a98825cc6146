"""Units, townships and duty leaders on foot: each of their forms sent once from a real page."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from server.cases.models.case import Case, Step
from server.cases.models.steering import Request
from server.cases.models.task import Check
from server.cases.work import steering
from server.clock import now
from tests.browser.forms import add_photo, button, choose, enter, rest, send, sure, turn_to
from tests.casework import WALL, Casework
from tests.domain.acts.work import SMALL_ADS

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
    await rest(page, "反馈进展")
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


async def test_what_is_missing_is_said_before_the_form_and_answers_stand_where_the_thumb_is(
    county, phone, someone, photo
):
    work = Casework(county)
    case = await work.handling()
    lead, _ = await work.lead(case)
    waits = [task for task in await work.tasks(case) if task.part != "lead"]
    assert waits
    walker, officer = await phone(), await someone("handler_D08")
    page = await enter(walker, "handler_D08", f"/work/tasks/{lead.id}")
    await rest(page, "办结")
    await expect(page.get_by_text(f"还差 {len(waits)} 家没有办结")).to_be_visible()
    await expect(page.get_by_label("处理结果")).to_have_count(0)
    await page.get_by_label("为什么都不需要了？").fill("我们自己修好了")
    await sure(page)
    await button(page, "提交").click()
    told = page.get_by_role("status").filter(has_text="已一并免除")
    await expect(told).to_be_in_viewport(ratio=1)
    await page.get_by_label("处理结果").fill("换了灯头，已亮")
    await button(page, "提交").click()
    refused = page.get_by_role("alert")
    await expect(refused).to_have_text("请至少拍一张处理后的照片。")
    await expect(refused).to_be_in_viewport(ratio=1)
    await expect(page.locator(".said:focus")).to_have_count(1)
    await add_photo(page, photo)
    await button(page, "提交").click()
    await expect(page.get_by_role("status").filter(has_text="已提交")).to_be_in_viewport(ratio=1)
    done = await officer.get(f"/m/v1/cases/{case.no}")
    assert done["case"]["stage"] == "checking"
    assert walker.faults == []


async def test_a_lead_gives_a_task_back_with_ground_and_proper_unit(county, phone, someone):
    work = Casework(county)
    case = await work.report()
    lead, _ = await work.lead(case)
    walker = await phone()
    page = await enter(walker, "handler_D08", f"/work/tasks/{lead.id}")
    await rest(page, "退回")
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
        unit = county.basis.units.named(task["unit"])
        officer = await someone(Casework(county).officer_of(unit.id))
        await officer.post(f"/m/v1/tasks/{task['id']}/accept")
        await officer.post(f"/m/v1/tasks/{task['id']}/check-in", HERE)
    await county.parts.bus.publish("outbox")
    first, second = (page.locator("article", has_text=unit) for unit in units[:2])
    await button(first, "确认到场").click()  # it is there by itself: the page heard of it
    await expect(button(first, "确认到场")).to_have_count(0)
    await button(second, "没有按时到场").click()
    await second.get_by_label("为什么认为没有按时到场？").fill("只来了一辆车，没有下车")
    await button(second, "提交").click()
    await expect(button(second, "提交")).to_have_count(0)
    await expect(button(second, "没有按时到场")).to_have_count(0)
    arrivals = [task["arrival"] for task in (await room.get(path))["tasks"]]
    no = (await room.get(path))["case"]["no"]
    assert "只来了一辆车，没有下车" in await Step.filter(case__no=no).values_list(
        "reason", flat=True
    )
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


async def test_a_head_asks_for_more_time_and_for_a_pause(county, phone, someone):
    case = await Casework(county).handling()
    lead, _ = await Casework(county).lead(case)
    walker, boss = await phone(), await someone("dispatcher1", face="console")
    page = await enter(walker, "head_D08", f"/work/tasks/{lead.id}")
    await rest(page, "申请")
    await page.get_by_label("申请什么").select_option(label="延期")
    await page.get_by_label("延长多少").fill("2")
    await page.get_by_label("具体说明").fill("灯头要从外地调")
    await send(page, told="已提出申请")
    await rest(page, "申请")
    await page.get_by_label("申请什么").select_option(label="挂账（暂停计时）")
    day = (now() + timedelta(days=40)).astimezone(county.basis.zone).date().isoformat()
    await page.get_by_label("挂账到哪一天").fill(day)
    await page.get_by_label("挂账的原因").select_option(label="工程施工需要")
    await page.get_by_label("具体说明").fill("整条街在换管线")
    await send(page, told="已提出申请")
    longer, pause = (await boss.get("/s/v1/requests"))["items"]
    assert (longer["no"], longer["what"], longer["limit"]) == (case.no, "extend", 2)
    assert (longer["reason"], pause["reason"]) == ("灯头要从外地调", "整条街在换管线")
    assert (pause["no"], pause["what"]) == (case.no, "suspend")
    assert (await Request.get(what="suspend")).terms.ground == "works"
    await boss.post(f"/s/v1/cases/{case.no}/suspend")
    until = (await Case.get(id=case.id)).suspended_until
    assert until.astimezone(county.basis.zone).date().isoformat() == day
    assert walker.faults == []


async def test_whoever_is_no_head_is_offered_only_what_they_may_ask_for(county, phone):
    work = Casework(county)
    case = await work.handling()
    lead, _ = await work.lead(case)
    walker = await phone()
    page = await enter(walker, "handler_D08", f"/work/tasks/{lead.id}")
    await rest(page, "申请")
    await expect(page.get_by_label("申请什么").get_by_role("option")).to_have_text(["延期"])
    [helper, *_] = await work.tasks(case, "cooperating")
    page = await enter(walker, work.officer_of(helper.unit_id), f"/work/tasks/{helper.id}")
    await button(page, "更多").click()
    await expect(button(page, "退回")).to_be_visible()
    await expect(button(page, "申请")).to_have_count(0)
    assert walker.faults == []


async def test_a_township_gives_its_task_to_another_platform_and_back(county, phone, someone):
    work = Casework(county)
    case = await work.report()
    [task] = [each for each in await work.tasks(case) if each.platform]
    walker, room = await phone(), await someone("township02")
    page = await enter(walker, "township02", f"/work/tasks/{task.id}")

    async def held_by():
        return (await room.get(f"/m/v1/tasks/{task.id}"))["task"]["platform"]

    assert await held_by() == "便民服务"
    for name, kept_as in (("综治工作", "综治"), ("便民服务", "便民服务")):
        await rest(page, "转到别的平台")
        await page.get_by_label("平台").select_option(label=name)
        await page.get_by_label("说明").fill("由他们去")
        await send(page)
        assert await held_by() == kept_as
    told = (await room.get(f"/m/v1/tasks/{task.id}"))["timeline"]
    assert [row["note"] for row in told].count("由他们去") == 2
    assert walker.faults == []


async def test_a_head_names_who_handles_a_task_and_that_person_is_led_to_it(county, phone):
    work = Casework(county)
    lead, handler = await work.lead(await work.report())
    walker, other = await phone(), await phone()
    page = await enter(walker, "head_D08", f"/work/tasks/{lead.id}")
    await rest(page, "指定经办人")
    await page.get_by_label("经办人").select_option(label=handler.name)
    await send(page)
    await expect(page.get_by_text(f"经办人：{handler.name}")).to_be_visible()
    await sure(page)
    theirs = await enter(other, "handler_D08", "/inbox")
    await county.parts.bus.publish("outbox")
    await theirs.locator("main a.card", has_text="由您经办").click()
    await theirs.wait_for_url(f"**/#/work/tasks/{lead.id}")
    await expect(theirs.get_by_text(f"经办人：{handler.name}")).to_be_visible()


async def test_a_lead_waives_a_unit_that_helps_with_its_reason(county, phone, someone):
    work = Casework(county)
    case = await work.handling()
    lead, _ = await work.lead(case)
    walker, officer = await phone(), await someone("handler_D08")
    page = await enter(walker, "handler_D08", f"/work/tasks/{lead.id}")
    others = (await officer.get(f"/m/v1/tasks/{lead.id}"))["others"]
    first, second = (page.locator(".other", has_text=each["unit"]) for each in others)
    await button(second, "免除配合").click()
    await page.get_by_label("为什么不再需要这个单位配合？").fill("线路没有问题")
    await button(second, "取消").click()
    await button(first, "免除配合").click()
    reason = page.get_by_label("为什么不再需要这个单位配合？")
    await expect(reason).to_have_value("")  # what was to be said of the other is not said of it
    await reason.fill("不需要清扫")
    await send(page)
    shown = await officer.get(f"/m/v1/tasks/{lead.id}")
    stages = {each["unit"]: each["stage"] for each in shown["others"]}
    assert stages == {others[0]["unit"]: "waived", others[1]["unit"]: "pending"}
    assert "不需要清扫" in [row["reason"] for row in shown["timeline"]]
    await expect(button(first, "免除配合")).to_have_count(0)
    assert walker.faults == []


async def test_a_unit_answers_one_of_two_instructions(county, phone, someone):
    work = Casework(county)
    case = await work.handling()
    for words in ("请查清原因", "请当天修好"):
        by = await work.actor("leader1")
        await steering.instruct(case.no, words, by=by, at=now(), basis=county.basis)
    walker, leader = await phone(), await someone("leader1", face="console")
    page = await enter(walker, "handler_D08", "/work/instructions")
    first, second = (
        page.locator("article", has_text=words) for words in ("请查清原因", "请当天修好")
    )
    await button(first, "答复").click()
    await first.get_by_role("textbox", name="答复").fill("是灯头老化")
    await button(second, "答复").click()
    await expect(second.get_by_role("textbox", name="答复")).to_have_value("")
    await button(first, "答复").click()
    await expect(first.get_by_role("textbox", name="答复")).to_have_value("是灯头老化")
    await sure(page)
    await button(page, "提交").click()
    await expect(page.get_by_role("status")).to_contain_text("已提交")
    await expect(first).to_have_count(0)  # what was answered waits no longer
    given = (await leader.get(f"/s/v1/cases/{case.no}"))["instructions"]
    assert {each["text"]: each["reply"] for each in given} == {
        "请查清原因": "是灯头老化",
        "请当天修好": "",
    }
    assert walker.faults == []
