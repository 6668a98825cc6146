/**
 * What is read of the server, kept by what was asked for; renewed when the socket tells of news,
 * and now and then while somebody is at the desk.
 */
import { get, type AnswerOf, type ParamsOf, type PathOf } from "@gridwhistle/common/api";
import { lastNews } from "@gridwhistle/common/live";
import { online } from "@gridwhistle/common/parts/online";
import { expired } from "@gridwhistle/common/session";
import { QueryClient, useQuery, type UseQueryReturnType } from "@tanstack/vue-query";
import { toValue, watch, type MaybeRefOrGetter } from "vue";
import { atWork } from "./idle";

/** What the socket does not tell of, the acts of others, is seen after so long at most. */
const RENEW = 30_000;

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
}

/** Read what a path answers, again whenever what is asked for changes. */
export function useRead<P extends PathOf<"get">>(
  path: P,
  given: MaybeRefOrGetter<ParamsOf<"get", P>>,
  { when = true, keep = false }: How = {},
): UseQueryReturnType<AnswerOf<"get", P>, Error> {
  return useQuery({
    queryKey: [path, () => toValue(given).params],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      get(path, { ...(toValue(given) as object), signal } as never),
    enabled: () => toValue(when),
    ...(keep && { placeholderData: (before: unknown) => before as never }),
  } as never) as unknown as UseQueryReturnType<AnswerOf<"get", P>, Error>;
}

/** Far more pages than there are of what is read whole. */
const MOST_PAGES = 100;

/** Read all pages of a list that is wanted whole. */
export function useAll<P extends PathOf<"get">>(
  path: P,
  given: MaybeRefOrGetter<{ params?: { query?: object } }>,
  { when = true }: How = {},
): UseQueryReturnType<ItemOf<P>[], Error> {
  return useQuery({
    queryKey: [path, () => toValue(given).params, "all"],
    queryFn: async ({ signal }: { signal: AbortSignal }) => {
      const items: ItemOf<P>[] = [];
      let after: string | null = null;
      for (let n = 0; n < MOST_PAGES; n++) {
        const query = { ...toValue(given).params?.query, limit: 100, ...(after && { after }) };
        const page = (await get(path, { params: { query }, signal } as never)) as Paged<P>;
        items.push(...page.items);
        if (!(after = page.next)) break;
      }
      return items;
    },
    enabled: () => toValue(when),
  } as never) as unknown as UseQueryReturnType<ItemOf<P>[], Error>;
}
interface Paged<P extends PathOf<"get">> {
  items: ItemOf<P>[];
  next: string | null;
}
type ItemOf<P extends PathOf<"get">> =
  AnswerOf<"get", P> extends { items: (infer I)[] } ? I : never;

/** Read once beforehand what will be wanted. */
export function foresee<P extends PathOf<"get">>(path: P, given: ParamsOf<"get", P>): void {
  const asked = { queryKey: keyOf(path, given), queryFn: () => get(path, given as never) };
  void queries.query(asked).catch(() => undefined);
}

/** Read again whatever is shown of a case, and every list; everything, where none is named. */
export function renew(no = ""): void {
  void queries.invalidateQueries({
    predicate: ({ queryKey: [, params] }) => {
      const asked = (params as { path?: { no?: string } } | undefined)?.path?.no;
      return !no || !asked || asked === no;
    },
    refetchType: atWork() && !expired.value ? "active" : "none",
  });
}

/** Keep what is shown fresh as long as the desk is open. */
export function stayFresh(): void {
  watch(lastNews, ({ no }) => renew(no));
  watch([online, expired], ([on, over], [was, ended]) => {
    if (on && !over && (!was || ended)) renew();
  });
}
