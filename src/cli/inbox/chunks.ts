import process from "node:process";
import { delay } from "../../async/delay.ts";

const TELL_MS = 1000;

/**
 * Runs `chunk` until it says that it was the last, and tells how far it has come once a second. Between two chunks
 * it rests as long as one took, so that a `serve` on the same file gets its turn.
 *
 * @param chunk does a part, and returns how many are done so far, and whether that was all
 */
export async function inChunks(
  chunk: () => Promise<{ readonly text: string; readonly isLast: boolean }>,
  tell: (text: string) => unknown = (text) => process.stderr.write(`${text}\n`),
  tellMs = TELL_MS,
): Promise<void> {
  let toldAt = performance.now();
  for (;;) {
    const before = performance.now();
    const { text, isLast } = await chunk();
    if (isLast) return;
    if (performance.now() - toldAt >= tellMs) {
      toldAt = performance.now();
      tell(text);
    }
    await delay(Math.max(performance.now() - before, 10));
  }
}
