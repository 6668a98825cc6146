/** Roles as the keeper of accounts gives them: each with the grids that it is held for. */
import type { AccountAnswer, HeldForm, RoleChoice } from "@gridwhistle/common/openapi";

export interface Given {
  role: HeldForm["role"] | "";
  /** Codes of grids, as they are written. */
  grids: string;
}

/** What somebody holds: one row for each role. */
export function givenTo(account: AccountAnswer | undefined): Given[] {
  const found = new Map<HeldForm["role"], string[]>();
  for (const { role, place } of account?.roles ?? [])
    found.set(role, [...(found.get(role) ?? []), ...(place ? [place] : [])]);
  if (!found.size) return [{ role: "", grids: "" }];
  return [...found].map(([role, places]) => ({ role, grids: places.join(" ") }));
}

/** Roles in words, each once, with how many grids it is held for. */
export function rolesOf({ roles }: Pick<AccountAnswer, "roles">): string {
  const found = new Map<string, number>();
  for (const { name, place } of roles) found.set(name, (found.get(name) ?? 0) + (place ? 1 : 0));
  return [...found].map(([name, n]) => (n ? `${name}（${n}）` : name)).join("、");
}

/** What is sent: a row for each grid; a role that is held for none by itself. */
export function sent(given: Given[], choices: RoleChoice[]): HeldForm[] {
  const chosen = given.filter((each): each is Given & HeldForm => each.role !== "");
  return chosen.flatMap(({ role, grids }) => {
    const codes = grids.split(/[\s、，,；;]+/).filter(Boolean);
    const placed = choices.some((each) => each.role === role && each.for_grids);
    return placed ? (codes.length ? codes : [""]).map((place) => ({ role, place })) : [{ role }];
  });
}

export interface Person {
  name: string;
  username: string;
  unit: string;
  password: string;
}

/** A cell that no spreadsheet takes for a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replace(/"/g, '""')}"`;
}

/** The first passwords as a file that a spreadsheet opens. */
export function csv(head: readonly string[], people: readonly Person[]): string {
  const rows = people.map((one) => [one.name, one.username, one.unit, one.password]);
  return `\ufeff${[head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
