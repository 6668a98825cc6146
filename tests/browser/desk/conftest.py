"""A desk's browser: a window, a keyboard, and an ear for what the page's policy refuses."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.conftest import PASSWORD, PICTURES, QUIET
from tests.browser.looking import serious
from tests.parts import chromium

SIZES = ((1280, 720), (1920, 1080), (3840, 2160))
REFUSED = """
globalThis.refused = [];
addEventListener("securitypolicyviolation", (event) =>
  refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Desk:
    """One person's browser at a desk."""

    context: BrowserContext
    url: str
    faults: list[str] = field(default_factory=list)

    async def sign_in(self, username: str, path: str = "/", page: Page | None = None) -> Page:
        """Sign in through the page, and be where the address says."""
        page = page or await self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._asked)
        await page.goto(f"{self.url}/console{path}")
        await page.get_by_label("用户名").fill(username)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("navigation", name="菜单")).to_be_visible()
        return page

    def _asked(self, request) -> None:
        if not request.url.startswith((self.url, "blob:", "data:")):
            self.faults.append(f"asked a third party: {request.url}")

    async def sure(self, page: Page) -> None:
        """Nothing was refused by the policy or thrown, nothing is too wide, axe finds nothing."""
        assert await page.evaluate("refused") == []
        assert self.faults == []
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert await serious(page) == []

    async def pictures(self, page: Page, name: str) -> None:
        """Look at a room at all sizes, and keep it for people to look at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            await page.wait_for_timeout(300)
            await page.screenshot(path=PICTURES / f"console-{name}-{width}.png")
            await self.sure(page)
        await page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})


async def new_desk(browser: Browser, url: str) -> Desk:
    """A desk's window of a browser."""
    context = await browser.new_context(
        viewport={"width": SIZES[0][0], "height": SIZES[0][1]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(20_000)
    await context.add_init_script(REFUSED)
    return Desk(context, url)


@pytest.fixture
async def desk(url) -> AsyncIterator[Callable[[], Awaitable[Desk]]]:
    """Makes desks: `await desk()`."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium(), args=list(QUIET))

        async def make() -> Desk:
            return await new_desk(browser, url)

        yield make
        await browser.close()
