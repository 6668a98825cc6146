/** Which rows of the list are chosen, one by one or from one to another. */
import { ref, shallowRef } from "vue";

const picked = shallowRef<ReadonlySet<string>>(new Set());
const last = ref("");

/** The rows that are chosen; beyond the list they stay until they are let go. */
export function usePicked(): {
  picked: typeof picked;
  toggle: (no: string, among: readonly string[], range: boolean) => void;
  clear: () => void;
} {
  return { picked, toggle, clear: () => (picked.value = new Set()) };
}

/** Choose a row, or let it go; with `range` all from the last one to it. */
function toggle(no: string, among: readonly string[], range: boolean): void {
  picked.value = toggled(picked.value, no, among, range ? last.value : "");
  last.value = no;
}

/** So many at once; more are a matter of filters. */
export const MOST = 200;

export function toggled(
  before: ReadonlySet<string>,
  no: string,
  among: readonly string[],
  from: string,
): Set<string> {
  const now = new Set(before);
  const [a, b] = [among.indexOf(from), among.indexOf(no)];
  if (from && a >= 0 && b >= 0)
    for (const each of among.slice(Math.min(a, b), Math.max(a, b) + 1)) now.add(each);
  else if (!now.delete(no)) now.add(no);
  return now.size > MOST ? new Set([...now].slice(0, MOST)) : now;
}
