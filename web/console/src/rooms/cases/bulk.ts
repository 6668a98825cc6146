/** One act on many cases, one after another: what came of each, and a way to stop. */
import { sentence } from "@gridwhistle/common/api";

export interface Outcome {
  done: string[];
  /** Why not, by number. */
  failed: { no: string; why: string }[];
  /** Not tried any more: it was stopped. */
  left: string[];
}

export async function each(
  nos: readonly string[],
  act: (no: string) => Promise<unknown>,
  { told, signal }: { told: (n: number) => void; signal: AbortSignal },
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
      found.failed.push({ no, why: sentence(error) });
    }
    told(n + 1);
  }
  return found;
}
