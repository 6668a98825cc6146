/** The service worker keeps page, map and list for when there is no network. */
import { ref } from "vue";

export const updateReady = ref<(() => void) | null>(null);

export function registerWorker(): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  addEventListener("load", () => {
    void import("workbox-window").then(({ Workbox }) => {
      const worker = new Workbox("/sw.js");
      worker.addEventListener("waiting", () => {
        updateReady.value = () => {
          worker.addEventListener("controlling", () => location.reload());
          worker.messageSkipWaiting();
        };
      });
      void worker.register();
    });
  });
}
