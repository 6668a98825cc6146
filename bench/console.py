"""The desk in a real Chromium over many cases: lists, a case, another's change, the first screen.

    python bench/console.py [--cases 100000] [--asked 40] [--rounds 5]

A database is filled with so many cases, a tenth of them open, and served by one process. Asked
are: the list at the server (a page of 100 under each filter, by a lean client); the same filter
set in the page until its rows are painted; a case opened from the list until its text is painted;
a case declined by an acceptor until the dispatcher's page, on which it is open, says so; and the
first screen with a processor slowed four times at 10 Mbit/s and 50 ms, with its bytes.
"""

import argparse
import asyncio
import statistics
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, which has a geo.py

import _caseload as load
import asyncpg
from _serving import Client, bench_opened, machine, percentile, serving
from playwright.async_api import async_playwright

from server import db as database
from server.people.sign_in.passwords import hashed
from tests.browser.conftest import QUIET
from tests.parts import chromium

PASSWORD = "bench-4711-desk"
PEOPLE = ("acceptor", "dispatcher")
LISTS = {
    "all": "",
    "a stage": "stage=handling",
    "a township's, late": "township=000000003&clock=late",
    "a unit's": "unit=单位3",
    "a way of report": "channel=patrol",
    "words": "q=路灯不亮",
}
SLOW_NET = {
    "offline": False,
    "downloadThroughput": 1_250_000,
    "uploadThroughput": 1_250_000,
    "latency": 50,
}
#: Resolved one frame and a task after something holds on the page.
PAINTED = """
globalThis.painted = (holds) => new Promise((done) => {
  const look = () => {
    if (!holds()) return void requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => done(performance.now())));
  };
  look();
});
"""
#: The rows of before stay until the answer is there: what is waited for is that, and its frame.
FILTERED = """
async (query) => {
  const began = performance.now();
  history.pushState({}, "", `/console/cases?${query}`);
  dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
  const answered = () => performance.getEntriesByType("resource").some(
    ({ name, responseEnd }) =>
      name.includes("/s/v1/cases?") && name.includes(query.split("&")[1]) && responseEnd > began);
  return (await painted(answered)) - began;
}
"""
OPENED = """
async (n) => {
  const row = document.querySelectorAll(".list a.row")[n];
  const no = row.getAttribute("href").split("?")[0].split("/").pop();
  row.dispatchEvent(new PointerEvent("pointerenter"));
  await new Promise((done) => setTimeout(done, 150));
  const began = performance.now();
  row.click();
  const said = () => document.querySelector("article.case .facts")?.textContent ?? "";
  return (await painted(() => said().includes(no))) - began;
}
"""


async def prepared(url):
    """Let two people sign in, and return the numbers of cases that wait to be filed."""
    db = await asyncpg.connect(url)
    try:
        await db.execute(
            "UPDATE account SET username = name, password_hash = $1 WHERE name = ANY($2::text[])",
            hashed(PASSWORD),
            list(PEOPLE),
        )
        # What is counted as open in a row of the list has no clock that rings meanwhile.
        await db.execute(
            "UPDATE case_file SET wake_at = NULL; UPDATE case_task SET wake_at = NULL"
        )
        found = await db.fetch(
            "SELECT no FROM case_file WHERE stage = 'submitted' ORDER BY id DESC LIMIT 200"
        )
        return [row["no"] for row in found]
    finally:
        await db.close()


async def signed_in(port, username):
    client = Client(port)
    form = {"username": username, "password": PASSWORD}
    client.token = (await client.json("POST", "/auth/password", form))["token"]
    return client


def told(name, times, aim=""):
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    print(f"{name:44} p50 {p50:7.0f} ms  p95 {p95:7.0f} ms  n {len(times):3} {aim}", flush=True)


async def at_the_server(client, asked):
    for name, query in LISTS.items():
        times = []
        for n in range(asked + 3):
            start = time.perf_counter()
            await client.json("GET", f"/s/v1/cases?limit=100&{quote(query, safe='=&')}")
            if n >= 3:
                times.append((time.perf_counter() - start) * 1000)
        told(f"list at the server: {name}", times, "aim 100")


async def desk(browser, url, username, path):
    context = await browser.new_context(viewport={"width": 1920, "height": 1080})
    await context.add_init_script(PAINTED)
    page = await context.new_page()
    await page.goto(f"{url}/console{path}")
    await page.get_by_label("用户名").fill(username)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator(".list a.row").first.wait_for(timeout=60_000)
    return page


async def to_pixels(page, asked):
    times = []
    for n in range(asked):
        stage = ("handling", "checking", "dispatched", "disputed", "suspended")[n % 5]
        township = f"{1 + n // 5 % 15:09}"
        query = f"stage={stage}&township={township}"
        await page.evaluate("performance.clearResourceTimings()")
        times.append(await page.evaluate(FILTERED, query))
    told("a filter set, to pixels", times, "aim 300")


async def opening(page, url, asked):
    await page.goto(f"{url}/console/cases")
    await page.locator(".list a.row").nth(12).wait_for(timeout=60_000)
    times = [await page.evaluate(OPENED, 1 + n % 12) for n in range(asked)]
    told("a case opened from the list", times, "aim 150")


async def others_change(page, url, client, nos):
    times = []
    for no in nos:
        await page.goto(f"{url}/console/cases/{no}")
        await page.locator("[data-stage]").wait_for()
        before = await page.locator("[data-stage]").inner_text()
        await page.mouse.move(900, 500)
        await page.wait_for_timeout(1500)
        seen = asyncio.ensure_future(
            page.evaluate(
                """(before) => painted(() => {
                  const now = document.querySelector("[data-stage]")?.textContent;
                  return now && now !== before;
                }).then(() => Date.now())""",
                before,
            )
        )
        await asyncio.sleep(0.1)
        form = {"code": "other", "where_to_go": "别处"}
        await client.json("POST", f"/s/v1/cases/{no}/decline", form)
        answered = time.time() * 1000
        times.append(await asyncio.wait_for(seen, 60) - answered)
    told("another's change, from their answer to my screen", times, "aim 300")


async def first_screen(browser, url, rounds):
    times, sizes = [], []
    for _ in range(rounds):
        context = await browser.new_context(viewport={"width": 1280, "height": 720})
        await context.add_init_script(PAINTED)
        page = await context.new_page()
        devtools = await context.new_cdp_session(page)
        await devtools.send("Network.enable")
        await devtools.send("Network.emulateNetworkConditions", SLOW_NET)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        got = []

        def noted(done, got=got):
            got.append(done["encodedDataLength"])

        devtools.on("Network.loadingFinished", noted)
        await page.goto(f"{url}/console/", wait_until="commit")
        times.append(
            await page.evaluate("painted(() => document.querySelector('input[type=password]'))")
        )
        sizes.append(sum(got))
        await context.close()
    told("the first screen, slowed", times, "aim 1500")
    print(f"the first screen: {statistics.median(sizes) / 1000:.0f} kB over the network")


async def measure(server, nos, options):
    url = f"http://127.0.0.1:{server.port}"
    client = await signed_in(server.port, "acceptor")
    await at_the_server(client, options.asked)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium(), args=list(QUIET))
        await first_screen(browser, url, options.rounds)
        page = await desk(browser, url, "dispatcher", "/cases")
        await to_pixels(page, options.asked)
        await opening(page, url, options.asked)
        await others_change(page, url, client, nos[: options.asked // 2])
        await browser.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--asked", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(machine())
    with ExitStack() as stack:
        bench = stack.enter_context(bench_opened())
        start = time.perf_counter()
        asyncio.run(database.migrate(bench.database_url))
        asyncio.run(load.fill(bench.database_url, options.cases))
        nos = asyncio.run(prepared(bench.database_url))
        sizes = asyncio.run(load.size_of(bench.database_url))
        print(f"{sizes}, filled in {time.perf_counter() - start:.0f} s", flush=True)
        server = stack.enter_context(serving(bench, demo=False))
        asyncio.run(measure(server, nos, options))


if __name__ == "__main__":
    main()
