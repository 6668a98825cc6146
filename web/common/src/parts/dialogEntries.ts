/**
 * Each open dialog has an entry of its own in the browser's history, so that *back* closes it and
 * leaves the page where it is.
 */

/** How a dialog of ours is closed, the topmost last. */
const open: (() => void)[] = [];
const MARK = "dialog";
/** The way back to an entry below, by how many and from where, while one is under way. */
let going: Promise<void> = Promise.resolve();
let arrived = (): void => undefined;
let steps = 0;
let from = "";

/** For how many open dialogs the entry is on which one stands. */
const depth = (): number => (history.state as { [MARK]?: number } | null)?.[MARK] ?? 0;

// Before a router hears of it. Of an entry that a closing dialog took with it a router hears
// nothing: it would go to where it is, and give up the page that it is on the way to.
addEventListener(
  "popstate",
  (event) => {
    const ours = steps > 0;
    steps = 0;
    for (const close of open.splice(depth()).reverse()) close();
    arrived();
    if (ours && location.href === from) event.stopImmediatePropagation();
  },
  true,
);

function back(by: number): void {
  going = new Promise((gone) => {
    arrived = gone;
  });
  steps += by;
  from = location.href;
  history.go(-by);
}

/** Note that a dialog was opened; `close` is called when somebody goes back. */
export function opened(close: () => void): void {
  open.push(close);
  const kept = (history.state as object | null) ?? {};
  history.pushState({ ...kept, [MARK]: open.length }, "");
}

/** Note that it was closed, by whatever: its entry goes, unless one went back from it. */
export function closed(close: () => void): void {
  const at = open.indexOf(close);
  if (at < 0) return;
  open.splice(at, 1);
  if (depth() - steps > open.length) back(1);
}

/** Close what is open and wait until its entry is gone: what a router does before it leaves. */
export async function allClosed(): Promise<true> {
  for (const close of open.splice(0).reverse()) close();
  const left = depth() - steps;
  if (left > 0) back(left);
  await going;
  return true;
}
