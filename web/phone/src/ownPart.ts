/** The pages on which one's own part of a case is done. */
import type { OwnPart } from "@gridwhistle/common/openapi";

export type Own = "instruction" | "verification" | "check" | "task" | "call";
const PAGES: Record<Own, (id: string) => string> = {
  instruction: () => "/work/instructions",
  verification: (id) => `/work/verifications/${id}`,
  check: (id) => `/work/checks/${id}`,
  task: (id) => `/work/tasks/${id}`,
  call: (id) => `/work/calls/${id}`,
};
const ALL = Object.keys(PAGES) as Own[];
/** Acts that tell who called of those who come. */
const ARRIVALS = ["check_in", "confirm", "contest"];

/** What of a case is one's own to do, and where. */
export function ownPages(part: OwnPart): { name: Own; to: string }[] {
  return ALL.filter((name) => part[name]).map((name) => ({
    name,
    to: PAGES[name](part[name]),
  }));
}

/** Where that is done of which a message tells by its verb; empty where it is read on the case. */
export function pageTold(part: OwnPart, told: string): string {
  const pages = ownPages(part);
  const of = (name: Own): string => pages.find((each) => each.name === name)?.to ?? "";
  if (told === "instruct" && part.instruction) return of("instruction");
  if (ARRIVALS.includes(told) && part.call) return of("call");
  return of("verification") || of("check") || of("task");
}
