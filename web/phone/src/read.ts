/** What was read last, by whoever is signed in: for when there is no network. */
import { get, Offline } from "./api";
import { session } from "./session";

/** What there is to do, with all checks and verifications. */
export const TASKS = "/m/v1/tasks?limit=30&platform=";

/** An answer, and where it is an old one: of when. */
export interface Read<T> {
  answer: T;
  old: string;
}

/** Read a path; without a network what was read of it last, where there is such. */
export async function read<T>(path: string): Promise<Read<T>> {
  const mine = `/kept/${session.value?.me.id}`;
  // No cache where the page is not served over TLS.
  const cache = await globalThis.caches?.open("read").catch(() => undefined);
  try {
    const answer = await get<T>(path);
    await cache?.put(mine + path, new Response(JSON.stringify({ answer, old: new Date().toISOString() }))).catch(() => undefined);
    return { answer, old: "" };
  } catch (error) {
    const kept = error instanceof Offline ? await cache?.match(mine + path) : undefined;
    if (!kept) throw error;
    return (await kept.json()) as Read<T>;
  }
}
