/** One act on many cases, one after another: what came of each, and a way to stop. */
export interface Outcome {
  done: string[];
  /** Why not, by number. */
  failed: { no: string; why: string }[];
  /** Not tried any more: it was stopped. */
  left: string[];
}

interface How {
  told: (n: number) => void;
  /** The sentence for what went wrong. */
  why: (error: unknown) => string;
  signal: AbortSignal;
}

export async function each(
  nos: readonly string[],
  act: (no: string) => Promise<unknown>,
  { told, why, signal }: How,
): Promise<Outcome> {
  const found: Outcome = { done: [], failed: [], left: [] };
  for (const [n, no] of nos.entries()) {
    if (signal.aborted) {
      found.left = nos.slice(n);
      break;
    }
    try {
      await act(no);
      found.done.push(no);
    } catch (error) {
      found.failed.push({ no, why: why(error) });
    }
    told(n + 1);
  }
  return found;
}
