import { afterEach, beforeEach, expect, test, vi } from "vitest";

vi.stubGlobal("addEventListener", () => undefined);
const { soon, told, waiting } = await import("../src/acts/undo");

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  told.value = null;
});

test("an act is sent after ten seconds, and said", async () => {
  const send = vi.fn(async () => "已催办。");
  soon({ what: "催办", send });
  await vi.advanceTimersByTimeAsync(9_000);
  expect([send.mock.calls.length, waiting.value[0]?.left]).toEqual([0, 1]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(send.mock.calls).toEqual([[false]]);
  expect([waiting.value.length, told.value?.text]).toEqual([0, "已催办。"]);
});

test("one that is taken back is never sent, and its form is as it was", async () => {
  const [send, undone] = [vi.fn(async () => ""), vi.fn()];
  soon({ what: "催办", send, undone });
  waiting.value[0]?.undo();
  await vi.advanceTimersByTimeAsync(20_000);
  expect([send.mock.calls.length, undone.mock.calls.length, waiting.value.length]).toEqual([
    0, 1, 0,
  ]);
});

test("a refusal is said and stays", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  soon({ what: "催办", send: () => Promise.reject(new Error("x")) });
  waiting.value[0]?.now();
  await vi.advanceTimersByTimeAsync(0);
  expect(told.value?.bad).toBe(true);
  expect(told.value?.text).toContain("催办：没有办成");
});

test("what waits is sent at once when the page is closed", async () => {
  const send = vi.fn(async () => "");
  soon({ what: "催办", send });
  waiting.value[0]?.leave();
  await vi.advanceTimersByTimeAsync(0);
  expect(send.mock.calls).toEqual([[true]]);
});
