import { expect, test } from "vitest";
import type { TodoAnswer } from "@gridwhistle/common/openapi";
import { about } from "../src/rooms/work/going";

const todo = {
  sections: [
    { name: "rule", n: 1, items: [{ no: "261130-1", verb: "rule", id: "7" }] },
    { name: "opinions", n: 1, items: [{ no: "A-9", verb: null, act: "opine", id: "9" }] },
  ],
} as unknown as TodoAnswer;

const NOBODY = new Set<string>();

test("a message leads to the form that its case waits for, else to the case", () => {
  const kind = "attention.return";
  expect(about({ no: "261130-1", kind }, todo, NOBODY)).toEqual({
    path: "/cases/261130-1",
    query: { act: "rule", id: "7" },
  });
  expect(about({ no: "261130-2", kind }, todo, NOBODY)).toEqual({
    path: "/cases/261130-2",
    query: {},
  });
});

test("a call that a grid worker asks for leads to the form of a call", () => {
  const row = { no: "261130-3", verb: "call", id: "8" };
  const asked = { sections: [{ name: "requests", n: 1, items: [row] }] } as unknown as TodoAnswer;
  expect(about({ no: "261130-3", kind: "attention.ask" }, asked, NOBODY)).toEqual({
    path: "/call/new",
    query: { no: "261130-3", request: "8" },
  });
});

test("a message leads to the form that it speaks of, and to no other of the same case", () => {
  const row = (verb: string, id: string): object => ({ no: "261130-4", verb, id });
  const sections = [
    { name: "tasks", n: 1, items: [row("accept", "45")] },
    { name: "conferences", n: 1, items: [row("state", "6")] },
  ];
  const both = { sections } as unknown as TodoAnswer;
  const helper = { sections: sections.slice(0, 1) } as unknown as TodoAnswer;
  const to = (kind: string, todo: TodoAnswer): unknown =>
    about({ no: "261130-4", kind: kind as never }, todo, NOBODY)?.query;
  expect(to("case.convene", both)).toEqual({ act: "state", id: "6" });
  expect(to("case.convene", helper)).toEqual({});
  expect(to("case.dispatch", both)).toEqual({ act: "accept", id: "45" });
  expect(to("case.urge", both)).toEqual({ act: "accept", id: "45" });
  expect(to("attention.reply", both)).toEqual({});
});

test("one of who has come leads to the case, whatever else of it waits", () => {
  for (const kind of ["case.check_in", "case.confirm", "case.contest"] as const)
    expect(about({ no: "261130-1", kind }, todo, NOBODY)).toEqual({
      path: "/cases/261130-1",
      query: {},
    });
});

test("one of a change to a list, or of a burden, leads to the form that it asks for", () => {
  expect(about({ no: "A-9", kind: "governance.proposal_opinions" }, todo, NOBODY)).toEqual({
    path: "/governance/proposals/9",
    query: { act: "opine" },
  });
  expect(about({ no: "E-12", kind: "governance.proposal_late" }, undefined, NOBODY)).toEqual({
    path: "/governance/proposals/12",
    query: {},
  });
  expect(about({ no: "B-3", kind: "governance.burden_answered" }, todo, NOBODY)).toEqual({
    path: "/governance/burdens/3",
    query: {},
  });
});

test("what a merged unit left leads to what waits, one of a vacancy nobody who fills none", () => {
  const kind = "governance.taken_over";
  expect(about({ no: "", kind }, todo, NOBODY)).toEqual({ path: "/work", query: {} });
  expect(about({ no: "", kind: "staff.unstaffed" }, todo, NOBODY)).toBe(null);
  const keeper = new Set(["account.manage"]);
  expect(about({ no: "", kind: "staff.unstaffed" }, todo, keeper)?.path).toBe("/people");
});
