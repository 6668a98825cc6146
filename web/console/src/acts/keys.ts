/** The keys of the desk: who offers an act on one says so here, and `?` shows all of them. */
import { onBeforeUnmount, onMounted, reactive } from "vue";

export interface Key {
  /** As `KeyboardEvent.key` has it; `ctrl+k` with Ctrl or ⌘. */
  key: string;
  /** Another that means the same. */
  also?: string;
  what: string;
  run: () => unknown;
  /** Whether it does something now. */
  when?: () => boolean;
  /** Whether it is left to what has the focus, for now. */
  rests?: () => boolean;
  /** Several of one meaning are shown as one. */
  hidden?: boolean;
  /** The button that does it, where there may be several of the same letter at once. */
  button?: () => HTMLElement | null | undefined;
}
export interface Group {
  title: string;
  keys: Key[];
}

/** All that is offered, the innermost last. */
export const offered = reactive<Group[]>([]);

/** Offer keys as long as the component is there. */
export function useKeys(title: string, keys: Key[]): void {
  const group: Group = { title, keys };
  onMounted(() => offered.push(group));
  onBeforeUnmount(() => {
    const at = offered.findIndex(({ keys: each }) => each[0]?.run === keys[0]?.run);
    if (at >= 0) offered.splice(at, 1);
  });
}

/** How a key is called: a capital letter is one with Shift. */
export function keyName(key: string): string {
  if (/^[A-Z]$/.test(key)) return `Shift ${key}`;
  return NAMES[key] ?? key;
}
const NAMES: Record<string, string> = {
  "ctrl+k": "Ctrl K",
  Escape: "Esc",
  ArrowDown: "↓",
  ArrowUp: "↑",
};

/** Whether letters are being written there; in the form of an act they belong to it. */
export function writes(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("form.act")) return true;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "button", "submit"].includes(target.type);
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
}

const nameOf = (event: KeyboardEvent): string =>
  event.ctrlKey || event.metaKey ? `ctrl+${event.key.toLowerCase()}` : event.key;

/** All that an event may stand for now, the innermost first. */
export function keysFor(event: KeyboardEvent, groups: readonly Group[]): Key[] {
  if (event.altKey || event.isComposing) return [];
  const name = nameOf(event);
  return [...groups]
    .reverse()
    .flatMap((group) => group.keys)
    .filter((each) => each.key === name || each.also === name)
    .filter((each) => (each.when?.() ?? true) && !each.rests?.());
}

/** Of several buttons of one letter, the one after that which has the focus, in their order. */
export function turned<T>(buttons: readonly T[], focused: T | null): T | undefined {
  return buttons[(focused ? buttons.indexOf(focused) + 1 : 0) % buttons.length];
}

/** Do what a key stands for: where several buttons have it, go from one to the next of them. */
function press(found: readonly Key[]): void {
  const buttons = found.flatMap((each) => each.button?.() ?? []);
  if (!found[0]?.button || buttons.length < 2) return void found[0]?.run();
  const order = (a: HTMLElement, b: HTMLElement): number =>
    a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
  const now = document.activeElement;
  turned(buttons.sort(order), now instanceof HTMLElement ? now : null)?.focus();
}

/** Listen for all that is offered; keys of a page rest while one writes, or a dialog is open. */
export function listen(): void {
  addEventListener("keydown", (event: KeyboardEvent) => {
    const ours = event.ctrlKey || event.metaKey || event.key === "Escape";
    if (document.querySelector("dialog[open]") || (writes(event.target) && !ours)) return;
    const found = keysFor(event, offered);
    if (!found.length) return;
    event.preventDefault();
    press(found);
  });
}
