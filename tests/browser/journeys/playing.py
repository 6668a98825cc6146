"""The steps that stories share, as hands do them: the words are those of the tour's scripts."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from gridwhistle.tour.script import Script, script
from tests.browser.forms import add_photo, button, choose
from tests.browser.journeys.screens import do, enter, heard, look, submit, tap, told, waits
from tests.browser.journeys.town import Town, everybody

KINDS = {"livelihood": "民生诉求", "enforcement": "违法行为"}


@dataclass
class Play:
    """A story as it goes; `no` is its case once there is one."""

    town: Town
    script: Script
    no: str = ""

    async def report(self, *, by: str = "", words: str = "", complains_of: str = "") -> str:
        """Photograph and report from a phone; return the number that the receipt says."""
        page = await self.town.phone(by or self.script.reporter, self.script.landmark)
        await page.goto(f"{self.town.url}/#/report?kind={self.script.kind}")
        await page.get_by_label("怎么回事").fill(words or self.script.words)
        await add_photo(page, self.town.photo())
        named = self.town.matter(self.script.matter)
        await page.locator(".matters button", has_text=named).click()
        await expect(page.locator("[data-where]")).to_contain_text(self.script.township)
        if complains_of:
            await page.get_by_label("我要投诉一个单位").check()
            await choose(page, "投诉哪个单位", complains_of)
        await button(page, "提交").click()
        receipt = page.locator("[data-state=delivered]")
        await expect(receipt).to_contain_text("已收到")
        return (await receipt.locator(".number").inner_text()).split()[-1]

    async def sign(self, unit: str) -> None:
        """Sign for a unit's part at its desk, where the message of it leads."""
        page = await self.town.desk(unit)
        await told(page, self.no, self.given(unit))
        await do(page, "签收", "已提交。", soon=True)

    def given(self, unit: str) -> str:
        """What a unit's message says of what it is given; who reported hears as such."""
        reported = self.town.username(unit) == self.script.reporter
        return "已安排处理" if reported and "report" in self.script.steps else "请及时签收"

    async def sign_on_foot(self, unit: str) -> None:
        """Sign for a unit's part on a phone, where the message of it leads."""
        page = await self.town.phone(unit, self.script.landmark)
        await heard(page, self.no, "请及时签收")
        await button(page, "签收").click()
        await expect(page.locator("[data-stage]")).to_have_text("已签收")

    async def arrive(self, unit: str) -> None:
        """Report in at the place, by phone, where the message of the task leads."""
        page = await self.town.phone(unit, self.script.landmark)
        await heard(page, self.no, self.given(unit))
        await tap(page, "到场报到")
        await expect(page.locator("[data-stage]")).to_have_text("已报到")

    async def closed_by(self, acceptor: str) -> None:
        """Close it at a desk, where it waits for that."""
        page = await self.town.desk(acceptor)
        await waits(page, self.no)
        await do(page, "结案", "已结案，会请群众评价。", soon=True)

    async def checked(self, note: str, *, passed: bool = True) -> None:
        """Look at the place again, as whoever's phone rings."""
        who = await self.town.checker(self.no)
        assert who != self.script.reporter
        page = await self.town.phone(who, self.script.landmark)
        await heard(page, self.no, "请您核查")
        await page.get_by_label("说明").fill(note)
        await add_photo(page, self.town.photo(), "照片")
        await button(page, "已解决" if passed else "没解决").click()
        await expect(page.get_by_role("status").filter(has_text="核查已收到")).to_be_visible()

    async def stands(self, who: str, stage: str) -> Page:
        """See at a desk at which stage the case stands."""
        page = await self.town.desk(who)
        await look(page, self.no)
        await expect(page.locator("[data-stage]")).to_have_text(stage)
        return page


def part_of(page: Page, unit: str) -> Locator:
    """The part of one unit in a case at a desk."""
    return page.locator(".task").filter(has=page.get_by_text(unit, exact=True))


async def look_up(play: Play) -> None:
    """See on a phone who answers for the matter by the list."""
    page = await play.town.phone(play.script.reporter)
    named = play.town.matter(play.script.matter)
    await page.goto(f"{play.town.url}/#/list")
    await page.get_by_label("搜索").fill(named)
    entry = page.locator("article", has_text=named).first
    await entry.get_by_role("button").click()
    itself = play.script.lead == play.script.township
    await expect(entry).to_contain_text(f"由{'镇街' if itself else play.script.lead}负责")
    for unit in play.script.cooperating:
        if unit != play.script.township:
            await expect(entry).to_contain_text(unit)


async def report(play: Play) -> None:
    play.no = await play.report()


async def screen(play: Play) -> None:
    """Take it on at the acceptor's desk."""
    page = await play.town.desk("acceptor1")
    await waits(page, play.no)
    await do(page, "立案", "已立案。", soon=True)


async def dispatched(play: Play) -> None:
    """The reporter reads on the phone who is responsible, and until when."""
    page = await play.town.phone(play.script.reporter)
    await heard(page, play.no, "已安排处理")
    await expect(page.get_by_text(play.script.lead).first).to_be_visible()


async def call(play: Play) -> None:
    """Call units to a place at a time, at the township's desk."""
    page = await play.town.desk(play.script.township)
    await page.get_by_role("link", name="呼叫", exact=True).click()
    await page.get_by_role("link", name="发起呼叫").click()
    fields: Mapping[str, str | tuple[str, ...]] = {
        "为什么呼叫": "联合执法",
        "现场情况": play.script.words,
        "事项": (play.town.matter(play.script.matter),),
        "牵头单位": (play.script.lead,),
        "还要叫的单位": play.script.cooperating,
        "在哪里集合": play.script.meet,
    }
    form = page.get_by_role("form", name="发起呼叫")
    for label, value in fields.items():
        await enter(form, label, value)
    await form.locator(".leaflet-container").click()
    await button(form, "呼叫").click()
    called = page.get_by_role("article").filter(has_text=play.script.words)
    await expect(called).to_contain_text(play.script.meet)
    href = await called.get_by_role("link").first.get_attribute("href")
    play.no = str(href).rpartition("/")[2]


async def duties(play: Play) -> None:
    """The lead and the township read at their desks what the list asks of them."""
    for unit, n in zip(
        (play.script.lead, play.script.township), play.script.n_duties, strict=True
    ):
        page = await play.town.desk(unit)
        await told(page, play.no, play.given(unit))
        named = await part_of(page, unit).get_by_text("职责").inner_text()
        assert len(named.split("；")) == n, named


async def accept(play: Play) -> None:
    """The lead signs at its desk, who helps on a phone, the township at its desk."""
    if play.script.order:  # who helps signs when it is its turn
        await play.sign(play.script.lead)
        return
    for unit in play.script.units:
        if unit in (play.script.lead, play.script.township):
            await play.sign(unit)
        else:
            await play.sign_on_foot(unit)


async def confirmed(play: Play, unit: str) -> None:
    """The township says at its desk that a unit has come, where the message of that leads."""
    room = await play.town.desk(play.script.township)
    await told(room, play.no, f"{unit}已到现场")
    await do(part_of(room, unit), "确认到场", "已提交。", soon=True)


async def come(play: Play) -> None:
    """Everybody comes, and the township says so; it comes itself only where it leads."""
    for unit in play.script.units:
        if unit == play.script.township and unit != play.script.lead:
            continue
        await play.arrive(unit)
        if unit != play.script.township:
            await confirmed(play, unit)


async def process(play: Play) -> None:
    """Each step by its unit and none before its turn; the lead ends its own by telling of them."""
    here: set[str] = set()
    for position, names in enumerate(play.script.order, start=1):
        for unit in names:
            await do_step(play, unit, position, arriving=unit not in here)
            here.add(unit)
    await finish(play)


async def do_step(play: Play, unit: str, position: int, *, arriving: bool) -> None:
    page = await play.town.desk(unit)
    if unit != play.script.lead:  # each step is a task of its own
        await play.sign(unit)
    if arriving:
        await play.arrive(unit)
        if unit != play.script.township:
            await confirmed(play, unit)
    await look(page, play.no)
    if unit != play.script.lead:
        await do(page, "完成配合", "已提交。", {"处理结果": play.script.helped})
        return
    named = page.get_by_label("办理步骤")
    await part_of(page, unit).get_by_role("button", name="反馈进展").click()
    options = named.get_by_role("option").filter(has_text="完成：")
    await expect(options).to_have_count(1)
    step = await options.inner_text()
    await do(page, "反馈进展", "已提交。", {"办理步骤": step, "说明": play.script.progress})


async def work(play: Play) -> None:
    """Say how far it is; who helps finishes; then the lead does, with a photo."""
    lead = await play.town.desk(play.script.lead)
    await look(lead, play.no)
    photo = play.town.photo()
    await do(lead, "反馈进展", "已提交。", {"说明": play.script.progress, "处理后的照片": photo})
    for unit in play.script.cooperating:
        if unit == play.script.township:
            page = await play.town.desk(unit)
            await look(page, play.no)
            await do(page, "完成配合", "已提交。", {"处理结果": play.script.helped})
        else:
            page = await play.town.phone(unit)
            await tap(page, "完成配合")
            await submit(page, fields={"处理结果": play.script.helped})
    await finish(play)


async def finish(play: Play, on: str = "已完成配合", result: str = "") -> None:
    """Declare it handled as the lead, at the desk where a message says that it is time."""
    lead = await play.town.desk(play.script.lead)
    await told(lead, play.no, on)
    done = {"处理结果": result or play.script.result, "处理后的照片": play.town.photo()}
    await do(lead, "办结", "已提交。", done)


async def check(play: Play) -> None:
    await play.checked(play.script.check)


async def close(play: Play) -> None:
    await play.closed_by("acceptor2")


async def appraise(play: Play) -> None:
    """Say what one thinks of the answer, where the message that it is closed leads."""
    who = play.script.reporter
    if everybody()[who].role == "township":
        page = await play.town.desk(who)
        await told(page, play.no, "已结案")
        await do(
            page,
            "评价",
            "已提交。",
            {
                "有人回应": True,
                "问题解决了": True,
                "满意度": "5",
                "说明": play.script.comment,
            },
        )
        return
    page = await play.town.phone(who)
    await heard(page, play.no, "请您评价")
    for question in ("有人回应您吗？", "问题解决了吗？"):
        await page.get_by_role("group", name=question).get_by_label("是").check()
    await page.get_by_label("5 星").check()
    await page.get_by_label("想说的话").fill(play.script.comment)
    await button(page, "提交评价").click()
    await expect(page.get_by_role("status").filter(has_text="谢谢您的评价")).to_be_visible()


async def look_back(play: Play) -> None:
    """It is archived with its whole history, and the public reads of it without a name."""
    page = await play.stands("acceptor2", "归档")
    for verb in ("结案", "评价"):
        await expect(page.get_by_text(verb).first).to_be_visible()
    page = await play.town.phone(play.script.reporter)
    await page.goto(f"{play.town.url}/#/closed")
    row = page.locator("article").filter(has_text=play.town.matter(play.script.matter)).first
    await expect(row).to_contain_text(play.script.lead)
    await expect(row).to_contain_text(play.script.township)
    await expect(row).not_to_contain_text(everybody()[play.script.reporter].name)


STEPS: dict[str, Callable[[Play], Awaitable[None]]] = {
    each.__name__: each
    for each in (
        *(look_up, report, screen, dispatched, call, duties, accept, come, work, process),
        *(check, close, appraise, look_back),
    )
}
#: What the tour looks for before somebody checks: here a phone rings.
ONLY_TOLD = "ask"


async def begun(town: Town, name: str) -> Play:
    """Play what leads up to a detour."""
    play = Play(town, script(name))
    for step in play.script.steps:
        if step != ONLY_TOLD:
            await STEPS[step](play)
    return play


async def played(town: Town, name: str) -> None:
    """Play a story from its first step to its last."""
    play = await begun(town, name)
    for step in play.script.ending:
        await STEPS[step](play)
