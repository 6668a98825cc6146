/**
 * Who is signed in: on a phone kept until signing out, in local storage. The desk's session lies
 * in a cookie that no script reads; its page knows only who it is, as long as it is open.
 */
import { ref, computed } from "vue";
import type { Permission, TokenAnswer } from "./openapi";

export type Session = TokenAnswer;

const KEY = "gridwhistle.session";
/** Which page this is. */
export const atDesk = import.meta.env.BASE_URL === "/console/";
export const session = ref<Session | null>(read());
/** Set when the server no longer knows the session: what is queued waits for signing in again. */
export const expired = ref(false);
/** What may be done at all; of a case or task its own `may` says it. */
export const permitted = computed(
  // A page of an earlier version kept none.
  () => new Set<Permission>(session.value?.me.permissions ?? []),
);
/** Whether there may be work to do: whoever is staff reads the lists as they are kept. */
export const works = computed(() => permitted.value.has("list.read"));

export function keep(found: Session | null): void {
  session.value = found;
  if (found) expired.value = false;
  if (atDesk) return;
  try {
    if (found) localStorage.setItem(KEY, JSON.stringify(found));
    else localStorage.removeItem(KEY);
  } catch {
    // A browser without storage, or without room: signed in until the page is closed.
  }
}

/** The session as it lies in storage, whichever tab put it there. */
export function read(): Session | null {
  if (atDesk) return null;
  try {
    const kept = localStorage.getItem(KEY);
    return kept ? (JSON.parse(kept) as Session) : null;
  } catch {
    return null; // a browser without storage: signed in until the page is closed
  }
}

// Another tab that signs in or out does so for all.
addEventListener("storage", (event: StorageEvent) => {
  if (atDesk || event.key !== KEY) return;
  session.value = read();
  expired.value = false;
});
