/** The inbox as it fills: messages, and a socket that says when there are more. */
import { ref, watch, type Ref } from "vue";
import { get, post } from "./api";
import type { InboxMessage } from "./openapi";
import { unread } from "./state";
import { atDesk, session } from "./session";

export const messages = ref<InboxMessage[]>([]);
/** Counts frames; without a number, some of any case may have been missed. */
export const lastNews = ref<{ no: string; n: number }>({ no: "", n: 0 });

/** Read again what a page shows of a case, when there is news of it. */
export function onNews(no: () => string | undefined, again: () => unknown): void {
  watch(lastNews, (news) => {
    if (!news.no || news.no === no()) void again();
  });
}

function tell(no: string): void {
  lastNews.value = { no, n: lastNews.value.n + 1 };
}

let socket: WebSocket | null = null;
let again: ReturnType<typeof setTimeout> | undefined;
let wait = 2_000;
let nOpened = 0;

/** Whether somebody is at the page: what it reads by itself must not count as their use of it. */
let there: () => boolean = () => true;
/** Whether something was told while nobody was. */
let behind = false;

/** So many messages are held, the latest: a page may stay open for a week. */
const HELD = 1_000;
let reading: Promise<void> = Promise.resolve();
/** A reading that has not begun: whatever comes until it does is read by it. */
let next: Promise<void> | undefined;

const lastSeq = (all: InboxMessage[]): number | undefined => all[all.length - 1]?.seq;

/** Read what has come since; one after another, so that nothing comes twice. */
function refresh(): Promise<void> {
  next ??= reading = reading
    .catch(() => undefined)
    .then(() => {
      next = undefined;
      return readOn();
    });
  return next;
}

async function readOn(): Promise<void> {
  const into = messages.value;
  let after = lastSeq(into) ?? 0;
  for (;;) {
    const page = await get("/m/v1/inbox", { params: { query: { after, limit: 100 } } });
    if (into !== messages.value) return; // somebody else's by now
    into.push(...page.items);
    into.splice(0, into.length - HELD);
    unread.value = page.unread;
    if (page.next === null) return;
    after = page.next;
  }
}

export async function markRead(): Promise<void> {
  const last = lastSeq(messages.value);
  if (last === undefined) return;
  unread.value = (await post("/m/v1/inbox/read", { body: { seq: last } })).unread;
  messages.value.forEach((message) => (message.read = true));
}

/** One message was looked at, and none before it. */
export async function markOneRead(message: InboxMessage): Promise<void> {
  if (message.read) return;
  message.read = true;
  unread.value = Math.max(0, unread.value - 1);
  try {
    const body = { seq: message.seq, alone: true };
    unread.value = (await post("/m/v1/inbox/read", { body })).unread;
  } catch {
    // Without a network: it was looked at on this phone all the same.
  }
}

/** Whether there is somebody to be told, who looks, and a network. */
function wanted(): boolean {
  return !!session.value && there() && document.visibilityState !== "hidden" && navigator.onLine;
}

async function open(): Promise<void> {
  close();
  const nth = ++nOpened;
  if (!wanted()) return;
  try {
    await refresh();
    // The socket tells only of what comes from here on, not of what came while there was none.
    if (nth > 1) tell("");
    const { ticket } = await post("/m/v1/live-ticket");
    if (nth !== nOpened) return;
    socket = listening(ticket);
  } catch {
    if (nth === nOpened) later();
  }
}

/** A socket that tells of all that comes after the last message here. */
function listening(ticket: string): WebSocket {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const since = lastSeq(messages.value) ?? 0;
  const opened = new WebSocket(
    `${scheme}://${location.host}/m/v1/live?ticket=${ticket}&since=${since}${atDesk ? "&cases=true" : ""}`,
  );
  opened.onopen = () => (wait = 2_000);
  opened.onmessage = (event) => void heard(event);
  opened.onclose = () => {
    if (socket === opened) later();
  };
  return opened;
}

async function heard(event: MessageEvent): Promise<void> {
  const { no, seq } = JSON.parse(String(event.data)) as { no: string; seq: number };
  if (!there()) {
    behind = true;
    return;
  }
  tell(no);
  // Without a number it is no message: the inbox has nothing new.
  if (!seq) return;
  try {
    await refresh();
  } catch {
    later();
  }
}

function later(): void {
  clearTimeout(again);
  again = setTimeout(() => void open(), wait);
  wait = Math.min(wait * 2, 60_000);
}

function close(): void {
  clearTimeout(again);
  const old = socket;
  socket = null;
  old?.close();
}

/** Catch up with what was told while nobody was at the page. */
function catchUp(): void {
  if (!socket) void open();
  else if (behind) {
    tell("");
    void refresh().catch(later);
  }
  behind = false;
}

/**
 * Stay connected as long as somebody is signed in and the page is looked at; where it is known
 * whether somebody is `at` it, nothing is asked while nobody is.
 */
export function stayConnected(at?: Readonly<Ref<boolean>>): void {
  if (at) {
    there = () => at.value;
    watch(at, (is) => is && catchUp());
  }
  watch(
    () => session.value?.me.id,
    () => {
      messages.value = [];
      unread.value = 0;
    },
  );
  // Not only another person's: after an expiry the same one signs in again.
  watch(
    () => session.value && (session.value.token || session.value.me.csrf),
    () => void open(),
    { immediate: true },
  );
  addEventListener("online", () => void open());
  document.addEventListener("visibilitychange", () => void open());
}
