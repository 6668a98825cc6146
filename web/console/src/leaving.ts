/** What a page still has to say before somebody goes: it is closed, or they sign out. */

/** `closing` where there is no time to wait for an answer; answers whether it was taken. */
export type Last = (closing: boolean) => Promise<boolean>;
const all = new Set<Last>();

/** Have something said before anybody goes; what is answered takes it off again. */
export function beforeLeaving(last: Last): () => void {
  all.add(last);
  return () => void all.delete(last);
}

/** Say all of it; whether nothing was refused. */
export async function sayAll(closing = false): Promise<boolean> {
  return (await Promise.all([...all].map((last) => last(closing)))).every(Boolean);
}

addEventListener("pagehide", () => void sayAll(true));
