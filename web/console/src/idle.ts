/** Whether somebody is at the desk: nothing is asked by itself for a page that nobody looks at. */
import { readonly, ref } from "vue";

/** So long after the last movement the page holds still; the server ends the session later. */
const STILL = 5 * 60_000;

const stirred = ref(true);
/** Whether somebody moved something here within the last minutes. */
export const awake = readonly(stirred);

let dozing: ReturnType<typeof setTimeout> | undefined;
let last = 0;
function stir(): void {
  const now = Date.now();
  if (stirred.value && now - last < 1_000) return;
  last = now;
  stirred.value = true;
  clearTimeout(dozing);
  dozing = setTimeout(() => (stirred.value = false), STILL);
}
stir();
for (const each of ["pointerdown", "pointermove", "keydown", "wheel"])
  addEventListener(each, stir, { passive: true, capture: true });

export function atWork(): boolean {
  return document.visibilityState !== "hidden" && stirred.value;
}
