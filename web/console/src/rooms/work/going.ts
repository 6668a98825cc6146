/** Where a row of what waits is done, and a message of the inbox with it. */
import type { InboxMessage, TodoAnswer, TodoRow } from "@gridwhistle/common/openapi";

export interface Way {
  path: string;
  query: Record<string, string>;
}

/** The case with the form that is asked for. */
export function form({ no, verb, id }: Pick<TodoRow, "no" | "verb" | "id">): Way {
  return { path: `/cases/${no}`, query: { ...(verb && { act: verb }), ...(id && { id }) } };
}

/** The page of a proposal, which the phone has. */
export const proposal = (id: string): string => `/#/work/proposals/${id}`;

/** The form of what waits of a case; empty where nothing does. */
function waiting(no: string, todo: TodoAnswer | undefined): Way | string {
  for (const { name, items } of todo?.sections ?? []) {
    const row = items.find((each) => each.no === no);
    if (row) return name === "opinions" ? proposal(row.id) : form(row);
  }
  return "";
}

const ARRIVALS: ReadonlySet<string> = new Set(["case.check_in", "case.confirm", "case.contest"]);

/** Where a message leads: to the form of what waits of the same case, else to what it is about. */
export function about(
  message: Pick<InboxMessage, "no" | "kind">,
  todo: TodoAnswer | undefined,
): Way | string {
  const { no, kind } = message;
  if (!no) return "";
  // Who has come is judged beside the unit that has: what else waits of the case is no answer.
  const asked = ARRIVALS.has(kind) ? "" : waiting(no, todo);
  if (asked) return asked;
  if (kind.startsWith("governance.proposal")) return proposal(no.replace(/^\D+/, ""));
  // A burden or a unit has no page of its own yet: the message says all that there is.
  if (/^(governance|staff)\./.test(kind)) return "";
  return { path: `/cases/${no}`, query: {} };
}
