/** Where the faults of a boundary file lie. */
import type { Shape } from "@gridwhistle/common/maps/shapes";

export interface PlaceFault {
  code?: string;
  reason?: string;
  facts?: { [name: string]: unknown };
  feature?: number | null;
  geometry?: { type?: string; coordinates?: unknown } | null;
}

/** The layers of which a refusal says that nobody knows their level. */
export function layersOf(faults: readonly PlaceFault[]): string[] {
  const told = faults.find((each) => each.code === "layers.missing")?.facts?.["layers"];
  return Array.isArray(told) ? told.map(String) : [];
}

/** The first position of whatever shape. */
function first(coordinates: unknown): [number, number] | null {
  if (!Array.isArray(coordinates)) return null;
  const [one, other] = coordinates as unknown[];
  return typeof one === "number" && typeof other === "number" ? [one, other] : first(one);
}

/** What of a fault is drawn: the area that overlaps, lies outside, crosses itself. */
export const shapesOf = (faults: readonly PlaceFault[]): Shape[] =>
  faults.flatMap(({ geometry, reason }, n) =>
    geometry?.coordinates
      ? [{ geometry: geometry as Shape["geometry"], label: reason ?? "", n }]
      : [],
  );

/** A dot for each fault that says where it is, seen also where its shape is small. */
export const dotsOf = (
  faults: readonly PlaceFault[],
): { lon: number; lat: number; label: string; key: string; late: boolean }[] =>
  faults.flatMap(({ geometry, reason }, n) => {
    const at = first(geometry?.coordinates);
    return at ? [{ lon: at[0], lat: at[1], label: reason ?? "", key: String(n), late: true }] : [];
  });
