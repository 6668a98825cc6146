/**
 * Speaking to the server: one way for all calls, refusals as `Problem`, no network as `Offline`.
 */
import createClient, {
  defaultPathSerializer,
  type ClientPathsWithMethod,
  type MethodResponse,
  type ParamsOption,
} from "openapi-fetch";
import type { Fault, paths, ProblemAnswer } from "./openapi";
import { lacking } from "./lacking";
import { skew } from "./state";
import { atDesk, expired, keep, read, session, type Session } from "./session";
import { words } from "./words";

/** The server refused: a stable code and a sentence for people. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly errors: Fault[] = [],
    /** What the sentence is made of, by name. */
    readonly facts: Record<string, unknown> = {},
  ) {
    super(title);
  }
}

/** No answer, or none of ours: nothing is known to have happened. */
export class Offline extends Error {}

const SHORT = 20_000;
const LONG = 90_000;

export interface More {
  signal?: AbortSignal;
  /** A public call goes without a token. */
  open?: boolean;
  long?: boolean;
}

/** What is asked for, kept as it is: it goes out a second time where the token has run out. */
class Asking {
  constructor(
    readonly path: string,
    readonly init: RequestInit & More,
  ) {}
}

const client = createClient<paths>({
  Request: Asking as unknown as typeof Request,
  fetch: (asking) => answered(asking as unknown as Asking),
  redirect: "error",
});

type Method = "get" | "post";
/** Paths that can be read, or to which something can be sent. */
export type PathOf<M extends Method> = ClientPathsWithMethod<typeof client, M>;
/** What a path answers. */
export type AnswerOf<M extends Method, P extends PathOf<M>> = MethodResponse<typeof client, M, P>;
/** Which parameters it takes. */
export type ParamsOf<M extends Method, P extends PathOf<M>> = ParamsOption<paths[P][M]>;
/** What is sent to it; files go as the form that they are. */
export type BodyOf<P extends PathOf<"post">> = paths[P]["post"] extends {
  requestBody: { content: infer C };
}
  ? C extends { "application/json": infer B }
    ? B
    : FormData
  : never;

type BodyOption<P extends PathOf<"post">> = [BodyOf<P>] extends [never]
  ? { body?: never }
  : { body: BodyOf<P> };
type Given<T> = object extends T ? [given?: T] : [given: T];

export async function get<P extends PathOf<"get">>(
  path: P,
  ...[given]: Given<ParamsOf<"get", P> & More>
): Promise<AnswerOf<"get", P>> {
  return told(client.GET(path, given as never));
}

export async function post<P extends PathOf<"post">>(
  path: P,
  ...[given]: Given<ParamsOf<"post", P> & BodyOption<P> & More>
): Promise<AnswerOf<"post", P>> {
  return told(client.POST(path, { body: {}, ...given } as never));
}

/**
 * Send what was written down earlier, to where it was to go then; by the key it is known again,
 * should an answer be lost.
 */
export async function postAgain(
  path: string,
  body: unknown,
  key: string,
  more: More,
): Promise<unknown> {
  const headers = { "Idempotency-Key": key };
  return told(client.POST(path as "/m/v1/reports", { body, headers, ...more } as never));
}

/** A path with its parameters put in. */
export function filled(path: string, params: Record<string, unknown>): string {
  return defaultPathSerializer(path, params);
}

/** Fetch a photo with the token, or a small one; the caller revokes the object URL. */
export async function picture(id: string, size?: "thumbnail"): Promise<string> {
  const params = { path: { id }, query: size ? { size } : {} };
  const asked = { params, parseAs: "blob", long: true } as const;
  const { data } = await client.GET("/m/v1/photos/{id}", asked);
  return URL.createObjectURL(data as Blob);
}

/** A piece of a file that anybody may have, fewer bytes where the file ends before. */
export async function piece(
  path: string,
  from: number,
  length: number,
  signal?: AbortSignal,
): Promise<ArrayBuffer> {
  const headers = { Range: `bytes=${from}-${from + length - 1}` };
  const more = { headers, open: true, long: true, ...(signal ? { signal } : {}) };
  const answer = await answered(new Asking(path, more));
  // It is kept for good: not what a network's own page says in its place.
  if (!answer.headers.get("Content-Type")?.includes("pmtiles"))
    throw new Offline(words.net.notOurs);
  const held = await answer.arrayBuffer();
  // What stands between may leave the range out and answer all of it.
  return answer.status === 206 ? held : held.slice(from, from + length);
}

/** What was answered, if it is ours. */
async function told<T>(asked: Promise<{ data?: unknown; response: Response }>): Promise<T> {
  try {
    const { data, response } = await asked;
    if (response.status === 204 || (data !== undefined && isJson(response))) return data as T;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Offline(words.net.notOurs); // cut off, or somebody else's
}

function isJson(answer: Response): boolean {
  return answer.headers.get("Content-Type")?.includes("json") ?? false;
}

async function answered(asking: Asking): Promise<Response> {
  const held = session.value;
  let answer = await send(asking);
  if (answer.status === 401 && !asking.init.open && held) {
    if (await renewed(held)) answer = await send(asking);
    if (answer.status === 401) expired.value = true;
  }
  if (!answer.ok) throw await problem(answer);
  return answer;
}

/** Ask, and have the whole of the answer within the time that is given. */
async function send({ path, init: { open, long, signal, ...init } }: Asking): Promise<Response> {
  const headers = signed(init.headers, open);
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), long ? LONG : SHORT);
  signal?.addEventListener("abort", () => over.abort());
  const began = Date.now();
  try {
    const asked = { ...init, headers, credentials, signal: over.signal };
    return await whole(path, await fetch(path, asked), began);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Offline(over.signal.aborted ? words.net.timeout : words.net.offline);
  } finally {
    clearTimeout(timer);
  }
}

/** A phone is signed in by its token alone, whatever desk the same browser shows. */
const credentials: RequestCredentials = atDesk ? "same-origin" : "omit";

/** The headers that sign one in, but for a public call: at the desk beside the cookie. */
function signed(given: HeadersInit | undefined, open: boolean | undefined): Headers {
  const headers = new Headers(given);
  if (!session.value || open) return headers;
  if (atDesk) headers.set("X-CSRF-Token", session.value.me.csrf);
  else headers.set("Authorization", `Bearer ${session.value.token}`);
  return headers;
}

/** The whole of an answer; what is public may come from a cache, with its old date. */
async function whole(path: string, answer: Response, began: number): Promise<Response> {
  if (!/^\/m\/v1\/(public|basemap)\//.test(path)) noteClock(answer, began);
  return new Response(answer.status === 204 ? null : await answer.blob(), answer);
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

async function problem(answer: Response): Promise<Error> {
  try {
    // A proxy before a server that is away answers in its own words.
    const said = answer.status >= 500 ? words.net.broken : words.net.notOurs;
    if (!isJson(answer)) return new Offline(said);
    const told = (await answer.json()) as Partial<ProblemAnswer>;
    const { code = "unknown", title = words.net.unknown, errors, facts } = told;
    return new Problem(answer.status, code, title, errors, facts);
  } catch {
    return new Offline(words.net.notOurs);
  }
}

let renewing: Promise<boolean> | null = null;

/** Exchange the refresh token, once for all who wait. */
function renewed(held: Session): Promise<boolean> {
  renewing ??= renewAlone(held).finally(() => (renewing = null));
  return renewing;
}

/** One tab at a time: the token is good once. */
async function renewAlone(held: Session): Promise<boolean> {
  const { locks } = lacking;
  return locks ? locks.request("gridwhistle.renewing", () => renew(held)) : renew(held);
}

async function renew(held: Session): Promise<boolean> {
  const now = read() ?? session.value;
  if (!now?.refresh || now.me.id !== held.me.id) return false;
  if (now.token !== held.token) {
    session.value = now; // renewed by another tab
    return true;
  }
  try {
    keep(await post("/auth/refresh", { body: { refresh: now.refresh }, open: true }));
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return false;
    throw error;
  }
}

const face = atDesk ? "console" : "phone";

export async function signIn(username: string, password: string): Promise<void> {
  entered(await post("/auth/password", { body: { username, password, face }, open: true }));
}

/** Look around without a password, where the server is a demo. */
export async function signInDemo(key: string): Promise<void> {
  entered(await post("/auth/demo", { body: { key, face }, open: true }));
}

/** The desk keeps no token: the cookie has it. */
function entered(found: Session): void {
  keep(atDesk ? { ...found, token: "" } : found);
}

/** Go on with the desk's session that the browser still holds; false where it holds none. */
export async function goOn(): Promise<boolean> {
  try {
    keep({ token: "", refresh: null, expires_at: "", me: await get("/me") });
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return false;
    throw error;
  }
}

export async function signOut(): Promise<void> {
  try {
    await post("/auth/logout");
  } catch (error) {
    // The desk's cookie is still good then: what looks signed out would be open to the next.
    if (!(atDesk && error instanceof Offline)) keep(null);
    throw error;
  }
  keep(null);
}

/** Read again who is signed in: what one may do changes with one's offices. */
export async function readMe(): Promise<void> {
  const me = await get("/me");
  if (session.value?.me.id === me.id) keep({ ...session.value, me });
}

/** The sentence for whatever went wrong. */
export function sentence(error: unknown): string {
  if (error instanceof Problem)
    return [error.message, ...error.errors.map((fault) => fault.title)].join("");
  if (error instanceof Offline) return error.message;
  console.error(error);
  return words.net.unknown;
}
