"""The oldest browsers promised: Chromium 80, iOS 14, and http on an intranet name."""

import pytest
from playwright.async_api import expect

from media.sample import jpeg
from server.cases.models.report import Report
from server.files.models import Photo
from tests.browser.reporting import WORDS, fill_in, send, writing

pytestmark = pytest.mark.needs("chromium")

#: What came after Chromium 80 or iOS 14, taken away before any script of the page runs.
OLDER = """
for (const [holder, names] of [
  [Crypto.prototype, ["randomUUID"]],
  [Array.prototype, ["at", "findLast", "findLastIndex", "toSorted", "toReversed", "with"]],
  [String.prototype, ["at", "replaceAll"]],
  [Object, ["hasOwn", "groupBy"]],
  [Promise, ["any", "withResolvers"]],
  [AbortSignal, ["any", "timeout"]],
  [AbortSignal.prototype, ["throwIfAborted"]],
  [Element.prototype, ["replaceChildren", "checkVisibility"]],
  [HTMLDialogElement.prototype, ["showModal"]],
  [globalThis, ["structuredClone", "HTMLDialogElement", "BroadcastChannel", "WeakRef"]],
]) for (const name of names) delete holder[name];
for (const name of ["locks", "storage", "clipboard"])
  Object.defineProperty(Navigator.prototype, name, { value: undefined });
"""
#: Chromium before 112 knew no such option; iOS before 15 not the call.
NO_OPTIONS = """
const open = globalThis.createImageBitmap;
globalThis.createImageBitmap = (file, options) => {
  if (options !== undefined) throw new TypeError("no such option");
  return open(file);
};
"""
NO_BITMAP = "delete globalThis.createImageBitmap;"
#: A phone whose memory holds no large picture.
NO_ROOM = "HTMLCanvasElement.prototype.getContext = () => null;"


@pytest.mark.slow
@pytest.mark.parametrize("lacks", [NO_OPTIONS, NO_BITMAP])
async def test_an_old_browser_reports_with_a_photo(county, phone, photo, lacks):
    someone = await phone()
    await someone.context.add_init_script(OLDER + lacks)
    page = await writing(someone)
    await fill_in(page, photo)
    await send(page)
    await page.wait_for_selector("[data-state=delivered]")
    assert await Report.all().values_list("text", flat=True) == [WORDS]
    [sent] = await Photo.all()
    assert sent.n_bytes <= 400_000
    for path in ("/mine", "/inbox", "/list", "/closed", "/settings"):
        await page.goto(f"{someone.url}/#{path}")
        await someone.settled(page)
        await expect(page.locator("h1")).to_be_visible()
    assert someone.faults == []


@pytest.mark.slow
async def test_a_photo_that_cannot_be_made_smaller_goes_as_it_is(county, phone, tmp_path):
    original = tmp_path / "photo.jpg"
    original.write_bytes(jpeg(800, 600, seed=3))
    someone = await phone()
    await someone.context.add_init_script(NO_ROOM)
    page = await writing(someone)
    await fill_in(page, original)
    await send(page)
    await page.wait_for_selector("[data-state=delivered]")
    [sent] = await Photo.all()
    assert sent.n_bytes == original.stat().st_size


@pytest.mark.slow
async def test_over_plain_http_the_first_screen_says_what_is_withheld_and_a_report_goes(
    county, phone, photo
):
    someone = await phone()
    assert "127.0.0.1" in someone.url
    someone.url = someone.url.replace("127.0.0.1", "pilot.example")
    page = await writing(someone)
    assert not await page.evaluate("isSecureContext")
    await fill_in(page, photo)
    await send(page)
    await page.wait_for_selector("[data-state=delivered]")
    await page.goto(f"{someone.url}/#/")
    await expect(page.get_by_role("status")).to_contain_text("不是 https")
    assert await Report.all().count() == 1
    assert someone.faults == []


@pytest.mark.slow
async def test_where_nothing_is_kept_one_signs_in_all_the_same_and_is_told(county, phone):
    someone = await phone()
    await someone.context.add_init_script(
        "Object.defineProperty(globalThis, 'localStorage', { get() { throw new Error('no'); } })"
    )
    page = await someone.open("/")
    await expect(page.get_by_role("status")).to_contain_text("不让保存")
    await someone.sign_in(page, "resident1")
    await expect(page.get_by_role("link", name="我的", exact=False).first).to_be_visible()
    assert someone.faults == []


@pytest.mark.slow
async def test_a_report_is_on_its_way_though_its_receipt_cannot_be_fetched(county, phone, photo):
    someone = await phone(service_workers="block")
    page = await someone.open("/sign-in")
    await someone.sign_in(page, "resident1")
    await page.route("**/ReceiptPage*", lambda route: route.abort())
    await page.goto(f"{someone.url}/#/report")
    await fill_in(page, photo)
    await someone.context.set_offline(True)
    await send(page)
    await page.get_by_role("link", name="1 件待发送").wait_for()
    assert await page.evaluate("location.hash") == "#/"
    await someone.context.set_offline(False)
    await expect(page.get_by_role("link", name="1 件待发送")).to_have_count(0, timeout=40_000)
    assert await Report.all().values_list("text", flat=True) == [WORDS]
