import { describe, expect, it } from "vitest";
import { gcj02FromWgs84 } from "@gridwhistle/common/maps/datum";
import { waysTo } from "../src/ways";

const HERE = { lon: 117.55, lat: 34.77, name: "小区南门; 3:2 号楼" };
const ANDROID = "Mozilla/5.0 (Linux; Android 10; wv) Chrome/80";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 14_4 like Mac OS X)";

/** The two numbers that stand after some words of a link. */
function pair(href: string, before: string): [number, number] {
  const [one, other] = href.slice(href.indexOf(before) + before.length).split(/[&;?,]/);
  return [Number(one), Number(other)];
}
function link(app: string, agent = ANDROID): string {
  return waysTo(HERE, agent).find((way) => way.app === app)?.href ?? "";
}

describe("links to the phone's own map", () => {
  const [x, y] = gcj02FromWgs84([HERE.lon, HERE.lat]);

  it("give Chinese maps GCJ-02, each with the axes in its own order", () => {
    expect(Math.hypot(x - HERE.lon, y - HERE.lat)).toBeGreaterThan(0.004);
    for (const [app, before, first, second] of [
      ["amap", "position=", x, y],
      ["baidu", "location=", y, x],
      ["tencent", "marker=coord:", y, x],
    ] as const) {
      const [one, other] = pair(link(app), before);
      expect(one, app).toBeCloseTo(first, 5);
      expect(other, app).toBeCloseTo(second, 5);
    }
    expect(link("baidu")).toContain("coord_type=gcj02");
  });

  it("give Android WGS-84 as it is, and no other phone that link", () => {
    expect(pair(link("geo"), "geo:")).toEqual([HERE.lat, HERE.lon]);
    expect(link("geo")).toMatch(/^geo:34\.770000,117\.550000\?q=34\.770000,117\.550000\(/);
    expect(waysTo(HERE, IPHONE).map(({ app }) => app)).toEqual(["amap", "baidu", "tencent"]);
  });

  it("name the place whole, and let nothing of the name become a field of the link", () => {
    for (const way of waysTo({ ...HERE, name: "南门&position=1,2;coord:9,9" }, ANDROID)) {
      expect(way.href).not.toMatch(/[&;]position=1|;coord:9/);
      expect(decodeURIComponent(way.href)).toContain("南门");
    }
  });
});
