/** The rows of a sheet that was not taken, as its own office sees them. */
export interface RefusedRow {
  sheet: string;
  row: number | null;
  column: string | null;
  code: string;
  reason: string;
  /** What stands in the row, by heading. */
  cells?: Record<string, string>;
  /** Headings that nobody has explained. */
  headings?: string[];
}

/** The rows that a refusal names; none where it is about something else. */
export const rowsOf = (refusal: unknown): RefusedRow[] =>
  (refusal as { facts?: { rows?: RefusedRow[] } }).facts?.rows ?? [];

export interface MarkedRow {
  row: number;
  cells: Record<string, string>;
  /** What is wrong, by heading. */
  faults: Record<string, string[]>;
}

/** Rows with their faults at their cells, in the order of the sheet. */
export function marked(rows: readonly RefusedRow[]): MarkedRow[] {
  const found = new Map<number, MarkedRow>();
  for (const { row, column, reason, cells } of rows) {
    if (row === null || !cells) continue;
    const one = found.get(row) ?? { row, cells: { ...cells }, faults: {} };
    const at = column ?? "";
    one.cells[at] ??= "";
    (one.faults[at] ??= []).push(reason);
    found.set(row, one);
  }
  return [...found.values()].sort((a, b) => a.row - b.row);
}

/** The headings of all rows: those of the sheet, then those it lacks. */
export const headingsOf = (rows: readonly MarkedRow[]): string[] => [
  ...new Set(rows.flatMap(({ cells }) => Object.keys(cells))),
];
