/** Acts: what they need is kept while the form is written, and they go out by the queue. */
import { computed, type ComputedRef, type WritableComputedRef } from "vue";
import { filled, Problem, type BodyOf, type ParamsOf, type PathOf } from "@gridwhistle/common/api";
import { newId } from "@gridwhistle/common/ids";
import { session } from "@gridwhistle/common/session";
import { queued, waiting } from "../appState";
import { clear, fieldsOf, kept, store } from "@gridwhistle/common/parts/drafts";
import { t } from "../texts/all";
import { enqueue, reread, wake } from "./queue";
import { draft as stored, remove, type Act, type Deed, type Draft, type Shot } from "./store";

/** Long enough for a network that is there; what takes longer goes on without the form. */
const PATIENCE = 10_000;

/** Photos of a form, by the field that they are for; they outlive leaving the page. */
export function keptShots(form: string, field: string): WritableComputedRef<Shot[]> {
  const ids = kept<string[]>(`shots.${form}.${field}`, []);
  return computed({
    get: () => ids.value.map((id) => ({ id })),
    set: (shots) => (ids.value = shots.map(({ id }) => id)),
  });
}

/** The fields of forms that photos are sent in. */
type PhotoField = "photos" | "before" | "after";

/** What is asked of the server, but for its photos: checked while it is written down. */
export function toDo<P extends PathOf<"post">>(
  path: P,
  of: ParamsOf<"post", P>,
  body: Omit<BodyOf<P>, PhotoField>,
): Pick<Act, "path" | "body"> {
  return { path: filled(path, of.params?.path ?? {}), body };
}

/** An act as a form asks for it; most have no photos. */
type Asked = Omit<Act, "shots" | "fields"> & Partial<Pick<Act, "shots">>;

/**
 * Queue an act and try it at once: answers the words to thank with, and forgets what was typed.
 * One that is refused meanwhile is the form's to mend: it leaves the queue, and its Problem is
 * raised. What waits already, word for word, waits once.
 */
export async function perform(
  asked: Asked,
  said: string,
  thanks: string = t.work.sent,
): Promise<string> {
  const act: Act = { shots: {}, ...asked, fields: fieldsOf(asked.form) };
  if (isWaiting(act)) {
    void wake();
    return t.queue.later;
  }
  const draft: Deed = {
    id: newId(),
    owner: session.value?.me.id ?? "",
    kind: "act",
    state: "editing",
    order: Date.now(),
    text: said,
    act,
    tries: 0,
  };
  await enqueue(draft);
  await Promise.race([wake(), new Promise((over) => setTimeout(over, PATIENCE))]);
  const now = await stored(draft.id);
  const later = !!now && waiting(now);
  if (!later) await taken(draft, now);
  clear(act.form);
  return later ? t.queue.later : thanks;
}

/** Take what was tried out of the queue; raises its Problem where it was refused. */
async function taken(draft: Deed, now: Draft | undefined): Promise<void> {
  await leave(draft);
  const refusal = now?.refusal;
  if (refusal) throw new Problem(refusal.status, refusal.code, refusal.title);
}

/** Whether the very same waits already; photos make it another. */
function isWaiting({ path, body, shots }: Act): boolean {
  const same = JSON.stringify(body);
  return (
    !Object.values(shots).flat().length &&
    queued.value.some(
      (each) =>
        each.kind === "act" &&
        waiting(each) &&
        each.act.path === path &&
        JSON.stringify(each.act.body) === same,
    )
  );
}

/** Whether an act on this path waits now, or on one below it. */
export function waitsFor(path: string): boolean {
  const below = path.endsWith("/") ? path : `${path}/`;
  return queued.value.some(
    (each) => each.kind === "act" && waiting(each) && `${each.act.path}/`.startsWith(below),
  );
}

/** The same, wherever it is asked anew. */
export function inQueue(path: string): ComputedRef<boolean> {
  return computed(() => waitsFor(path));
}

/** Put a refused act back into its form. */
export async function reopen(draft: Deed): Promise<void> {
  const { act } = draft;
  kept<string>(act.form, "").value = draft.text;
  for (const [name, value] of Object.entries(act.fields ?? {})) store(name, value);
  for (const [field, shots] of Object.entries(act.shots)) keptShots(act.form, field).value = shots;
  await leave(draft);
}

/** Take an act out of the queue; its photos are the form's. */
async function leave(draft: Deed): Promise<void> {
  await remove({ ...draft, act: { ...draft.act, shots: {} } });
  await reread();
}
