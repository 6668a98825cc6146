/** To a place by the phone's own map: each app's link, in the datum that it takes. */
import { gcj02FromWgs84 } from "@gridwhistle/common/maps/datum";

/** A place of ours, in WGS-84, and what it is called there. */
export interface Goal {
  lon: number;
  lat: number;
  name: string;
}

export interface Way {
  app: "amap" | "baidu" | "tencent" | "geo";
  href: string;
}

/** To some ten centimetres: more is not known. */
const places = (degrees: number): string => degrees.toFixed(6);

/** Chinese maps take GCJ-02, and shift by some 500 m what is given to them as anything else. */
export function waysTo({ lon, lat, name }: Goal, agent: string = navigator.userAgent): Way[] {
  const [x, y] = gcj02FromWgs84([lon, lat]).map(places) as [string, string];
  // Within a marker's fields a colon or semicolon would begin the next.
  const called = encodeURIComponent(name.replace(/[:;|&]/g, " ").slice(0, 60));
  const ways: Way[] = [
    {
      app: "amap",
      href: `https://uri.amap.com/marker?position=${x},${y}&name=${called}&src=gridwhistle&callnative=1`,
    },
    {
      app: "baidu",
      href:
        `https://api.map.baidu.com/marker?location=${y},${x}&title=${called}&content=${called}` +
        "&coord_type=gcj02&output=html&src=gridwhistle",
    },
    {
      app: "tencent",
      href: `https://apis.map.qq.com/uri/v1/marker?marker=coord:${y},${x};title:${called};addr:${called}&referer=gridwhistle`,
    },
  ];
  // Android's own link is in WGS-84, and whichever app takes it turns it as it must.
  if (/Android/i.test(agent)) {
    const at = `${places(lat)},${places(lon)}`;
    ways.push({ app: "geo", href: `geo:${at}?q=${at}(${called})` });
  }
  return ways;
}
