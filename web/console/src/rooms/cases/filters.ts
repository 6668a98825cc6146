/** The filters of the list: they live in the address, so that a view can be sent and kept. */
import { Problem } from "@gridwhistle/common/api";
import type { CasesQuery } from "./query";

/** All that the list can be narrowed by; what else stands in an address is not ours. */
export const FILTERS = [
  ...["q", "stage", "clock", "kind", "township", "village", "grid", "unit", "part", "matter"],
  ...["domain", "channel", "platform", "appraisal", "trouble", "overdue", "from", "to", "bbox"],
  ...["open", "lead", "closed_from", "closed_to"],
] as const;

/** What the address asks for, as the server takes it; days are the county's. */
export function asked(query: Record<string, unknown>): CasesQuery {
  const found: Record<string, unknown> = {};
  for (const name of FILTERS) {
    const value = query[name];
    if (typeof value === "string" && value) found[name] = value;
  }
  const day = (name: string, time: string): void => {
    const value = found[name];
    if (typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value))
      found[name] = `${value}T${time}+08:00`;
  };
  day("from", "00:00:00");
  day("to", "23:59:59");
  day("closed_from", "00:00:00");
  day("closed_to", "23:59:59");
  return found;
}

/** What else an address of the room may say. */
const BESIDE = ["act", "id", "map"];

/** What an address asks for that the list can no longer be narrowed to, by its names. */
export function unknown(query: Record<string, unknown>): string[] {
  const known = new Set<string>([...FILTERS, ...BESIDE]);
  return Object.keys(query).filter((name) => !known.has(name));
}

/** Which filters of an address the server refused: what they name is gone, or never was. */
export function refused(error: unknown, query: Record<string, unknown>): string[] {
  if (!(error instanceof Problem)) return [];
  const named = error.errors.map(({ pointer }) => pointer.slice(1));
  return named.filter((name) => name in query && (FILTERS as readonly string[]).includes(name));
}

/** The filters of an address alone, as a view keeps them. */
export function kept(query: Record<string, unknown>): string {
  return new URLSearchParams(asked(query) as Record<string, string>).toString();
}
