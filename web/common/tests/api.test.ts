import { beforeEach, describe, expect, it, vi } from "vitest";

// The page's own globals, as far as these modules touch them.
vi.hoisted(() => {
  Object.assign(globalThis, {
    navigator: {},
    addEventListener: () => undefined,
    localStorage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
  });
});

import { get, Offline, Problem, sentence } from "../src/api";
import { skew } from "../src/state";
import { over } from "../src/moments";

const WEEK = 7 * 86_400_000;

function answered(body: BodyInit, status = 200, more: Record<string, string> = {}): void {
  const headers = { "Content-Type": "application/json", "X-Request-Id": "1", ...more };
  vi.stubGlobal("fetch", async () => new Response(body, { status, headers }));
}

async function thrown(path = "/me"): Promise<unknown> {
  return get(path).then(
    () => null,
    (error: unknown) => error,
  );
}

beforeEach(() => {
  skew.value = null;
});

describe("an answer", () => {
  it("that breaks off in its body is no answer, and may be asked for again", async () => {
    const broken = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"id": "'));
        stream.error(new TypeError("connection reset"));
      },
    });
    answered(broken);
    expect(await thrown()).toBeInstanceOf(Offline);
  });

  it("that never ends its body is waited for no longer than any other", async () => {
    vi.useFakeTimers();
    vi.stubGlobal("fetch", async (_path: string, { signal }: RequestInit) => {
      const endless = new ReadableStream({
        start: (stream) => signal!.addEventListener("abort", () => stream.error(signal!.reason)),
      });
      return new Response(endless, { headers: { "Content-Type": "application/json" } });
    });
    const waiting = thrown();
    await vi.advanceTimersByTimeAsync(21_000);
    vi.useRealTimers();
    expect(await waiting).toBeInstanceOf(Offline);
  });

  it("that calls itself JSON and is none is not ours", async () => {
    answered("<h1>", 200);
    expect(await thrown()).toBeInstanceOf(Offline);
    answered("<h1>", 502);
    expect(await thrown()).toBeInstanceOf(Offline);
  });

  it("that refuses a field says why in its sentence", async () => {
    const errors = [
      { pointer: "/reason", reason: "missing", title: "此项必填。" },
      { pointer: "/x", reason: "odd" },
    ];
    answered(JSON.stringify({ code: "bad_input", title: "填写有误。", errors }), 400);
    const error = await thrown();
    expect(error).toBeInstanceOf(Problem);
    expect(sentence(error)).toBe("填写有误。此项必填。");
  });
});

describe("the clock", () => {
  it("is not set by what a cache may have given", async () => {
    const old = { Date: new Date(Date.now() - WEEK).toUTCString() };
    answered("{}", 200, old);
    await get("/m/v1/public/matters");
    expect(skew.value).toBeNull();
    await get("/me");
    expect(Math.round(skew.value! / WEEK)).toBe(-1);
  });

  it("by which something is overdue is the server's", () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    expect(over(soon)).toBe(false);
    skew.value = WEEK;
    expect(over(soon)).toBe(true);
    expect(over(null)).toBe(false);
  });
});
