/** Where a call meets: at a pin, in a place by its name, or where its case lies. */
export interface MeetingPlace {
  way: "map" | "name" | "case";
  pin: { lon: number; lat: number; accuracy: number } | null;
  /** The code of a township, a village or a grid. */
  named: string[];
}

/** What is sent of it: what was chosen, and nothing of what was looked at before. */
export function placed({ way, pin, named }: MeetingPlace): {
  position?: MeetingPlace["pin"] & { datum: "wgs84"; source: "map" };
  place_code?: string;
} {
  const [code] = named;
  if (way === "map" && pin) return { position: { ...pin, datum: "wgs84", source: "map" } };
  return way === "name" && code ? { place_code: code } : {};
}

/** Whether it says where to meet. */
export function settled({ way, pin, named }: MeetingPlace): boolean {
  return way === "case" || !!(way === "map" ? pin : named.length);
}
