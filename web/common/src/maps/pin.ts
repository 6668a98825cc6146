/** Where a case is put on a map, how sure that is, and how it is drawn and told. */
import type { PathOptions } from "leaflet";
import { words } from "../words";

export interface Pin {
  lon: number;
  lat: number;
  /** Within how many metres it is. */
  accuracy?: number;
  /** Whether it merely lies about there. */
  unsure?: boolean;
}

interface Placed {
  lon: number | null;
  lat: number | null;
  point_sure: boolean;
  within_m: number | null;
}

export function pinOf({ lon, lat, point_sure, within_m }: Placed): Pin | null {
  if (lon === null || lat === null) return null;
  return { lon, lat, unsure: !point_sure, ...(within_m && { accuracy: within_m }) };
}

/** Full where it is known to lie, hollow where it merely lies about there. */
export function marked(colour: string, unsure = false): PathOptions {
  return unsure
    ? { color: colour, dashArray: "4 3", fillColor: "#fff", fillOpacity: 0.75 }
    : { color: "#fff", fillColor: colour, fillOpacity: 0.95 };
}

/** What hollow marks and a ring on a map mean, where there are any. */
export function legendOf(
  pin: Pin | null | undefined,
  dots: readonly { unsure?: boolean }[] = [],
): string {
  const hollow = pin?.unsure || dots.some((dot) => dot.unsure);
  const said = [
    hollow ? words.map.unsure : "",
    pin?.accuracy ? words.map.within(Math.round(pin.accuracy)) : "",
  ];
  return said.filter(Boolean).join("");
}
