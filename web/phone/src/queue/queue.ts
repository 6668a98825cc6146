/** What pages do with the queue, and when the sender is woken. */
import { lacking } from "@gridwhistle/common/lacking";
import { newId } from "@gridwhistle/common/ids";
import { ref, watch } from "vue";
import { nWaiting, queued } from "../appState";
import { permitted, session } from "@gridwhistle/common/session";
import { sendAll, type Ended } from "./sender";
import { drafts, remove, save, StorageFull, type Draft, type Kind, type Report } from "./store";

export const ended = ref<Ended>("done");
/** Some of what waits lies in memory only: the phone has no room. */
export const full = ref(false);

const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 300_000;
let wait = FIRST_WAIT;
let timer: ReturnType<typeof setTimeout> | undefined;

export async function reread(): Promise<void> {
  const owner = session.value?.me.id;
  queued.value = owner ? await drafts(owner) : [];
}

/** Try to send now; tries again by itself, less and less often, until all is sent. */
export async function wake(): Promise<void> {
  clearTimeout(timer);
  ended.value = await sendAll({ changed: shown });
  await reread();
  // Busy: another page is at it, or this one, and may have passed by what came last.
  if ((ended.value === "offline" || ended.value === "busy") && nWaiting.value) {
    timer = setTimeout(() => void wake(), wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  } else {
    wait = FIRST_WAIT;
  }
}

function shown(changed: Draft): void {
  const at = queued.value.findIndex((draft) => draft.id === changed.id);
  if (at >= 0) queued.value[at] = { ...changed };
}

export function newDraft(kind: Kind): Report {
  return {
    id: newId(),
    owner: session.value?.me.id ?? "",
    state: "editing",
    order: Date.now(),
    kind,
    text: "",
    matter: "",
    matterName: "",
    address: "",
    anonymous: true,
    channel: permitted.value.has("patrol.make") ? "patrol" : "wechat",
    fix: null,
    capturedAt: "",
    shots: [],
    tries: 0,
  };
}

/** Put a report into the queue and try to send it. */
export async function submit(draft: Draft): Promise<void> {
  await enqueue(draft);
  void wake();
}

/** Put a report or act into the queue; full, it goes from memory. */
export async function enqueue(draft: Draft): Promise<void> {
  // What waits is not to be cleared away by a browser that wants room.
  void lacking.storage?.persist();
  delete draft.refusal;
  draft.state = "waiting";
  try {
    await save(draft);
  } catch (error) {
    if (!(error instanceof StorageFull)) throw error;
    full.value = true;
  }
  await reread();
}

/** Take a refused report out of the queue for mending; a key that is used up gets a new one. */
export async function mend(draft: Report): Promise<Report> {
  const mended: Report = { ...draft, state: "editing" };
  if (draft.refusal?.code === "report.key_reused") {
    const { handled: _, ...words } = draft;
    await remove({ ...words, shots: [] });
    mended.id = newId();
  }
  await save(mended);
  await reread();
  return mended;
}

/** So long an old page may still want to say what became of a report. */
const A_DAY = 86_400_000;

/** Away with what was delivered long ago: it is among one's cases, and nobody asks for its row. */
async function tidy(): Promise<void> {
  await reread();
  for (const draft of queued.value)
    if (draft.state === "delivered" && draft.order < Date.now() - A_DAY) await remove(draft);
}

export async function discard(draft: Draft): Promise<void> {
  await remove(draft);
  await reread();
}

/** Wake the sender whenever there is reason for hope. */
export function watchNetwork(): void {
  const hopeful = () => {
    wait = FIRST_WAIT;
    void wake();
  };
  addEventListener("online", hopeful);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") hopeful();
  });
  watch(() => session.value?.token, hopeful, { immediate: true });
  void tidy();
}
