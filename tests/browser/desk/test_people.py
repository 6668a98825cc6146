"""Units and people at a desk: a name that two persons change, accounts one by one and by sheet."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from server.clock import now
from server.people.accounts import NewAccount, create_account
from server.people.actor import Held
from server.permissions import Role
from tests.browser.conftest import PASSWORD
from tests.casework import Casework
from tests.pure.lists.sheets import xlsx

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


def field(at: datetime) -> str:
    """A moment as a field of date and time takes it, by the county's clock."""
    return at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")


async def test_one_proposes_another_name_and_another_confirms_and_takes_it_back(county, desk):
    admin, keeper = await desk(), await desk()
    page = await admin.sign_in("admin1", "/people")
    await page.get_by_label("按名称、代码找单位").fill("住房和城乡")
    await page.get_by_role("link", name="区住房和城乡建设局").click()
    await page.get_by_role("button", name="改名").click()
    form = page.get_by_role("form", name="改名")
    await form.get_by_label("新名称").fill("区住房建设和交通局")
    await form.get_by_label("依据的文件").fill("榴编〔2026〕7 号")
    await form.get_by_role("button", name="提出").click()
    await expect(page.get_by_text("要由另一位有权的人确认后才生效")).to_be_visible()
    await page.get_by_role("link", name="改名与合并").click()
    await page.get_by_role("button", name="确认生效").click()
    await page.get_by_role("button", name="确认生效").click()
    await expect(page.get_by_role("alert")).to_be_visible()  # not by who proposed it

    other = await keeper.sign_in("keeper1", "/people?tab=plans")
    await expect(other.get_by_text("个账号")).to_be_visible()
    await other.get_by_role("button", name="确认生效").click()
    await other.get_by_role("button", name="确认生效").click()
    await expect(other.get_by_text("已生效。")).to_be_visible()
    await expect(other.get_by_role("link", name="批量开账号")).to_have_count(0)
    await other.get_by_role("link", name="单位与账号").click()
    await other.get_by_role("link", name="区住房建设和交通局").click()
    old = other.get_by_role("definition").filter(has_text="榴编〔2026〕7 号")
    await expect(old).to_contain_text("区住房和城乡建设局")
    await keeper.pictures(other, "people-unit")
    await other.get_by_role("link", name="改名与合并").click()
    await other.get_by_role("button", name="提议恢复原状").click()
    await other.get_by_role("button", name="提议恢复原状").click()
    await expect(other.get_by_text("已提议恢复原状")).to_be_visible()
    waiting = other.get_by_role("article").filter(has_text="恢复原名 区住房和城乡建设局")
    await expect(waiting.get_by_text("确认后会跟着变的")).to_be_visible()
    await waiting.get_by_role("button", name="确认生效").click()
    await waiting.get_by_role("button", name="确认生效").click()
    await expect(waiting.get_by_role("alert")).to_be_visible()  # not by who proposed it
    await keeper.pictures(other, "people-plans")
    await keeper.sure(other)
    # A reading of the page again finds what another proposed; that one decides.
    await page.goto(page.url)
    waiting = page.get_by_role("article").filter(has_text="恢复原名 区住房和城乡建设局")
    await waiting.get_by_role("button", name="确认生效").click()
    await waiting.get_by_role("button", name="确认生效").click()
    await expect(page.get_by_text("确认恢复")).to_be_visible()
    await expect(page.get_by_text("已恢复", exact=True)).to_be_visible()
    await admin.sure(page)


async def test_an_account_is_made_gets_other_roles_is_closed_and_opened(county, desk):
    admin = await desk()
    page = await admin.sign_in("admin1", "/people")
    await page.get_by_role("link", name="区民政局").click()
    await page.get_by_role("button", name="开账号").click()
    form = page.get_by_role("form", name="开账号")
    await form.get_by_label("姓名").fill("周新")
    await form.get_by_label("用户名").fill("zhou.xin")
    await form.get_by_label("角色").select_option(label="单位经办人")
    await form.get_by_role("button", name="提交").click()
    once = page.get_by_role("region", name="初始密码")
    password = await once.locator("code").inner_text()
    assert len(password) >= 10
    await admin.pictures(page, "people")
    await once.get_by_role("button", name="已交给本人").click()
    row = page.get_by_role("listitem").filter(has_text="zhou.xin")
    await row.get_by_role("button", name="改角色和单位").click()
    await row.get_by_role("button", name="再加一个角色").click()
    await row.get_by_role("combobox").nth(1).select_option(label="单位负责人")
    await row.get_by_role("button", name="提交").click()
    await expect(row.get_by_role("form")).to_have_count(0)
    await expect(row).to_contain_text("单位负责人")
    await row.get_by_role("button", name="停用").click()
    await row.get_by_role("button", name="停用").click()
    await expect(page.get_by_text("没有待转交的核查和核实")).to_be_visible()
    await expect(row).to_contain_text("已停用")
    await row.get_by_role("button", name="重新启用").click()
    await row.get_by_role("button", name="重新启用").click()
    await expect(row.get_by_role("button", name="重设密码")).to_be_visible()
    await admin.sure(page)


async def test_of_two_who_have_one_account_open_the_slower_reads_who_was_faster(county, desk):
    admin, other = await desk(), await desk()
    held = (Held(role=Role.ADMIN),)
    new = NewAccount(name="李二", username="admin2", password=PASSWORD, held=held)
    await create_account(new, at=now())
    forms = []
    for who, username in ((admin, "admin1"), (other, "admin2")):
        page = await who.sign_in(username, "/people")
        await page.get_by_label("按姓名、用户名找人").fill("handler_D08")
        row = page.get_by_role("listitem").filter(has_text="handler_D08")
        await row.get_by_role("button", name="改角色和单位").click()
        forms.append(row.get_by_role("form"))
    for form, role in zip(forms, ("单位负责人", "清单管理员"), strict=True):
        await form.get_by_role("button", name="再加一个角色").click()
        await form.get_by_role("combobox").last.select_option(label=role)
    await forms[1].get_by_role("button", name="提交").click()
    await expect(forms[1]).to_have_count(0)
    await forms[0].get_by_role("button", name="提交").click()
    said = forms[0].get_by_role("alert")
    await expect(said).to_contain_text("李*已于 ")
    await expect(said).to_contain_text("您的改动没有保存")
    await forms[0].get_by_role("button", name="提交").click()
    await expect(said).to_contain_text("您的改动没有保存")
    # Opened again, the form shows what stands by now, and is made from that.
    page = forms[0].page
    row = page.get_by_role("listitem").filter(has_text="handler_D08")
    await forms[0].get_by_role("button", name="取消").click()
    await expect(row).to_contain_text("清单管理员")
    await row.get_by_role("button", name="改角色和单位").click()
    await row.get_by_role("form").get_by_role("button", name="提交").click()
    await expect(row.get_by_role("form")).to_have_count(0)


async def test_a_sheet_names_its_faults_by_row_and_then_makes_everybody_once(
    county, desk, tmp_path
):
    boundaries, township = county.basis.places.at(now()), county.basis.units.named("荣华街道")
    codes = [row.code for row in boundaries.rows("grid")]
    grid = next(c for c in codes if boundaries.township_of(c) == township.township_code)
    headings = ["姓名", "用户名", "所属单位", "角色", "网格"]
    bad = ["李二", "li.er", "没有这个局", "单位经办人", None]
    good = ["王一", "wang.yi", "荣华街道", "网格员", grid]
    file = tmp_path / "账号.xlsx"
    file.write_bytes(xlsx(["全区人员"], headings, good, bad))
    admin = await desk()
    page = await admin.sign_in("admin1", "/people?tab=sheet")
    await page.get_by_label("选择表格").set_input_files(file)
    await expect(page.get_by_text("没有名为“没有这个局”的单位")).to_be_visible()
    await expect(page.get_by_role("cell", name="4", exact=True)).to_be_visible()
    file.write_bytes(
        xlsx(["姓名", "工号", "角色"], ["王一", "wang.yi", "受理员"], ["合计", "1人"])
    )
    await page.get_by_label("选择表格").set_input_files(file)
    await page.get_by_label("工号").select_option("用户名")
    await page.get_by_role("button", name="检查", exact=True).click()
    await expect(page.get_by_text("第 3 行是合计行")).to_be_visible()
    await expect(page.get_by_role("button", name="开 1 个账号")).to_be_visible()
    file.write_bytes(xlsx(["全区人员"], headings, good))
    await page.get_by_label("选择表格").set_input_files(file)
    await page.get_by_role("button", name="开 1 个账号").click()
    once = page.get_by_role("region", name="初始密码")
    await expect(once).to_contain_text("wang.yi")
    async with page.expect_download() as waiting:
        await once.get_by_role("button", name="下载 csv").click()
    text = (await (await waiting.value).path()).read_text("utf-8-sig")
    assert "wang.yi" in text
    await admin.sure(page)


async def test_a_head_enters_a_leave_and_the_substitute_stands_in_until_it_ends(county, desk):
    work = Casework(county)
    case = await work.report()
    unit = county.basis.units.by_id[case.lead_id]
    handler, head = await work.actor(f"handler_{unit.code}"), await work.actor(f"head_{unit.code}")
    chief = await desk()
    page = await chief.sign_in(f"head_{unit.code}", "/people")
    staff = page.get_by_role("region", name="本单位人员")
    row = staff.get_by_role("listitem").filter(has_text=handler.name).first
    await row.get_by_role("button", name="登记请假").click()
    form = row.get_by_role("form", name="登记请假")
    await form.get_by_label("到什么时候止").fill(field(now() - timedelta(days=2)))
    await form.get_by_label("代班人").select_option(label=f"{head.name}（职责与本人不同）")
    await form.get_by_label("事由").fill("年休假")
    await form.get_by_role("button", name="登记").click()
    await expect(form.get_by_role("alert")).to_contain_text("这个时间已经过去")
    await form.get_by_label("到什么时候止").fill(field(now() + timedelta(days=3)))
    await form.get_by_role("button", name="登记").click()
    await expect(page.get_by_text(f"现在起由 {head.name} 代班")).to_be_visible()
    await expect(row).to_contain_text("请假中")
    await expect(row).to_contain_text(f"{head.name} 代班")
    await chief.pictures(page, "people-leave")

    await page.reload()
    await expect(page.get_by_role("link", name=f"替 {handler.name} 代班")).to_be_visible()
    own = await desk()
    mine = await own.sign_in(f"handler_{unit.code}", "/settings")
    card = mine.get_by_role("region", name="请假与代班")
    await expect(card).to_contain_text(f"{head.name} 代班")
    await own.pictures(mine, "settings-leave")
    await card.get_by_role("button", name="回来上班").click()
    await card.get_by_role("button", name="回来上班").click()
    await expect(card.get_by_text("请假中")).to_have_count(0)
    await page.reload()
    await expect(row.get_by_role("button", name="登记请假")).to_be_visible()
    await expect(row.get_by_text("请假中")).to_have_count(0)
    await expect(page.get_by_text(f"替 {handler.name} 代班")).to_have_count(0)


async def test_the_keeper_enters_a_leave_to_come_and_takes_it_back(county, desk):
    admin = await desk()
    page = await admin.sign_in("admin1", "/people")
    await page.get_by_label("按姓名、用户名找人").fill("dispatcher1")
    row = page.get_by_role("listitem").filter(has_text="dispatcher1")
    await row.get_by_role("button", name="登记请假").click()
    form = row.get_by_role("form", name="登记请假")
    await form.get_by_label("从什么时候起").fill(field(now() + timedelta(days=1)))
    await form.get_by_label("到什么时候止").fill(field(now() + timedelta(days=3)))
    await form.get_by_label("代班人").select_option(index=0)
    await form.get_by_role("button", name="登记").click()
    await expect(row).to_contain_text("将要请假")
    await admin.pictures(page, "people-leave-keeper")
    await row.get_by_role("button", name="撤回请假").click()
    await row.get_by_role("button", name="撤回请假").click()
    await expect(row.get_by_text("将要请假")).to_have_count(0)
    await admin.sure(page)
