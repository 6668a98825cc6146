/** What of an entry can be changed, how it is asked for, and what is sent. */
import type { AnswerOf } from "@gridwhistle/common/api";
import type { AdjustmentForm, AdmissionForm, ChangeForm } from "@gridwhistle/common/openapi";
import { lines } from "../../../acts/forms";
import { words } from "../words";

export type Entry = AnswerOf<"get", "/s/v1/entries/{id}">;
type Proposed = AnswerOf<"get", "/s/v1/proposals/{id}">["change"];
export interface Helper {
  /** By name or code; what stands for the township of the place. */
  unit: string;
  duties: string;
}
/** Whatever the server lets a proposal change; `removed` is asked for apart. */
export type Name = Exclude<keyof ChangeForm, "urgency" | "removed">;
export type Said = string | number | boolean | string[] | Helper[] | null;
/** What was chosen to be changed, by the field. */
export type Change = Partial<Record<Name | "urgency", Said>>;

export const TOWNSHIP = "township";
type Kind = "line" | "text" | "choice" | "unit" | "helpers" | "limit" | "yes" | "lines";
export const FIELDS: Record<Name, { kind: Kind; most?: number }> = {
  name: { kind: "line", most: 500 },
  short_title: { kind: "line", most: 40 },
  domain: { kind: "line", most: 40 },
  kind: { kind: "choice" },
  responsibility: { kind: "choice" },
  platform: { kind: "choice" },
  lead: { kind: "unit" },
  lead_duties: { kind: "text", most: 8000 },
  cooperating: { kind: "helpers" },
  township_duties: { kind: "text", most: 8000 },
  legal_basis: { kind: "text", most: 4000 },
  limit: { kind: "limit" },
  self_handle: { kind: "yes" },
  receives: { kind: "choice" },
  closing_condition: { kind: "text", most: 4000 },
  words: { kind: "lines" },
  contact_name: { kind: "line", most: 80 },
  contact_phone: { kind: "line", most: 40 },
};
export const NAMES = Object.keys(FIELDS) as Name[];
/** What an admission leaves open of nothing. */
export const WHOLE: Name[] = [
  "name",
  "domain",
  "lead",
  "lead_duties",
  "township_duties",
  "legal_basis",
  "limit",
];

const unit = (name: string | null): string => name || words.propose.townshipOf;
const coded =
  (name: "kind" | "responsibility" | "receives") =>
  (entry: Entry): string =>
    (words.options[name] as Record<string, string>)[entry[name]] ?? entry[name];
/** How what the list says is put in words, where it is not put so already. */
const SAYS: Partial<Record<Name, (entry: Entry) => string>> = {
  lead: (entry) => unit(entry.lead),
  cooperating: (entry) =>
    entry.cooperating.map((each) => `${unit(each.unit)}：${each.duties}`).join("\n"),
  limit: ({ limit, urgency }) =>
    `${limit} ${(words.options.urgency as Record<string, string>)[urgency] ?? ""}`,
  self_handle: (entry) => (entry.self_handle ? words.propose.yes : words.propose.no),
  words: (entry) => entry.words.join("、"),
  kind: coded("kind"),
  responsibility: coded("responsibility"),
  receives: coded("receives"),
};
/** What the list says now, in words; null where the answer does not have it. */
export function said(entry: Entry | undefined, name: Name): string | null {
  if (!entry) return null;
  const says = SAYS[name];
  if (says) return says(entry);
  return name in entry ? (entry[name as keyof Entry] as string) : null;
}

const EMPTY: Partial<Record<Name, Change>> = {
  limit: { limit: 15, urgency: "work_day" },
  cooperating: { cooperating: [] },
  self_handle: { self_handle: null },
};
const BEGINS: Partial<Record<Name, (entry: Entry) => Change>> = {
  limit: ({ limit, urgency }) => ({ limit, urgency }),
  cooperating: ({ cooperating }) => ({
    cooperating: cooperating.map(({ unit, duties }) => ({ unit: unit || TOWNSHIP, duties })),
  }),
  words: ({ words: called }) => ({ words: called.join("\n") }),
  lead: ({ lead }) => ({ lead: lead ?? TOWNSHIP }),
};
/** With what a field begins that is to be changed: what stands there. */
export function start(entry: Entry | undefined, name: Name): Change {
  if (!entry) return EMPTY[name] ?? { [name]: "" };
  const begins = BEGINS[name];
  if (begins) return begins(entry);
  return { [name]: name in entry ? (entry[name as keyof Entry] as Said) : "" };
}

/** A change that was proposed, as the fields have it; units by their names. */
export function again(change: Proposed, names: ReadonlyMap<string, string>): Change {
  const { removed: _, cooperating, words: called, lead, ...rest } = change;
  const named = (code: string): string => names.get(code) ?? code;
  return {
    ...(rest as Change),
    ...(lead !== undefined && { lead: named(lead) }),
    ...(called && { words: called.join("\n") }),
    ...(cooperating && {
      cooperating: cooperating.map(([code = "", duties = ""]) => ({
        unit: named(code),
        duties,
      })),
    }),
  };
}

const SUPPORT = ["flow", "funds", "staff"] as const;
export interface Wish {
  kind: keyof typeof words.propose.kinds;
  list: AdmissionForm["list_type"];
  change: Change;
  removed: boolean;
  ground: AdjustmentForm["ground"];
  reason: string;
  flow: string;
  funds: string;
  staff: string;
  /** A day. */
  until: string;
}

/** What is asked for, as it is sent. */
export function admission(wish: Wish, matter: string): AdmissionForm {
  const support = Object.fromEntries(SUPPORT.map((name) => [name, wish[name]]));
  const until = wish.until && `${wish.until}T23:59:00+08:00`;
  const { list, reason } = wish;
  return {
    matter,
    list_type: list,
    reason,
    change: changed(wish),
    ...support,
    until,
  };
}
export function adjustment(wish: Wish, matter: string, suggestion: string): AdjustmentForm {
  const { list, reason, ground } = wish;
  const kind = wish.kind === "exit" ? "exit" : "adjustment";
  const change = wish.removed ? ({ removed: true } as ChangeForm) : changed(wish);
  return { kind, matter, list_type: list, ground, reason, change, suggestion: suggestion || null };
}
function changed({ change: { words: called, ...rest } }: Wish): ChangeForm {
  const written = typeof called === "string" ? { words: lines(called) } : {};
  return { ...rest, ...written } as unknown as ChangeForm;
}
