/**
 * The base map's file as it is asked for, piece by piece: each piece once, then kept on the
 * phone, so that streets once seen are there without a network. (A service worker may keep no
 * answer of a part; a page may keep what was in it.)
 */
import type { RangeResponse, Source } from "pmtiles";
import { piece } from "../api";
import { lacking } from "../lacking";

const PREFIX = "basemap:";

export class KeptRanges implements Source {
  private readonly kept: Promise<Cache | undefined>;

  constructor(private readonly file: string) {
    this.kept = opened(PREFIX + file).catch(() => undefined);
  }

  getKey(): string {
    return this.file;
  }

  async getBytes(offset: number, length: number, signal?: AbortSignal): Promise<RangeResponse> {
    const kept = await this.kept;
    const name = `${this.file}?from=${offset}&length=${length}`;
    const found = await kept?.match(name);
    if (found) return { data: await found.arrayBuffer() };
    const data = await piece(this.file, offset, length, signal);
    kept?.put(name, new Response(data)).catch(() => undefined);
    return { data };
  }
}

/** The cache of one file, whose name is its content's; those of earlier ones are given up. */
async function opened(name: string): Promise<Cache | undefined> {
  const caches = lacking.caches;
  if (!caches) return undefined;
  for (const each of await caches.keys())
    if (each.startsWith(PREFIX) && each !== name) await caches.delete(each);
  return caches.open(name);
}
