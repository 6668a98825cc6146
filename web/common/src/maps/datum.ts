/**
 * Between GCJ-02, as Chinese maps and WeChat give it, and WGS-84, in degrees. For showing a point
 * on
 * our own map only: what is sent to the server keeps its datum as declared. The formula is the one
 * that is publicly known (Krasovsky 1940 ellipsoid); the inverse steps to below a millimetre.
 */
export type Point = readonly [lon: number, lat: number];

const A = 6378245.0;
const EE = 0.00669342162296594323;

export function gcj02FromWgs84([lon, lat]: Point): Point {
  const [x, y] = [lon - 105, lat - 35];
  const s = (v: number) => Math.sin(v * Math.PI);
  let dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x));
  dLat += ((20 * s(6 * x) + 20 * s(2 * x)) * 2) / 3;
  dLat += ((20 * s(y) + 40 * s(y / 3)) * 2) / 3;
  dLat += ((160 * s(y / 12) + 320 * s(y / 30)) * 2) / 3;
  let dLon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x));
  dLon += ((20 * s(6 * x) + 20 * s(2 * x)) * 2) / 3;
  dLon += ((20 * s(x) + 40 * s(x / 3)) * 2) / 3;
  dLon += ((150 * s(x / 12) + 300 * s(x / 30)) * 2) / 3;
  const phi = (lat / 180) * Math.PI;
  const magic = 1 - EE * Math.sin(phi) ** 2;
  dLat = (dLat * 180) / (((A * (1 - EE)) / (magic * Math.sqrt(magic))) * Math.PI);
  dLon = (dLon * 180) / ((A / Math.sqrt(magic)) * Math.cos(phi) * Math.PI);
  return [lon + dLon, lat + dLat];
}

export function wgs84FromGcj02(point: Point): Point {
  let found: Point = point;
  for (let step = 0; step < 6; step += 1) {
    const there = gcj02FromWgs84(found);
    found = [found[0] + point[0] - there[0], found[1] + point[1] - there[1]];
  }
  return found;
}
