import process from "node:process";
import { cutText } from "./table.ts";
import { createProgress } from "./progress.ts";

/** How far a command has come, on stderr: one line that is replaced on a terminal, a line now and then elsewhere. */
export interface ProgressLine {
  show(text: string): void;
  /** Takes the line away, before something else is written. */
  clear(): void;
}

const TERMINAL_MS = 100;
const ELSEWHERE_MS = 10_000;

export function createProgressLine(
  stream: Pick<NodeJS.WriteStream, "isTTY" | "columns" | "write"> = process.stderr,
): ProgressLine {
  if (!stream.isTTY) {
    return { show: createProgress((text) => stream.write(`${text}\n`), ELSEWHERE_MS), clear: () => {} };
  }
  let isShown = false;
  return {
    show: createProgress((text) => {
      isShown = true;
      stream.write(`\r${cutText(text, (stream.columns || 80) - 1)}\x1b[K`);
    }, TERMINAL_MS),
    clear() {
      if (isShown) stream.write("\r\x1b[K");
      isShown = false;
    },
  };
}
