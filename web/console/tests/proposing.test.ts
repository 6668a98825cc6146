/** What a proposal may change, against the server's form: types hold names, this lengths. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FIELDS } from "../src/rooms/governance/propose/change";

interface Described {
  components: {
    schemas: {
      ChangeForm: { properties: Record<string, { anyOf?: { maxLength?: number }[] }> };
    };
  };
}
const api = JSON.parse(
  readFileSync(new URL("../../../docs/api.json", import.meta.url), "utf8"),
) as Described;
const { properties } = api.components.schemas.ChangeForm;

test("a text of a proposal may be as long as the server takes it", () => {
  const texts = Object.entries(FIELDS).filter(
    ([, { kind }]) => kind === "line" || kind === "text",
  );
  expect(texts.length).toBeGreaterThan(5);
  for (const [name, { most }] of texts) {
    const taken = properties[name]?.anyOf?.find((each) => each.maxLength)?.maxLength;
    expect(most, name).toBe(taken);
  }
});
