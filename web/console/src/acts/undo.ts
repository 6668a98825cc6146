/** Acts that are sent after ten seconds, unless they are taken back: instead of asking first. */
import { ref } from "vue";
import { sentence } from "@gridwhistle/common/api";
import { t } from "../texts";

const WAIT = 10;

export interface Waiting {
  id: number;
  what: string;
  /** Whole seconds until it is sent. */
  left: number;
  undo: () => void;
  now: () => void;
  leave: () => void;
}
/** What is about to be sent. */
export const waiting = ref<Waiting[]>([]);
/** What came of it, until it is read. */
export const told = ref<{ text: string; bad: boolean } | null>(null);

let last = 0;

export interface Act {
  what: string;
  /** `leaving` where the page is being closed: there is no time to wait for an answer. */
  send: (leaving: boolean) => Promise<string>;
  undone?: () => void;
}

export function say(text: string, bad = false): void {
  told.value = { text, bad };
}

/** Send an act soon. */
export function soon({ what, send, undone }: Act): void {
  const id = ++last;
  const end = (): void => {
    clearInterval(ticking);
    waiting.value = waiting.value.filter((each) => each.id !== id);
  };
  const go = async (leaving = false): Promise<void> => {
    end();
    try {
      say(await send(leaving));
    } catch (error) {
      say(t.undo.failed(what, sentence(error)), true);
    }
  };
  const undo = (): void => {
    end();
    undone?.();
    say(t.undo.taken(what));
  };
  const ticking = setInterval(() => {
    const mine = waiting.value.find((each) => each.id === id);
    if (mine && --mine.left <= 0) void go();
  }, 1_000);
  const [now, leave] = [() => void go(), () => void go(true)];
  waiting.value.push({ id, what, left: WAIT, undo, now, leave });
}

/** Send at once what waits, when the page is closed. */
export function sendOnLeaving(): void {
  addEventListener("pagehide", () => waiting.value.forEach((each) => each.leave()));
}
