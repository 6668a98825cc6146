/** In which township a point lies, by the county's own map. */

export type Rings = number[][][] | number[][][][];

function inRing(lon: number, lat: number, ring: readonly number[][]): boolean {
  let inside = false;
  ring.forEach(([x1 = 0, y1 = 0], n) => {
    const [x2 = 0, y2 = 0] = ring[(n || ring.length) - 1] ?? [];
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}

/** Whether a point lies in a shape: within a ring, not within one of its holes. */
export function inside(lon: number, lat: number, kind: string, coordinates: Rings): boolean {
  const shapes = (kind === "Polygon" ? [coordinates] : coordinates) as number[][][][];
  return shapes.some(
    ([outer, ...holes]) =>
      outer !== undefined &&
      inRing(lon, lat, outer) &&
      !holes.some((hole) => inRing(lon, lat, hole)),
  );
}
