/** A report of what was settled on the spot, and what becomes of it where the list has no word. */
import type { Report, Shot } from "./queue/store";

const MOST_PHOTOS = 9;
const MOST_WORDS = 2_000;

/** The codes of what the list lets be settled on the spot; null while nobody knows. */
export type Allowed = ReadonlySet<string> | null;

/**
 * Whether a report goes as settled. Of a matter it is said with the suggestion, for its place, or
 * by the list; where nothing says it the server does.
 */
export function goesAsSettled({ matter, settles }: Report, allowed: Allowed): boolean {
  if (!matter) return false;
  return settles ?? allowed?.has(matter) ?? true;
}

/** The words and photos of a plain report that says what was done in its own words. */
export function plainly(
  report: Report,
  tell: (result: string) => string,
): { text: string; shots: Shot[] } {
  const { text, shots, handled } = report;
  const result = handled?.result.trim();
  const words = [text.trim(), result ? tell(result) : ""].filter(Boolean).join("\n");
  return { text: words, shots: [...shots, ...(handled?.shots ?? [])] };
}

/** Whether that is more than a report can hold. */
export function tooMuch({ text, shots }: { text: string; shots: Shot[] }): boolean {
  return text.length > MOST_WORDS || shots.length > MOST_PHOTOS;
}
