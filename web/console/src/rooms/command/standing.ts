/** How the county stands, read again and again by a page that nobody touches. */
import { onBeforeUnmount, ref, watch, type Ref } from "vue";
import { get } from "@gridwhistle/common/api";
import { lastNews } from "@gridwhistle/common/live";
import type { WallAnswer } from "@gridwhistle/common/openapi";
import { online } from "@gridwhistle/common/parts/online";

const SLOW = 20_000;
/** News come in showers, and may not end: the figures are read once for all of so long. */
const TOGETHER = 1_500;

/** The latest standing, and whether the last reading failed; `box` is where the county lies. */
export function useStanding(box: Ref<string>): {
  standing: Ref<WallAnswer | undefined>;
  lost: Ref<boolean>;
} {
  const standing = ref<WallAnswer>();
  const lost = ref(false);
  let again: ReturnType<typeof setTimeout> | undefined;
  let due = Infinity;
  let reading: AbortController | undefined;

  async function read(): Promise<void> {
    clearTimeout(again);
    due = Infinity;
    reading?.abort();
    const mine = (reading = new AbortController());
    const { signal } = mine;
    try {
      const params = { query: box.value ? { bbox: box.value } : {} };
      const found = await get("/s/v1/wall", { params, signal });
      if (signal.aborted) return;
      standing.value = found;
      lost.value = false;
    } catch {
      if (signal.aborted) return;
      lost.value = true;
    }
    later(SLOW);
  }
  /** Read after so long at the latest: what is due sooner is not put off by what comes later. */
  function later(ms: number): void {
    const at = performance.now() + ms;
    if (at >= due) return;
    due = at;
    clearTimeout(again);
    again = setTimeout(() => void read(), ms);
  }
  watch(lastNews, () => later(TOGETHER));
  watch(online, (on) => (on ? void read() : (lost.value = true)));
  watch(box, () => void read(), { immediate: true });
  onBeforeUnmount(() => {
    clearTimeout(again);
    reading?.abort();
  });
  return { standing, lost };
}

interface Shapes {
  features: { geometry: { coordinates: unknown } }[];
}

/** The box around the county, as it is asked for. */
export async function countyBox(): Promise<string> {
  const asked = { params: { query: { level: "township" as const } }, open: true };
  const { features } = (await get("/m/v1/public/places.geojson", asked)) as unknown as Shapes;
  const box = [180, 90, -180, -90] as [number, number, number, number];
  const take = (found: unknown): void => {
    if (!Array.isArray(found)) return;
    const [x, y] = found as unknown[];
    if (typeof x !== "number" || typeof y !== "number") {
      found.forEach(take);
      return;
    }
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  };
  features.forEach(({ geometry }) => take(geometry.coordinates));
  return box[0] < box[2] ? box.map((each) => each.toFixed(5)).join(",") : "";
}
