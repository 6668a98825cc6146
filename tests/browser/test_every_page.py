"""Every page at every size: whole, nothing serious for axe, at hand for fingers and keyboards."""

from itertools import groupby

import pytest

from tests.browser.conftest import PICTURES, SIZES
from tests.browser.looking import serious, unfit, unreached
from tests.browser.scenes import everywhere

TYPE = "getComputedStyle(document.documentElement).fontSize"

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


#: Darkness changes colours alone, large type and a narrow screen alone what fits.
EVERYTHING = (serious, unfit, unreached)
LOOKS = [
    (SIZES[0], "", EVERYTHING),
    (SIZES[1], "", EVERYTHING),
    (SIZES[0], "large", (unfit,)),
    (SIZES[0], "dark", (serious,)),
    ((320, 568), "", (unfit,)),
]


@pytest.mark.parametrize(("size", "look", "looked_for"), LOOKS)
async def test_every_page_is_whole_and_at_hand_for_everybody(
    county, phone, size, look, looked_for
):
    scene = await everywhere(county)
    PICTURES.mkdir(parents=True, exist_ok=True)
    faults = []
    for username, theirs in groupby(scene.pages, key=lambda each: each[1]):
        scheme = "dark" if look == "dark" else "light"
        someone = await phone(size=size, color_scheme=scheme)
        page = await someone.open("/sign-in")
        if username:
            await someone.sign_in(page, username)
        if look == "large":
            await page.evaluate("localStorage.setItem('gridwhistle.large', '1')")
            await page.reload()
        for name, _, path in theirs:
            await page.goto(f"{someone.url}/#{path}")
            await someone.settled(page)
            assert await page.evaluate(TYPE) == ("21px" if look == "large" else "17px")
            label = f"{name}-{size[0]}x{size[1]}{look and f'-{look}'}"
            await page.screenshot(path=PICTURES / f"{label}.png")
            found = [fault for each in looked_for for fault in await each(page)]
            faults += [f"{label}: {each}" for each in found]
        faults += [f"{username}: {each}" for each in someone.faults]
        await someone.context.close()  # only one page of a browser has the focus
    assert not faults, "\n".join(faults)
