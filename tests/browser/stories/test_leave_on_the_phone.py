"""A grid worker goes on leave by the phone: what waits is at once the substitute's."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from server.cases.models.task import Check
from server.clock import now
from server.people.duty.leaves import substitutes_for
from server.people.queries import account
from tests.browser.conftest import PICTURES
from tests.casework import Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def test_a_grid_worker_hands_the_checks_over_and_comes_back(county, phone):
    work = Casework(county)
    case = await work.checking()
    check = await Check.get(case_id=case.id)
    away = await account(check.assignee_id)
    [other, *_] = await substitutes_for(away.id)
    someone = await phone()
    page = await someone.open("/sign-in")
    await someone.sign_in(page, away.username)
    await page.goto(f"{someone.url}/#/settings")
    await page.get_by_role("button", name="登记请假").click()
    until = (now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    await page.get_by_label("到什么时候止").fill(until)
    await page.get_by_label("代班人").select_option(label=other.name)
    await page.get_by_role("button", name="登记", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("1 件待核查已转交")
    assert (await Check.get(id=check.id)).assignee_id == other.id
    await expect(page.get_by_text("请假中")).to_be_visible()
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / "phone-leave.png")
    await page.get_by_role("button", name="回来上班").click()
    await expect(page.get_by_text("由代班人办完")).to_be_visible()
    await page.get_by_role("button", name="回来上班").click()
    await expect(page.get_by_text("请假已结束")).to_be_visible()
    assert (await account(away.id)).substitute_id is None
    assert someone.faults == []
