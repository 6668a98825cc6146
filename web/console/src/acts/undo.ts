/** Acts that are sent after ten seconds, unless they are taken back: instead of asking first. */
import { ref } from "vue";
import { Problem, sentence } from "@gridwhistle/common/api";
import { expired, session } from "@gridwhistle/common/session";
import { beforeLeaving } from "../leaving";
import { t } from "../texts";

const WAIT = 10;

export interface Waiting {
  id: number;
  what: string;
  /** Whole seconds until it is sent; they stand still while the session is over. */
  left: number;
  undo: () => void;
  now: () => void;
}
/** What is about to be sent. */
export const waiting = ref<Waiting[]>([]);
/** What came of it, until it is read. */
export const told = ref<{ text: string; bad: boolean } | null>(null);

let last = 0;
/** How each that waits is sent, by its number, and those that are on their way. */
const senders = new Map<number, (leaving: boolean) => Promise<boolean>>();
const sending = new Set<Promise<boolean>>();

export interface Act {
  what: string;
  /** `leaving` where the page is being closed: there is no time to wait for an answer. */
  send: (leaving: boolean) => Promise<string>;
  /** Told that nothing came of it: it was taken back by hand, or refused. */
  undone?: (byHand: boolean) => void;
}

export function say(text: string, bad = false): void {
  told.value = { text, bad };
}

/** Send an act soon, in the session of who did it and in no other. */
export function soon({ what, send, undone }: Act): void {
  const id = ++last;
  const whose = session.value?.me.id;
  const isTheirs = (): boolean => session.value?.me.id === whose;
  let ticking: ReturnType<typeof setInterval> | undefined;
  const end = (): void => {
    clearInterval(ticking);
    senders.delete(id);
    waiting.value = waiting.value.filter((each) => each.id !== id);
  };
  const sent = async (leaving: boolean): Promise<boolean> => {
    end();
    if (!isTheirs()) return false;
    try {
      const thanks = await send(leaving);
      if (isTheirs()) say(thanks);
      return true;
    } catch (error) {
      if (isTheirs()) refused(error);
      return false;
    }
  };
  const go = (leaving: boolean): Promise<boolean> => {
    const answer = sent(leaving);
    sending.add(answer);
    return answer.finally(() => sending.delete(answer));
  };
  const refused = (error: unknown): void => {
    // It waits for who did it to sign in again, and may then be taken back as before.
    if (expired.value && error instanceof Problem && error.status === 401) {
      begin();
      return;
    }
    undone?.(false);
    say(t.undo.failed(what, sentence(error)), true);
  };
  const undo = (): void => {
    end();
    undone?.(true);
    say(t.undo.taken(what));
  };
  const tick = (): void => {
    const mine = waiting.value.find((each) => each.id === id);
    if (mine && !expired.value && --mine.left <= 0) void go(false);
  };
  const begin = (): void => {
    ticking = setInterval(tick, 1_000);
    senders.set(id, go);
    waiting.value.push({ id, what, left: WAIT, undo, now: () => void go(false) });
  };
  begin();
}

// What waits is sent at once before anybody goes, and what is on its way arrives.
beforeLeaving(async (closing) => {
  for (const go of [...senders.values()]) void go(closing);
  return (await Promise.all(sending)).every(Boolean);
});
