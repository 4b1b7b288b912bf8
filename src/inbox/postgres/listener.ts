import { delay } from "../../async/delay.ts";
import { createPostgresConnection, type PostgresConnection, type PostgresConnectionOptions } from "./connection.ts";
import { laneStatements } from "./statements/lanes.ts";
import { identifier, type StatementContext } from "./statements/sql.ts";

/** How often due lanes are looked for: a notification that got lost, or never came, matters for no longer. */
const SWEEP_MS = 5000;
/** The wait for a lane that is due and couldn't be leased: another worker holds its row lock. */
const LOCKED_MS = 10;

export interface Listener {
  /** Resolves when a lane may have become due, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
  /** Ends every wait. */
  wake(): void;
  readonly connection: PostgresConnection;
}

/** Waits for notifications, and for what is due by the clock. Connects when `wait` is first called. */
export function createListener(
  options: Omit<PostgresConnectionOptions, "plannerSettings">,
  context: StatementContext,
): Listener {
  const statements = laneStatements(context);
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((end) => end());
  const connection = createPostgresConnection({
    ...options,
    async prepare(client) {
      await options.prepare(client);
      client.on("notification", ({ payload }) => {
        if (payload !== context.owner) wake();
      });
      // Postgres-compatible engines may not have it: the sweep is enough.
      await client.query(`listen ${identifier(context.schema)}`).catch(() => {});
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
        // On the connection that listens, which shows that it is alive.
        const looked = connection.statement(statements.nextDue());
        const stopped = new Promise<undefined>((resolve) =>
          enough.signal.addEventListener("abort", () => resolve(undefined))
        );
        const found = await Promise.race([looked, stopped]);
        if (!found) {
          looked.catch(() => {});
          return;
        }
        const ms = found[0]!.ms;
        await delay(Math.min(Math.max(ms ?? SWEEP_MS, LOCKED_MS), SWEEP_MS), enough.signal);
      } finally {
        waiting.delete(end);
        signal.removeEventListener("abort", end);
      }
    },
  };
}
