import { delay } from "../../async/delay.ts";
import { createProgress } from "../terminal/progress.ts";

/**
 * Runs `chunk` until it says that it was the last, and writes the progress once a second. Between two chunks it rests as
 * long as one took, so that a `serve` on the same file gets its turn.
 *
 * @param chunk processes a part; returns how far it has come, in words, and whether that was all
 */
export async function inChunks(
  chunk: () => Promise<{ readonly text: string; readonly isLast: boolean }>,
  progress = createProgress(),
): Promise<void> {
  for (;;) {
    const before = performance.now();
    const { text, isLast } = await chunk();
    if (isLast) return;
    progress(text);
    await delay(Math.max(performance.now() - before, 10));
  }
}
