/** What `Ctrl K` finds for some words: rooms, cases, matters, units, places. */
import { get } from "@gridwhistle/common/api";
import { permitted } from "@gridwhistle/common/session";
import { shownTo, start } from "../rooms";
import { t } from "../texts";

export interface Found {
  kind: "rooms" | "cases" | "matters" | "units" | "places";
  name: string;
  more: string;
  to: string | { path: string; query: Record<string, string> };
}

const MOST = 6;
const casesOf = (query: Record<string, string>): Found["to"] => ({ path: "/cases", query });

export async function find(words: string, signal: AbortSignal): Promise<Found[]> {
  const asked = [rooms, cases, matters, units, places].map((each) =>
    each(words, signal).catch((): Found[] => []),
  );
  return (await Promise.all(asked)).flat();
}

async function rooms(words: string): Promise<Found[]> {
  return Promise.resolve(
    shownTo(permitted.value)
      .filter((room) => t.rooms[room.name].includes(words))
      .map((room) => ({ kind: "rooms", name: t.rooms[room.name], more: "", to: start(room) })),
  );
}

async function cases(q: string, signal: AbortSignal): Promise<Found[]> {
  if (!permitted.value.has("case.read")) return [];
  const { items } = await get("/s/v1/cases", { params: { query: { q, limit: MOST } }, signal });
  return items.map((each) => ({
    kind: "cases",
    name: each.title,
    more: `${each.no} · ${each.stage_text}`,
    to: `/cases/${each.no}`,
  }));
}

async function matters(q: string, signal: AbortSignal): Promise<Found[]> {
  const { items } = await get("/m/v1/matters", { params: { query: { q } }, signal });
  return items.slice(0, MOST).map((each) => ({
    kind: "matters",
    name: each.name,
    more: t.open.casesOf,
    to: casesOf({ matter: each.code }),
  }));
}

async function units(q: string, signal: AbortSignal): Promise<Found[]> {
  const { items } = await get("/m/v1/units", { params: { query: { q } }, signal });
  return items.slice(0, MOST).map(({ name }) => ({
    kind: "units",
    name,
    more: t.open.casesOf,
    to: casesOf({ unit: name }),
  }));
}

/** The county's places by name, read once: they change with a publication. */
let known: Promise<Place[]> | null = null;

interface Place {
  name: string;
  query: Record<string, string>;
}

async function placesOf(level: "township" | "village"): Promise<Place[]> {
  const asked = { params: { query: { level } }, open: true };
  const { features } = await get("/m/v1/public/places.geojson", asked);
  return features.map(({ properties: { name, code } }) => ({ name, query: { [level]: code } }));
}

async function readPlaces(): Promise<Place[]> {
  return (await Promise.all([placesOf("township"), placesOf("village")])).flat();
}

async function places(words: string): Promise<Found[]> {
  known ??= readPlaces();
  const all = await known.catch(() => {
    known = null;
    return [];
  });
  return all
    .filter(({ name }) => name.includes(words))
    .slice(0, MOST)
    .map(({ name, query }) => ({
      kind: "places",
      name,
      more: t.open.casesOf,
      to: casesOf(query),
    }));
}
