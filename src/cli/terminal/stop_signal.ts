import process from "node:process";

const NUMBERS: Record<string, number> = { SIGINT: 2, SIGTERM: 15, SIGBREAK: 21 };

// ^C in a shell reaches this process from the terminal, and again from npm or tsx, which forward it.
const ECHO_MS = 500;

/**
 * Resolves with the first signal to stop; a second one ends the process at once, with exit code 128 plus its number.
 */
export function waitForStopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let stoppedAt: number | undefined;
    const receive = (signal: string) => {
      if (stoppedAt === undefined) {
        stoppedAt = performance.now();
        resolve(signal);
      } else if (performance.now() - stoppedAt > ECHO_MS) {
        process.exit(128 + NUMBERS[signal]!);
      }
    };
    for (const signal of process.platform === "win32" ? ["SIGINT", "SIGTERM", "SIGBREAK"] : ["SIGINT", "SIGTERM"]) {
      try {
        process.on(signal as NodeJS.Signals, () => receive(signal));
      } catch {
        // Deno on Windows has no SIGTERM; the others still work.
      }
    }
  });
}
