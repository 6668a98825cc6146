import { beforeEach, describe, expect, it, vi } from "vitest";

// The page's own globals, as far as these modules touch them.
vi.hoisted(() => {
  Object.assign(globalThis, {
    navigator: {},
    addEventListener: () => undefined,
    localStorage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
  });
});

import { get, Offline, picture, post, Problem, sentence } from "../src/api";
import { expired, keep, session } from "../src/session";
import { skew } from "../src/state";
import { over } from "../src/moments";
import { words } from "../src/words";

const WEEK = 7 * 86_400_000;

function answered(body: BodyInit, status = 200, more: Record<string, string> = {}): void {
  const headers = { "Content-Type": "application/json", "X-Request-Id": "1", ...more };
  vi.stubGlobal("fetch", async () => new Response(body, { status, headers }));
}

async function thrown(): Promise<unknown> {
  return get("/me").then(
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
        start: (stream) => signal?.addEventListener("abort", () => stream.error(signal.reason)),
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

  it("of a proxy whose server is away is not told as a network that wants a sign-in", async () => {
    const { broken, notOurs } = words.net;
    for (const [status, told] of [
      [200, notOurs],
      [403, notOurs],
      [500, broken],
      [503, broken],
    ]) {
      vi.stubGlobal("fetch", async () => new Response("oops", { status: status as number }));
      expect(await thrown()).toMatchObject({ message: told });
    }
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

describe("a token that has run out", () => {
  const nobody = {
    roles: [],
    unit: null,
    grids: [],
    stands_in_for: [],
    bound: false,
    csrf: "",
    display_until: null,
    permissions: [],
  };
  const signedIn = (token: string) => ({
    token,
    refresh: `r-${token}`,
    expires_at: "2027-01-01T00:00:00Z",
    me: { id: "7", name: "谁", ...nobody },
  });
  const json = (body: unknown, status = 200) =>
    Response.json(body, { status, headers: { "X-Request-Id": "1" } });

  const JPEG = new Uint8Array([255, 216, 255]);

  /** Knows one token only, and lists what was asked with which. */
  function server(good: string): string[] {
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      const token = new Headers(init.headers).get("Authorization") ?? "none";
      const said = init.body instanceof FormData ? "a form" : (init.body as string);
      asked.push(`${path} ${token} ${said}`);
      if (path === "/auth/refresh") return good ? json(signedIn(good)) : json({}, 401);
      if (token !== `Bearer ${good}`) return json({ code: "x" }, 401);
      return path.startsWith("/m/v1/photos/") ? new Response(JPEG) : json({ id: "1" });
    });
    return asked;
  }

  it("is renewed once, and the same is asked again, a file too", async () => {
    keep(signedIn("old"));
    const asked = server("new");
    expect(await post("/m/v1/photos", { body: new FormData() })).toEqual({ id: "1" });
    expect(asked).toEqual([
      "/m/v1/photos Bearer old a form",
      '/auth/refresh none {"refresh":"r-old"}',
      "/m/v1/photos Bearer new a form",
    ]);
    expect([session.value?.token, expired.value]).toEqual(["new", false]);
  });

  it("is renewed once for all photos of a page, and each is then shown", async () => {
    keep(signedIn("old"));
    const asked = server("new");
    const shown: Blob[] = [];
    vi.spyOn(URL, "createObjectURL").mockImplementation((held) => {
      shown.push(held as Blob);
      return "blob:1";
    });
    await Promise.all([picture("a"), picture("b")]);
    expect(shown).toHaveLength(2);
    for (const held of shown) expect(new Uint8Array(await held.arrayBuffer())).toEqual(JPEG);
    expect(asked.filter((each) => each.startsWith("/auth/refresh"))).toHaveLength(1);
    expect(asked.slice(-2).sort()).toEqual([
      "/m/v1/photos/a Bearer new undefined",
      "/m/v1/photos/b Bearer new undefined",
    ]);
  });

  it("of a photo that is not renewed leaves a refusal, and no picture of it", async () => {
    keep(signedIn("old"));
    server("");
    await expect(picture("a")).rejects.toMatchObject({ status: 401 });
    expect(expired.value).toBe(true);
    keep(null);
  });

  it("that is not renewed either asks to sign in again", async () => {
    keep(signedIn("old"));
    server("");
    expect(await thrown()).toMatchObject({ status: 401, code: "x" });
    expect(expired.value).toBe(true);
    keep(null);
  });
});

describe("a path", () => {
  it("is asked with its parameters, and without those that say nothing", async () => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (path: string) => {
      asked.push(path);
      return Response.json({});
    });
    const query = { limit: 20, after: null, stage: "filed" } as const;
    await get("/m/v1/cases", { params: { query } });
    await get("/m/v1/reports/{no}", { params: { path: { no: "甲/1" } } });
    expect(asked).toEqual(["/m/v1/cases?limit=20&stage=filed", "/m/v1/reports/%E7%94%B2%2F1"]);
  });
});

describe("the clock", () => {
  it("is not set by what a cache may have given", async () => {
    const old = { Date: new Date(Date.now() - WEEK).toUTCString() };
    answered("{}", 200, old);
    await get("/m/v1/public/matters");
    expect(skew.value).toBeNull();
    await get("/me");
    expect(Math.round((skew.value ?? 0) / WEEK)).toBe(-1);
  });

  it("by which something is overdue is the server's", () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    expect(over(soon)).toBe(false);
    skew.value = WEEK;
    expect(over(soon)).toBe(true);
    expect(over(null)).toBe(false);
  });
});
