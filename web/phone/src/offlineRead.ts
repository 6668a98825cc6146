/** What was read last, by whoever is signed in: for when there is no network. */
import { onMounted, ref, type Ref } from "vue";
import {
  filled,
  get,
  Offline,
  Problem,
  sentence,
  type AnswerOf,
  type ParamsOf,
  type PathOf,
} from "@gridwhistle/common/api";
import { onNews } from "@gridwhistle/common/live";
import { lacking } from "@gridwhistle/common/lacking";
import { session } from "@gridwhistle/common/session";

type Path = PathOf<"get">;

/** What there is to do, with all checks and verifications. */
export const TASKS = { params: { query: { limit: 30, platform: "" } } } as const;

const NAME = "read";

/** Forget all that was read on this phone: whoever signs out leaves nothing of it behind. */
export async function forget(): Promise<void> {
  await lacking.caches?.delete(NAME).catch(() => false);
}

/** An answer, and where it is an old one: of when. */
export interface Read<P extends Path> {
  answer: AnswerOf<"get", P>;
  old: string;
}

/**
 * A page of an earlier version kept cases and tasks without what may be done: then nothing may.
 */
function withActs(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || !value) return value;
  return ACTED_ON.some((name) => name in value) ? { ...NOTHING, ...value } : value;
}
/** What tells a case, a task, a request, a return. */
const ACTED_ON = ["stage_text", "case", "what_text", "ground_text"];
const NOTHING = {
  may: [],
  may_ask: [],
  own: {},
  notice: [],
  passed: null,
  dispute: { returns: [], statements: [], conferences: [] },
};

/** Each person's own, by what was asked. */
function keyOf<P extends Path>(path: P, of: ParamsOf<"get", P>): string {
  const { path: params = {}, query } = of.params ?? {};
  const asked = query ? `?${encodeURIComponent(JSON.stringify(query))}` : "";
  return `/kept/${session.value?.me.id}${filled(path, params)}${asked}`;
}

/** What is kept where there was no network; what one may not read any more is not kept either. */
async function keptDespite(
  error: unknown,
  mine: string,
  cache: Cache | undefined,
): Promise<Response | undefined> {
  if (error instanceof Problem && [403, 404].includes(error.status)) await cache?.delete(mine);
  return error instanceof Offline ? cache?.match(mine) : undefined;
}

/** Read a path; without a network what was read of it last, where there is such. */
export async function read<P extends Path>(path: P, of: ParamsOf<"get", P>): Promise<Read<P>> {
  const mine = keyOf(path, of);
  // No cache where the page is not served over TLS.
  const cache = await lacking.caches?.open(NAME).catch(() => undefined);
  try {
    const answer = await get(path, ...([of] as never));
    await cache
      ?.put(mine, new Response(JSON.stringify({ answer, old: new Date().toISOString() })))
      .catch(() => undefined);
    return { answer, old: "" };
  } catch (error) {
    const kept = await keptDespite(error, mine, cache);
    if (!kept) throw error;
    return JSON.parse(await kept.text(), withActs) as Read<P>;
  }
}

/** What a page shows of one thing, and what it says of it. */
export interface Reading<T> {
  view: Ref<T | null>;
  /** Where what is shown was read earlier: when. */
  old: Ref<string>;
  /** What went wrong, or what was done, in a sentence. */
  said: Ref<string>;
  note: Ref<string>;
  again: () => Promise<void>;
  done: (thanks: string) => void;
}

/** Read one thing when its page opens, after each act on it and at news of its case. */
export function useRead<P extends Path>(
  path: P,
  of: ParamsOf<"get", P>,
  caseOf: (view: AnswerOf<"get", P> | null) => string | undefined,
  lost: (error: unknown) => boolean = () => false,
): Reading<AnswerOf<"get", P>> {
  const view = ref(null) as Ref<AnswerOf<"get", P> | null>;
  const [old, said, note] = [ref(""), ref(""), ref("")];
  async function again(): Promise<void> {
    said.value = "";
    try {
      const found = await read(path, of);
      view.value = found.answer;
      old.value = found.old;
    } catch (error) {
      if (!lost(error)) said.value = sentence(error);
    }
  }
  function done(thanks: string): void {
    note.value = thanks;
    void again();
  }
  onMounted(again);
  onNews(() => caseOf(view.value), again);
  return { view, old, said, note, again, done };
}
