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
      void navigator.serviceWorker.ready.then(() => setTimeout(() => void fetchCounty(), CALM));
    });
  });
}

/** So long after opening, the page has what it needs and the network is free. */
const CALM = 6_000;
/** The levels of the county's map that pages draw. */
const LEVELS = ["township", "grid"];

/** Ask once for map and list, so that the worker has them before the network is away. */
async function fetchCounty(): Promise<void> {
  if (!navigator.serviceWorker.controller) await claimed();
  const paths = [...LEVELS.map((level) => `places.geojson?level=${level}`), "matters?limit=100"];
  for (const path of paths) await fetch(`/m/v1/public/${path}`).catch(() => undefined);
}

function claimed(): Promise<void> {
  return new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", () => done(), { once: true }));
}
