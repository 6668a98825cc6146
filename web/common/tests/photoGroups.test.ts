import { describe, expect, it } from "vitest";
import { inOrder, photoGroups } from "../src/parts/photoGroups";

describe("photos by what they show", () => {
  it("names each kind, in the order in which it happens, round by round where there are several", () => {
    const photos = [
      { id: "a", purpose: "after", cycle: 2 },
      { id: "b", purpose: "check", cycle: 1 },
      { id: "c", purpose: "after", cycle: 1 },
      { id: "d", purpose: "before", cycle: 1 },
      { id: "e", purpose: "verify", cycle: 1 },
      { id: "f", purpose: "before", cycle: 1 },
      { id: "g", purpose: "during", cycle: 2 },
    ] as const;
    const groups = photoGroups(photos).map(({ label, photos: of }) => [
      label,
      of.map(({ id }) => id).join(""),
    ]);
    expect(groups).toEqual([
      ["上报时", "df"],
      ["现场核实", "e"],
      ["处理后（第 1 轮）", "c"],
      ["复核时", "b"],
      ["处置中", "g"],
      ["处理后（第 2 轮）", "a"],
    ]);
  });

  it("tells what came before a result and what after it", () => {
    const result = { purpose: "after", cycle: 1 } as const;
    expect(inOrder({ purpose: "during", cycle: 1 }, result)).toBeLessThan(0);
    expect(inOrder({ purpose: "check", cycle: 1 }, result)).toBeGreaterThan(0);
    expect(inOrder({ purpose: "verify", cycle: 2 }, result)).toBeGreaterThan(0);
  });
});
