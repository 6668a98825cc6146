"""Detours on the list itself: changed, a matter taken in and given back, a burden outside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from gridwhistle.tour.governing import with_limit
from tests.browser.forms import button
from tests.browser.journeys.playing import Play, begun
from tests.browser.journeys.screens import Value, do, enter, heard, look, told
from tests.browser.journeys.town import Town, everybody

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
KEEPER, OTHER_KEEPER = "keeper1", "keeper2"


async def room(page: Page, name: str, part: str) -> None:
    """Go to a part of a room by the menu of a desk."""
    await page.get_by_role("navigation", name="菜单").get_by_role("link", name=name).click()
    await page.get_by_role("navigation", name=name).get_by_role("link", name=part).click()


async def in_force(town: Town) -> Path:
    """The sheet of the list in force, taken from the keeper's desk."""
    page = await town.desk(KEEPER)
    await room(page, "责任清单", "版本")
    of_main = page.get_by_role("link").filter(has_text="主体责任和配合责任清单")
    await of_main.filter(has_text="已发布").first.click()
    async with page.expect_download() as given:
        await page.get_by_role("link", name="xlsx", exact=True).click()
    sheet = town.folder / "现行清单.xlsx"
    await (await given.value).save_as(sheet)
    return sheet


async def brought(town: Town, sheet: Path) -> Page:
    """Bring a sheet as the next version of the list, and put it into force."""
    page = await town.desk(KEEPER)
    await room(page, "责任清单", "导入")
    await page.get_by_label("清单文件").set_input_files(sheet)
    await button(page, "上传并检查").click()
    await expect(page.get_by_role("heading", name="与现行版本的差异")).to_be_visible()
    await published(page)
    return page


async def published(page: Page) -> None:
    """Have the version that is open reviewed, and put it into force."""
    await do(page, "送审", "已送审。")
    await do(page, "发布", "已发布。")
    await expect(page.locator("h2 .tag")).to_have_text("已发布")


async def due(page: Page, no: str) -> str:
    """Until when a case has to be done, and why, as its page at a desk says it."""
    await look(page, no)
    await page.locator("details.due summary").click()
    return await page.locator("details.due p").inner_text()


async def test_13_a_new_limit_is_for_new_cases_and_old_ones_keep_theirs(town):
    play = await begun(town, "13")
    acceptor = await town.desk("acceptor1")
    before = await due(acceptor, play.no)
    sheet = await in_force(town)
    changed = town.folder / "改了一条.xlsx"
    changed.write_bytes(with_limit(sheet.read_bytes(), play.script.matter, "9个工作日"))
    keeper = await brought(town, changed)
    await keeper.locator("summary", has_text=play.script.matter).click()
    await expect(keeper.get_by_role("row", name="办理时限")).to_contain_text("9个工作日")
    second = await play.report(words="五号楼前的路灯也灭了")
    assert "9个工作日" in await due(acceptor, second)
    assert await due(acceptor, play.no) == before
    await brought(town, sheet)


async def wished(form: Locator, fields: dict[str, Value]) -> None:
    """Fill in what a proposal says field by field."""
    for label, value in fields.items():
        await enter(form, label, value)


async def proposed(page: Page) -> tuple[str, str]:
    """Send a proposal, and return its number and the code of its matter."""
    await button(page.get_by_role("form", name="提出变更"), "提出").click()
    line = page.locator("article header p.quiet").first
    await expect(line).to_contain_text("提出")
    no, code = (await line.inner_text()).split(" · ")[:2]
    return no, code


async def agreed(town: Town, no: str) -> None:
    """Everybody who was asked about a proposal agrees in writing, where the message leads."""
    page = await town.desk(KEEPER)
    await room(page, "准入与调整", "变更申请")
    await page.get_by_role("link").filter(has_text=no).click()
    owed = page.locator(".opinion").filter(has_text="还没有提")
    await expect(owed.first).to_be_visible()
    for unit in [await each.locator("span").first.inner_text() for each in await owed.all()]:
        one = await town.desk(office(unit))
        await told(one, no, "提出书面意见")
        await do(one, "提出书面意见", "已提出意见。", {"是否同意": True})


def office(unit: str) -> str:
    """Who gives a unit's opinion: its head, or the township's command room."""
    heads = [each.username for each in everybody().values() if each.unit == unit]
    return next((one for one in heads if one.startswith("head_")), unit)


async def decided(town: Town, no: str, remarks: tuple[str, str]) -> None:
    """Both offices review it, one after the other; then a leader approves."""
    leader = await town.desk("leader1")
    await leader.get_by_role("navigation", name="菜单").get_by_role("link", name="待办").click()
    waiting = leader.get_by_role("main").get_by_role("link").filter(has_text="批准")
    for who, remark in zip((KEEPER, OTHER_KEEPER), remarks, strict=True):
        await expect(waiting).to_have_count(0)
        page = await town.desk(who)
        await told(page, no, "进入审核")
        await do(page, "审核通过", "已审核。", {"审核意见": remark})
    await expect(waiting).to_have_count(1)
    await told(leader, no, "审批")
    await do(leader, "批准", "已批准，将随清单的下一个版本公布。", {"批示": "同意"})


async def written(town: Town, no: str) -> None:
    """Write the list's next version with what was approved, and put it into force."""
    page = await town.desk(KEEPER)
    await told(page, no, "已批准")
    form = page.get_by_role("form", name="起草清单的下一个版本")
    await form.get_by_label("新版本叫什么").fill(f"写入{no}")
    await button(form, "起草").click()
    await expect(page.get_by_role("heading", name="与现行版本的差异")).to_be_visible()
    await published(page)


@contextmanager
def about(play: Play, code: str) -> Iterator[None]:
    """While it lasts, what is reported is another matter."""
    script = play.script
    play.script = script.model_copy(update={"matter": code})
    yield
    play.script = script


async def admission(town: Town) -> tuple[str, str]:
    """Ask for a matter to be handed to townships, with what they are given for it."""
    page = await town.desk("head_D02")
    await room(page, "准入与调整", "提出变更")
    form = page.get_by_role("form", name="提出变更")
    await wished(form, {"提什么": "准入：把一件事交给镇街", "清单上没有，是新的事项": True})
    await wished(
        form,
        {
            "事项名称": "共享单车停放劝导",
            "领域": "城乡建设",
            "由事发地镇街牵头": True,
            "牵头单位职责": "劝导规范停放",
            "法律依据": "城市市容和环境卫生管理条例",
            "再改一栏": "配合单位及职责",
            "配合单位": ("区综合行政执法局",),
            "区综合行政执法局做什么": "培训、提供装备，依法处罚",
            "工作流程": "发现、劝导、上报",
            "准入到哪一天为止": "2027-11-30",
            "理由": "街面劝导离群众最近",
        },
    )
    await enter(form, "再改一栏", "群众常用说法（一行一个）")
    await form.get_by_role("textbox", name="群众常用说法").fill("共享单车乱停")
    await form.get_by_role("spinbutton", name="办理时限").fill("2")
    await button(form, "提出").click()
    lacking = form.locator("textarea:invalid, input:invalid")
    await expect(lacking).to_have_count(2)
    await wished(form, {"经费": "每镇街每年二万元", "人员": "派驻两名协管员"})
    return await proposed(page)


async def test_14_a_matter_comes_to_townships_with_means_and_goes_back(town):
    play = await begun(town, "14")
    no, code = await admission(town)
    await agreed(town, no)
    await decided(town, no, ("权责一致，有经费有人员", "于法有据"))
    page = await town.phone("resident2", play.script.landmark)
    await page.goto(f"{town.url}/#/report")
    await page.get_by_label("怎么回事").fill("共享单车乱停")
    await expect(page.locator(".matters button").first).to_be_visible()
    await expect(page.locator(".matters button", has_text="共享单车停放劝导")).to_have_count(0)
    await written(town, no)
    with about(play, code):
        second = await play.report(words="小区门口共享单车乱停，堆成山")
    township = await town.desk(play.script.township)
    await told(township, second, "有新任务")
    await heard(await town.phone(play.script.reporter), second, play.script.township)
    await burden(play)
    no = await given_back(play, code)
    await agreed(town, no)
    await decided(town, no, ("情况属实", "可以退出"))
    await written(town, no)
    page = await town.desk("acceptor1")
    await look(page, second)
    await expect(page.locator("[data-stage]")).to_have_text("待签收")
    await expect(page.locator(".task").first).to_contain_text(play.script.township)


async def burden(play: Play) -> None:
    """A township objects to a pledge that it was sent outside the list; it is taken back."""
    page = await play.town.desk(play.script.township)
    await room(page, "准入与调整", "清单外负担")
    pledge: dict[str, Value] = {
        "是什么": "责任状",
        "叫什么": "控烟责任状",
        "具体情况": "清单上没有这一项，要求签责任状",
        "哪个单位下达的": ("区卫生健康局",),
        "文件名称或文号": "卫健发〔2026〕3号",
    }
    await do(page, "登记异议", "已登记，请被反映的单位答复。", pledge)
    head = await play.town.desk("head_D03")
    await told(head, "控烟责任状", "提出异议")
    await do(head, "答复", "已答复。", {"答复内容": "已经停发"})
    keeper = await play.town.desk(KEEPER)
    await told(keeper, "控烟责任状", "待裁定")
    ruling = "清单外事项不得签责任状，应当收回"
    await do(keeper, "裁定", "已裁定。", {"异议是否成立": True, "裁定理由": ruling})
    await told(page, "控烟责任状", "应当收回")
    await expect(page.locator("h2 .tag").first).to_have_text("异议成立")


async def given_back(play: Play, code: str) -> str:
    """Ask as a township for a matter to go back to its department; return the number of that."""
    page = await play.town.desk(play.script.township)
    await room(page, "准入与调整", "提出变更")
    form = page.get_by_role("form", name="提出变更")
    await enter(form, "提什么", "退出：把一件事从镇街收回部门")
    await form.get_by_label("清单上的哪一项").fill(code)
    await form.get_by_role("button", name=code).click()
    why = {"整项退出清单": True, "依据": "退出提示", "理由": "办理量少，技术要求高"}
    await wished(form, why)
    no, _ = await proposed(page)
    return no
