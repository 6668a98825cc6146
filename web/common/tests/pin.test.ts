import { describe, expect, it } from "vitest";
import { legendOf, marked, pinOf } from "../src/maps/pin";

const HERE = { lon: 117.5, lat: 34.7 };

describe("how sure a point on a map is", () => {
  it("is drawn with its ring, and hollow where the case merely lies about there", () => {
    const vague = pinOf({ ...HERE, point_sure: false, within_m: 3000 });
    expect(vague).toEqual({ ...HERE, unsure: true, accuracy: 3000 });
    expect(pinOf({ ...HERE, point_sure: true, within_m: null })).toEqual({
      ...HERE,
      unsure: false,
    });
    expect(pinOf({ lon: null, lat: null, point_sure: true, within_m: null })).toBeNull();
    const [full, hollow] = [marked("#123456"), marked("#123456", true)];
    expect(full.fillColor).toBe("#123456");
    expect([hollow.color, hollow.fillColor]).toEqual(["#123456", "#fff"]);
  });

  it("is told in words where there is anything to tell", () => {
    expect(legendOf({ ...HERE, unsure: true, accuracy: 812.4 })).toBe(
      "空心的点：只知道大概在那里，位置待确认。圆圈：定位误差约 812 米，圈内都有可能。",
    );
    expect(legendOf(null, [{ unsure: false }, { unsure: true }])).toContain("空心");
    expect(legendOf(HERE, [{ unsure: false }])).toBe("");
    expect(legendOf(undefined)).toBe("");
  });
});
