/**
 * Sends what waits, in order, each exactly once: the report's own key and the photos' own bytes make
 * every repetition harmless. One sender at a time, whatever pages are open.
 */
import { get, Offline, Problem, post } from "../api";
import { skew } from "../around";
import { expired, session } from "../session";
import { drafts, photo, save, shotsOf, StorageFull, type Draft } from "./store";

export interface Receipt {
  no: string;
  stage: string;
  lead: { unit: string; due_at: string | null; why: string } | null;
}

export interface Outside {
  upload(blob: Blob): Promise<string>;
  report(body: unknown): Promise<Receipt>;
  /** By how many milliseconds the server's clock is ahead of the phone's; null where unknown. */
  ahead(): Promise<number | null>;
}

/** What the sender says of its work: something changed, or it has to stop for now and why. */
export interface Listener {
  changed(draft: Draft): void;
}

export type Ended = "done" | "offline" | "signed_out" | "busy";

export const server: Outside = {
  async upload(blob) {
    const form = new FormData();
    form.append("photo", blob, "photo.jpg");
    return (await post<{ id: string }>("/m/v1/photos", form, { long: true })).id;
  },
  report: (body) => post<Receipt>("/m/v1/reports", body, { long: true }),
  async ahead() {
    if (skew.value === null) await get("/me");
    return skew.value;
  },
};

/** A clock that is off by less needs no setting right. */
const CLOCK_OFF = 300_000;

/** Refusals that another try may not meet: too much at once, or the server not ready. */
const PASSING = new Set([401, 408, 425, 429, 500, 502, 503, 504, 507]);

/** Send all that wait of whoever is signed in; ends early when there is no network or no session. */
export async function sendAll(listener: Listener, outside: Outside = server): Promise<Ended> {
  if (!navigator.locks) return sendInOrder(listener, outside);
  return navigator.locks.request("gridwhistle.sender", { ifAvailable: true }, async (lock) =>
    lock ? sendInOrder(listener, outside) : "busy",
  );
}

async function sendInOrder(listener: Listener, outside: Outside): Promise<Ended> {
  const owner = session.value?.me.id;
  if (!owner) return "signed_out";
  for (const waiting of await drafts(owner)) {
    // "sending" is one whose page was closed in the midst of it: the same key, the same report.
    if (waiting.state !== "waiting" && waiting.state !== "sending") continue;
    const ended = await sendOne(waiting, listener, outside);
    if (ended) return ended;
  }
  return "done";
}

async function sendOne(draft: Draft, listener: Listener, outside: Outside): Promise<Ended | null> {
  const note = async (change: Partial<Draft>) => {
    Object.assign(draft, change);
    try {
      await save(draft);
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error; // full: it is in memory, and goes from there
    }
    listener.changed(draft);
  };
  await note({ state: "sending", tries: draft.tries + 1 });
  try {
    if (draft.clock === "phone") await note(byServersClock(draft, await outside.ahead()));
    for (const shot of shotsOf(draft)) {
      if (shot.sent) continue;
      const blob = await photo(shot.id);
      if (!blob) continue; // the browser cleared it: the words still go
      shot.sent = await outside.upload(blob);
      await note({});
    }
    const receipt = await outside.report(bodyOf(draft));
    await note({ state: "delivered", trouble: "", no: receipt.no, unit: receipt.lead?.unit ?? "" });
    return null;
  } catch (error) {
    if (error instanceof Problem && !PASSING.has(error.status)) {
      await note({ state: "refused", refusal: { code: error.code, title: error.title } });
      return null; // one that is refused does not hold up those behind it
    }
    const known = error instanceof Offline || error instanceof Problem;
    await note({ state: "waiting", trouble: known ? error.message : "" });
    if (expired.value || (error instanceof Problem && error.status === 401)) return "signed_out";
    if (known) return "offline";
    throw error;
  }
}

/** The moment of capture set right once, before the first sending, so that every try says the same. */
function byServersClock(draft: Draft, ahead: number | null): Partial<Draft> {
  if (ahead === null || Math.abs(ahead) < CLOCK_OFF) return { clock: "server" };
  return { clock: "server", capturedAt: new Date(Date.parse(draft.capturedAt) + ahead).toISOString() };
}

/** What is sent of a report; the same for every try. */
export function bodyOf(draft: Draft): Record<string, unknown> {
  const sent = (shots: Draft["shots"]) => shots.flatMap((shot) => (shot.sent ? [shot.sent] : []));
  const body: Record<string, unknown> = {
    key: draft.id,
    kind: draft.kind,
    text: draft.text,
    photos: sent(draft.shots),
    captured_at: draft.capturedAt,
    anonymous: draft.anonymous,
    channel: "wechat",
  };
  if (draft.matter) body["matter"] = draft.matter;
  if (draft.fix) body["position"] = draft.fix;
  if (draft.address) body["address"] = draft.address;
  if (draft.handled) body["handled"] = { result: draft.handled.result, photos: sent(draft.handled.shots) };
  if (draft.about?.[0]) body["about_unit"] = draft.about[0];
  return body;
}
