"""Filling in the page's forms as people do, and looking at each before it is sent."""

from playwright.async_api import expect

from tests.browser.looking import serious, unfit


async def enter(someone, username: str, path: str):
    """A page of somebody's, signed in."""
    page = await someone.open("/sign-in")
    await someone.sign_in(page, username)
    return await turn_to(someone, page, path)


async def turn_to(someone, page, path: str):
    """The same page, at another place."""
    if page.url.startswith(someone.url):
        # Before its first place stands, the router puts back whatever address is written over it.
        await page.wait_for_selector("main")
    await page.goto(f"{someone.url}/#{path}")
    await someone.settled(page)
    return page


def button(page, name: str):
    """A button by its whole name."""
    return page.get_by_role("button", name=name, exact=True)


async def rest(page, name: str):
    """One of a task's acts beside the next one: it stands under 更多."""
    await button(page, "更多").click()
    await button(page, name).click()


async def choose(page, label: str, words: str):
    """Find a unit by a part of its name, and take the first that is found."""
    await page.get_by_role("searchbox", name=label).fill(words)
    await page.get_by_role("group", name=label).get_by_role("button").first.click()


async def add_photo(page, photo, label: str = ""):
    """Put a photo into a form (of several places for photos, into the one with this label)."""
    place = page.locator(".field", has_text=label) if label else page
    before = await place.locator("figure img").count()
    await place.locator("input[type=file]").set_input_files(str(photo))
    await expect(place.locator("figure img")).to_have_count(before + 1)
    await expect(page.get_by_text("正在处理照片")).to_have_count(0)


async def sure(page):
    """Hold the open form to what every page is held to."""
    assert await serious(page) + await unfit(page) == []


async def send(page, name: str = "提交", *, told: str = "已提交"):
    """Look at the open form, send it, and read what the page says of it."""
    await sure(page)
    await button(page, name).click()
    await expect(button(page, name)).to_have_count(0)
    await expect(page.get_by_role("status").filter(has_text=told)).to_be_visible()
