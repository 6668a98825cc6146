import { ref } from "vue";

/** Whether the browser holds the network for reachable. */
export const online = ref(navigator.onLine);
addEventListener("online", () => (online.value = true));
addEventListener("offline", () => (online.value = false));
