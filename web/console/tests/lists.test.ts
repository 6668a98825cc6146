/** What is reckoned in the rooms of lists and replays. */
import { expect, test } from "vitest";
import { headingsOf, marked } from "../src/rooms/lists/refused";
import { inside } from "../src/rooms/lists/inside";
import { csv } from "../src/parts/files";

const fault = (row: number, column: string, reason: string) => ({
  sheet: "清单",
  row,
  column,
  code: "x",
  reason,
  cells: { 事项名称: "路灯", 牵头部门: "" },
});

test("faults of a row stand together at their cells, in the order of the sheet", () => {
  const rows = marked([
    fault(7, "牵头部门", "没有写"),
    fault(3, "办理时限", "没有这一列"),
    fault(7, "牵头部门", "不认识"),
  ]);
  expect(rows.map(({ row }) => row)).toEqual([3, 7]);
  expect(rows[1]?.faults).toEqual({ 牵头部门: ["没有写", "不认识"] });
  expect(headingsOf(rows)).toEqual(["事项名称", "牵头部门", "办理时限"]);
});

test("a file that is not read at all has no rows to mark", () => {
  expect(marked([{ sheet: "", row: null, column: null, code: "no_table", reason: "" }])).toEqual(
    [],
  );
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
