"""A town per module: one demo county served, one browser, everybody signed in once."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright

from tests.browser.conftest import QUIET, working
from tests.browser.journeys.town import Town
from tests.county import county_in
from tests.parts import chromium


@pytest.fixture(scope="module")
def town_url(databases, demo_template):
    """The URL of a database of this module's tests, with the demo county in it."""
    url = databases.clone(demo_template)
    yield url
    databases.drop(url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(town_url, index_folder, known, tmp_path_factory) -> AsyncIterator[Town]:
    """The town of this module, open from its first test to its last."""
    folder = tmp_path_factory.mktemp("town")
    async with (
        county_in(folder, town_url, index_folder, known) as county,
        working(county) as app,
        TestServer(app) as server,
        async_playwright() as play,
    ):
        browser = await play.chromium.launch(executable_path=chromium(), args=list(QUIET))
        yield Town(browser, str(server.make_url("")).rstrip("/"), county, folder)
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def town(served: Town) -> AsyncIterator[Town]:
    """The town, in which nothing was thrown or refused by a page's policy when a test is over."""
    yield served
    await served.hold()
