/** Deadlines as people say them, and how pressing they are. */
import { left, over, when } from "@gridwhistle/common/moments";
import type { CaseCard } from "@gridwhistle/common/openapi";

/** “今天 18:00 前”, or by how long it is late; empty of none. */
export function until(at: string | null, now: string): string {
  if (!at) return "";
  return over(at) ? `超期 ${left(now, at) || "不到 1 分钟"}` : `${when(at, now)} 前`;
}

/** By when a case has to be brought on; of a suspended one only what was missed before. */
export const dueBy = (row: CaseCard): string | null =>
  row.due_at ?? (row.suspended_until ? null : row.stage_due_at);

const SOON = 4 * 3_600_000;

export function pressing(at: string | null, now: string): "late" | "soon" | "" {
  if (!at) return "";
  if (over(at)) return "late";
  return Date.parse(at) - Date.parse(now) < SOON ? "soon" : "";
}
