"""The room of replays: closed cases run against a draft, and what came of it as a file."""

import pytest
from playwright.async_api import expect

from tests.api.versions import changed, upload
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def test_closed_cases_are_run_against_a_draft_and_the_list_is_taken_along(
    county, someone, desk
):
    case = await Casework(county).closed()
    by_list = await someone("keeper1", face="console")
    _, draft = await upload(by_list, changed(case.matter_code, "牵头部门", "区综合行政执法局"))
    keeper = await desk()
    page = await keeper.sign_in("keeper1", "/replay")
    await expect(page.get_by_text("请选一个清单版本或区划版本。")).to_be_visible()
    await page.get_by_label("清单版本").select_option(draft["version"]["id"])
    await page.get_by_role("button", name="推演").click()
    await expect(page.get_by_text("推演了 1 件已办结案件")).to_be_visible()
    await expect(page.get_by_role("row", name=case.no)).to_contain_text("区综合行政执法局")
    async with page.expect_download() as kept:
        await page.get_by_role("button", name="下载 csv").click()
    path = await (await kept.value).path()
    assert case.no in path.read_text("utf-8-sig")
    await keeper.pictures(page, "replay")


async def test_a_draft_with_open_questions_says_so_before_and_boundaries_can_be_chosen(
    county, someone, desk
):
    by_list = await someone("keeper1", face="console")
    sheet = "事项编码,事项名称,牵头部门,时间要求\nCJ-012,城区路灯故障处置,区住房和城乡建设局,3天\n"
    _, draft = await upload(by_list, sheet.encode(), "a.csv")
    assert draft["questions"], draft
    keeper = await desk()
    page = await keeper.sign_in("keeper1", "/replay")
    await page.get_by_label("清单版本").select_option(draft["version"]["id"])
    await expect(page.get_by_text("这个草稿还有 1 个问题，答完才能推演。")).to_be_visible()
    await expect(page.get_by_role("button", name="推演")).to_be_disabled()
    boundaries = page.get_by_label("区划版本")
    await expect(boundaries.get_by_role("option")).not_to_have_count(1)
    await page.get_by_label("清单版本").select_option("")
    await boundaries.select_option(index=1)
    await expect(page.get_by_role("button", name="推演")).to_be_enabled()
    await page.get_by_label("清单版本").select_option(draft["version"]["id"])
    await keeper.pictures(page, "replay-waits")
    await page.get_by_role("link", name="去回答").click()
    await expect(page.get_by_text("“时间要求”这一列是什么？")).to_be_visible()
    await keeper.sure(page)
