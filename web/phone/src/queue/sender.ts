/**
 * Sends what waits, in order, each exactly once: its own key and the photos' own bytes make every
 * repetition harmless, for what was done already is answered as then. One sender at a time,
 * whatever pages are open.
 */
import { watch } from "vue";
import { get, Problem, post, postAgain, sentence } from "@gridwhistle/common/api";
import type { ReceiptAnswer, ReportForm } from "@gridwhistle/common/openapi";
import { lacking } from "@gridwhistle/common/lacking";
import { skew } from "@gridwhistle/common/state";
import { waiting } from "../appState";
import { expired, session } from "@gridwhistle/common/session";
import {
  drafts,
  photo,
  removePhoto,
  save,
  shotsOf,
  StorageFull,
  type Draft,
  type Report,
  type Shot,
} from "./store";

/** What is said of a report that was taken on; an act on foot is answered otherwise. */
export type Receipt = Pick<ReceiptAnswer, "no" | "stage" | "lead"> &
  Partial<Pick<ReceiptAnswer, "why">>;

export interface Outside {
  upload(blob: Blob, signal: AbortSignal): Promise<string>;
  /** Of an act on foot there is more in the answer, and less. */
  send(path: string, body: unknown, key: string, signal: AbortSignal): Promise<Receipt>;
  /** By how many milliseconds the server's clock is ahead of the phone's; null where unknown. */
  ahead(): Promise<number | null>;
}

/** What the sender says of its work: something changed, or it has to stop for now and why. */
export interface Listener {
  changed(draft: Draft): void;
}

export type Ended = "done" | "offline" | "signed_out" | "busy";

export const server: Outside = {
  async upload(blob, signal) {
    const form = new FormData();
    form.append("photo", blob, "photo.jpg");
    return (await post("/m/v1/photos", { body: form, long: true, signal })).id;
  },
  send: (path, body, key, signal) =>
    postAgain(path, body, key, { long: true, signal }) as Promise<Receipt>,
  async ahead() {
    if (skew.value === null) await get("/me");
    return skew.value;
  },
};

/** A clock that is off by less needs no setting right. */
const CLOCK_OFF = 300_000;

/** Refusals that another try may not meet: too much at once, or the server not ready. */
const PASSING = new Set([401, 408, 425, 429, 500, 502, 503, 504, 507]);

/**
 * Send all that wait of whoever is signed in; ends early when there is no network or no session.
 */
export async function sendAll(listener: Listener, outside: Outside = server): Promise<Ended> {
  const { locks } = lacking;
  if (!locks) return sendInOrder(listener, outside);
  return locks.request("gridwhistle.sender", { ifAvailable: true }, async (lock) =>
    lock ? sendInOrder(listener, outside) : "busy",
  );
}

async function sendInOrder(listener: Listener, outside: Outside): Promise<Ended> {
  const owner = session.value?.me.id;
  if (!owner) return "signed_out";
  // Nothing goes out under the name of whoever signs in meanwhile, not even what is half sent.
  const left = new AbortController();
  const stop = watch(
    () => session.value?.me.id,
    () => left.abort(),
    { flush: "sync" },
  );
  try {
    const tried = new Set<string>();
    for (;;) {
      // Read afresh each time: some may have been added meanwhile, and some deleted.
      const next = (await drafts(owner)).find((each) => waiting(each) && !tried.has(each.id));
      if (!next) return "done";
      tried.add(next.id);
      const ended = await sendOne(next, listener, outside, left.signal);
      if (ended) return ended;
    }
  } finally {
    stop();
  }
}

const REPORTS = "/m/v1/reports";

type Note = (change: Partial<Report>) => Promise<void>;

async function sendOne(
  draft: Draft,
  listener: Listener,
  outside: Outside,
  left: AbortSignal,
): Promise<Ended | null> {
  const note = noting(draft, listener);
  try {
    await note({ state: "sending", tries: draft.tries + 1 });
    const receipt = await handOver(draft, note, outside, left);
    await note({ state: "delivered", trouble: "", ...told(draft, receipt) });
  } catch (error) {
    if (left.aborted) {
      await note({ state: "waiting", trouble: "" });
      return "signed_out";
    }
    if (passes(error)) return postponed(error, note);
    // One that is refused does not hold up those behind it, and keeps words and photos.
    const { status, code } = error as Problem;
    await note({ state: "refused", refusal: { status, code, title: sentence(error) } });
    return null;
  }
  for (const { id } of shotsOf(draft)) await removePhoto(id);
  return null;
}

/** What the receipt of a report says; an act on foot has none. */
function told(draft: Draft, receipt: Receipt): Partial<Report> {
  if (draft.kind === "act") return {};
  const { no, lead, why = [] } = receipt;
  const due = lead?.due_at ?? "";
  return { no, unit: lead?.unit ?? "", due, why: [...new Set(why.map(({ reason }) => reason))] };
}

/** Whether another try may end otherwise. */
function passes(error: unknown): boolean {
  return !(error instanceof Problem) || PASSING.has(error.status);
}

/** Writes down what is known of a draft now, and says so; full, it is in memory and goes on. */
function noting(draft: Draft, listener: Listener): Note {
  return async (change) => {
    Object.assign(draft, change);
    try {
      await save(draft);
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
    }
    listener.changed(draft);
  };
}

/** It waits for another time, and so do those behind it. */
async function postponed(error: unknown, note: Note): Promise<Ended> {
  const status = error instanceof Problem ? error.status : null;
  await note({ state: "waiting", trouble: sentence(error) });
  return expired.value || status === 401 ? "signed_out" : "offline";
}

async function handOver(
  draft: Draft,
  note: Note,
  outside: Outside,
  left: AbortSignal,
): Promise<Receipt> {
  if (draft.kind !== "act" && draft.clock === "phone")
    await note(byServersClock(draft, await outside.ahead()));
  for (const shot of shotsOf(draft)) {
    if (shot.sent) continue;
    const blob = await photo(shot.id);
    if (!blob) continue; // the browser cleared it: the words still go, and the queue says so
    if (left.aborted) throw left.reason;
    shot.sent = await outside.upload(blob, left);
    await note({});
  }
  if (left.aborted) throw left.reason;
  const path = draft.kind === "act" ? draft.act.path : REPORTS;
  return outside.send(path, bodyOf(draft), draft.id, left);
}

/**
 * The moment of capture set right once, before the first sending, so that every try says the same.
 */
function byServersClock(draft: Report, ahead: number | null): Partial<Report> {
  if (ahead === null || Math.abs(ahead) < CLOCK_OFF) return { clock: "server" };
  return {
    clock: "server",
    capturedAt: new Date(Date.parse(draft.capturedAt) + ahead).toISOString(),
  };
}

const sent = (shots: Shot[]) => shots.flatMap((shot) => (shot.sent ? [shot.sent] : []));

/** What is sent of a report or act; the same for every try. */
export function bodyOf(draft: Draft): ReportForm | Record<string, unknown> {
  if (draft.kind !== "act") return formOf(draft);
  const photos = Object.entries(draft.act.shots).map(([field, shots]) => [field, sent(shots)]);
  return { ...draft.act.body, ...(Object.fromEntries(photos) as Record<string, string[]>) };
}

function formOf(draft: Report): ReportForm {
  const { handled, about } = draft;
  return {
    key: draft.id,
    kind: draft.kind,
    text: draft.text,
    photos: sent(draft.shots),
    captured_at: draft.capturedAt,
    anonymous: draft.anonymous,
    channel: draft.channel ?? "wechat",
    ...(draft.matter && { matter: draft.matter }),
    ...(draft.fix && { position: draft.fix }),
    ...(draft.address && { address: draft.address }),
    ...(handled && { handled: { result: handled.result, photos: sent(handled.shots) } }),
    ...(about?.[0] && { about_unit: about[0] }),
  };
}
