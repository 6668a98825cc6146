/** What is chosen by a part of its name: units, matters, places, cases; codes by their names. */
import { get } from "@gridwhistle/common/api";

export type Named = "unit" | "matter" | "place" | "village" | "grid" | "case";
export interface Chosen {
  /** Of a unit its name, of a case its number, of all else its code. */
  value: string;
  name: string;
}

const MOST = 6;

/** What fits some words best first; few, for people to choose from. */
export async function search(of: Named, q: string): Promise<Chosen[]> {
  if (of === "unit") {
    const { items } = await get("/m/v1/units", { params: { query: { q } } });
    return items.map(({ name }) => ({ value: name, name }));
  }
  if (of === "matter") {
    const { items } = await get("/m/v1/matters", { params: { query: { q } } });
    return items.map(({ code, name }) => ({ value: code, name }));
  }
  if (of === "case") {
    const query = { q: q.slice(0, 50), limit: MOST };
    const { items } = await get("/s/v1/cases", { params: { query } });
    return items.map(({ no, title, stage_text }) => ({
      value: no,
      name: `${title} ${no} ${stage_text}`,
    }));
  }
  const query = { q, ...(of !== "place" && { level: of }) };
  const { items } = await get("/m/v1/places", { params: { query } });
  return items.map(({ code, place }) => ({ value: code, name: place }));
}

/** Names of matters and places; what a case is called is not everybody's to know. */
const known = new Map<string, Promise<string>>();

/** What a code is called; the code itself where nothing is called so. */
export function nameOf(of: Named, value: string): Promise<string> {
  if (of === "unit") return Promise.resolve(value);
  const key = `${of} ${value}`;
  const asked =
    known.get(key) ??
    search(of, value).then((found) => found.find((each) => each.value === value)?.name ?? value);
  if (of !== "case") known.set(key, asked);
  return asked.catch(() => {
    known.delete(key);
    return value;
  });
}
