/** What is looked at on the county's map. */
import type { Geometry } from "geojson";

/** An area, a line or a point, marked in red; `n` is its number among all. */
export interface Shape {
  geometry: Geometry;
  label: string;
  n: number;
}
