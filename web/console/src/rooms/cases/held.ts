/** A list that holds still under the pointer: rows change in place, and none comes or goes. */
import { computed, shallowRef, type ComputedRef, type Ref } from "vue";

interface Row {
  no: string;
}
export interface Held<T extends Row> {
  rows: ComputedRef<T[]>;
  /** Shown for as long as the list is held, though they belong to it no more. */
  gone: ComputedRef<ReadonlySet<string>>;
  /** How many came before the first that is shown. */
  nNew: ComputedRef<number>;
  hold: () => void;
  release: () => void;
}

export function useHeld<T extends Row>(found: Readonly<Ref<T[]>>): Held<T> {
  const held = shallowRef<T[] | null>(null);
  const fresh = computed(() => new Map(found.value.map((row) => [row.no, row])));
  /** Where what was held ends in what is found now: after it further pages go on. */
  const end = computed(() => {
    const known = new Set(held.value?.map(({ no }) => no));
    for (let n = found.value.length; n > 0; n--) {
      const row = found.value[n - 1];
      if (row && known.has(row.no)) return n;
    }
    return found.value.length;
  });
  return {
    rows: computed(() => {
      if (!held.value) return found.value;
      const before = held.value.map((row) => fresh.value.get(row.no) ?? row);
      return [...before, ...found.value.slice(end.value)];
    }),
    gone: computed(
      () => new Set((held.value ?? []).map(({ no }) => no).filter((no) => !fresh.value.has(no))),
    ),
    nNew: computed(() => {
      if (!held.value) return 0;
      const known = new Set(held.value.map(({ no }) => no));
      return found.value.slice(0, end.value).filter(({ no }) => !known.has(no)).length;
    }),
    hold: () => (held.value ??= found.value.length ? [...found.value] : null),
    release: () => (held.value = null),
  };
}
