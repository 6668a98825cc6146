/** Photos of a case by what each shows, in the order in which that happens: round by round. */
import type { Purpose } from "@gridwhistle/common/openapi";

const NAMES: Record<Purpose, string> = {
  before: "上报时",
  verify: "现场核实",
  during: "处置中",
  after: "处理后",
  check: "复核时",
};
const PURPOSES = Object.keys(NAMES) as Purpose[];

interface Shown {
  purpose: Purpose;
  cycle: number;
}

export interface PhotoGroup<P> {
  purpose: Purpose;
  cycle: number;
  label: string;
  photos: P[];
}

type Moment = Pick<Shown, "purpose" | "cycle">;

/** How two moments of a case follow each other: negative where the first comes first. */
export function inOrder(one: Moment, other: Moment): number {
  return (
    one.cycle - other.cycle || PURPOSES.indexOf(one.purpose) - PURPOSES.indexOf(other.purpose)
  );
}

/** A round is named where there was more than one of that kind. */
export function photoGroups<P extends Shown>(photos: readonly P[]): PhotoGroup<P>[] {
  const groups = PURPOSES.flatMap((purpose) => {
    const of = photos.filter((each) => each.purpose === purpose);
    const cycles = [...new Set(of.map((each) => each.cycle))];
    return cycles.map((cycle) => ({
      purpose,
      cycle,
      label: NAMES[purpose] + (cycles.length > 1 ? `（第 ${cycle} 轮）` : ""),
      photos: of.filter((each) => each.cycle === cycle),
    }));
  });
  return groups.sort(inOrder);
}
