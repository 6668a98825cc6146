import { expect, test } from "vitest";
import { keyFor, type Group } from "../src/acts/keys";

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
