/**
 * Where the phone is, behind one adapter: the browser's now, WeChat's later; each declares its
 * datum.
 */
import { lacking } from "@gridwhistle/common/lacking";
import type { PositionForm } from "@gridwhistle/common/openapi";

export type Fix = PositionForm & { accuracy?: number };

/** Where something is, as it is asked about. */
export type Spot = Pick<PositionForm, "lon" | "lat" | "datum" | "accuracy">;
export function spotOf({ lon, lat, datum, accuracy }: Fix): Spot {
  return { lon, lat, datum, accuracy: accuracy ?? null };
}

/** On a sphere of the mean radius. */
const METRES_PER_DEGREE = 111_194.9;

/** The distance between two points of a county, both in WGS-84. */
export function metresBetween(
  one: { lon: number; lat: number },
  other: { lon: number; lat: number },
): number {
  const across = (other.lon - one.lon) * Math.cos((((one.lat + other.lat) / 2) * Math.PI) / 180);
  return Math.hypot(across, other.lat - one.lat) * METRES_PER_DEGREE;
}

export type Trouble = "denied" | "unavailable";
export class NoFix extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble);
  }
}

export interface Locator {
  locate(): Promise<Fix>;
}

const TIMEOUT = 10_000;

/** W3C Geolocation: WGS-84 by its specification. */
export const byBrowser: Locator = {
  locate: () =>
    new Promise((resolve, reject) => {
      if (!lacking.geolocation) {
        reject(new NoFix("unavailable"));
        return;
      }
      lacking.geolocation.getCurrentPosition(
        ({ coords }) =>
          resolve({
            lon: coords.longitude,
            lat: coords.latitude,
            datum: "wgs84",
            accuracy: Math.min(coords.accuracy, 1_000_000),
            source: "device",
          }),
        (error) =>
          reject(new NoFix(error.code === error.PERMISSION_DENIED ? "denied" : "unavailable")),
        { enableHighAccuracy: true, timeout: TIMEOUT, maximumAge: 5_000 },
      );
    }),
};

export const locator: Locator = byBrowser;
