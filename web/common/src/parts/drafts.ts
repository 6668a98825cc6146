/**
 * What is typed into a form on foot, kept until it is sent: leaving the page to sign in loses
 * nothing.
 */
import { ref, watch, type Ref } from "vue";
import { session } from "../session";

/** What a field holds. */
export type Field = string | string[] | number | boolean | null;

/** A value by its name, in local storage where there is room; empty ones take none. */
export function kept<T extends Field>(name: string, initial: T): Ref<T> {
  const value = ref(recall(name) ?? initial) as Ref<T>;
  // At once: a form that was sent may be gone in the same turn.
  watch(value, (now) => store(name, isEmpty(now) ? null : now), { deep: true, flush: "sync" });
  return value;
}

function isEmpty(value: Field): boolean {
  return value === null || value === "" || (Array.isArray(value) && !value.length);
}

/** What a field of a form is called. */
export function fieldOf(form: string, field: string): string {
  return `${form}#${field}`;
}

/** All that is kept of the fields of a form, by their names. */
export function fieldsOf(form: string): Record<string, unknown> {
  const before = keyOf(fieldOf(form, ""));
  const found = keys().filter((key) => key.startsWith(before));
  return Object.fromEntries(
    found.map((key) => {
      const name = fieldOf(form, key.slice(before.length));
      return [name, recall(name)];
    }),
  );
}

/** Forget the words and fields of a form. */
export function clear(form: string): void {
  for (const name of [form, ...Object.keys(fieldsOf(form))]) store(name, null);
}

function keys(): string[] {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
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
