"""A real Chromium, as a phone, on the demo county served for real with its worker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from tortoise import Tortoise

from gridwhistle import worker
from gridwhistle.assembly import make_app
from media.sample import jpeg
from server.people.sign_in.passwords import hashed
from tests.casework import WALL
from tests.county import County
from tests.parts import ROOT, SHARED, chromium

PASSWORD = "three pomegranates"
SIZES = ((360, 740), (414, 896))
#: Where pictures of the pages are kept for people to look at.
PICTURES = ROOT / "var" / "pictures"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # A name that is not localhost: plain http, as on an intranet.
    "--host-resolver-rules=MAP pilot.example 127.0.0.1",
)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Mishap = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
#: What befalls requests of a path, for as long as it stands here.
MISHAPS: dict[str, Mishap] = {}


@web.middleware
async def _mishaps(request: web.Request, handler: Handler) -> web.StreamResponse:
    mishap = MISHAPS.get(request.path)
    return await (mishap(request, handler) if mishap else handler(request))


async def dies_in_the_body(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """As of a server that is killed while it reads."""
    await request.content.read(1000)
    return _dead(request)


async def dies_before_the_answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """As of a server that is killed after it has done what was asked."""
    await handler(request)
    return _dead(request)


def _dead(request: web.Request) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return web.Response(status=503)


@asynccontextmanager
async def working(county: County) -> AsyncIterator[web.Application]:
    """An application on a county whose worker is at work; everybody may sign in."""
    sql = "UPDATE account SET password_hash = $1"
    await Tortoise.get_connection("default").execute_query(sql, [hashed(PASSWORD)])
    parts, stop = county.parts, asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(parts.settings, parts.bus, parts.store, stop))
        yield make_app(parts)
        stop.set()
        await parts.bus.publish("outbox")


@pytest.fixture
async def url(county, aiohttp_server) -> AsyncIterator[str]:
    """The demo county served with its worker."""
    async with working(county) as app:
        app.middlewares.insert(0, _mishaps)
        server = await aiohttp_server(app)
        yield str(server.make_url("")).rstrip("/")
        MISHAPS.clear()


#: A machine that is busy with other tests is no reason to fail.
expect.set_options(timeout=20_000)


@dataclass
class Phone:
    """One person's phone: a browser context with its storage, its position, its faults."""

    context: BrowserContext
    url: str
    faults: list[str] = field(default_factory=list)
    pending: set = field(default_factory=set)

    async def open(self, path: str = "/") -> Page:
        """A new page of it; what goes wrong in the page is kept in `faults`."""
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        page.on("request", self._asked)
        page.on("requestfinished", self._answered)
        page.on("requestfailed", self._answered)
        await page.goto(f"{self.url}/#{path}")
        return page

    def _heard(self, message) -> None:
        # The browser says so itself when a request is refused or the network is away.
        told = ("Failed to load resource", "WebSocket connection to")
        if message.type == "error" and not message.text.startswith(told):
            self.faults.append(message.text)

    async def settled(self, page: Page) -> None:
        """Wait until a page has read what it shows: nothing asked for some time."""
        quiet = 0
        for _ in range(200):
            await page.wait_for_timeout(100)
            quiet = 0 if self.pending else quiet + 1
            if quiet >= 4:
                return

    def _answered(self, request) -> None:
        self.pending.discard(request)

    def _asked(self, request) -> None:
        self.pending.add(request)
        if not request.url.startswith((self.url, "blob:", "data:")):
            self.faults.append(f"asked a third party: {request.url}")

    async def sign_in(self, page: Page, username: str) -> None:
        """Sign in through the page, as people do."""
        await page.goto(f"{self.url}/#/sign-in")
        await page.get_by_label("用户名").fill(username)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录", exact=True).click()
        await page.wait_for_url("**/#/")


async def new_phone(
    browser: Browser, url: str, at: tuple[float, float] | None = WALL, size=SIZES[0], **more
) -> Phone:
    """A phone of a browser's at a place, in Shanghai unless told otherwise."""
    context = await browser.new_context(
        **{"timezone_id": "Asia/Shanghai"} | more,
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=2,
        locale="zh-CN",
        has_touch=True,
        is_mobile=True,
        geolocation=None if at is None else {"longitude": at[0], "latitude": at[1], "accuracy": 8},
        permissions=[] if at is None else ["geolocation"],
    )
    context.set_default_timeout(20_000)
    return Phone(context, url)


@pytest.fixture
async def phone(url, tmp_path) -> AsyncIterator[Callable[..., Awaitable[Phone]]]:
    """Makes phones: `await phone()` stands at the wall, `await phone(at=None)` has no position."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium(), args=list(QUIET))

        async def make(
            at: tuple[float, float] | None = WALL, size=SIZES[0], zone="Asia/Shanghai", **more
        ) -> Phone:
            return await new_phone(browser, url, at, size, timezone_id=zone, **more)

        yield make
        await browser.close()


@pytest.fixture
def photo(tmp_path) -> Path:
    """A photo with EXIF: a real one where the material is at hand, else one of our own."""
    real = sorted((SHARED / "data" / "photos").rglob("*.jpg"))
    if real:
        return real[0]
    file = tmp_path / "photo.jpg"
    file.write_bytes(jpeg(1600, 1200, seed=7))
    return file
