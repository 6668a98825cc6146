/** What is read again when others change something: the case first, once for a shower of news. */
import { expect, test, vi } from "vitest";
import { QueryObserver } from "@tanstack/vue-query";

vi.hoisted(() => {
  Object.assign(globalThis, {
    addEventListener: () => undefined,
    navigator: { onLine: true },
    localStorage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
  });
});
const { queries, renewTold } = await import("../src/reading");
vi.stubGlobal("document", { visibilityState: "visible" });

/** What was read, in order; each reading lasts until it is let go. */
const read: string[] = [];
let held: (() => void)[] = [];
async function letGo(): Promise<void> {
  held.splice(0).forEach((done) => done());
  await vi.waitFor(() => expect(queries.isFetching() === held.length).toBe(true));
}
function shown(name: string, no = "", meta = {}): void {
  const queryFn = (): Promise<string> => {
    read.push(name);
    return new Promise((done) => held.push(() => done(name)));
  };
  const queryKey = [name, no ? { path: { no } } : {}];
  new QueryObserver(queries, { queryKey, queryFn, meta, initialData: "" }).subscribe(() => null);
}

test("the case is read before the lists, and showers of news are read once more at the end", async () => {
  shown("list");
  shown("dear", "", { slow: true });
  shown("case", "A");
  shown("other", "B");
  await letGo();
  read.length = 0;
  held = [];
  const reading = renewTold("A");
  for (let n = 0; n < 50; n++) void renewTold("A");
  await vi.waitFor(() => expect(read).toEqual(["case"]));
  await letGo();
  await vi.waitFor(() => expect(read).toEqual(["case", "list"]));
  await letGo(); // what came meanwhile is told once
  await vi.waitFor(() => expect(read).toEqual(["case", "list", "case"]));
  await letGo();
  await vi.waitFor(() => expect(read).toEqual(["case", "list", "case", "list"]));
  await letGo();
  await reading;
  void renewTold(""); // of which case is not said: of any that is open
  await vi.waitFor(() => expect(read.slice(4)).toEqual(["case", "other"]));
  queries.clear();
});
