/**
 * What is told around every page: apart, so that a first screen waits for nothing that tells it.
 */
import { ref } from "vue";

/** Messages of the inbox that were not read. */
export const unread = ref(0);
/**
 * By how many milliseconds the server's clock is ahead of this one's; null before the first
 * answer.
 */
export const skew = ref<number | null>(null);
