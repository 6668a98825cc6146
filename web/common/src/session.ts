/** Who is signed in on this phone; kept until signing out, in local storage. */
import { ref, computed } from "vue";

export interface RoleHeld {
  role: string;
  name: string;
  reach: string;
  place: string | null;
}
export interface Me {
  id: string;
  name: string;
  roles: RoleHeld[];
  unit: { id: string; name: string; kind: string; township: string | null } | null;
  grids: string[];
  bound: boolean;
}
export interface Session {
  token: string;
  refresh: string | null;
  expires_at: string;
  me: Me;
}

const KEY = "gridwhistle.session";
export const session = ref<Session | null>(read());
/** Set when the server no longer knows the session: what is queued waits for signing in again. */
export const expired = ref(false);
export const roles = computed(
  () => new Set(session.value?.me.roles.map((held) => held.role) ?? []),
);
export const works = computed(() =>
  ["grid_worker", "township", "duty_leader", "handler", "unit_head"].some((role) =>
    roles.value.has(role),
  ),
);
/** Whether one speaks for a unit or a township: calls units, asks for a pause. */
export const heads = computed(() =>
  ["township", "duty_leader", "unit_head"].some((role) => roles.value.has(role)),
);

export function keep(found: Session | null): void {
  session.value = found;
  if (found) {
    expired.value = false;
    localStorage.setItem(KEY, JSON.stringify(found));
  } else {
    localStorage.removeItem(KEY);
  }
}

/** The session as it lies in storage, whichever tab put it there. */
export function read(): Session | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept ? (JSON.parse(kept) as Session) : null;
  } catch {
    return null; // a browser without storage: signed in until the page is closed
  }
}

// Another tab that signs in or out does so for all.
addEventListener("storage", (event: StorageEvent) => {
  if (event.key !== KEY) return;
  session.value = read();
  expired.value = false;
});
