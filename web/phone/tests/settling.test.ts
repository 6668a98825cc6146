import { describe, expect, it } from "vitest";
import type { Report } from "../src/queue/store";
import { goesAsSettled, plainly, tooMuch } from "../src/settling";

const report = (given: Partial<Report>): Report => ({
  id: "1",
  owner: "7",
  state: "editing",
  order: 1,
  kind: "livelihood",
  text: "楼道堆物",
  matter: "CJ-023",
  matterName: "楼道堆物",
  address: "",
  anonymous: true,
  fix: null,
  capturedAt: "",
  shots: [{ id: "before" }],
  tries: 0,
  handled: { result: " 已搬走 ", shots: [{ id: "after" }] },
  ...given,
});
const tell = (result: string): string => `已就地处理：${result}`;

describe("a report of what was settled on the spot", () => {
  it("goes as such where the list lets it, by the place's word before the list's own", () => {
    const list = new Set(["CJ-023"]);
    expect(goesAsSettled(report({}), list)).toBe(true);
    expect(goesAsSettled(report({ matter: "CJ-001" }), list)).toBe(false);
    expect(goesAsSettled(report({ settles: false }), list)).toBe(false);
    expect(goesAsSettled(report({ matter: "CJ-001", settles: true }), list)).toBe(true);
  });

  it("goes as a plain one without a matter, and is the server's to judge where nobody knows", () => {
    expect(goesAsSettled(report({ matter: "" }), null)).toBe(false);
    expect(goesAsSettled(report({}), null)).toBe(true);
  });

  it("loses neither words nor photos when it goes as a plain one", () => {
    expect(plainly(report({}), tell)).toEqual({
      text: "楼道堆物\n已就地处理：已搬走",
      shots: [{ id: "before" }, { id: "after" }],
    });
    const bare = report({ text: "  ", handled: { result: "", shots: [] } });
    expect(plainly(bare, tell)).toEqual({ text: "", shots: [{ id: "before" }] });
  });

  it("is refused on the form when both together are more than a report holds", () => {
    const shots = Array.from({ length: 9 }, (_, n) => ({ id: `${n}` }));
    expect(tooMuch(plainly(report({ shots }), tell))).toBe(true);
    expect(tooMuch(plainly(report({ shots: shots.slice(1) }), tell))).toBe(false);
    expect(tooMuch(plainly(report({ text: "字".repeat(1_995) }), tell))).toBe(true);
  });
});
