"""The list keeper's room: an entry found, tried; a list refused, brought, answered, published."""

import csv
import io

import pytest
from playwright.async_api import expect

from server.responsibility.list import queries
from server.responsibility.list.models import ListVersion
from tests.api.versions import changed

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CODE = "CJ-012"


def sheet(name: str, data: bytes, kind: str = XLSX) -> dict:
    """A file as it is dropped."""
    return {"name": name, "mimeType": kind, "buffer": data}


async def bring(page, file: dict):
    """Choose a file and have it looked at."""
    await page.get_by_label("清单文件").set_input_files(file)
    await page.get_by_role("button", name="上传并检查").click()


async def test_an_entry_is_found_read_and_tried(county, desk):
    keeper = await desk()
    page = await keeper.sign_in("keeper1", "/lists")
    await page.get_by_label("查找：事项").fill(CODE)
    await expect(page.locator("li .line-link")).to_have_count(1)
    await page.locator("li .line-link").click()
    await expect(page.get_by_role("heading", name="牵头部门", exact=True)).to_be_visible()
    await keeper.pictures(page, "lists-entry")
    await page.get_by_role("link", name="用这个事项试一试").click()
    await expect(page.get_by_role("heading", name="时限")).to_be_visible()
    await page.get_by_label("群众怎么说").fill("路灯不亮")
    await page.get_by_role("radio").first.check()
    await page.get_by_label("在哪里").select_option(index=1)
    await keeper.pictures(page, "lists-try")
    await page.get_by_role("link", name="群众说法").click()
    await expect(page.get_by_role("heading", name="已采用的说法")).to_be_visible()
    await keeper.pictures(page, "lists-words")


async def test_a_list_is_refused_at_its_cells_then_brought_reviewed_and_published(
    county, desk, tmp_path
):
    keeper = await desk()
    page = await keeper.sign_in("keeper1", "/lists/bring")
    before = await ListVersion.all().count()
    await page.get_by_label("版本名称").fill("二〇二六版")
    large = tmp_path / "大清单.xlsx"
    with large.open("wb") as file:
        file.truncate(50 * 2**20)
    await page.get_by_label("清单文件").set_input_files(large)
    await expect(page.get_by_text("超过 4.7 MB，没有上传")).to_be_visible()
    await bring(page, sheet("清单.xlsx", changed(CODE, "牵头部门", "#REF!")))
    await expect(page.get_by_text("没有导入，现行清单没有变")).to_be_visible()
    await expect(page.locator("td.bad")).to_have_count(1)
    await expect(page.locator("tr[data-line]")).to_have_count(50)
    await expect(page.locator("tr.header").first).to_be_attached()
    await page.get_by_role("button", name="下一页").click()
    await expect(page.locator("td.bad")).to_have_count(0)
    await page.get_by_role("button", name="下一处").click()
    await expect(page.locator("td.bad")).to_be_in_viewport()
    await keeper.pictures(page, "lists-refused")
    assert await ListVersion.all().count() == before
    await bring(page, sheet("清单.xlsx", changed(CODE, "办理时限", "9个工作日")))
    await expect(page.get_by_role("heading", name="与现行版本的差异")).to_be_visible()
    await expect(page.get_by_text("二〇二六版").first).to_be_visible()
    await page.locator("summary", has_text=CODE).first.click()
    await page.get_by_role("button", name="推演").click()
    await expect(page.get_by_text("牵头案件")).to_be_visible()
    await keeper.pictures(page, "lists-version")
    await page.keyboard.press("r")
    await page.get_by_role("form", name="送审").get_by_role("button", name="提交").click()
    await expect(page.get_by_text("已送审。")).to_be_visible()
    await page.get_by_role("button", name="发布").click()
    await page.get_by_role("form", name="发布").get_by_role("button", name="提交").click()
    await expect(page.get_by_text("已发布。")).to_be_visible()
    newest = await ListVersion.all().order_by("-id").first()
    assert newest is not None
    assert newest.state == "published"
    await keeper.sure(page)


async def test_headings_are_explained_and_questions_answered_by_hand(county, desk):
    keeper = await desk()
    page = await keeper.sign_in("keeper1", "/lists/bring")
    text = io.StringIO()
    rows = [["编码号", "管什么", "谁管"], ["XC-903", "共享单车停放管理二", "没有这个局"]]
    csv.writer(text).writerows(rows)
    file = sheet("a.csv", text.getvalue().encode(), "text/csv")
    await bring(page, file)
    for heading, column in zip(rows[0], ("事项编码", "事项名称", "牵头部门"), strict=True):
        await page.get_by_label(heading).select_option(column)
    await page.get_by_role("button", name="上传并检查").click()
    question = page.get_by_label("没有这个局", exact=False)
    await expect(question).to_be_visible()
    await question.select_option("nobody")
    await page.get_by_role("button", name="提交回答").click()
    await expect(page.get_by_text("清单文件未被接收，共 1 处问题")).to_be_visible()
    await keeper.pictures(page, "lists-questions")
    await question.select_option("new")
    await page.get_by_role("button", name="提交回答").click()
    await expect(page.get_by_text("已提交回答。")).to_be_visible()
    await expect(page.get_by_role("heading", name="与现行版本的差异")).to_be_visible()
    await keeper.sure(page)


async def test_every_column_nobody_knows_is_asked_with_what_stands_there(county, desk):
    keeper = await desk()
    page = await keeper.sign_in("keeper1", "/lists/bring")
    text = io.StringIO()
    rows = [
        ["序号", "事项", "主责单位", "依据", "配合的单位", "时间要求", "科室"],
        ["1", "共享单车停放管理三", "区综合行政执法局", "某法", "区公安分局", "3天", "一科"],
        ["2", "共享单车停放管理四", "区公安分局", "某法", "", "十五日内", "二科"],
    ]
    csv.writer(text).writerows(rows)
    await bring(page, sheet("a.csv", text.getvalue().encode(), "text/csv"))
    limit = page.get_by_label("“时间要求”这一列是什么？", exact=False)
    await expect(limit).to_be_visible()
    await expect(page.locator("form label.field").first).to_contain_text("“3天”、“十五日内”")
    await expect(page.get_by_role("button", name="送审")).to_have_count(0)
    await keeper.pictures(page, "lists-columns")
    await limit.select_option(label="办理时限（100%）")
    helpers = page.get_by_label("“配合的单位”这一列是什么？", exact=False)
    await helpers.select_option("cooperating")
    await page.get_by_label("“科室”这一列是什么？", exact=False).select_option("leave")
    await page.get_by_role("button", name="提交回答").click()
    await page.get_by_role("button", name="其余都作为新事项").click()
    await expect(page.get_by_role("heading", name="与现行版本的差异")).to_be_visible()
    newest = await ListVersion.all().order_by("-id").first()
    assert newest is not None
    first = (await queries.all_entries(newest.id))[0]
    assert (first.limit, first.urgency, dict(first.extras)) == (3, "natural_day", {"科室": "一科"})
    await keeper.sure(page)
