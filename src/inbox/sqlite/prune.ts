import { PRUNE_CHUNK } from "../limits.ts";
import type { ClockWatch } from "./clock.ts";
import type { SqliteStatements } from "./statements.ts";

const EVERY_MS = 60_000;

/**
 * Deletes callbacks that were done or discarded more than `keepMs` ago.
 *
 * @returns a function to call often, in a transaction: it deletes once a minute, or at once while there is more
 */
export function createPrune(
  { sql, clock, elapsed, keepMs }: {
    readonly sql: SqliteStatements;
    readonly clock: ClockWatch;
    readonly elapsed: () => number;
    readonly keepMs: number;
  },
): (time: number) => void {
  let nextAt = -Infinity;
  return (time) => {
    // A clock that was just set forward may be wrong: callbacks forgotten because of it would be processed twice.
    if (elapsed() < nextAt || clock.trustsLeases()) return;
    const { changes } = sql.prune.run(time - keepMs, PRUNE_CHUNK);
    nextAt = Number(changes) === PRUNE_CHUNK ? elapsed() : elapsed() + EVERY_MS;
  };
}
