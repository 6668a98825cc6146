"""What is wrong with a page as it stands: for axe, narrow screens, fingers, keyboards."""

import json

from tests.parts import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
#: Alone: to bring over what is right costs several times what looking at the page does.
VIOLATIONS = {"resultTypes": ["violations"]}
#: Places on the map stand where they lie, whatever the size of a finger.
LEFT_OUT = {"exclude": [[".leaflet-container"]]}
#: More stops of the keyboard than this are more of the same.
MOST_STOPS = 60

WORKED = "a[href], button:not(:disabled), input, select, textarea"
NAMED = """
const named = (one) => (one.ariaLabel || one.textContent || one.name || one.type || one.tagName)
  .trim().slice(0, 30);
const shown = [...document.querySelectorAll(WORKED)].filter(
  (one) => one.checkVisibility() && !one.closest("[inert], .leaflet-container"));
"""
#: What a finger cannot touch: something else lies over its middle.
COVERED = """() => {
  const faults = [];
  for (const one of shown) {
    const target = one.closest("label") ?? one;
    target.scrollIntoView({ block: "center" });
    const { x, y, width, height } = target.getBoundingClientRect();
    const hit = document.elementFromPoint(x + width / 2, y + height / 2);
    if (!hit || !(target.contains(hit) || hit.contains(target))) {
      faults.push(`${named(one)} is covered by ${hit?.className || hit?.tagName}`);
    } else if (!target.matches("p a, small a") && Math.min(width, height) < 24) {
      faults.push(`${named(one)} is ${Math.round(width)} by ${Math.round(height)} px`);
    }
  }
  scrollTo(0, 0);
  return faults;
}"""
#: What words do not fit into what holds them.
CUT_OFF = """() => [...document.querySelectorAll("h1, h2, strong, span, p, button, a, select")]
  .filter((one) => one.checkVisibility() && !one.closest(".leaflet-container, .chips"))
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
  .filter((one) => getComputedStyle(one).display !== "inline")
  .map((one) => `${named(one)} is cut off`)"""
#: From the top of the page, wherever the keyboard was before.
START = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
  globalThis.stops = new Set();
}"""
#: One stop of the keyboard: whether the round is over, and whether the stop can be seen. Parts of
#: a date are stops of their own within one field.
STOP = """() => {
  const one = document.activeElement;
  const again = stops.has(one) && one !== [...stops].at(-1);
  if (again || one === document.body) return { over: true };
  stops.add(one);
  const marked = (each) => getComputedStyle(each).outlineStyle !== "none";
  const seen = marked(one) || (one.closest("label") && marked(one.closest("label")));
  return { fault: seen ? "" : `${named(one)} does not show that it has the focus` };
}"""
UNREACHED = """(most) => shown.slice(0, most)
  .filter((one) => !stops.has(one))
  .filter((one) => one.type !== "radio" || one.checked)
  .map((one) => `${named(one)} is out of the keyboard's reach`)"""


async def asked(page, script: str, *given):
    """What a script answers that may speak of `shown` and `named`."""
    setting = NAMED.replace("WORKED", json.dumps(WORKED))
    return await page.evaluate(f"(given) => {{ {setting} return ({script})(...given); }}", given)


async def serious(page) -> list[str]:
    """What axe holds for serious or worse on a page."""
    if not await page.evaluate("'axe' in globalThis"):
        await page.evaluate(AXE.read_text("utf-8"))
    asked_for = f"{json.dumps(LEFT_OUT)}, {json.dumps(RULES | VIOLATIONS)}"
    found = await page.evaluate(f"axe.run({asked_for}).then((found) => found.violations)")
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


async def unfit(page) -> list[str]:
    """What does not fit: a page that is too wide, what lies over something else, words cut off."""
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    faults = [f"{wide} px too wide"] if wide > 0 else []
    return faults + await asked(page, COVERED) + await asked(page, CUT_OFF)


async def unreached(page) -> list[str]:
    """What the keyboard does not come to, and where it cannot be seen that it did."""
    await asked(page, START)
    faults = []
    for _ in range(MOST_STOPS + 10):
        await page.keyboard.press("Tab")
        stop = await asked(page, STOP)
        if stop.get("over"):
            break
        faults += [stop["fault"]] if stop["fault"] else []
    return faults + await asked(page, UNREACHED, MOST_STOPS)
