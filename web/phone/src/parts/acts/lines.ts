/** What was written in lines, each by itself; without the empty ones. */
export function lines(written: string): string[] {
  return written
    .split("\n")
    .map((line) => line.trim().slice(0, 100))
    .filter(Boolean)
    .slice(0, 20);
}
