/** The keys of the desk: who offers an act on one says so here, and `?` shows all of them. */
import { onBeforeUnmount, onMounted, reactive } from "vue";

export interface Key {
  /** As `KeyboardEvent.key` has it; `ctrl+k` with Ctrl or ⌘. */
  key: string;
  what: string;
  run: () => unknown;
  /** Whether it does something now. */
  when?: () => boolean;
  /** Several of one meaning are shown as one. */
  hidden?: boolean;
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

/** Whether letters are being written there. */
export function writes(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "button", "submit"].includes(target.type);
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
}

const nameOf = (event: KeyboardEvent): string =>
  event.ctrlKey || event.metaKey ? `ctrl+${event.key.toLowerCase()}` : event.key;

/** The key that an event stands for: the innermost that does something now. */
export function keyFor(event: KeyboardEvent, groups: readonly Group[]): Key | undefined {
  if (event.altKey || event.isComposing) return undefined;
  const name = nameOf(event);
  return [...groups]
    .reverse()
    .flatMap((group) => group.keys)
    .find((each) => each.key === name && (each.when?.() ?? true));
}

/** Listen for all that is offered; keys of a page rest while one writes, or a dialog is open. */
export function listen(): void {
  addEventListener("keydown", (event: KeyboardEvent) => {
    const ours = event.ctrlKey || event.metaKey || event.key === "Escape";
    if (document.querySelector("dialog[open]") || (writes(event.target) && !ours)) return;
    const found = keyFor(event, offered);
    if (!found) return;
    event.preventDefault();
    found.run();
  });
}
