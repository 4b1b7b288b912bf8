import { delay } from "../../async/delay.ts";
import type { ClockWatch } from "./clock.ts";
import type { Read } from "./read.ts";
import type { SqliteStatements } from "./statements.ts";

/** How often `wait` looks for what other processes have written. */
const POLL_MS = 100;

export interface Listener {
  /** Resolves when a lane may have become due, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
  /** Ends every wait. */
  wake(): void;
}

export function createListener(
  { read, sql, clock, now }: {
    readonly read: Read;
    readonly sql: SqliteStatements;
    readonly clock: ClockWatch;
    readonly now: () => number;
  },
): Listener {
  const waiting = new Set<() => void>();
  /** Changes when another process has written. */
  const readVersion = () => read(() => (sql.dataVersion.get() as { data_version: number }).data_version);

  return {
    async wait(signal) {
      const enough = new AbortController();
      const end = () => enough.abort();
      waiting.add(end);
      signal.addEventListener("abort", end);
      try {
        const version = await readVersion();
        while (!signal.aborted && !enough.signal.aborted) {
          const { due_at: dueAt } = await read(() => sql.nextDue.get() as { due_at: number | null });
          // While leases are trusted, what is due may not be leased yet.
          const isSteady = dueAt === null || clock.trustsLeases();
          const ms = isSteady ? POLL_MS : Math.min(POLL_MS, Math.max(dueAt - now(), 0));
          await delay(ms, enough.signal);
          if (ms < POLL_MS || await readVersion() !== version || clock.step() !== 0) break;
        }
      } finally {
        waiting.delete(end);
        signal.removeEventListener("abort", end);
      }
    },

    wake() {
      for (const end of waiting) end();
    },
  };
}
