/** Speaking to the server: one way for all calls, refusals as `Problem`, no network as `Offline`. */
import { skew } from "./state";
import { expired, keep, read, session, type Session } from "./session";
import { words } from "./words";

export interface FieldFault {
  pointer: string;
  reason: string;
  /** The reason in a sentence, where there is one. */
  title?: string;
}

/** The server refused: a stable code and a sentence for people. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly errors: FieldFault[] = [],
  ) {
    super(title);
  }
}

/** No answer, or none of ours: nothing is known to have happened. */
export class Offline extends Error {}

const SHORT = 20_000;
const LONG = 90_000;

interface More {
  signal?: AbortSignal;
  /** A public call goes without a token. */
  open?: boolean;
  long?: boolean;
}

export async function get<T>(path: string, more: More = {}): Promise<T> {
  return call<T>("GET", path, undefined, more);
}

export async function post<T>(path: string, body: unknown = {}, more: More = {}): Promise<T> {
  return call<T>("POST", path, body, more);
}

/** Fetch a picture with the token; the caller revokes the object URL. */
export async function picture(path: string): Promise<string> {
  const answer = await send("GET", path, undefined, { long: true });
  if (!answer.ok) throw await problem(answer);
  return URL.createObjectURL(await answer.blob());
}

async function call<T>(method: string, path: string, body: unknown, more: More): Promise<T> {
  const held = session.value;
  let answer = await send(method, path, body, more);
  if (answer.status === 401 && !more.open && held) {
    if (await renewed(held)) answer = await send(method, path, body, more);
    if (answer.status === 401) expired.value = true;
  }
  if (!answer.ok) throw await problem(answer);
  if (answer.status === 204) return undefined as T;
  return parsed<T>(answer);
}

/** Ask, and have the whole of the answer within the time that is given. */
async function send(method: string, path: string, body: unknown, more: More): Promise<Response> {
  const headers: Record<string, string> = {};
  if (session.value && !more.open) headers["Authorization"] = `Bearer ${session.value.token}`;
  let sent: BodyInit | undefined;
  if (body instanceof FormData) sent = body;
  else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    sent = JSON.stringify(body);
  }
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), more.long ? LONG : SHORT);
  more.signal?.addEventListener("abort", () => over.abort());
  const began = Date.now();
  try {
    const init: RequestInit = { method, headers, signal: over.signal, redirect: "error" };
    if (sent !== undefined) init.body = sent;
    const answer = await fetch(path, init);
    // What is public may come from the worker's cache, with the date it had then.
    if (!path.startsWith("/m/v1/public/")) noteClock(answer, began);
    return new Response(answer.status === 204 ? null : await answer.blob(), answer);
  } catch (error) {
    if (more.signal?.aborted) throw error;
    throw new Offline(over.signal.aborted ? words.net.timeout : words.net.offline);
  } finally {
    clearTimeout(timer);
  }
}

function noteClock(answer: Response, began: number): void {
  const date = answer.headers.get("Date");
  if (!date || answer.headers.get("X-Request-Id") === null) return;
  const middle = (began + Date.now()) / 2;
  skew.value = Date.parse(date) + 500 - middle;
}

/** The moment by the server's clock, where it is known that this phone's is far off. */
export function moment(at: number = Date.now()): string {
  const off = skew.value ?? 0;
  return new Date(at + (Math.abs(off) > 300_000 ? off : 0)).toISOString();
}

async function parsed<T>(answer: Response): Promise<T> {
  try {
    if (answer.headers.get("Content-Type")?.includes("json")) return (await answer.json()) as T;
  } catch {
    // Cut off, or somebody else's.
  }
  throw new Offline(words.net.notOurs);
}

async function problem(answer: Response): Promise<Error> {
  const said = await parsed<{ code?: string; title?: string; errors?: FieldFault[] }>(answer);
  return new Problem(
    answer.status,
    said.code ?? "unknown",
    said.title ?? words.net.unknown,
    said.errors ?? [],
  );
}

let renewing: Promise<boolean> | null = null;

/** Exchange the refresh token, once for all who wait. */
function renewed(held: Session): Promise<boolean> {
  renewing ??= renewAlone(held).finally(() => (renewing = null));
  return renewing;
}

/** One tab at a time: the token is good once. */
async function renewAlone(held: Session): Promise<boolean> {
  return navigator.locks
    ? navigator.locks.request("gridwhistle.renewing", () => renew(held))
    : renew(held);
}

async function renew(held: Session): Promise<boolean> {
  const now = read() ?? session.value;
  if (!now?.refresh || now.me.id !== held.me.id) return false;
  if (now.token !== held.token) {
    session.value = now; // renewed by another tab
    return true;
  }
  const answer = await send("POST", "/auth/refresh", { refresh: now.refresh }, { open: true });
  if (answer.status === 401) return false;
  if (!answer.ok) throw await problem(answer);
  keep(await parsed<Session>(answer));
  return true;
}

export async function signIn(username: string, password: string): Promise<void> {
  keep(
    await post<Session>("/auth/password", { username, password, face: "phone" }, { open: true }),
  );
}

export async function signInDemo(role: string): Promise<void> {
  keep(await post<Session>("/auth/demo", { role, face: "phone" }, { open: true }));
}

export async function signOut(): Promise<void> {
  try {
    await post("/auth/logout");
  } finally {
    keep(null);
  }
}

/** The sentence for whatever went wrong. */
export function sentence(error: unknown): string {
  if (error instanceof Problem)
    return [error.message, ...error.errors.map((fault) => fault.title ?? "")].join("");
  if (error instanceof Offline) return error.message;
  console.error(error);
  return words.net.unknown;
}
