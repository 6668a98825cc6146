/** Moments as people of the county read them. */
import { moment } from "./api";

const SHORT = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});

export function when(at: string | null): string {
  return at ? SHORT.format(new Date(at)) : "";
}

export function over(at: string | null): boolean {
  return at !== null && Date.parse(at) < Date.parse(moment());
}

/** How long until then, in its two largest units; empty once it is over. */
export function left(at: string | null, now: string = moment()): string {
  const minutes = at ? Math.floor((Date.parse(at) - Date.parse(now)) / 60_000) : 0;
  if (minutes <= 0) return "";
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days) return `${days} 天${hours ? ` ${hours} 小时` : ""}`;
  return hours ? `${hours} 小时 ${minutes % 60} 分钟` : `${minutes} 分钟`;
}
