"""Every page at every size: nothing serious for axe, nothing cut off, a picture of each kept."""

import json

import pytest

from tests.browser.conftest import PICTURES, SIZES
from tests.browser.scenes import everywhere
from tests.parts import ROOT

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]

AXE = ROOT / "web" / "phone" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
#: Places on the map stand where they lie, whatever the size of a finger.
LEFT_OUT = {"exclude": [[".leaflet-container"]]}


async def serious(page) -> list[str]:
    """What axe holds for serious or worse on a page."""
    await page.evaluate(AXE.read_text("utf-8"))
    found = await page.evaluate(f"axe.run({json.dumps(LEFT_OUT)}, {json.dumps(RULES)})")
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(
    ("size", "large"), [(SIZES[0], False), (SIZES[1], False), (SIZES[0], True)]
)
async def test_every_page_is_whole_and_axe_finds_nothing_serious(county, phone, size, large):
    scene = await everywhere(county)
    PICTURES.mkdir(parents=True, exist_ok=True)
    faults, signed_in = [], {}
    for name, username, path in scene.pages:
        if username not in signed_in:
            someone = await phone(size=size)
            page = await someone.open("/sign-in")
            await someone.sign_in(page, username)
            if large:
                await page.evaluate("localStorage.setItem('gridwhistle.large', '1')")
                await page.reload()
            signed_in[username] = (someone, page)
        someone, page = signed_in[username]
        await page.goto(f"{someone.url}/#{path}")
        await someone.settled(page)
        label = f"{size[0]}x{size[1]}{'-large' if large else ''}"
        await page.screenshot(path=PICTURES / f"{name}-{label}.png")
        faults += [f"{name} {label}: {each}" for each in await serious(page)]
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            faults.append(f"{name} {label}: {wide} px too wide")
    faults += [f"{name}: {each}" for name, (one, _) in signed_in.items() for each in one.faults]
    assert not faults, "\n".join(faults)
