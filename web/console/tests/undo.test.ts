import { afterEach, beforeEach, expect, test, vi } from "vitest";

vi.stubGlobal("addEventListener", () => undefined);
vi.stubGlobal("localStorage", {
  getItem: () => null,
  setItem: () => undefined,
  removeItem: () => undefined,
});
const { soon, told, waiting } = await import("../src/acts/undo");
const { sayAll } = await import("../src/leaving");
const { expired, keep } = await import("@gridwhistle/common/session");
const { Problem } = await import("@gridwhistle/common/api");

const signedIn = (id: string): void => keep({ me: { id, permissions: [] } } as never);
const refusal = new Problem(401, "not_signed_in", "请先登录。");

beforeEach(() => {
  vi.useFakeTimers();
  signedIn("1");
});
afterEach(() => {
  waiting.value.forEach((each) => each.undo());
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
  expect([send.mock.calls.length, undone.mock.calls, waiting.value.length]).toEqual([
    0,
    [[true]],
    0,
  ]);
});

test("a refusal is said and stays", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const undone = vi.fn();
  soon({ what: "催办", send: () => Promise.reject(new Error("x")), undone });
  waiting.value[0]?.now();
  await vi.advanceTimersByTimeAsync(0);
  expect(told.value?.bad).toBe(true);
  expect(told.value?.text).toContain("催办：没有办成");
  expect(undone.mock.calls).toEqual([[false]]);
});

test("what waits is sent at once when the page is closed", async () => {
  const send = vi.fn(async () => "");
  soon({ what: "催办", send });
  expect(await sayAll(true)).toBe(true);
  expect([send.mock.calls, waiting.value.length]).toEqual([[[true]], 0]);
});

test("who signs out has sent what waits and what is on its way, and is told of a refusal", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  let arrive: (said: string) => void = () => undefined;
  soon({ what: "催办", send: () => new Promise((done) => (arrive = done)) });
  waiting.value[0]?.now();
  const [gone, over] = [sayAll(), vi.fn()];
  void gone.then(over);
  await vi.advanceTimersByTimeAsync(0);
  expect(over.mock.calls).toEqual([]);
  arrive("已催办。");
  expect(await gone).toBe(true);
  soon({ what: "签收", send: () => Promise.reject(new Error("x")) });
  expect(await sayAll()).toBe(false);
});

test("nothing is sent in another person's session, and they read nothing of it", async () => {
  const [send, undone] = [vi.fn(async () => "已签收。"), vi.fn()];
  soon({ what: "签收", send, undone });
  signedIn("2");
  await sayAll(true);
  await vi.advanceTimersByTimeAsync(20_000);
  expect([send.mock.calls, undone.mock.calls, waiting.value, told.value]).toEqual([
    [],
    [],
    [],
    null,
  ]);
});

test("where the session ended meanwhile it waits for the same person, and can be undone", async () => {
  const send = vi.fn(async () => "已签收。");
  send.mockImplementationOnce(async () => {
    expired.value = true;
    throw refusal;
  });
  soon({ what: "签收", send });
  await vi.advanceTimersByTimeAsync(60_000);
  expect([send.mock.calls.length, waiting.value.length, told.value]).toEqual([1, 1, null]);
  signedIn("1");
  await vi.advanceTimersByTimeAsync(10_000);
  expect([send.mock.calls.length, told.value?.text]).toEqual([2, "已签收。"]);
});
