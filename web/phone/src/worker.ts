/** The service worker keeps page, map and list for when there is no network. */
import { Workbox } from "workbox-window";
import { get } from "@gridwhistle/common/api";
import { updateReady } from "./appState";
import { readList } from "./matters";

export function registerWorker(): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  const worker = new Workbox("/sw.js");
  worker.addEventListener("waiting", () => {
    updateReady.value = () => {
      worker.addEventListener("controlling", () => location.reload());
      worker.messageSkipWaiting();
    };
  });
  void worker.register();
  void navigator.serviceWorker.ready.then(() => setTimeout(() => void fetchCounty(), CALM));
}

/** So long after opening, the page has what it needs and the network is free. */
const CALM = 6_000;
/** The levels of the county's map that pages draw. */
const LEVELS = ["township", "grid"] as const;

/** Ask once for map and list, so that the worker has them before the network is away. */
async function fetchCounty(): Promise<void> {
  if (!navigator.serviceWorker.controller) await claimed();
  for (const level of LEVELS)
    await get("/m/v1/public/places.geojson", { params: { query: { level } }, open: true }).catch(
      () => undefined,
    );
  await readList().catch(() => undefined);
}

function claimed(): Promise<void> {
  return new Promise((done) =>
    navigator.serviceWorker.addEventListener("controllerchange", () => done(), { once: true }),
  );
}
