import { expect, test } from "vitest";
import { keyName, keysFor, turned, type Group, type Key } from "../src/acts/keys";

const run = (): void => undefined;
const pressed = (key: string, more: object = {}): KeyboardEvent =>
  ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    isComposing: false,
    ...more,
  }) as KeyboardEvent;
const keyFor = (event: KeyboardEvent, groups: Group[]): Key | undefined =>
  keysFor(event, groups)[0];
const GROUPS: Group[] = [
  {
    title: "out",
    keys: [
      { key: "j", what: "outer", run },
      { key: "ctrl+k", what: "open", run },
    ],
  },
  {
    title: "in",
    keys: [
      { key: "j", what: "inner", run },
      { key: "f", what: "no", run, when: () => false },
    ],
  },
];

test("the innermost that offers a key has it", () => {
  expect(keyFor(pressed("j"), GROUPS)?.what).toBe("inner");
});

test("a key that does nothing now is left to the browser, as is one with another meant", () => {
  expect(keyFor(pressed("f"), GROUPS)).toBeUndefined();
  expect(keyFor(pressed("j", { altKey: true }), GROUPS)).toBeUndefined();
  expect(keyFor(pressed("j", { ctrlKey: true }), GROUPS)).toBeUndefined();
  expect(keyFor(pressed("j", { isComposing: true }), GROUPS)).toBeUndefined();
});

test("Ctrl and the command key mean the same", () => {
  expect(keyFor(pressed("K", { ctrlKey: true }), GROUPS)?.what).toBe("open");
  expect(keyFor(pressed("k", { metaKey: true }), GROUPS)?.what).toBe("open");
});

test("a letter that several buttons have goes from one to the next, and none is left out", () => {
  const same = ["a", "b", "c"].map((title) => ({
    title,
    keys: [{ key: "W", what: "waive", run }],
  }));
  expect(keysFor(pressed("W"), same)).toHaveLength(3);
  const buttons = ["a", "b", "c"];
  expect([null, "a", "b", "c", "elsewhere"].map((now) => turned(buttons, now))).toEqual([
    "a",
    "b",
    "c",
    "a",
    "a",
  ]);
});

test("a second key means the same, and what has the focus may have it first", () => {
  const key = { key: "j", also: "ArrowDown", what: "next", run };
  expect(keyFor(pressed("ArrowDown"), [{ title: "list", keys: [key] }])?.what).toBe("next");
  const resting = [{ title: "list", keys: [{ ...key, rests: () => true }] }];
  expect(keyFor(pressed("j"), resting)).toBeUndefined();
});

test("a capital letter is called one with Shift", () => {
  expect(["A", "a", "1", "Escape"].map(keyName)).toEqual(["Shift A", "a", "1", "Esc"]);
});
