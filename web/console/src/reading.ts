/**
 * What is read of the server, kept by what was asked for; renewed when the socket tells of news,
 * and now and then while somebody is at the desk.
 */
import { get, type AnswerOf, type ParamsOf, type PathOf } from "@gridwhistle/common/api";
import { lastNews } from "@gridwhistle/common/live";
import { online } from "@gridwhistle/common/parts/online";
import { expired } from "@gridwhistle/common/session";
import {
  QueryClient,
  type Query,
  useInfiniteQuery,
  useQuery,
  type UseQueryReturnType,
} from "@tanstack/vue-query";
import { computed, toValue, watch, type ComputedRef, type MaybeRefOrGetter, type Ref } from "vue";
import { atWork } from "./idle";

/** What the socket does not tell of is seen after so long at most. */
const RENEW = 30_000;
/** So many rows at once. */
const PAGE = 100;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: false,
      // A page that nobody is at must not keep the session alive.
      refetchOnWindowFocus: () => atWork() && !expired.value,
      refetchInterval: () => (atWork() && !expired.value ? RENEW : false),
    },
  },
});

/** How an answer is kept. */
export const keyOf = <P extends PathOf<"get">>(path: P, given: ParamsOf<"get", P>): unknown[] => [
  path,
  given.params,
];

interface How {
  /** Asked only while this holds. */
  when?: MaybeRefOrGetter<boolean>;
  /** What was shown stays until the next is there. */
  keep?: boolean;
  /** What changes seldom, or is dear to ask: not read again for each bit of news. */
  slow?: boolean;
}

/** Read what a path answers, again whenever what is asked for changes. */
export function useRead<P extends PathOf<"get">>(
  path: P,
  given: MaybeRefOrGetter<ParamsOf<"get", P>>,
  { when = true, keep = false, slow = false }: How = {},
): UseQueryReturnType<AnswerOf<"get", P>, Error> {
  return useQuery({
    queryKey: [path, () => toValue(given).params],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      get(path, { ...(toValue(given) as object), signal } as never),
    enabled: () => toValue(when),
    meta: { slow },
    ...(keep && { placeholderData: (before: unknown) => before as never }),
  } as never) as unknown as UseQueryReturnType<AnswerOf<"get", P>, Error>;
}

type ItemOf<P extends PathOf<"get">> =
  AnswerOf<"get", P> extends { items: (infer I)[] } ? I : never;
export interface Pages<I> {
  /** All that was read so far; undefined before the first. */
  items: ComputedRef<I[] | undefined>;
  error: Ref<Error | null>;
  hasMore: Ref<boolean>;
  more: () => void;
}

/** Read a list page by page; the next is read when it is asked for. */
export function usePages<P extends PathOf<"get">>(
  path: P,
  given: MaybeRefOrGetter<ParamsOf<"get", P>>,
  { when = true }: How = {},
): Pages<ItemOf<P>> {
  interface Page {
    items: ItemOf<P>[];
    next: string | null;
  }
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [path as string, computed(() => toValue(given).params as unknown)],
    queryFn: ({ pageParam: after, signal }): Promise<Page> => {
      const { params } = toValue(given) as { params?: { query?: object } };
      const query = { ...params?.query, limit: PAGE, ...(after && { after }) };
      return get(path, { params: { ...params, query }, signal } as never) as Promise<Page>;
    },
    initialPageParam: "",
    getNextPageParam: ({ next }: Page) => next,
    enabled: () => toValue(when),
    placeholderData: (before) => before,
  });
  const items = computed(() => data.value?.pages.flatMap((page) => page.items));
  return { items, error, hasMore: hasNextPage, more: () => void fetchNextPage() };
}

/** Far more pages than there are of what is read whole. */
const MOST_PAGES = 100;

/** Read all pages of a list that is wanted whole. */
export function useAll<P extends PathOf<"get">>(
  path: P,
  given: MaybeRefOrGetter<{ params?: { path?: object; query?: object } }>,
  { when = true }: How = {},
): UseQueryReturnType<ItemOf<P>[], Error> {
  return useQuery({
    queryKey: [path, () => toValue(given).params, "all"],
    queryFn: ({ signal }: { signal: AbortSignal }) => readAll(path, toValue(given), signal),
    enabled: () => toValue(when),
  } as never) as unknown as UseQueryReturnType<ItemOf<P>[], Error>;
}

/** Every row of what comes in pages, as far as anybody needs them. */
export async function readAll<P extends PathOf<"get">>(
  path: P,
  { params }: { params?: { path?: object; query?: object } },
  signal: AbortSignal,
): Promise<ItemOf<P>[]> {
  const items: ItemOf<P>[] = [];
  let after: string | null = null;
  for (let n = 0; n < MOST_PAGES; n++) {
    const query = { ...params?.query, limit: 100, ...(after && { after }) };
    const asked = { params: { ...params, query }, signal };
    const page = (await get(path, asked as never)) as Paged<P>;
    items.push(...page.items);
    if (!(after = page.next)) break;
  }
  return items;
}
interface Paged<P extends PathOf<"get">> {
  items: ItemOf<P>[];
  next: string | null;
}

/** Read once beforehand what will be wanted. */
export function foresee<P extends PathOf<"get">>(path: P, given: ParamsOf<"get", P>): void {
  const asked = { queryKey: keyOf(path, given), queryFn: () => get(path, given as never) };
  void queries.query(asked).catch(() => undefined);
}

/** Of which case something was asked; empty for a list, and for what is of no case. */
function caseOf({ queryKey: [, params] }: Query): string {
  return (params as { path?: { no?: string } } | undefined)?.path?.no ?? "";
}

/**
 * Read again whatever is shown of some cases, and every list; everything, where one is not named.
 * First the case that is read, then the lists around it: on a busy server they would share its
 * time. What is being read already is read once more: it may be older than what was done.
 */
async function again(nos: readonly string[], slow: boolean): Promise<void> {
  const every = nos.includes("");
  const old = (query: Query): boolean => {
    const no = caseOf(query);
    return (slow || !query.meta?.["slow"]) && (every || !no || nos.includes(no));
  };
  await queries.invalidateQueries({ predicate: old, refetchType: "none" });
  if (!atWork() || expired.value) return;
  const type = "active";
  await queries.refetchQueries({ type, predicate: (query) => old(query) && !!caseOf(query) });
  await queries.refetchQueries({ type, predicate: (query) => old(query) && !caseOf(query) });
}

/** Read again what somebody here has changed: of a case, or anything. */
export function renew(no = ""): void {
  void again([no], true);
}

const told = new Set<string>();
let telling = false;
/** Read again what others changed: all at once that was told while something was read. */
export async function renewTold(no: string): Promise<void> {
  told.add(no);
  if (telling) return;
  telling = true;
  try {
    while (told.size) {
      const nos = [...told];
      told.clear();
      await again(nos, false);
    }
  } finally {
    telling = false;
  }
}

/** Keep what is shown fresh as long as the desk is open. */
export function stayFresh(): void {
  watch(lastNews, ({ no }) => void renewTold(no), { flush: "sync" });
  watch([online, expired], ([on, over], [was, ended]) => {
    if (on && !over && (!was || ended)) renew();
  });
}
