/**
 * Every act of a desk on a case, a task or a check: where it goes, what it asks for, its letter.
 * One table: a room that offers an act takes it from here.
 */
import type { ProcessRow, TaskCard, TextRow } from "@gridwhistle/common/openapi";
import { assigning, choices, todo } from "@gridwhistle/common/parts/actWords";
import { w } from "./words";

interface Named {
  /** The field of the body. */
  name: string;
  label: string;
  free?: boolean;
  hint?: string;
  /** Asked for only where another field says so. */
  when?: (values: Values) => boolean;
  /** Which standard texts of the office are offered for it. */
  texts?: TextRow["kind"];
}
export type Field = Named &
  (
    | { kind: "words" | "line"; most: number }
    | {
        kind:
          | "lines"
          | "unit"
          | "units"
          | "matter"
          | "case"
          | "grid"
          | "tick"
          | "yes"
          | "limit"
          | "photos";
      }
    // Somebody of the unit whose task it is, or nobody.
    | { kind: "person" }
    // Known where the form is opened, and not asked for: `given` has it.
    | { kind: "day" | "moment" | "number" | "hidden" }
    | { kind: "choice" | "number-choice"; options: Record<string, string> }
  );
export type Value = string | string[] | boolean | number | null;
export type Values = Record<string, Value>;

export interface ActForm {
  path: string;
  /** The key that opens it, shown on its button. */
  letter: string;
  name: string;
  fields: Field[];
  thanks: string;
  /** What will happen and who will hear of it, where it cannot be taken back. */
  warns?: string;
  /** Done seldom: never shown as the next act. */
  seldom?: boolean;
  /** Sent after ten seconds, in which it can be taken back. */
  soon?: boolean;
}

const reason = (label: string, most = 500): Field => ({
  name: "reason",
  kind: "words",
  label,
  most,
});
const note = (label: string = w.note, most = 500): Field => ({
  name: "note",
  kind: "words",
  label,
  most,
  free: true,
});
const free = (field: Field): Field => ({ ...field, free: true });
const text = (label: string, most: number): Field => ({
  name: "text",
  kind: "words",
  label,
  most,
});
const lead: Field = { name: "lead", kind: "unit", label: w.lead, free: true };
const helpers: Field = { name: "cooperating", kind: "units", label: w.helpers, free: true };
const limit: Field = { name: "limit", kind: "limit", label: w.limit, free: true };
const photos: Field = { name: "photos", kind: "photos", label: w.photosAfter };
const found = (yes: string): Field[] => [
  { name: "passed", kind: "yes", label: yes },
  note(),
  free(photos),
];
const upheld = (values: Values): boolean => values["upheld"] === true;
/** The conference takes the case on, or not. */
const NOT_TAKEN = "declined";
const notTaken = (values: Values): boolean => values[NOT_TAKEN] === true;
const taken = (values: Values): boolean => !notTaken(values);

const CASE = "/s/v1/cases/{no}";
const TASK = "/s/v1/tasks/{id}";
const of = (
  path: string,
  letter: string,
  name: string,
  thanks: string,
  fields: Field[],
): ActForm => ({
  path,
  letter,
  name,
  fields,
  thanks,
});
const { acts, words, done } = todo;
/** An act is held back for ten seconds, or its form says what will happen and who hears of it. */
const warned = (forms: Record<string, ActForm>): Record<string, ActForm> =>
  Object.fromEntries(
    Object.entries(forms).map(([verb, form]) => {
      const warns = w.warns[verb as keyof typeof w.warns];
      return [verb, form.soon || form.warns ? form : { ...form, warns }];
    }),
  );

/** On the case itself, by what its `may` calls them; the next acts first. */
export const CASE_FORMS: Record<string, ActForm> = warned({
  file: {
    ...of(`${CASE}/file`, "f", acts.file, w.tookOn, [
      { name: "matter", kind: "matter", label: w.matter, free: true },
      note(),
    ]),
    soon: true,
  },
  dispatch: {
    ...of(`${CASE}/dispatch`, "d", acts.dispatch, w.sent, [
      { ...lead, hint: w.byList },
      helpers,
      { ...limit, hint: w.limitHint },
      note(),
    ]),
    soon: true,
  },
  rule: of(`${CASE}/rule`, "r", acts.rule, done.rule, [
    { name: "upheld", kind: "yes", label: todo.upheld },
    { ...lead, label: todo.newLead, when: upheld },
    { ...helpers, label: todo.newHelp, when: upheld },
    { ...limit, when: upheld },
    reason(todo.ruling, 1000),
  ]),
  decide: of(`${CASE}/decide`, "e", acts.decide, done.decide, [
    { name: "minutes", kind: "words", label: todo.minutes, most: 5000 },
    { name: NOT_TAKEN, kind: "tick", label: todo.notTaken, free: true },
    { name: "where_to_go", kind: "words", label: todo.instead, most: 500, when: notTaken },
    { ...lead, when: taken },
    { ...helpers, when: taken },
    { ...limit, when: taken },
  ]),
  check: of("/s/v1/checks/{id}", "h", w.check, done.documents, found(w.passed)),
  close: {
    ...of(`${CASE}/close`, "c", acts.close, done.close, [
      { ...note(words.close), texts: "close" },
    ]),
    soon: true,
  },
  rework: of(`${CASE}/rework`, "b", acts.rework, done.rework, [reason(words.rework)]),
  resume: of(`${CASE}/resume`, "g", acts.resume, done.resume, [note(words.resume)]),
  extend: of(`${CASE}/extend`, "1", w.extend, done.granted, [note()]),
  suspend: of(`${CASE}/suspend`, "2", w.suspend, done.granted, [note()]),
  exempt: of(`${CASE}/exempt`, "3", w.exempt, done.granted, [note()]),
  refuse: of(`${CASE}/refuse`, "0", w.refuse, done.refused, [
    { name: "what", kind: "choice", label: w.refuseWhat, options: w.refusable },
    reason(todo.refuseReason),
  ]),
  self_handle: of(`${CASE}/self-handle`, "p", acts.self_handle, w.sent, [
    { name: "result", kind: "words", label: w.result, most: 2000 },
    { name: "before", kind: "photos", label: w.photosBefore, free: true },
    { name: "after", kind: "photos", label: w.photosAfter },
  ]),
  inquire: {
    ...of(`${CASE}/inquire`, "q", acts.inquire, done.inquire, [
      { name: "missing", kind: "lines", label: todo.inquireWhat, texts: "inquire" },
    ]),
    warns: todo.inquireHint,
  },
  verify: of(`${CASE}/verify`, "v", acts.verify, done.verify, [
    { name: "question", kind: "words", label: words.verify, most: 500 },
  ]),
  decline: {
    ...of(`${CASE}/decline`, "x", acts.decline, done.decline, [
      { name: "code", kind: "choice", label: todo.declineWhy, options: todo.declineCodes },
      {
        name: "where_to_go",
        kind: "words",
        label: todo.instead,
        most: 500,
        hint: todo.insteadHint,
        texts: "decline",
      },
      { name: "missing", kind: "lines", label: todo.lacking, free: true, texts: "inquire" },
      { ...note(w.note, 1000), texts: "decline" },
    ]),
    warns: w.declineWarns,
  },
  convene: of(`${CASE}/convene`, "o", acts.convene, done.convene, [note(words.convene)]),
  state: of(`${CASE}/state`, "s", acts.state, done.state, [text(words.state, 2000)]),
  urge: {
    ...of(`${CASE}/urge`, "u", acts.urge, done.urge, [free(text(words.urge, 500))]),
    soon: true,
  },
  instruct: of(`${CASE}/instruct`, "i", acts.instruct, done.instruct, [
    text(words.instruct, 2000),
    { name: "unit", kind: "unit", label: todo.toUnit, free: true },
    { name: "urgent", kind: "tick", label: todo.urgent, free: true },
  ]),
  reply: of(`${CASE}/reply`, "y", w.reply, w.replied, [
    { ...text(w.reply, 2000), texts: "reply" },
  ]),
  supervise: of(`${CASE}/supervise`, "t", acts.supervise, done.supervise, [
    free(text(words.supervise, 500)),
  ]),
  redo: of(`${CASE}/redo`, "n", acts.redo, done.redo, [reason(words.redo)]),
  merge: of(`${CASE}/merge`, "m", w.merge, w.joined, [
    { name: "into", kind: "case", label: w.mergeInto },
    reason(w.why),
  ]),
  unmerge: of(`${CASE}/unmerge`, "m", w.unmerge, w.sent, [reason(w.why)]),
  rebind: of(`${CASE}/rebind`, "l", w.rebind, w.sent, [
    { name: "place", kind: "grid", label: w.place, free: true },
    reason(w.why),
  ]),
  recuse: of(`${CASE}/recuse`, "a", acts.recuse, w.sent, [
    { name: "about_unit", kind: "unit", label: w.aboutUnit, free: true },
    reason(w.why),
  ]),
  appraise: of(`${CASE}/appraise`, "w", w.appraise, w.sent, [
    { name: "responded", kind: "yes", label: w.responded },
    { name: "solved", kind: "yes", label: w.solved },
    { name: "satisfaction", kind: "number", label: w.satisfaction },
    { name: "comment", kind: "words", label: w.note, most: 1000, free: true },
  ]),
});

/** On one unit's part. */
export const TASK_FORMS: Record<string, ActForm> = warned({
  accept: { ...of(`${TASK}/accept`, "A", w.accept, w.sent, [note()]), soon: true },
  check_in: of(`${TASK}/check-in`, "I", w.checkIn, w.sent, [note()]),
  progress: of(`${TASK}/progress`, "P", w.progress, w.sent, [
    { name: "note", kind: "words", label: w.note, most: 1000 },
    free(photos),
  ]),
  resolve: of(`${TASK}/resolve`, "R", w.resolve, w.sent, [
    { name: "result", kind: "words", label: w.result, most: 2000 },
    photos,
  ]),
  done: of(`${TASK}/resolve`, "R", w.finish, w.sent, [
    { name: "result", kind: "words", label: w.result, most: 2000 },
    free(photos),
  ]),
  return: of(`${TASK}/return`, "B", w.giveBack, w.gaveBack, [
    { name: "ground", kind: "choice", label: w.ground, options: choices.grounds },
    { name: "proper_unit", kind: "unit", label: w.proper },
    { ...reason(w.details, 1000), texts: "return" },
  ]),
  route: of(`${TASK}/route`, "T", w.route, w.sent, [
    { name: "platform", kind: "choice", label: w.platform, options: w.platforms },
    note(),
  ]),
  assign: of(`${TASK}/assign`, "G", assigning.name, assigning.done, [
    { name: "person", kind: "person", label: assigning.label },
  ]),
  waive: of(`${TASK}/waive`, "W", w.waive, w.sent, [reason(w.waiveWhy)]),
  confirm: { ...of(`${TASK}/confirm`, "C", w.confirm, w.sent, []), soon: true },
  contest: of(`${TASK}/contest`, "N", w.contest, w.sent, [reason(w.contestWhy)]),
  ask: askForm(Object.keys(choices.asks) as Asked[]),
});

/** On the part of the lead, which ends a step of its own by telling of it. */
export function leadForms(steps: readonly ProcessRow[]): Record<string, ActForm> {
  const own = steps.filter((each) => each.by_lead && each.state === "open");
  const { progress } = TASK_FORMS;
  if (!own.length || !progress) return TASK_FORMS;
  const options = Object.fromEntries(
    own.map((each) => [each.position, w.stepDone(each.step || each.unit)]),
  );
  const step: Field = { name: "step", kind: "number-choice", label: w.step, options, free: true };
  return { ...TASK_FORMS, progress: { ...progress, fields: [step, ...progress.fields] } };
}

/** A look at the place before a case is taken on. */
export const VERIFICATION: ActForm = {
  ...of("/m/v1/verifications/{id}", "v", w.verify, w.sent, found(w.found)),
  warns: w.warns.looked,
};

type Asked = TaskCard["may_ask"][number];
/** What may be asked for about a part now. */
export function askForm(able: readonly Asked[]): ActForm {
  const what = (code: string) => (values: Values) => values["what"] === code;
  const options = Object.fromEntries(able.map((each) => [each, choices.asks[each]]));
  const form = of(`${CASE}/ask`, "Q", w.ask, w.asked, [
    { name: "what", kind: "choice", label: w.askWhat, options },
    { name: "limit", kind: "number", label: w.askLimit, when: what("extend") },
    { name: "until", kind: "day", label: w.askUntil, when: what("suspend") },
    {
      name: "ground",
      kind: "choice",
      label: w.askGround,
      options: choices.askGrounds,
      when: what("suspend"),
    },
    reason(w.details),
  ]);
  return { ...form, warns: w.warns.ask };
}

for (const verb of ["refuse", "redo", "merge", "unmerge", "rebind", "recuse"])
  Object.assign(CASE_FORMS[verb] as ActForm, { seldom: true });
for (const verb of ["return", "route", "waive", "contest"])
  Object.assign(TASK_FORMS[verb] as ActForm, { seldom: true });

/** The forms of a table that are allowed now, in its order. */
export function allowed(
  forms: Record<string, ActForm>,
  may: readonly string[],
): [string, ActForm][] {
  return Object.entries(forms).filter(([verb]) => may.includes(verb));
}

/** What is sent: what was asked for, without what was left empty and need not be said. */
export function bodyOf(form: ActForm, values: Values): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of form.fields) {
    if (unsaid(field, values)) continue;
    body[field.name] = said(field, values[field.name] as Value);
    if (field.kind === "limit") body["urgency"] = values["urgency"];
  }
  // An empty unit takes the complaint back: it has to be said.
  if (form.fields.some((field) => field.name === "about_unit")) body["about_unit"] ??= "";
  return body;
}

/** Left empty, and not to be said. That it is nobody's takes back who was named before. */
function unsaid(field: Field, values: Values): boolean {
  if (field.when && !field.when(values)) return true;
  return field.kind !== "person" && isEmpty(values[field.name]);
}

function said({ kind }: Field, value: Value): Value {
  if (kind === "lines") return lines(String(value));
  if (kind === "number-choice") return Number(value);
  // The county's clock, whatever this computer's zone.
  if (kind === "moment") return `${String(value)}:00+08:00`;
  return isOne(kind) && Array.isArray(value) ? (value[0] ?? "") : value;
}

const ONE = ["unit", "matter", "case", "grid"] as const;
/** Whether one thing is chosen for a field, by its name. */
export const isOne = (kind: Field["kind"]): kind is (typeof ONE)[number] =>
  (ONE as readonly string[]).includes(kind);

const isEmpty = (value: Value | undefined): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length);

/** What was written in lines, each by itself; without the empty ones. */
export const lines = (written: string): string[] =>
  written
    .split("\n")
    .map((line) => line.trim().slice(0, 100))
    .filter(Boolean)
    .slice(0, 20);
