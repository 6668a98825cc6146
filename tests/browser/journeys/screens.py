"""What a person does at a screen of either kind: read a message, fill in a form, send it."""

from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.browser.forms import add_photo, button

#: What may stand in a field: words, a file, yes or no, or a part of a name to be found by.
Value = str | bool | Path | tuple[str, ...]


async def told(page: Page, no: str, words: str) -> None:
    """Open the inbox at a desk, and go where its message of a case leads."""
    await page.get_by_role("button", name="消息").click()
    inbox = page.get_by_role("dialog", name="消息")
    await inbox.get_by_role("button").filter(has_text=no).filter(has_text=words).first.click()
    await expect(inbox).to_be_hidden()


async def waits(page: Page, no: str) -> None:
    """Go from all that waits at a desk to the form that waits of a case."""
    await page.get_by_role("navigation", name="菜单").get_by_role("link", name="待办").click()
    await page.locator(f'a.row[href*="/cases/{no}"]').first.click()


async def look(page: Page, no: str) -> None:
    """Open a case at a desk by its number, as it is found from anywhere."""
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox", name="按编号、事项、单位、地点、人员打开").fill(no)
    await page.get_by_role("option").filter(has_text=no).first.click()


async def do(
    here: Page | Locator,
    act: str,
    said: str,
    fields: Mapping[str, Value] | None = None,
    *,
    soon: bool = False,
) -> None:
    """Fill in and send the form of an act at a desk; it may stand open already.

    What is `soon` waits ten seconds for a change of mind, unless it is sent at once.
    """
    page = here if isinstance(here, Page) else here.page
    form = await opened(here, act, fields)
    await form.get_by_role("button", name="提交").click()
    await expect(form).to_have_count(0)
    if soon:
        await page.get_by_role("button", name="现在提交").click()
    await expect(page.locator(".soon").get_by_text(said)).to_be_visible()


async def refused(page: Page, act: str, fields: Mapping[str, Value], said: str) -> None:
    """Send the form of an act at a desk that waits for a change of mind, and read why not."""
    form = await opened(page, act, fields)
    await form.get_by_role("button", name="提交").click()
    await page.get_by_role("button", name="现在提交").click()
    await expect(page.locator(".soon").get_by_text(said)).to_be_visible()


async def opened(
    here: Page | Locator, act: str, fields: Mapping[str, Value] | None = None
) -> Locator:
    """The form of an act at a desk, filled in; it may stand open already."""
    page = here if isinstance(here, Page) else here.page
    form = here.get_by_role("form", name=act, exact=True)
    place = page.get_by_role("main") if here is page else here
    opener = place.get_by_role("button", name=act).first
    await expect(form.or_(opener).first).to_be_visible()
    if not await form.is_visible():
        await opener.click()
    for label, value in (fields or {}).items():
        await enter(form, label, value)
    return form


async def enter(form: Locator, label: str, value: Value) -> None:
    """Fill in one field of a form at a desk."""
    match value:
        case bool():
            group = form.get_by_role("group", name=label)
            one = group.get_by_label("是" if value else "否", exact=True)
            await one.or_(form.get_by_role("checkbox", name=label)).check()
        case Path():
            await form.get_by_label(label).set_input_files(value)
            await expect(form.get_by_text("1 张照片")).to_be_visible()
        case tuple():
            for name in value:
                await form.get_by_role("searchbox", name=label).fill(name)
                found = form.get_by_role("group", name=label)
                # A case is called by its title, number and stage.
                numbered = found.get_by_role("button", name=f" {name} ")
                await found.get_by_role("button", name=name, exact=True).or_(numbered).click()
        case _:
            field = form.get_by_label(label).first
            if await field.evaluate("one => one.tagName") == "SELECT":
                await field.select_option(label=value)
            else:
                await field.fill(value)


async def heard(page: Page, no: str, words: str) -> None:
    """Open the inbox on a phone, and go where its message of a case leads."""
    await page.get_by_role("link", name="消息").first.click()
    await page.locator(".message").filter(has_text=no).filter(has_text=words).first.click()
    await page.wait_for_url(lambda url: "/inbox" not in url)


async def tap(page: Page, act: str) -> None:
    """Touch a button of a phone; what is not the next act stands under 更多."""
    wanted, more = button(page, act), button(page, "更多")
    await expect(wanted.or_(more).first).to_be_visible()
    if not await wanted.is_visible():
        await more.click()
    await wanted.click()


async def submit(
    page: Page, said: str = "已提交", fields: Mapping[str, Value] | None = None
) -> None:
    """Fill in and send the open form of a phone."""
    for label, value in (fields or {}).items():
        if isinstance(value, Path):
            await add_photo(page, value, label)
        elif isinstance(value, tuple):
            await page.get_by_role("searchbox", name=label).fill(value[0])
            await (
                page.get_by_role("group", name=label)
                .get_by_role("button", name=value[0], exact=True)
                .click()
            )
        elif await page.get_by_label(label).evaluate("one => one.tagName") == "SELECT":
            await page.get_by_label(label).select_option(label=str(value))
        else:
            await page.get_by_label(label).fill(str(value))
    await button(page, "提交").click()
    await expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()
