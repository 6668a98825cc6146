/**
 * The county's streets, water, houses and names under its boundaries: drawn from one file of the
 * server's. A part of its own, which only a page with a map fetches.
 */
import L from "leaflet";
import { PMTiles } from "pmtiles";
import {
  CenteredTextSymbolizer,
  GeomType,
  leafletLayer,
  LineLabelSymbolizer,
  LineSymbolizer,
  PmtilesSource,
  PolygonSymbolizer,
  TileCache,
  type Feature,
  type LabelRule,
  type PaintRule,
} from "protomaps-leaflet";
import { KeptRanges } from "./keptRanges";

/** The largest zoom in the file; what is larger is drawn from it. */
const LAST_ZOOM = 14;
/** Units of a tile, in which names lie. */
const EXTENT = 4096;
/** Farther away nothing is said to be near. */
const NEAR = 300;
const EARTH = 40_075_016.686;

export interface Near {
  name: string;
  metres: number;
}
export interface BaseMap {
  layer: L.Layer;
  /** The nearest thing with a name, by the tiles that are there. */
  nearest(lon: number, lat: number): Promise<Near | null>;
}

/** How the things of the map are coloured: the page's own properties, so that they follow it. */
function coloursOf(holder: HTMLElement): (name: string) => string {
  const style = getComputedStyle(holder);
  return (name) => style.getPropertyValue(`--map-${name}`).trim() || "#888";
}

export function baseMap(file: string, holder: HTMLElement): BaseMap {
  // The drawing library takes Leaflet from the window, as a page without a bundler has it.
  (globalThis as { L?: typeof L }).L = L;
  const archive = new PMTiles(new KeptRanges(file));
  const colour = coloursOf(holder);
  const layer = leafletLayer({
    url: archive,
    maxDataZoom: LAST_ZOOM,
    attribution: "",
    lang: "zh-CN",
    paintRules: painted(colour),
    labelRules: labelled(colour, getComputedStyle(holder).fontFamily),
  });
  const tiles = new TileCache(new PmtilesSource(archive, false), EXTENT);
  return {
    layer: layer as unknown as L.Layer,
    nearest: (lon, lat) => nearest(tiles, lon, lat),
  };
}

/** What a thing says of itself; in this file all of it is text. */
function said(props: Feature["props"], key: string): string {
  const value = props[key];
  return typeof value === "string" ? value : "";
}

const is =
  (...kinds: string[]) =>
  (_zoom: number, { props }: Feature): boolean =>
    kinds.includes(said(props, "kind"));
const stops =
  (...of: [number, number][]) =>
  (zoom: number): number => {
    let width = 0;
    for (const [from, value] of of) if (zoom >= from) width = value;
    return width;
  };

/** What is painted, from below. */
function painted(colour: (name: string) => string): PaintRule[] {
  const area = (kind: string, fill: string): PaintRule => ({
    dataLayer: "areas",
    symbolizer: new PolygonSymbolizer({ fill: colour(fill) }),
    filter: is(kind),
  });
  const road = (kind: string, minzoom: number, name: string, width: (zoom: number) => number) => ({
    dataLayer: "roads",
    symbolizer: new LineSymbolizer({
      color: colour(name),
      width,
      lineCap: "round",
      lineJoin: "round",
    }),
    minzoom,
    filter: is(kind),
  });
  const wide = stops([8, 1.5], [12, 2.5], [14, 5], [15, 8], [16, 11], [17, 15]);
  const narrow = stops([13, 1.5], [14, 2.5], [15, 5], [16, 8], [17, 11]);
  return [
    area("estate", "estate"),
    area("green", "green"),
    {
      dataLayer: "water",
      symbolizer: new PolygonSymbolizer({ fill: colour("water") }),
      filter: (_zoom, { geomType }) => geomType === GeomType.Polygon,
    },
    {
      dataLayer: "water",
      symbolizer: new LineSymbolizer({
        color: colour("water"),
        width: stops([8, 1], [13, 2], [16, 4]),
      }),
      filter: (_zoom, { geomType }) => geomType === GeomType.Line,
    },
    {
      dataLayer: "buildings",
      symbolizer: new PolygonSymbolizer({
        fill: colour("building"),
        stroke: colour("building-edge"),
        width: 0.7,
      }),
      minzoom: 15,
    },
    road("path", 15, "path", stops([15, 1.2], [17, 2.5])),
    road("street", 14, "edge", (zoom) => narrow(zoom) + 1.5),
    road("main", 13, "edge", (zoom) => wide(zoom) + 2),
    road("street", 13, "street", narrow),
    road("main", 8, "main", wide),
  ];
}

/** What is written, the more important first; nothing but main roads before zoom 14. */
function labelled(colour: (name: string) => string, fontFamily: string): LabelRule[] {
  const text = (fontSize: number, fontWeight: number, labelProps = ["name"]) => ({
    labelProps,
    fontFamily,
    fontSize,
    fontWeight,
    fill: colour("ink"),
    stroke: colour("halo"),
    width: 2,
  });
  const place = (
    kind: string,
    minzoom: number,
    size: number,
    weight: number,
    props?: string[],
  ): LabelRule => ({
    dataLayer: "places",
    symbolizer: new CenteredTextSymbolizer({ ...text(size, weight, props), lineHeight: 1.2 }),
    minzoom,
    filter: is(kind),
  });
  const along = (kind: string, minzoom: number): LabelRule => ({
    dataLayer: "roads",
    symbolizer: new LineLabelSymbolizer({ ...text(11, 400), repeatDistance: 250 }),
    minzoom,
    filter: is(kind),
  });
  return [
    place("settlement", 14, 13, 600),
    place("estate", 14, 12, 600),
    along("main", 13),
    along("street", 15),
    {
      dataLayer: "water",
      symbolizer: new CenteredTextSymbolizer({ ...text(12, 400), fill: colour("water-ink") }),
      minzoom: 14,
      filter: (_zoom, { geomType }) => geomType === GeomType.Polygon,
    },
    place("point", 16, 11, 400),
    place("number", 17, 10, 400, ["short", "name"]),
  ];
}

async function nearest(tiles: TileCache, lon: number, lat: number): Promise<Near | null> {
  const scale = EXTENT * 2 ** LAST_ZOOM;
  const phi = (lat * Math.PI) / 180;
  const x = ((lon + 180) / 360) * scale;
  const y = (0.5 - Math.log(Math.tan(Math.PI / 4 + phi / 2)) / (2 * Math.PI)) * scale;
  const metres = (EARTH * Math.cos(phi)) / scale;
  const known: Near[] = [];
  for (const column of across(x, NEAR / metres))
    for (const row of across(y, NEAR / metres)) {
      const held = await tiles.get({ z: LAST_ZOOM, x: column, y: row });
      for (const { props, bbox } of held.get("places") ?? []) {
        const [east, south] = [column * EXTENT + bbox.minX - x, row * EXTENT + bbox.minY - y];
        known.push({ name: said(props, "name"), metres: Math.hypot(east, south) * metres });
      }
    }
  known.sort((one, other) => one.metres - other.metres);
  const first = known[0];
  return first && first.metres <= NEAR ? first : null;
}

/** The tiles that lie within reach of a place, along one axis. */
function across(at: number, reach: number): number[] {
  const first = Math.floor((at - reach) / EXTENT);
  const last = Math.floor((at + reach) / EXTENT);
  return Array.from({ length: last - first + 1 }, (_each, n) => first + n);
}
