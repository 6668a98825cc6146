"""A report written and sent on the page, and what of it arrived."""

from server.cases.models.case import Case
from server.cases.models.report import Report
from server.files.models import Photo

LISTED = """
async () => {
  const kept = () => caches.open("county").then((county) => county.keys());
  while (!(await kept()).some(({ url }) => url.includes("after="))) {
    await new Promise((done) => setTimeout(done, 200));
  }
}
"""
WORDS = "路灯坏了，晚上一片漆黑，老人看不见路"


async def writing(someone):
    """The report page of somebody signed in, still empty."""
    page = await someone.open("/sign-in")
    await someone.sign_in(page, "resident1")
    await page.goto(f"{someone.url}/#/report")
    await page.get_by_label("怎么回事").wait_for()
    return page


async def send(page):
    await page.get_by_role("button", name="提交", exact=True).click()


async def delivered(page):
    await page.wait_for_selector("[data-state=delivered]", timeout=40_000)
    assert await Case.all().count() == 1
    assert await Report.all().values_list("text", flat=True) == [WORDS]
    assert await Photo.all().count() == 1


async def fill_in(page, photo, words=WORDS):
    """Fill the report in and choose what the page suggests first."""
    await page.get_by_label("怎么回事").fill(words)
    await page.set_input_files("input[type=file]", str(photo))
    await page.wait_for_selector("figure img")
