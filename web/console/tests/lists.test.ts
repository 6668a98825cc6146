/** What is reckoned in the rooms of lists and replays. */
import { expect, test } from "vitest";
import { letters, marked, refusalOf } from "../src/rooms/lists/refused";
import { inside } from "../src/rooms/lists/inside";
import { csv } from "../src/parts/files";

const fault = (line: number, at: number | null, column: string, reason: string) => ({
  ...{ sheet: "清单", row: line, column, code: "x", reason, line, at },
});
const row = (line: number) => ({
  ...{ line, sheet: "清单", row: line, header: line === 1, cells: ["路灯", ""] },
});

test("the sheet stands as it was sent, with faults at their cells and a gap where rows lack", () => {
  const rows = marked({
    ...{ nFaults: 3, nRows: 9, sheet: [row(1), row(3), row(7), row(8)] },
    rows: [
      fault(7, 1, "牵头部门", "没有写"),
      fault(3, null, "办理时限", "没有这一列"),
      fault(7, 1, "牵头部门", "不认识"),
    ],
  });
  expect(rows.map(({ line, gap }) => [line, gap])).toEqual([
    [1, false],
    [3, true],
    [7, true],
    [8, false],
  ]);
  expect(rows.map(({ faults }) => faults)).toEqual([
    {},
    { "-1": ["办理时限：没有这一列"] },
    { 1: ["没有写", "不认识"] },
    {},
  ]);
});

test("a file that is not read at all has no rows to mark", () => {
  const said = { sheet: "", row: null, column: null, code: "no_table", reason: "坏了" };
  const refusal = refusalOf({ facts: { rows: [said] } });
  expect([refusal.nFaults, marked(refusal)]).toEqual([1, []]);
  expect(refusalOf(new Error("no network")).rows).toEqual([]);
});

test("columns are called as spreadsheets call them", () => {
  expect([0, 25, 26, 701, 702].map(letters)).toEqual(["A", "Z", "AA", "ZZ", "AAA"]);
});

test("a point lies in a shape, but not in its hole and not beside it", () => {
  const square = (from: number, to: number) => [
    [from, from],
    [to, from],
    [to, to],
    [from, to],
    [from, from],
  ];
  const shape = [square(0, 9), square(3, 6)];
  expect(inside(1, 1, "Polygon", shape)).toBe(true);
  expect(inside(4, 4, "Polygon", shape)).toBe(false);
  expect(inside(10, 1, "Polygon", shape)).toBe(false);
  expect(inside(1, 1, "MultiPolygon", [shape])).toBe(true);
});

test("a cell of a file is never taken for a formula", () => {
  expect(csv([["=1+1", "+8", "@x", 'a"b', "c,d"]])).toBe(
    '\uFEFF\'=1+1,\'+8,\'@x,"a""b","c,d"\r\n',
  );
});
