import { delay } from "../../async/delay.ts";
import { createPostgresConnection, type PostgresConnection } from "./connection.ts";
import type { StatementNames } from "./names.ts";
import type { postgresStatements } from "./statements.ts";
import type { PostgresPlace } from "./url.ts";
import { identifier } from "./schema.ts";

/** So often it is looked whether a lane is due: no notification that got lost, or never came, matters for longer. */
const SWEEP_MS = 5000;
/** A lane that is due and isn't had: somebody has just locked it. */
const LOCKED_MS = 10;

export interface Listener {
  /** Resolves when a lane may have become due, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
  /** Ends what waits. */
  wake(): void;
  readonly connection: PostgresConnection;
}

/** Waits for notifications, and for what is due by the clock. Its connection is made when it is first waited for. */
export function createListener(
  { place, timeoutMs, prepare, names, statements, channel, owner, now }: {
    readonly place: PostgresPlace;
    readonly timeoutMs: number;
    readonly prepare: Parameters<typeof createPostgresConnection>[0]["prepare"];
    readonly names: StatementNames;
    readonly statements: ReturnType<typeof postgresStatements>;
    readonly channel: string;
    /** Who this is: what it says itself, it knows already. */
    readonly owner: string;
    readonly now: () => number | null;
  },
): Listener {
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((end) => end());
  const connection = createPostgresConnection({
    place,
    timeoutMs,
    names,
    async prepare(client) {
      await prepare(client);
      client.on("notification", ({ payload }) => {
        if (payload !== owner) wake();
      });
      // Engines that are like Postgres may not have it: the sweep does.
      await client.query(`listen ${identifier(channel)}`).catch(() => {});
    },
  });

  return {
    connection,
    wake,
    async wait(signal) {
      const enough = new AbortController();
      const end = () => enough.abort();
      waiting.add(end);
      signal.addEventListener("abort", end);
      try {
        if (signal.aborted) return;
        // By the connection that listens: so it is known to be alive.
        const looked = connection.statement({ text: statements.nextDue, values: [now()] });
        const stopped = new Promise<undefined>((resolve) =>
          enough.signal.addEventListener("abort", () => resolve(undefined))
        );
        const found = await Promise.race([looked, stopped]);
        if (!found) {
          looked.catch(() => {});
          return;
        }
        const ms = found[0]![0]!.ms as number | null;
        await delay(Math.min(Math.max(ms ?? SWEEP_MS, LOCKED_MS), SWEEP_MS), enough.signal);
      } finally {
        waiting.delete(end);
        signal.removeEventListener("abort", end);
      }
    },
  };
}
