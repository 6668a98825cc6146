/** The responsibility list in force: who answers for what. */
import { get } from "@gridwhistle/common/api";
import type { PublicEntry, PublicEntryPage } from "@gridwhistle/common/openapi";

/** Read the whole list, page by page; each page is told as it comes. */
export async function readList(
  tell: (entries: PublicEntry[]) => void = () => undefined,
): Promise<void> {
  let after: string | null = null;
  do {
    const query = { limit: 100, after };
    const page: PublicEntryPage = await get("/m/v1/public/matters", {
      params: { query },
      open: true,
    });
    tell(page.items);
    after = page.next;
  } while (after !== null);
}

/** The entries that words mean or that say them, the likeliest first; at most a hundred. */
export async function findInList(words: string, signal: AbortSignal): Promise<PublicEntry[]> {
  const query = { q: words.slice(0, 100), limit: 100 };
  const page: PublicEntryPage = await get("/m/v1/public/matters", {
    params: { query },
    open: true,
    signal,
  });
  return page.items;
}
