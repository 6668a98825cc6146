"""How soon the phone page can be used on a slow phone: at first, and with its service worker.

    python bench/phone.py [--rounds 7]

A real Chromium, its processor slowed four times, at 400 kbit/s and 400 ms; beside it, in the same
run, a page with one word on it. Seen is: "report" is there as the page brings it, and a frame and
a task after that; usable is: the application has drawn it, and as much after that.
"""

import argparse
import asyncio
import statistics
import sys
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, which has a geo.py

from _serving import bench_opened, free_port, machine, serving
from aiohttp import web
from playwright.async_api import async_playwright

from tests.browser.conftest import QUIET
from tests.parts import chromium

SLOW_CPU = 4
SLOW_NET = {
    "offline": False,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
    "latency": 400,
}
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
FLOOR = "<!doctype html><title>-</title><p id=app data-v-app><a href='#/report'>-</a>"
USABLE = """
const drawn = (what) => new Promise((done) => {
  new MutationObserver((_, watching) => {
    if (!document.querySelector(what)) return;
    watching.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now())));
  }).observe(document, { childList: true, subtree: true, attributes: true });
});
globalThis.seen = drawn("a[href='#/report']");
globalThis.usable = drawn("[data-v-app] a[href='#/report']");
"""


async def opened(context, url):
    """A new page of the context, and the milliseconds until it is seen and can be used."""
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("Network.enable")
    await devtools.send("Network.emulateNetworkConditions", SLOW_NET)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})
    await page.goto(url, wait_until="commit")
    return page, await page.evaluate("Promise.all([seen, usable])")


async def phone(browser):
    context = await browser.new_context(**PHONE)
    await context.add_init_script(USABLE)
    return context


async def at_first(browser, url):
    """A phone that never saw the page."""
    context = await phone(browser)
    _, usable = await opened(context, url)
    await context.close()
    return usable


async def again(context, url):
    """The same phone another time: the worker has the page."""
    page, usable = await opened(context, url)
    assert await page.evaluate("navigator.serviceWorker.controller !== null")
    await page.close()
    return usable


async def empty(_request):
    return web.Response(text=FLOOR, content_type="text/html")


async def measure(url, rounds):
    app, port = web.Application(), free_port()
    app.router.add_get("/", empty)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium(), args=list(QUIET))
        warm = await phone(browser)
        page = await warm.new_page()
        await page.goto(url)
        await page.evaluate("navigator.serviceWorker.ready")
        await page.close()
        found = {"an empty page": [], "at first": [], "with the worker": []}
        for _ in range(rounds):  # by turns: what disturbs one disturbs all
            found["an empty page"].append(await at_first(browser, f"http://127.0.0.1:{port}/"))
            found["at first"].append(await at_first(browser, url))
            found["with the worker"].append(await again(warm, url))
        await browser.close()
    await runner.cleanup()
    floor = statistics.median(usable for _, usable in found["an empty page"])
    for name, times in found.items():
        seen, usable = (statistics.median(each) for each in zip(*times, strict=True))
        print(
            f"{name}: seen after {seen:.0f} ms, usable after {usable:.0f} ms"
            f" (worst {max(last for _, last in times):.0f}); {usable / floor:.1f} of the floor"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print(machine())
    with ExitStack() as stack:
        server = stack.enter_context(serving(stack.enter_context(bench_opened())))
        asyncio.run(measure(f"http://127.0.0.1:{server.port}/", options.rounds))


if __name__ == "__main__":
    main()
