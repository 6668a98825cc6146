import { expect, test } from "vitest";
import { each } from "../src/rooms/cases/bulk";
import { MOST, toggled } from "../src/rooms/cases/picking";

const why = (error: unknown): string => (error as Error).message;

test("what came of each is told by number, and the others are tried all the same", async () => {
  const steps: number[] = [];
  const came = await each(
    ["1", "2", "3"],
    async (no) => {
      if (no === "2") throw new Error("网络断了");
    },
    { told: (n) => steps.push(n), why, signal: new AbortController().signal },
  );
  expect(came).toEqual({ done: ["1", "3"], failed: [{ no: "2", why: "网络断了" }], left: [] });
  expect(steps).toEqual([1, 2, 3]);
});

test("one that is stopped says what was left", async () => {
  const stopping = new AbortController();
  const came = await each(["1", "2", "3"], async () => stopping.abort(), {
    told: () => undefined,
    why,
    signal: stopping.signal,
  });
  expect(came).toEqual({ done: ["1"], failed: [], left: ["2", "3"] });
});

test("rows are chosen one by one, from one to another, and let go", () => {
  const all = ["a", "b", "c", "d"];
  const one = toggled(new Set(), "b", all, "");
  const three = toggled(one, "d", all, "b");
  expect([...three]).toEqual(["b", "c", "d"]);
  expect([...toggled(three, "c", all, "")]).toEqual(["b", "d"]);
  const many = Array.from({ length: MOST + 9 }, (_, n) => `${n}`);
  expect(toggled(new Set(["0"]), `${MOST + 8}`, many, "0").size).toBe(MOST);
});
