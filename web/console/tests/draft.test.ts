import { expect, test, vi } from "vitest";
import { effectScope } from "vue";

/** Storage as a browser has it, whose keys are those of the object. */
function storage(): Storage {
  const held = new Map<string, string>();
  const methods = {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => held.delete(key),
  };
  return new Proxy(methods as unknown as Storage, {
    ownKeys: () => [...held.keys()],
    getOwnPropertyDescriptor: (_, key) => ({
      configurable: true,
      enumerable: true,
      value: held.get(String(key)),
    }),
  });
}
let heard: ((event: { key: string; newValue: null }) => void) | undefined;
vi.stubGlobal("addEventListener", (name: string, listener: typeof heard) => {
  if (name === "storage") heard = listener;
});
vi.stubGlobal("removeEventListener", () => undefined);
vi.stubGlobal("localStorage", storage());
const { useDraft } = await import("../src/draft");
const { keep: keepSession } = await import("@gridwhistle/common/session");

type Words = { note: string };
/** A tab of the browser opens the form. */
function tab(id: string): ReturnType<typeof useDraft<Words>> {
  const own = storage();
  own.setItem("gridwhistle.tab", id);
  vi.stubGlobal("sessionStorage", own);
  return effectScope(true).run(() => useDraft<Words>("progress")) as never;
}
const at = (when: number): void => void vi.setSystemTime(when);

test("what one tab sends takes nothing away that another wrote", () => {
  vi.useFakeTimers();
  keepSession({ me: { id: "1" } } as never);
  at(1);
  const [first, second] = [tab("a"), tab("b")];
  first.keep({ note: "一" });
  at(2);
  second.keep({ note: "二" });
  first.sent();
  expect(second.elsewhere.value).toBe(false);
  expect(tab("b").before).toEqual({ note: "二" });
  // A tab that is gone left it: another goes on with it, and sends it once.
  const third = tab("c");
  expect(third.before).toEqual({ note: "二" });
  third.keep({ note: "二，又写了" });
  third.sent();
  expect(tab("c").before).toBeNull();
});

test("a tab is told that another sent what both began with, and keeps what it shows", () => {
  const first = tab("a");
  first.keep({ note: "一" });
  const second = tab("b");
  expect(second.before).toEqual({ note: "一" });
  const again = tab("a");
  second.sent();
  const key = "gridwhistle.kept.1.progress#a";
  expect(localStorage.getItem(key)).toBeNull();
  heard?.({ key, newValue: null });
  expect(again.elsewhere.value).toBe(true);
  expect(tab("a").before).toEqual({ note: "一" });
});

test("who signs in later reads nothing of it, and what is taken back is kept for who wrote it", () => {
  const mine = tab("a");
  mine.keep({ note: "我的" });
  keepSession({ me: { id: "2" } } as never);
  expect(tab("a").before).toBeNull();
  mine.keep({ note: "还是我的" });
  expect(tab("a").before).toBeNull();
  keepSession({ me: { id: "1" } } as never);
  expect(tab("a").before).toEqual({ note: "还是我的" });
});
