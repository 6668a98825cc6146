import { beforeEach, describe, expect, it, vi } from "vitest";

// The page's own globals, as far as these modules touch them.
vi.hoisted(() => {
  Object.assign(globalThis, {
    navigator: {},
    addEventListener: () => undefined,
    localStorage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
  });
});

import { Offline } from "@gridwhistle/common/api";
import { read } from "../src/offlineRead";

const kept = new Map<string, string>();

beforeEach(() => {
  kept.clear();
  const cache = {
    put: async (key: string, answer: Response) => kept.set(key, await answer.text()),
    match: async (key: string) => (kept.has(key) ? new Response(kept.get(key)) : undefined),
    delete: async (key: string) => kept.delete(key),
  };
  vi.stubGlobal("caches", { open: async () => cache });
});

const online = (body: unknown) =>
  vi.stubGlobal("fetch", async () => Response.json(body, { headers: { "X-Request-Id": "1" } }));
const offline = () => vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));

const TASK = { params: { path: { id: "7" } } };
const CARD = { id: "7", stage: "pending", stage_text: "待签收" };

describe("without a network", () => {
  it("what was read last is shown, with when", async () => {
    online({ task: { ...CARD, may: ["accept"], may_ask: ["extend"] }, others: [] });
    await read("/m/v1/tasks/{id}", TASK);
    offline();
    const { answer, old } = await read("/m/v1/tasks/{id}", TASK);
    expect([answer.task.may, answer.task.may_ask]).toEqual([["accept"], ["extend"]]);
    expect(Date.now() - Date.parse(old)).toBeLessThan(60_000);
  });

  it("what an earlier page kept without acts is shown, and nothing may be done about it", async () => {
    online({ task: CARD, others: [CARD] });
    await read("/m/v1/tasks/{id}", TASK);
    online({ items: [CARD], checks: [], verifications: [], next: null });
    await read("/m/v1/tasks", {});
    online({ case: { no: "1", stage_text: "处置中" }, tasks: [CARD], timeline: [] });
    await read("/m/v1/cases/{no}", { params: { path: { no: "1" } } });
    offline();
    const one = (await read("/m/v1/tasks/{id}", TASK)).answer;
    const [listed] = (await read("/m/v1/tasks", {})).answer.items;
    const whole = (await read("/m/v1/cases/{no}", { params: { path: { no: "1" } } })).answer;
    const [other, within] = [one.others[0], whole.tasks[0]];
    for (const each of [one.task, other, listed, within, whole])
      expect([each?.may, each?.may_ask]).toEqual([[], []]);
    expect(one.task.stage_text).toBe("待签收");
  });

  it("what was never read is not made up", async () => {
    offline();
    await expect(read("/m/v1/tasks/{id}", TASK)).rejects.toBeInstanceOf(Offline);
  });
});
