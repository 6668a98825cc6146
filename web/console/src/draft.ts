/**
 * What is typed into a form, kept in this browser until it is sent, for each tab by itself: what
 * one tab sends takes nothing away that another wrote.
 */
import { onScopeDispose, ref, type Ref } from "vue";
import { newId } from "@gridwhistle/common/ids";
import { keyOf } from "@gridwhistle/common/parts/drafts";

export interface Draft<T> {
  /** What was typed and not sent, here or in a tab that may be gone. */
  before: T | null;
  keep: (value: T) => void;
  /** It was sent. */
  sent: () => void;
  /** Whether the same form was sent from another tab while this one is open. */
  elsewhere: Ref<boolean>;
}
interface Slot {
  at: number;
  value: unknown;
}
const TAB = "gridwhistle.tab";

/** The form of a name, of who is signed in now and of nobody who comes later. */
export function useDraft<T>(name: string): Draft<T> {
  const all = `${keyOf(name)}#`;
  const own = `${all}${tab()}`;
  const found = latest(all, own);
  const before = found ? ((JSON.parse(found.raw) as Slot).value as T) : null;
  let mine = before;
  const elsewhere = ref(false);
  const keep = (value: T): void => {
    mine = value;
    write(own, JSON.stringify({ at: Date.now(), value } satisfies Slot));
  };
  const heard = ({ key, newValue }: StorageEvent): void => {
    if (!key?.startsWith(all) || newValue !== null) return;
    elsewhere.value = true;
    // Ours went with theirs, which they had begun with: what stands here is not sent.
    if (key === own && mine !== null) keep(mine);
  };
  addEventListener("storage", heard);
  onScopeDispose(() => removeEventListener("storage", heard));
  return {
    before,
    keep,
    sent: () => {
      mine = null;
      write(own, null);
      // What it began with is sent too, unless it was written on since.
      if (found && read(found.key) === found.raw) write(found.key, null);
    },
    elsewhere,
  };
}

/** This tab's own draft, or else the latest of any. */
function latest(all: string, own: string): { key: string; raw: string } | null {
  const slots = keys()
    .filter((key) => key.startsWith(all))
    .map((key) => ({ key, raw: read(key) ?? "null" }));
  const at = ({ key, raw }: { key: string; raw: string }): number =>
    key === own ? Infinity : ((JSON.parse(raw) as Slot | null)?.at ?? 0);
  return slots.sort((a, b) => at(b) - at(a))[0] ?? null;
}

function tab(): string {
  try {
    const known = sessionStorage.getItem(TAB) ?? newId();
    sessionStorage.setItem(TAB, known);
    return known;
  } catch {
    return "";
  }
}
function keys(): string[] {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
function write(key: string, raw: string | null): void {
  try {
    if (raw === null) localStorage.removeItem(key);
    else localStorage.setItem(key, raw);
  } catch {
    // No room: it stays on the page.
  }
}
