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
