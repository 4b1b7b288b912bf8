import fs from "node:fs";
import { platform } from "node:os";
import { delay } from "../async/delay.ts";

const RETRY_MS = 20;
const PATIENCE_MS = 5_000;

/**
 * Renames a file over another. Windows refuses that while somebody has the other one open, such as a reader or a virus
 * scanner; it is tried again there for 5 s.
 *
 * @throws {Error} if it can't be renamed
 */
export async function renameOver(from: string, to: string, isWindows: boolean = platform() === "win32"): Promise<void> {
  const endAt = performance.now() + PATIENCE_MS;
  while (true) {
    try {
      return fs.renameSync(from, to);
    } catch (error) {
      const isHeld = ["EPERM", "EACCES", "EBUSY"].includes((error as NodeJS.ErrnoException).code ?? "");
      if (!isWindows || !isHeld || performance.now() >= endAt) throw error;
    }
    await delay(RETRY_MS);
  }
}
