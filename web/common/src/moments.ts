/** Moments as people of the county read them. */
import { moment } from "./api";
import { words } from "./words";

/** The county's, whatever the zone of the phone. */
const ZONE = "Asia/Shanghai";
const DAY = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, month: "long", day: "numeric" });
const TIME = new Intl.DateTimeFormat("zh-CN", {
  timeZone: ZONE,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const NEAR = { "-1": "昨天", "0": "今天", "1": "明天" } as Record<string, string>;

/** The county is eight hours before Greenwich, in summer too. */
const AHEAD = 8 * 3_600_000;
/** The county's days since 1970. */
const days = (at: string): number => Math.floor((Date.parse(at) + AHEAD) / 86_400_000);

/** The day: 昨天, 今天, 明天 or “12月1日”; empty of none. */
export function day(at: string | null, now: string = moment()): string {
  return at ? (NEAR[days(at) - days(now)] ?? DAY.format(new Date(at))) : "";
}

/** The time alone: “09:05”; empty of none. */
export function time(at: string | null): string {
  return at ? TIME.format(new Date(at)) : "";
}

/** A moment as a field of date and time shows it, by the county's clock. */
export function toField(at: string): string {
  return new Date(Date.parse(at) + AHEAD).toISOString().slice(0, 16);
}

/** The moment that such a field says; NaN of an empty one. */
export function fromField(written: string): number {
  return written ? Date.parse(`${written}:00Z`) - AHEAD : NaN;
}

/** Day and time: “今天 18:00”, “12月1日 09:05”; empty of none. */
export function when(at: string | null, now: string = moment()): string {
  return at ? `${day(at, now)} ${time(at)}` : "";
}

/** That the clocks stand still, and until when; empty while they run. */
export function paused(until: string | null): string {
  return until ? words.clock.paused(day(until)) : "";
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
