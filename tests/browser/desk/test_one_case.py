"""One case at a desk as it is read: its clocks, its messages' forms, why not, photos, who heard."""

import pytest
from playwright.async_api import expect

from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def test_a_suspended_case_is_shown_with_its_clocks_at_rest(county, desk):
    work = Casework(county)
    case = await work.suspended()
    local = case.suspended_until.astimezone(work.basis.zone)
    rests = f"暂停计时至 {local.month}月{local.day}日"
    unit = work.basis.units.by_id[case.lead_id]
    for who in ("dispatcher1", f"handler_{unit.code}"):
        mine = await desk()
        page = await mine.sign_in(who, f"/cases/{case.no}")
        await expect(page.locator(".row .until").first).to_contain_text(rests)
        await expect(page.locator("article header")).to_contain_text(rests)
        await expect(page.locator("article header")).to_contain_text("材料未到")
        await expect(page.locator(".tasks")).to_contain_text(rests)
        await expect(page.locator(".tasks .clock")).to_have_count(0)
        await expect(page.locator("details.due")).to_have_count(0)
        await mine.pictures(page, f"suspended-{who}")
    await page.goto(f"{mine.url}/console/work")
    await expect(page.locator("[data-resting]")).to_contain_text(rests)
    await expect(page.locator("[data-row]")).to_have_count(0)
    await mine.pictures(page, "suspended-work")
