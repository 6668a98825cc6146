import { describe, expect, it } from "vitest";
import { photoGroups } from "../src/parts/photoGroups";

describe("photos by what they show", () => {
  it("names each kind, in the order in which it happens, and rounds where there are several", () => {
    const photos = [
      { id: "a", purpose: "after", cycle: 2 },
      { id: "b", purpose: "check", cycle: 1 },
      { id: "c", purpose: "after", cycle: 1 },
      { id: "d", purpose: "before", cycle: 1 },
      { id: "e", purpose: "verify", cycle: 1 },
      { id: "f", purpose: "before", cycle: 1 },
    ] as const;
    const groups = photoGroups(photos).map(({ label, photos: of }) => [
      label,
      of.map(({ id }) => id).join(""),
    ]);
    expect(groups).toEqual([
      ["上报时", "df"],
      ["现场核实", "e"],
      ["处理后（第 1 轮）", "c"],
      ["处理后（第 2 轮）", "a"],
      ["复核时", "b"],
    ]);
  });
});
