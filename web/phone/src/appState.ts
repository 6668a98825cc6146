/**
 * What is told around every page, by whatever knows it: apart, so that the first screen waits for
 * none of them.
 */
import { computed, ref } from "vue";
import type { Draft } from "./queue/store";

/** Turns to a newer version of the page, where one has come. */
export const updateReady = ref<(() => void) | null>(null);
/** Reports and acts on this phone, whatever their state. */
export const queued = ref<Draft[]>([]);
/**
 * Whether one is still to be sent; "sending" may also be one whose page was closed in the midst of
 * it.
 */
export const waiting = (draft: Draft): boolean =>
  draft.state === "waiting" || draft.state === "sending";
export const nWaiting = computed(() => queued.value.filter(waiting).length);
/** How many were not taken on, and wait to be mended. */
export const nRefused = computed(
  () => queued.value.filter(({ state }) => state === "refused").length,
);
/** What was just done elsewhere, said over whatever page comes next. */
export const told = ref("");
