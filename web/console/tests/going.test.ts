import { expect, test } from "vitest";
import type { TodoAnswer } from "@gridwhistle/common/openapi";
import { about } from "../src/rooms/work/going";

const todo = {
  sections: [
    { name: "rule", n: 1, items: [{ no: "261130-1", verb: "rule", id: "7" }] },
    { name: "opinions", n: 1, items: [{ no: "T9", verb: null, id: "9" }] },
  ],
} as unknown as TodoAnswer;

test("a message leads to the form that its case waits for, else to the case", () => {
  const kind = "attention.return";
  expect(about({ no: "261130-1", kind }, todo)).toEqual({
    path: "/cases/261130-1",
    query: { act: "rule", id: "7" },
  });
  expect(about({ no: "261130-2", kind }, todo)).toEqual({ path: "/cases/261130-2", query: {} });
});

test("one of who has come leads to the case, whatever else of it waits", () => {
  for (const kind of ["case.check_in", "case.confirm", "case.contest"] as const)
    expect(about({ no: "261130-1", kind }, todo)).toEqual({ path: "/cases/261130-1", query: {} });
});

test("one of a change to a list leads to that, and one of neither nowhere", () => {
  expect(about({ no: "T9", kind: "governance.proposal_opinions" }, todo)).toBe(
    "/#/work/proposals/9",
  );
  expect(about({ no: "T12", kind: "governance.proposal_late" }, undefined)).toBe(
    "/#/work/proposals/12",
  );
  expect(about({ no: "", kind: "staff.unstaffed" }, todo)).toBe("");
});
