"""The wall, the leader's board, operation and diligence; and which rooms each office sees."""

import re

import pytest
from playwright.async_api import expect

from server.clock import now
from server.outbox.models import Delivery
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]
#: What the menu of each office holds.
MENUS = {
    "acceptor1": "待办 案件 受理 责任清单",
    "dispatcher1": "待办 案件 受理 派遣 呼叫 责任清单 准入与调整 区划 指挥 指标与通报 容错 运行",
    "leader1": "待办 案件 受理 派遣 呼叫 责任清单 准入与调整 沙盘 指挥 领导关注 指标与通报 容错",
    "keeper1": "待办 案件 派遣 责任清单 准入与调整 沙盘 指标与通报 容错 单位与人员",
    "auditor1": "待办 案件 责任清单 准入与调整 指标与通报 容错 运行",
    "head_D08": "待办 案件 呼叫 责任清单 准入与调整 指挥 指标与通报 容错 单位与人员",
    "handler_D08": "待办 案件 责任清单 容错",
    "admin1": "待办 呼叫 责任清单 沙盘 区划 单位与人员 运行",
}


async def test_the_wall_counts_what_is_reported_and_says_since_when_the_network_is_gone(
    county, desk
):
    work = Casework(county)
    await work.submitted()
    leader = await desk()
    page = await leader.sign_in("leader1", "/command")
    received = page.get_by_role("definition").nth(2)
    await expect(received).to_have_text("1")
    await work.submitted()
    await expect(received).to_have_text("2", timeout=40_000)
    await page.context.set_offline(True)
    await expect(page.get_by_text("网络不通：下面是")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_text("网络不通：下面是")).to_have_count(0)
    await expect(received).to_have_text("2")
    await leader.pictures(page, "command")


async def test_a_leader_opens_the_cases_behind_a_figure_and_urges_in_place(county, desk):
    work = Casework(county)
    case = await work.handling()
    leader = await desk()
    page = await leader.sign_in("leader1", f"/cases/{case.no}")
    await page.evaluate(
        """async (no) => {
          const me = await (await fetch("/me")).json();
          await fetch(`/s/v1/cases/${no}/watch`, {
            method: "POST",
            headers: { "Content-Type": "application/json", "X-CSRF-Token": me.csrf },
            body: "{}",
          });
        }""",
        case.no,
    )
    await page.get_by_role("link", name="领导关注").click()
    whole = page.get_by_role("table", name="按镇街", exact=True)
    await expect(whole.get_by_role("row").nth(1)).to_contain_text("全县")
    await whole.get_by_role("button", name="荣华街道逐日").click()
    by_day = page.get_by_role("table", name="荣华街道近 14 天，逐日")
    await by_day.get_by_role("link", name="1", exact=True).click()
    await expect(page).to_have_url(re.compile("/console/cases.*township="))
    await page.go_back()
    table = page.get_by_role("table", name="我关注的，按牵头单位")
    await table.get_by_role("link", name="1", exact=True).first.click()
    items = page.get_by_role("region", name="关注的案件")
    await expect(items.get_by_text("只看：")).to_be_visible()
    await items.get_by_role("button", name="批示、催办、督办").click()
    await items.get_by_role("button", name="催办", exact=False).last.click()
    await expect(items.get_by_role("form", name="催办")).to_be_visible()
    await leader.pictures(page, "board")


async def test_what_was_given_up_is_owed_again_and_a_bad_line_of_the_calendar_is_named(
    county, desk
):
    at = now()
    await Delivery.create(
        receiver="inbox",
        kind="case.moved",
        stream="T-1",
        facts={},
        recorded_at=at,
        attempts=9,
        last_error="no route",
    )
    admin = await desk()
    page = await admin.sign_in("admin1", "/operation")
    await expect(page.get_by_text("1 条投递多次失败")).to_be_visible()
    await page.get_by_label("日历").last.fill("2027-01-01 放假 元旦\n明天 休息")
    await page.get_by_role("button", name="导入").click()
    await expect(page.get_by_text("第 2 行看不懂：明天 休息")).to_be_visible()
    await admin.pictures(page, "operation")
    await page.get_by_role("button", name="重新投递").click()
    await expect(page.get_by_text("已重新投递。")).to_be_visible()


async def test_an_auditor_reads_whether_all_runs_and_changes_nothing_of_it(county, desk):
    await Delivery.create(
        receiver="inbox",
        kind="case.moved",
        stream="T-1",
        facts={},
        recorded_at=now(),
        due_at=None,
        last_error="no route",
    )
    auditor = await desk()
    page = await auditor.sign_in("auditor1", "/operation")
    await expect(page.get_by_text("1 条投递多次失败")).to_be_visible()
    await expect(page.get_by_text("已有到")).to_be_visible()
    for act in ("重新投递", "导入"):
        await expect(page.get_by_role("button", name=act)).to_have_count(0)
    await auditor.pictures(page, "operation-auditor")


async def test_a_unit_shows_how_a_duty_was_met_and_prints_the_record(county, desk):
    work = Casework(county)
    case = await work.handling()
    task, _ = await work.lead(case)
    officer = await desk()
    page = await officer.sign_in(work.officer_of(task.unit_id), f"/diligence/{case.no}")
    await page.get_by_role("button", name="说明怎样履职").first.click()
    form = page.get_by_role("form", name="说明怎样履职")
    await form.get_by_label("说明").fill("已到场责令停工")
    await form.get_by_role("button", name="提交").click()
    await expect(page.get_by_text("已到场责令停工")).to_be_visible()
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="PDF").click()
    assert (await (await waiting.value).path()).read_bytes().startswith(b"%PDF")
    await officer.pictures(page, "diligence")


async def test_each_office_begins_with_its_work_and_sees_only_its_own_rooms(county, desk):
    for username, menu in MENUS.items():
        person = await desk()
        page = await person.sign_in(username)
        await expect(page.get_by_role("heading", name="待办")).to_be_visible()
        found = await page.get_by_role("navigation", name="菜单").get_by_role("link").all()
        named = [(await each.inner_text()).split("\n")[0] for each in found]
        assert " ".join(named) == menu, username
        await person.sure(page)
        await person.context.close()
