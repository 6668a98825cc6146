/** Days of the working calendar as an office writes them, a line each. */
import type { DayForm } from "@gridwhistle/common/openapi";
import { words } from "./words";

const LINE = /^(\d{4}-\d\d-\d\d)[\s,，]+(上班|放假)(?:[\s,，]+(\S.{0,39}))?$/;

/** The days; or of the first line that says none, a sentence. */
export function daysOf(written: string): DayForm[] | string {
  const days: DayForm[] = [];
  for (const [n, line] of written.split("\n").entries()) {
    if (!line.trim()) continue;
    const [, day, how, name] = LINE.exec(line.trim()) ?? [];
    if (!day || Number.isNaN(Date.parse(day))) return words.badLine(n + 1, line.trim());
    days.push({ day, is_work: how === words.work, ...(name && { name }) });
  }
  return days;
}
