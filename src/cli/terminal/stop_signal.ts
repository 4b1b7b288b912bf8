import process from "node:process";

const NUMBERS: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15, SIGBREAK: 21 };

/**
 * On Windows, SIGINT is ^C, SIGBREAK ^Break, SIGHUP a console window that is closed (Windows then ends the process after a
 * few seconds); nothing sends SIGTERM.
 */
const SIGNALS: readonly NodeJS.Signals[] = process.platform === "win32"
  ? ["SIGINT", "SIGBREAK", "SIGHUP"]
  : ["SIGINT", "SIGTERM"];

/** The same as SIGTERM from a parent with a channel to this process, as Node's `fork` makes it: PM2 sends it, too. */
const STOP_MESSAGE = "shutdown";

/** How often to look whether npm's shell has gone. */
const PARENT_POLL_MS = 500;

// ^C in a shell reaches this process from the terminal, and again from npm or tsx, which forward it.
const ECHO_MS = 500;

/**
 * Resolves with the first signal to stop, or the message that stands for one; a second one ends the process at once, with exit code 128 plus its number.
 */
export function waitForStopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let stoppedAt: number | undefined;
    const receive = (signal: string) => {
      if (stoppedAt === undefined) {
        stoppedAt = performance.now();
        resolve(signal);
      } else if (performance.now() - stoppedAt > ECHO_MS) {
        process.exit(128 + (NUMBERS[signal] ?? NUMBERS.SIGTERM!));
      }
    };
    for (const signal of SIGNALS) {
      try {
        process.on(signal, () => receive(signal));
      } catch {
        // A runtime that doesn't know this one; the others still work.
      }
    }
    onShellGone(() => receive("SIGTERM"));
    if (process.connected) {
      process.on("message", (message) => {
        if (message === STOP_MESSAGE) receive(STOP_MESSAGE);
      });
    }
  });
}

/**
 * npm runs a script in a shell, and passes SIGTERM on to that alone: the shell ends, and this process would stay behind.
 */
function onShellGone(stop: () => void): void {
  if (!isRunByNpm()) return;
  const { ppid } = process;
  const timer = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(timer);
    stop();
  }, PARENT_POLL_MS);
  timer.unref();
}

function isRunByNpm(): boolean {
  try {
    return Boolean(process.env.npm_lifecycle_event) && process.platform !== "win32";
  } catch {
    // Deno without the permission to read it.
    return false;
  }
}
