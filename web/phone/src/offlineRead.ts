/** What was read last, by whoever is signed in: for when there is no network. */
import { get, Offline, Problem } from "@gridwhistle/common/api";
import { session } from "@gridwhistle/common/session";

/** What there is to do, with all checks and verifications. */
export const TASKS = "/m/v1/tasks?limit=30&platform=";

const NAME = "read";

/** Forget all that was read on this phone: whoever signs out leaves nothing of it behind. */
export async function forget(): Promise<void> {
  await globalThis.caches?.delete(NAME).catch(() => false);
}

/** An answer, and where it is an old one: of when. */
export interface Read<T> {
  answer: T;
  old: string;
}

/** Read a path; without a network what was read of it last, where there is such. */
export async function read<T>(path: string): Promise<Read<T>> {
  const mine = `/kept/${session.value?.me.id}`;
  // No cache where the page is not served over TLS.
  const cache = await globalThis.caches?.open(NAME).catch(() => undefined);
  try {
    const answer = await get<T>(path);
    await cache
      ?.put(mine + path, new Response(JSON.stringify({ answer, old: new Date().toISOString() })))
      .catch(() => undefined);
    return { answer, old: "" };
  } catch (error) {
    // What one may not read any more is not kept either.
    if (error instanceof Problem && [403, 404].includes(error.status))
      await cache?.delete(mine + path);
    const kept = error instanceof Offline ? await cache?.match(mine + path) : undefined;
    if (!kept) throw error;
    return (await kept.json()) as Read<T>;
  }
}
