/** What is forgotten when a room is added. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isOpen, ROOMS, shownTo, start } from "../src/rooms";
import { t } from "../src/texts";

const SRC = fileURLToPath(new URL("../src/", import.meta.url));
const table = readFileSync(`${SRC}rooms.ts`, "utf8");

test("each folder of a room stands in the table, and each row of the table has its folder", () => {
  expect(ROOMS.map((room) => room.name).sort()).toEqual(readdirSync(`${SRC}rooms`).sort());
});

test("a row fetches the page of its own folder, when it is entered", () => {
  for (const { name } of ROOMS) {
    const [, page] =
      new RegExp(`import\\("\\./(rooms/${name}/\\w+Page\\.vue)"\\)`).exec(table) ?? [];
    expect(page, name).toBeDefined();
    expect(existsSync(SRC + String(page)), page).toBe(true);
  }
});

test("each room has an address, a title and a permission of its own, or is for everybody", () => {
  expect(new Set(ROOMS.map(start)).size).toBe(ROOMS.length);
  expect(Object.keys(t.rooms).sort()).toEqual(ROOMS.map((room) => room.name).sort());
  for (const { name, permissions } of ROOMS) expect(permissions.length, name).toBeGreaterThan(0);
});

test("a room is shown to who has one of its permissions, and to nobody else", () => {
  const [work, cases] = ["work", "cases"].map((name) => ROOMS.find((room) => room.name === name));
  expect(shownTo(new Set())).toEqual([work]);
  expect(isOpen(cases as (typeof ROOMS)[0], new Set(["case.read"]))).toBe(true);
  expect(isOpen(cases as (typeof ROOMS)[0], new Set(["case.file"]))).toBe(false);
});
