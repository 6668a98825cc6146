/** Acts on foot: their photos are kept while the form is written, and they go out by the queue. */
import { computed, type ComputedRef, type WritableComputedRef } from "vue";
import { filled, Problem, type BodyOf, type ParamsOf, type PathOf } from "@gridwhistle/common/api";
import { newId } from "@gridwhistle/common/ids";
import { session } from "@gridwhistle/common/session";
import { queued, waiting } from "../appState";
import { kept } from "@gridwhistle/common/parts/drafts";
import { t } from "../texts/all";
import { enqueue, reread, wake } from "./queue";
import { draft as stored, remove, type Act, type Deed, type Shot } from "./store";

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

/**
 * Queue an act and try it at once: answers the words to thank with. One that is refused meanwhile
 * is
 * the form's to mend: it leaves the queue, and its Problem is raised.
 */
export async function perform(
  act: Act,
  said: string,
  thanks: string = t.work.sent,
): Promise<string> {
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
  if (now && waiting(now)) return t.queue.later;
  await leave(draft);
  const refusal = now?.refusal;
  if (refusal) throw new Problem(refusal.status, refusal.code, refusal.title);
  return thanks;
}

/** Whether an act waits whose path begins so. */
export function inQueue(path: string): ComputedRef<boolean> {
  return computed(() =>
    queued.value.some(
      (each) => each.kind === "act" && each.act.path.startsWith(path) && waiting(each),
    ),
  );
}

/** Put a refused act back into its form. */
export async function reopen(draft: Deed): Promise<void> {
  const { act } = draft;
  kept<string>(act.form, "").value = draft.text;
  for (const [field, shots] of Object.entries(act.shots)) keptShots(act.form, field).value = shots;
  await leave(draft);
}

/** Take an act out of the queue; its photos are the form's. */
async function leave(draft: Deed): Promise<void> {
  await remove({ ...draft, act: { ...draft.act, shots: {} } });
  await reread();
}
