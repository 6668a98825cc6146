/** Whether somebody is at the desk: nothing is asked by itself for a page that nobody looks at. */

/** So long after the last movement the page holds still; the server ends the session later. */
const STILL = 5 * 60_000;

let last = Date.now();
for (const each of ["pointerdown", "pointermove", "keydown", "wheel"])
  addEventListener(each, () => (last = Date.now()), { passive: true, capture: true });

export function atWork(): boolean {
  return document.visibilityState !== "hidden" && Date.now() - last < STILL;
}
