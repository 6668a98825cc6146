/** A sheet that was not taken, as its own office sees it, with what is wrong at its cells. */
export interface RefusedRow {
  sheet: string;
  row: number | null;
  column: string | null;
  code: string;
  reason: string;
  /** The row among all of the list, and the column from 0, null where the sheet has none. */
  line?: number;
  at?: number | null;
  /** Headings that nobody has explained. */
  headings?: string[];
  /** What stands below each of them. */
  samples?: Record<string, string[]>;
}

export interface SheetRow {
  line: number;
  sheet: string;
  row: number;
  header: boolean;
  cells: string[];
}

export interface Refusal {
  rows: RefusedRow[];
  nFaults: number;
  /** The sheet, or as much of it as was sent. */
  sheet: SheetRow[];
  nRows: number;
}

/** What a refusal says of a sheet; without rows where it is about something else. */
export function refusalOf(refusal: unknown): Refusal {
  interface Facts {
    rows?: RefusedRow[];
    n_faults?: number;
    table?: { n_rows: number; rows: SheetRow[] };
  }
  const facts = (refusal as { facts?: Facts }).facts ?? {};
  const { rows = [], n_faults = rows.length, table } = facts;
  return { rows, nFaults: n_faults, sheet: table?.rows ?? [], nRows: table?.n_rows ?? 0 };
}

export interface MarkedRow extends SheetRow {
  /** What is wrong, by column; of a column that the sheet lacks, at -1. */
  faults: Record<number, string[]>;
  /** Rows before it were not sent. */
  gap: boolean;
}

/** The rows of the sheet with their faults at their cells. */
export function marked({ rows, sheet }: Refusal): MarkedRow[] {
  const faults = new Map<number, Record<number, string[]>>();
  for (const { line, at, column, reason } of rows) {
    if (line === undefined) continue;
    const of = faults.get(line) ?? {};
    const said = typeof at === "number" || !column ? reason : `${column}：${reason}`;
    (of[at ?? -1] ??= []).push(said);
    faults.set(line, of);
  }
  return sheet.map((each, n) => ({
    ...each,
    faults: faults.get(each.line) ?? {},
    gap: each.line !== (sheet[n - 1]?.line ?? 0) + 1,
  }));
}

/** What a spreadsheet calls a column that is counted from 0: A, Z, AA. */
export function letters(at: number): string {
  const before = Math.floor(at / 26);
  return (before ? letters(before - 1) : "") + String.fromCharCode(65 + (at % 26));
}
