import { beforeEach, describe, expect, it, vi } from "vitest";

// The page's own globals, as far as these modules touch them.
vi.hoisted(() => {
  Object.assign(globalThis, {
    navigator: {},
    addEventListener: () => undefined,
    localStorage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
  });
});

import { KeptRanges } from "../src/maps/keptRanges";

const FILE = "/m/v1/basemap/0123.pmtiles";
const WHOLE = Uint8Array.from({ length: 100 }, (_each, n) => n);
const asked: string[] = [];
const caches = new Map<string, Map<string, Response>>();

function serving(answer: (range: [number, number]) => Response): void {
  vi.stubGlobal("fetch", async (_path: string, { headers }: { headers: Headers }) => {
    const range = headers.get("Range") ?? "";
    asked.push(range);
    const [from = 0, to = 0] = range.replace("bytes=", "").split("-").map(Number);
    return answer([from, to + 1]);
  });
}

function ranges([from, to]: [number, number]): Response {
  const headers = { "Content-Type": "application/vnd.pmtiles" };
  return new Response(WHOLE.slice(from, to), { status: 206, headers });
}

beforeEach(() => {
  asked.length = 0;
  caches.clear();
  vi.stubGlobal("caches", {
    keys: async () => [...caches.keys()],
    delete: async (name: string) => caches.delete(name),
    open: async (name: string) => {
      const held = caches.get(name) ?? new Map<string, Response>();
      caches.set(name, held);
      return {
        match: async (key: string) => held.get(key)?.clone(),
        put: async (key: string, value: Response) => void held.set(key, value),
      };
    },
  });
});

async function bytes(source: KeptRanges, from: number, length: number): Promise<number[]> {
  const { data } = await source.getBytes(from, length);
  return [...new Uint8Array(data)];
}

describe("a piece of the base map", () => {
  it("is asked for once, and is there afterwards without a network", async () => {
    serving(ranges);
    expect(await bytes(new KeptRanges(FILE), 10, 3)).toEqual([10, 11, 12]);
    serving(() => {
      throw new TypeError("away");
    });
    expect(await bytes(new KeptRanges(FILE), 10, 3)).toEqual([10, 11, 12]);
    expect(asked).toEqual(["bytes=10-12"]);
    await expect(new KeptRanges(FILE).getBytes(11, 3)).rejects.toThrow();
  });

  it("is cut from the whole where what stands between leaves the range out", async () => {
    const headers = { "Content-Type": "application/vnd.pmtiles" };
    serving(() => new Response(WHOLE, { headers }));
    expect(await bytes(new KeptRanges(FILE), 90, 20)).toEqual([...WHOLE.slice(90)]);
  });

  it("is never what a network's own page says in its place", async () => {
    serving(() => new Response("<html>", { headers: { "Content-Type": "text/html" } }));
    await expect(new KeptRanges(FILE).getBytes(0, 3)).rejects.toThrow();
    serving(ranges);
    expect(await bytes(new KeptRanges(FILE), 0, 3)).toEqual([0, 1, 2]);
  });

  it("of an earlier map is given up, and nothing else that is kept", async () => {
    serving(ranges);
    caches.set("county", new Map());
    await new KeptRanges("/m/v1/basemap/old.pmtiles").getBytes(0, 3);
    await new KeptRanges(FILE).getBytes(0, 3);
    expect([...caches.keys()]).toEqual(["county", `basemap:${FILE}`]);
  });

  it("comes from the network each time where nothing can be kept", async () => {
    vi.stubGlobal("caches", undefined);
    serving(ranges);
    const source = new KeptRanges(FILE);
    expect(await bytes(source, 0, 2)).toEqual([0, 1]);
    expect(await bytes(source, 0, 2)).toEqual([0, 1]);
    expect(asked).toHaveLength(2);
  });
});
