/** Where a row of what waits is done, and a message of the inbox with it. */
import type { InboxMessage, TodoAnswer, TodoRow } from "@gridwhistle/common/openapi";

export interface Way {
  path: string;
  query: Record<string, string>;
}

/** The call that a grid worker asks for, to be made or not. */
export const callAsked = ({ no, id }: Pick<TodoRow, "no" | "id">): Way => ({
  path: "/call/new",
  query: { no, request: id },
});

/** The case with the form that is asked for. */
export function form(row: Pick<TodoRow, "no" | "verb" | "id">): Way {
  const { no, verb, id } = row;
  if (verb === "call") return callAsked(row);
  return { path: `/cases/${no}`, query: { ...(verb && { act: verb }), ...(id && { id }) } };
}

/** A proposal or an objection by its number, with the form that is asked for. */
export function governed(no: string, act: string | null): Way {
  const part = no.startsWith("B-") ? "burdens" : "proposals";
  return {
    path: `/governance/${part}/${no.replace(/^\D+/, "")}`,
    query: act ? { act } : {},
  };
}

/** Where a row of what waits is done. */
export const way = (row: Pick<TodoRow, "no" | "verb" | "id" | "act">): Way =>
  row.act ? governed(row.no, row.act) : form(row);

const WORK = ["accept", "check_in", "resolve", "done"];
/**
 * What a message of an act asks for of its case. Of one that is not here any that waits; one that
 * asks for nothing leads to the case: another form than it speaks of would be a wrong one.
 */
const ASKS: Record<string, readonly string[]> = {
  convene: ["decide", "state"],
  return: ["rule"],
  instruct: ["reply"],
  ask: ["suspend", "extend", "exempt", "redo", "call"],
  verify: ["verify", "file"],
  check: ["check"],
  call: WORK,
  dispatch: WORK,
  assign: WORK,
  rule: WORK,
  decide: WORK,
  // Who has come is judged beside the unit that has.
  ...Object.fromEntries(
    (
      "check_in confirm contest progress done waive reply refuse lapse exempt suspend resolve " +
      "merge unmerge withdraw confirm_place rebind"
    )
      .split(" ")
      .map((each) => [each, []]),
  ),
};

/** Where a message leads: to the form of what waits of the same case, else to what it is about. */
export function about(
  message: Pick<InboxMessage, "no" | "kind">,
  todo: TodoAnswer | undefined,
  permitted: ReadonlySet<string>,
): Way | null {
  const { no, kind } = message;
  if (!no) return ofUnits(kind, permitted);
  const asks = ASKS[kind.slice(kind.indexOf(".") + 1)];
  for (const { items } of todo?.sections ?? []) {
    const row = items.find(
      (each) => each.no === no && (each.act || !asks || asks.includes(each.verb ?? "")),
    );
    if (row) return way(row);
  }
  if (kind.startsWith("governance.")) return governed(no, null);
  return { path: `/cases/${no}`, query: {} };
}

/** Of no case or change, but of units: what a merged one left, and where nobody sits. */
function ofUnits(kind: string, permitted: ReadonlySet<string>): Way | null {
  if (kind === "governance.taken_over") return { path: "/work", query: {} };
  const fills = kind.startsWith("staff.") && permitted.has("account.manage");
  return fills ? { path: "/people", query: {} } : null;
}
