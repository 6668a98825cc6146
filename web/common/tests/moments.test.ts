import { describe, expect, it, vi } from "vitest";

// The page's own globals, as far as the session touches them.
vi.hoisted(() => {
  Object.assign(globalThis, {
    addEventListener: () => undefined,
    localStorage: { getItem: () => null },
  });
});

import { day, fromField, left, time, toField, when } from "../src/moments";

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

describe("a moment of the county, whatever the zone of the phone", () => {
  const noon = "2026-11-29T04:00:00Z";
  it.each([
    ["2026-11-29T10:00:00Z", "今天 18:00"],
    ["2026-11-28T15:59:00Z", "昨天 23:59"],
    ["2026-11-28T16:00:00Z", "今天 00:00"],
    ["2026-11-30T01:05:00Z", "明天 09:05"],
    ["2026-12-01T01:05:00Z", "12月1日 09:05"],
    [null, ""],
  ])("%s is %s", (at, said) => {
    expect(when(at, noon)).toBe(said);
  });

  it("is a day alone where the time does not matter", () => {
    expect(day("2026-12-01T01:05:00Z", noon)).toBe("12月1日");
  });

  it("is a time alone where the day does not", () => {
    expect(time("2026-12-01T01:05:00Z")).toBe("09:05");
  });

  it("is written into a field and read from it by the county's clock", () => {
    expect(toField("2026-11-30T17:05:30Z")).toBe("2026-12-01T01:05");
    expect(new Date(fromField("2026-12-01T01:05")).toISOString()).toBe("2026-11-30T17:05:00.000Z");
    expect(fromField("")).toBeNaN();
  });
});
