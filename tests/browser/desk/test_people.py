"""Units and people at a desk: a name that two persons change, accounts one by one and by sheet."""

import pytest
from playwright.async_api import expect

from server.clock import now
from tests.pure.lists.sheets import xlsx

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


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
    await other.get_by_role("button", name="恢复原状").click()
    await other.get_by_role("button", name="恢复原状").click()
    await expect(other.get_by_text("已恢复。")).to_be_visible()
    await keeper.sure(other)


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


async def test_a_sheet_names_its_faults_by_row_and_then_makes_everybody_once(
    county, desk, tmp_path
):
    grid = county.basis.places.at(now()).rows("grid")[0].code
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
