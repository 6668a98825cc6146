"""A word of 300 letters in whatever people fill in: no page scrolls sideways, lines stay lines."""

from itertools import groupby

import pytest

from tests.browser.scenes import everywhere
from tests.casework import Casework, rows_of

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]

WORD = "w" * 300
#: What people write, by table.
WRITTEN = {
    "report": ("text",),
    "case_file": ("result",),
    "case_step": ("reason", "note"),
    "case_task": ("duties", "result"),
    "case_verification": ("question",),
    "case_instruction": ("text",),
    "case_request": ("reason",),
    "inbox_message": ("text",),
}
LINES = "第一行\n第二行"
#: Where the beginning of words stands on one line.
LISTS = {"mine", "my-grids", "work-grid", "work-unit", "work-desk", "work-room"}


async def fill(columns) -> None:
    """Put two lines and the word wherever people write."""
    await rows_of("ALTER TABLE case_step DISABLE TRIGGER USER")  # it is only added to
    for table, names in columns.items():
        for name in names:
            await rows_of(f"UPDATE {table} SET {name} = $1", f"{LINES} {WORD}")


@pytest.mark.parametrize("large", [False, True])
async def test_no_page_scrolls_sideways_for_a_long_word_in_any_field(county, phone, large):
    work = Casework(county)
    scene = await everywhere(county)
    await rows_of("UPDATE case_call SET place_text = $1", WORD[:200])
    await rows_of("UPDATE report SET address = $1", WORD[:200])
    await work.declined()
    await fill(WRITTEN)
    wide, joined = [], []
    for username, theirs in groupby(scene.pages, key=lambda each: each[1]):
        someone = await phone(size=(320, 640))
        page = await someone.open("/sign-in")
        if username:
            await someone.sign_in(page, username)
        if large:
            await page.evaluate("localStorage.setItem('gridwhistle.large', '1')")
            await page.reload()
        for name, _, path in theirs:
            await page.goto(f"{someone.url}/#{path}")
            await someone.settled(page)
            # Of a field too: what is typed there is wrapped as well.
            for field in await page.locator("textarea:visible").all():
                await field.fill(WORD)
            over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            wide += [f"{name}: {over} px"] if over > 0 else []
            shown = (
                await page.locator("main").inner_text()
                if await page.locator("main").count()
                else ""
            )
            joined += [name] if name not in LISTS and "第一行 第二行" in shown else []
        await someone.context.close()
    assert (wide, joined) == ([], [])
