import { describe, expect, it } from "vitest";
import { gcj02FromWgs84, wgs84FromGcj02, type Point } from "../src/maps/datum";

const METRE = 1 / 111_194.9;

describe("between WGS-84 and GCJ-02", () => {
  it("shifts a point in Zaozhuang by some five hundred metres to the east and a little to the north", () => {
    const [lon, lat] = gcj02FromWgs84([117.55, 34.77]);
    const east = (lon - 117.55) * Math.cos((34.77 / 180) * Math.PI) * 111_194.9;
    const north = (lat - 34.77) * 111_194.9;
    expect(Math.hypot(east, north)).toBeGreaterThan(450);
    expect(Math.hypot(east, north)).toBeLessThan(650);
  });

  it("comes back to within a millimetre, all over the country", () => {
    for (let n = 0; n < 2_000; n += 1) {
      const point: Point = [75 + Math.random() * 58, 19 + Math.random() * 33];
      const back = wgs84FromGcj02(gcj02FromWgs84(point));
      expect(Math.abs(back[0] - point[0])).toBeLessThan(METRE / 1000);
      expect(Math.abs(back[1] - point[1])).toBeLessThan(METRE / 1000);
    }
  });
});
