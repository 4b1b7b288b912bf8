import process from "node:process";
import { delay } from "../../async/delay.ts";

/** Far longer than any step takes, even on a busy machine. */
const PATIENCE_MS = 30_000;

/** Writes the tour to stdout, and checks what it says. */
export interface Teller {
  chapter(title: string): void;
  /** Writes indented text. */
  say(...lines: string[]): void;
  /** Writes who does what. */
  show(who: string, what: string): void;
  /** Waits until `what` has happened, and writes it. @throws {Error} if it doesn't happen */
  expect(what: string, happened: () => boolean | Promise<boolean>): Promise<void>;
}

/** @param patienceMs the time limit of each step */
export function createTeller(
  write: (text: string) => void = (text) => void process.stdout.write(text),
  patienceMs: number = PATIENCE_MS,
): Teller {
  let chapters = 0;
  return {
    chapter: (title) => write(`\n${++chapters}. ${title}\n\n`),
    say: (...lines) => write(lines.map((line) => line ? `   ${line}\n` : "\n").join("")),
    show: (who, what) => write(`   ${who.padEnd(11)} ${what}\n`),
    async expect(what, happened) {
      const endsAt = performance.now() + patienceMs;
      while (!await happened()) {
        if (performance.now() > endsAt) throw new Error(`The demo went wrong: this didn't happen: ${what}`);
        await delay(10);
      }
      write(`   ok          ${what}\n`);
    },
  };
}
