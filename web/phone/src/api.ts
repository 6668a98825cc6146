/** Speaking to the server: one way for all calls, refusals as `Problem`, no network as `Offline`. */
import { skew } from "./around";
import { expired, keep, session, type Session } from "./session";
import { t } from "./texts-first";

export interface FieldFault {
  pointer: string;
  reason: string;
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
  const answer = await send("GET", path, undefined, {});
  if (!answer.ok) throw await problem(answer);
  return URL.createObjectURL(await answer.blob());
}

async function call<T>(method: string, path: string, body: unknown, more: More): Promise<T> {
  let answer = await send(method, path, body, more);
  if (answer.status === 401 && !more.open && session.value) {
    if (await renewed()) answer = await send(method, path, body, more);
    if (answer.status === 401) expired.value = true;
  }
  if (!answer.ok) throw await problem(answer);
  if (answer.status === 204) return undefined as T;
  if (!isJson(answer)) throw new Offline(t.net.notOurs);
  return (await answer.json()) as T;
}

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
    noteClock(answer, began);
    return answer;
  } catch (error) {
    if (more.signal?.aborted) throw error;
    throw new Offline(over.signal.aborted ? t.net.timeout : t.net.offline);
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

function isJson(answer: Response): boolean {
  return (answer.headers.get("Content-Type") ?? "").includes("json");
}

async function problem(answer: Response): Promise<Error> {
  if (!isJson(answer)) return new Offline(t.net.notOurs);
  try {
    const said = (await answer.json()) as { code?: string; title?: string; errors?: FieldFault[] };
    return new Problem(answer.status, said.code ?? "unknown", said.title ?? t.net.unknown, said.errors ?? []);
  } catch {
    return new Offline(t.net.notOurs);
  }
}

let renewing: Promise<boolean> | null = null;

/** Exchange the refresh token, once for all who wait. */
function renewed(): Promise<boolean> {
  renewing ??= renew().finally(() => (renewing = null));
  return renewing;
}

async function renew(): Promise<boolean> {
  const held = session.value;
  if (!held?.refresh) return false;
  const answer = await send("POST", "/auth/refresh", { refresh: held.refresh }, { open: true });
  if (!answer.ok || !isJson(answer)) return false;
  keep((await answer.json()) as Session);
  return true;
}

export async function signIn(username: string, password: string): Promise<void> {
  keep(await post<Session>("/auth/password", { username, password, face: "phone" }, { open: true }));
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
  if (error instanceof Problem || error instanceof Offline) return error.message;
  console.error(error);
  return t.net.unknown;
}
