/**
 * What is typed into a form on foot, kept until it is sent: leaving the page to sign in loses
 * nothing.
 */
import { ref, watch, type Ref } from "vue";
import { session } from "../session";

/** A value by its name, in local storage where there is room; empty ones take none. */
export function kept<T extends string | string[]>(name: string, initial: T): Ref<T> {
  const value = ref(recall(name) ?? initial) as Ref<T>;
  // At once: a form that was sent may be gone in the same turn.
  watch(value, (now) => store(name, now.length ? now : null), { deep: true, flush: "sync" });
  return value;
}

export function recall(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(keyOf(name)) ?? "null");
  } catch {
    return null;
  }
}

/** Keep a value under a name; null removes it. */
export function store(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(keyOf(name));
    else localStorage.setItem(keyOf(name), JSON.stringify(value));
  } catch {
    // No room: it stays on the page.
  }
}

/** Each person's own: the next one on this phone reads nothing of it. */
export function keyOf(name: string): string {
  return `gridwhistle.kept.${session.value?.me.id}.${name}`;
}
