/** A message taken apart: of what it is, what happened, and the rest of the sentence. */
import type { InboxMessage } from "@gridwhistle/common/openapi";
import { t } from "./texts/all";

export interface Told {
  title: string;
  what: string;
  more: string;
}
/**
 * Of what a message is, what happened, and more of it: every sentence names its case by title and
 * number.
 */
export function told({ no, text }: Pick<InboxMessage, "no" | "text">): Told {
  const [, lead = "", title = "", rest = ""] = no ? parted(text, `（${no}）`) : [];
  if (!title) return { title, what: text, more: "" };
  const said = around(lead, rest);
  const end = /[，。；]/.exec(said)?.index ?? said.length;
  return { title, what: said.slice(0, end), more: said.slice(end + 1) };
}
/** What stands before the title, the title, and what comes after the number. */
function parted(text: string, number: string): string[] {
  const at = text.indexOf(number);
  const quoted = /^([^“]*)“(.+)”$/s.exec(at < 0 ? "" : text.slice(0, at));
  return quoted ? [...quoted, text.slice(at + number.length)] : [];
}
/** The sentence without its title, which stands above it. */
function around(lead: string, rest: string): string {
  if (!lead) return rest.replace(/^[：，、；。]/, "");
  if (/[：:]$/.test(lead)) return lead + rest.replace(/^[：，、；。]/, "");
  return lead + (/(上报|申请|异议|负担)$/.test(lead) ? "" : t.inbox.it) + rest;
}
