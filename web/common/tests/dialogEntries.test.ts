import { beforeEach, describe, expect, it, vi } from "vitest";

/** As much of a browser's history as these entries need; going back is told later, as there. */
const browser = vi.hoisted(() => {
  const heard: ((event: { stopImmediatePropagation: () => void }) => void)[] = [];
  const entries: unknown[] = [{ position: 3 }];
  const location = { href: "/console/work" };
  const go = (by: number): void => {
    setTimeout(() => {
      entries.splice(by);
      const event = { stopped: false, stopImmediatePropagation: () => (event.stopped = true) };
      for (const each of heard) if (!event.stopped) each(event);
    });
  };
  Object.assign(globalThis, {
    location,
    addEventListener: (name: string, told: () => void) => {
      if (name === "popstate") heard.push(told);
    },
    history: {
      get state() {
        return entries[entries.length - 1];
      },
      pushState: (state: unknown) => entries.push(state),
      go,
    },
  });
  return { entries, heard, location, back: () => go(-1) };
});

import { allClosed, closed, opened } from "../src/parts/dialogEntries";

/** What a router hears, which listens later than the entries do. */
const router = vi.fn<() => void>();
browser.heard.push(() => router());
const soon = (): Promise<void> => new Promise((done) => setTimeout(done, 5));

function dialog(): { shown: boolean; close: () => void } {
  const it = { shown: true, close };
  function close(): void {
    it.shown = false;
    closed(close);
  }
  opened(close);
  return it;
}

beforeEach(() => {
  browser.entries.length = 1;
  browser.location.href = "/console/work";
  router.mockClear();
});

describe("a dialog", () => {
  it("is closed by going back, and the page's entry is the one before", async () => {
    const one = dialog();
    expect(browser.entries).toHaveLength(2);
    expect(history.state).toMatchObject({ position: 3 });
    browser.back();
    await soon();
    expect([one.shown, browser.entries.length]).toEqual([false, 1]);
  });

  it("that is closed by its button takes its entry with it", async () => {
    const one = dialog();
    one.close();
    await soon();
    expect(browser.entries).toEqual([{ position: 3 }]);
  });

  it("over another is closed alone", async () => {
    const [one, two] = [dialog(), dialog()];
    browser.back();
    await soon();
    expect([one.shown, two.shown]).toEqual([true, false]);
    one.close();
    await soon();
    expect(browser.entries).toHaveLength(1);
  });

  it("and its entry are gone before another page is gone to", async () => {
    const one = dialog();
    await allClosed();
    expect([one.shown, browser.entries.length]).toEqual([false, 1]);
  });

  it("that closes stops no router on its way to another page", async () => {
    const one = dialog();
    one.close();
    await allClosed();
    expect(router).not.toHaveBeenCalled();
    dialog();
    browser.back();
    await soon();
    expect(router).toHaveBeenCalledTimes(1);
  });

  it("that was opened elsewhere than its entry leads hides no page from the router", async () => {
    const one = dialog();
    one.close();
    browser.location.href = "/console/cases";
    await soon();
    expect(router).toHaveBeenCalledTimes(1);
  });
});
