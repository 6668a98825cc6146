/** The forms of acts against what the server says that it takes. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BURDEN_FORMS, PROPOSAL_FORMS } from "../src/rooms/governance/forms";
import {
  askForm,
  bodyOf,
  CASE_FORMS,
  leadForms,
  TASK_FORMS,
  VERIFICATION,
  type ActForm,
} from "../src/acts/forms";

interface Schema {
  properties?: Record<string, unknown>;
  required?: string[];
}
interface Described {
  paths: Record<
    string,
    { post?: { requestBody?: { content: { "application/json": { schema: { $ref: string } } } } } }
  >;
  components: { schemas: Record<string, Schema> };
}
const api = JSON.parse(
  readFileSync(new URL("../../../docs/api.json", import.meta.url), "utf8"),
) as Described;
const ALL: ActForm[] = [...Object.values(CASE_FORMS), ...Object.values(TASK_FORMS), VERIFICATION];

function schemaOf(path: string): Schema {
  const body = api.paths[path]?.post?.requestBody;
  const name = body?.content["application/json"].schema.$ref.split("/").pop();
  return (name && api.components.schemas[name]) || {};
}

test("each form goes to a path that there is, with fields that it takes and all that it needs", () => {
  for (const { path, fields } of ALL) {
    expect(api.paths[path]?.post, path).toBeDefined();
    const { properties = {}, required = [] } = schemaOf(path);
    const names = fields.map((field) => field.name);
    expect(Object.keys(properties), path).toEqual(expect.arrayContaining(names));
    expect(names, path).toEqual(expect.arrayContaining(required));
    for (const field of fields)
      if (required.includes(field.name) && field.name !== "about_unit")
        expect(field.free ?? false, `${path} ${field.name}`).toBe(false);
  }
});

test("each form is held back for a while, or says what will happen and who hears of it", () => {
  const every = [...ALL, askForm(["extend"])];
  for (const form of [...every, ...Object.values(BURDEN_FORMS), ...Object.values(PROPOSAL_FORMS)])
    if (form.path) expect(!!form.soon || (form.warns ?? "").length > 9, form.name).toBe(true);
});

/** Not acts on a case: one's own list and messages, an officer's duties, who has it open. */
const OTHERS = ["watch", "unwatch", "unfollow", "diligence", "look", "leave"];

test("each act on a case or a task has its form", () => {
  const formed = new Set(ALL.map((form) => form.path));
  const lacking = Object.keys(api.paths).filter(
    (path) =>
      /^\/s\/v1\/(cases\/\{no\}|tasks\/\{id\})\/[\w-]+$/.test(path) &&
      api.paths[path]?.post &&
      !OTHERS.includes(path.split("/").pop() ?? "") &&
      !formed.has(path),
  );
  expect(lacking).toEqual([]);
});

test("no two acts that may stand together have one letter", () => {
  const letters = Object.entries(CASE_FORMS)
    .filter(([verb]) => verb !== "unmerge")
    .map(([, form]) => form.letter);
  expect(letters.filter((each, n) => letters.indexOf(each) !== n)).toEqual([]);
  // Moving in the list, searching and taking back are of the frame.
  for (const letter of letters) expect("jkz/?").not.toContain(letter);
});

test("what is left empty and need not be said is not sent", () => {
  const { dispatch, inquire, rule, decide, recuse } = CASE_FORMS;
  const body = (form: ActForm | undefined, values: Parameters<typeof bodyOf>[1]): unknown =>
    bodyOf(form as ActForm, values);
  expect(
    body(dispatch, { lead: [], cooperating: [], limit: "", note: "", urgency: "work_day" }),
  ).toEqual({});
  expect(body(dispatch, { lead: ["区住建局"], limit: 3, urgency: "natural_day" })).toEqual({
    lead: "区住建局",
    limit: 3,
    urgency: "natural_day",
  });
  expect(body(inquire, { missing: "照片\n\n 地址 " })).toEqual({ missing: ["照片", "地址"] });
  expect(body(rule, { upheld: false, lead: ["区住建局"], reason: "不成立" })).toEqual({
    upheld: false,
    reason: "不成立",
  });
  expect(
    body(decide, { minutes: "议定", declined: true, where_to_go: "法院", lead: ["x"] }),
  ).toEqual({
    minutes: "议定",
    declined: true,
    where_to_go: "法院",
  });
  expect(body(recuse, { about_unit: [], reason: "写错了" })).toEqual({
    about_unit: "",
    reason: "写错了",
  });
});

test("a lead whose turn it is may end its step by telling of it", () => {
  const step = { position: 2, step: "现场核实", unit: "某局", by_lead: true, state: "open" };
  const others = [
    { ...step, position: 3, state: "waiting" },
    { ...step, position: 4, by_lead: false },
  ];
  const progress = leadForms([step, ...others] as never)["progress"] as ActForm;
  const [first] = progress.fields;
  expect(first).toMatchObject({ name: "step", options: { 2: "完成：现场核实" } });
  expect(bodyOf(progress, { step: "2", note: "好" })).toEqual({ step: 2, note: "好" });
  expect(bodyOf(progress, { step: "", note: "好" })).toEqual({ note: "好" });
  expect(leadForms(others as never)).toBe(TASK_FORMS);
});

test("that a task is nobody's is said, and not left out", () => {
  const { assign } = TASK_FORMS;
  expect(bodyOf(assign as ActForm, { person: null })).toEqual({ person: null });
  expect(bodyOf(assign as ActForm, { person: "7" })).toEqual({ person: "7" });
});
