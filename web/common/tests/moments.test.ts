import { describe, expect, it, vi } from "vitest";

// The page's own globals, as far as the session touches them.
vi.hoisted(() => {
  Object.assign(globalThis, {
    addEventListener: () => undefined,
    localStorage: { getItem: () => null },
  });
});

import { left } from "../src/moments";

describe("what is left until a moment", () => {
  it.each([
    ["2026-12-01T04:20:00Z", "1 天 23 小时"],
    ["2026-11-30T05:00:00Z", "1 天"],
    ["2026-11-29T07:30:00Z", "2 小时 30 分钟"],
    ["2026-11-29T05:09:59Z", "9 分钟"],
    ["2026-11-29T05:00:00Z", ""],
    ["2026-11-28T05:00:00Z", ""],
    [null, ""],
  ])("of %s is %s", (at, said) => {
    expect(left(at, "2026-11-29T05:00:00Z")).toBe(said);
  });
});
