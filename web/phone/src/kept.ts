/** What is typed into a form on foot, kept until it is sent: leaving the page to sign in loses nothing. */
import { ref, watch, type Ref } from "vue";

/** A value by its name, in local storage where there is room; empty ones take none. */
export function kept<T extends string | string[]>(name: string, initial: T): Ref<T> {
  const key = `gridwhistle.kept.${name}`;
  const value = ref(read(key, initial)) as Ref<T>;
  watch(
    value,
    (now) => {
      try {
        if (now.length) localStorage.setItem(key, JSON.stringify(now));
        else localStorage.removeItem(key);
      } catch {
        // No room: it stays on the page.
      }
    },
    // At once: a form that was sent may be gone in the same turn.
    { deep: true, flush: "sync" },
  );
  return value;
}

function read<T>(key: string, initial: T): T {
  try {
    const found = localStorage.getItem(key);
    return found ? (JSON.parse(found) as T) : initial;
  } catch {
    return initial;
  }
}

/** Photos of a form that was sent need no keeping. */
export function forgetPhotos(...names: string[]): void {
  for (const name of names) localStorage.removeItem(`gridwhistle.kept.photos.${name}`);
}
