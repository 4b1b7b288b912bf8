import process from "node:process";
import { delay } from "../../async/delay.ts";

/** Far longer than anything takes, also on a machine that is busy. */
const PATIENCE_MS = 30_000;

/** Tells a story on stdout, and holds it to the truth. */
export interface Teller {
  chapter(title: string): void;
  /** What happens in words, indented. */
  say(...lines: string[]): void;
  /** Who does what to whom. */
  show(who: string, what: string): void;
  /** Waits until it has happened, and says so. @throws {Error} if it doesn't happen */
  expect(what: string, happened: () => boolean | Promise<boolean>): Promise<void>;
}

/** @param patienceMs how long anything may take */
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
