/**
 * What waits on this phone to be sent: reports, acts on foot and their photos, in IndexedDB;
 * survives everything but uninstalling.
 */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { ReportForm } from "@gridwhistle/common/openapi";
import type { Fix } from "../device/position";

export type Kind = ReportForm["kind"];
export type State = "editing" | "waiting" | "sending" | "delivered" | "refused";

/**
 * A photo of a report: its bytes lie in the store of photos; `sent` is the id that the server gave
 * it.
 */
export interface Shot {
  id: string;
  sent?: string;
}

/** Something done on foot about a case: what is asked of the server, but for its photos. */
export interface Act {
  path: string;
  body: Record<string, unknown>;
  /** Photos, by the field of the body that is for them. */
  shots: Record<string, Shot[]>;
  /** What the queue calls it. */
  what: string;
  /** The form that it was written in, and the page where that stands. */
  form: string;
  page: string;
  /** What else the form held, by the names that it is kept under; early ones have none. */
  fields?: Record<string, unknown>;
}

/** What both have that wait to be sent; `id` makes each unique for ever. */
interface Waiting {
  id: string;
  owner: string;
  state: State;
  order: number;
  text: string;
  refusal?: { status: number; code: string; title: string };
  /** Why it waits, in a sentence; empty before the first try. */
  trouble?: string;
  tries: number;
}

/** A report on its way. */
export interface Report extends Waiting {
  kind: Kind;
  matter: string;
  matterName: string;
  address: string;
  anonymous: boolean;
  /** By which way it comes; what an earlier page kept does not say. */
  channel?: "patrol" | "wechat";
  fix: Fix | null;
  capturedAt: string;
  /** Whose clock `capturedAt` is by; the phone's own is set right before sending. */
  clock?: "phone" | "server";
  shots: Shot[];
  /** Settled already, where one may: how, with photos after. */
  handled?: { result: string; shots: Shot[] };
  /** A complaint about a unit: at most one, by name; none yet while it is looked for. */
  about?: string[];
  /** Whether the list lets the chosen matter be settled on the spot; not told of every one. */
  settles?: boolean;
  /** It was cleared away, and may still be brought back. */
  cleared?: boolean;
  no?: string;
  /** Who answers and by when; while nobody does, why, in sentences. */
  unit?: string;
  due?: string;
  why?: string[];
}

/** An act on foot on its way; its `text` are the words of its form. */
export interface Deed extends Waiting {
  kind: "act";
  act: Act;
}

export type Draft = Report | Deed;

interface Schema extends DBSchema {
  drafts: { key: string; value: Draft };
  photos: { key: string; value: { id: string; blob: Blob } };
}

let opening: Promise<IDBPDatabase<Schema>> | null = null;

/**
 * Nothing where the browser opens no store, as some do in private windows: asked again every time.
 */
async function database(): Promise<IDBPDatabase<Schema> | undefined> {
  try {
    opening ??= openDB<Schema>("gridwhistle", 1, {
      upgrade(db) {
        db.createObjectStore("drafts", { keyPath: "id" });
        db.createObjectStore("photos", { keyPath: "id" });
      },
      terminated() {
        opening = null;
      },
    });
    return await opening;
  } catch {
    opening = null;
    return undefined;
  }
}

/**
 * The phone has no room left, or no store: what could not be written stays in memory as long as
 * the page is open.
 */
export class StorageFull extends Error {}

const draftsInMemory = new Map<string, Draft>();
const photosInMemory = new Map<string, Blob>();

async function writing(work: (db: IDBPDatabase<Schema>) => Promise<unknown>): Promise<void> {
  const db = await database();
  if (!db) throw new StorageFull();
  try {
    await work(db);
  } catch (error) {
    if (error instanceof DOMException && error.name === "QuotaExceededError")
      throw new StorageFull();
    throw error;
  }
}

/** What was put there by an earlier version of the page was one kind for both. */
function asNow(stored: Draft): Draft {
  return "act" in stored ? { ...stored, kind: "act" } : stored;
}

export async function drafts(owner: string): Promise<Draft[]> {
  const stored = ((await (await database())?.getAll("drafts")) ?? []).map(asNow);
  const all = [
    ...stored.filter((each) => !draftsInMemory.has(each.id)),
    ...draftsInMemory.values(),
  ];
  return all.filter((each) => each.owner === owner).sort((a, b) => a.order - b.order);
}

export async function draft(id: string): Promise<Draft | undefined> {
  const found = draftsInMemory.get(id) ?? (await (await database())?.get("drafts", id));
  return found && asNow(found);
}

/** Raises StorageFull when it is kept in memory only. */
export async function save(changed: Draft): Promise<void> {
  // A plain copy: a reactive one cannot be stored.
  const plain = JSON.parse(JSON.stringify(changed)) as Draft;
  draftsInMemory.set(plain.id, plain);
  await writing((db) => db.put("drafts", plain));
  draftsInMemory.delete(plain.id);
}

/** Raises StorageFull when it is kept in memory only. */
export async function savePhoto(id: string, blob: Blob): Promise<void> {
  photosInMemory.set(id, blob);
  await writing((db) => db.put("photos", { id, blob }));
  photosInMemory.delete(id);
}

export async function photo(id: string): Promise<Blob | undefined> {
  return photosInMemory.get(id) ?? (await (await database())?.get("photos", id))?.blob;
}

export function shotsOf(each: Draft): Shot[] {
  if (each.kind === "act") return Object.values(each.act.shots).flat();
  return [...each.shots, ...(each.handled?.shots ?? [])];
}

/** Remove a report or act with its photos. */
export async function remove(gone: Draft): Promise<void> {
  draftsInMemory.delete(gone.id);
  for (const shot of shotsOf(gone)) photosInMemory.delete(shot.id);
  const db = await database();
  if (!db) return;
  const work = db.transaction(["drafts", "photos"], "readwrite");
  await Promise.all([
    ...shotsOf(gone).map((shot) => work.objectStore("photos").delete(shot.id)),
    work.objectStore("drafts").delete(gone.id),
    work.done,
  ]);
}

export async function removePhoto(id: string): Promise<void> {
  photosInMemory.delete(id);
  await (await database())?.delete("photos", id);
}
