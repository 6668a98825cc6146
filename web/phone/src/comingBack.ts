/** What a page showed when it was left, for whoever comes back to it. */
import { onBeforeUnmount, onMounted, ref, watch, type Ref } from "vue";
import { useRoute } from "vue-router";
import { sentence } from "@gridwhistle/common/api";
import { lastNews } from "@gridwhistle/common/live";
import { session } from "@gridwhistle/common/session";

/** By person, place in the history and address; the oldest go. */
const held = new Map<string, unknown[]>();
const MOST = 20;

/** Show at once what stood there when this page was left, and keep what it shows then. */
export function comesBack(...parts: Ref<unknown>[]): void {
  const { position } = (history.state as { position?: number } | null) ?? {};
  const key = `${session.value?.me.id ?? ""} ${position ?? ""} ${useRoute().fullPath}`;
  const before = held.get(key);
  if (before) parts.forEach((part, n) => (part.value = before[n]));
  onBeforeUnmount(() => {
    held.delete(key);
    held.set(
      key,
      parts.map((part) => part.value),
    );
    for (const oldest of held.keys()) {
      if (held.size <= MOST) break;
      held.delete(oldest);
    }
  });
}

interface Page<I> {
  items: I[];
  next: string | null;
  /** Where there was no network: of when what was read earlier is. */
  old?: string;
}
export interface List<I> {
  items: Ref<I[]>;
  next: Ref<string | null>;
  said: Ref<string>;
  old: Ref<string>;
  ready: Ref<boolean>;
  loading: Ref<boolean>;
  more: () => Promise<void>;
  again: () => Promise<void>;
  /** From its first page: something else is asked for. */
  anew: () => Promise<void>;
}

/** Read a list page by page; what is read again is read with all pages that are shown. */
export function useList<I>(
  read: (after: string | null) => Promise<Page<I>>,
  { live = true } = {},
): List<I> {
  const items = ref([]) as Ref<I[]>;
  const [next, nPages] = [ref<string | null>(null), ref(1)];
  const [said, old] = [ref(""), ref("")];
  const [ready, loading] = [ref(false), ref(false)];
  comesBack(items, next, nPages, old, ready);

  async function attempt(work: () => Promise<void>): Promise<void> {
    said.value = "";
    loading.value = true;
    try {
      await work();
    } catch (error) {
      said.value = sentence(error);
    } finally {
      ready.value = true;
      loading.value = false;
    }
  }
  const more = (): Promise<void> =>
    attempt(async () => {
      const page = await read(next.value);
      items.value = [...items.value, ...page.items];
      next.value = page.next;
      nPages.value += 1;
    });
  const again = (): Promise<void> =>
    attempt(async () => {
      let page = await read(null);
      const found = [...page.items];
      for (let n = 1; n < nPages.value && page.next; n++) {
        page = await read(page.next);
        found.push(...page.items);
      }
      items.value = found;
      next.value = page.next;
      old.value = page.old ?? "";
    });
  const anew = (): Promise<void> => {
    nPages.value = 1;
    return again();
  };
  onMounted(again);
  if (live) watch(lastNews, again);
  return { items, next, said, old, ready, loading, more, again, anew };
}
