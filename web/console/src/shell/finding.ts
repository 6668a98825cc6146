/** What `Ctrl K` finds for some words: rooms, cases, persons, matters, units, places. */
import { get } from "@gridwhistle/common/api";
import { permitted, session } from "@gridwhistle/common/session";
import { readAll } from "../reading";
import { shownTo, start } from "../rooms";
import { t } from "../texts";

export interface Found {
  kind: "rooms" | "cases" | "persons" | "matters" | "units" | "places";
  name: string;
  more: string;
  to: string | { path: string; query: Record<string, string> };
}

const MOST = 6;
const casesOf = (query: Record<string, string>): Found["to"] => ({ path: "/cases", query });

export async function find(words: string, signal: AbortSignal): Promise<Found[]> {
  const asked = [rooms, cases, persons, matters, units, places].map((each) =>
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

/** Where what has no page of its own leads: to its cases, else to the lists; nowhere else. */
function leading(
  ofCases: Record<string, string>,
  inLists: Record<string, string> | null,
): Pick<Found, "more" | "to"> | null {
  if (permitted.value.has("case.read")) return { more: t.open.casesOf, to: casesOf(ofCases) };
  if (!inLists || !permitted.value.has("list.read")) return null;
  return { more: t.open.inLists, to: { path: "/lists", query: inLists } };
}

async function matters(q: string, signal: AbortSignal): Promise<Found[]> {
  const { items } = await get("/m/v1/matters", { params: { query: { q } }, signal });
  return items.slice(0, MOST).flatMap(({ code, name }) => {
    const way = leading({ matter: code }, { q: code });
    return way ? [{ kind: "matters" as const, name, ...way }] : [];
  });
}

async function units(q: string, signal: AbortSignal): Promise<Found[]> {
  const { items } = await get("/m/v1/units", { params: { query: { q } }, signal });
  return items.slice(0, MOST).flatMap(({ name }) => {
    const way = leading({ unit: name }, { unit: name });
    return way ? [{ kind: "units" as const, name, ...way }] : [];
  });
}

/** People by name: all for who keeps the accounts, for a head those of the own unit. */
async function persons(q: string, signal: AbortSignal): Promise<Found[]> {
  const person = (name: string, more: string, unit: string | undefined): Found => ({
    ...{ kind: "persons", name, more, to: unit ? `/people/${unit}` : "/people" },
  });
  if (permitted.value.has("account.manage")) {
    const query = { q, limit: MOST };
    const { items } = await get("/s/v1/accounts", { params: { query }, signal });
    return items.map(({ name, unit }) => person(name, unit?.name ?? "", unit?.id));
  }
  const own = session.value?.me.unit;
  if (!own || !permitted.value.has("leave.manage")) return [];
  const staff = await readAll("/s/v1/leaves", { params: { query: { unit: own.id } } }, signal);
  const named = staff.filter(({ name }) => name.includes(q)).slice(0, MOST);
  return named.map(({ name }) => person(name, own.name, own.id));
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
  if (!permitted.value.has("case.read")) return [];
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
