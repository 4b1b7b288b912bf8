import { createOutage } from "../../async/outage.ts";
import type { Logger } from "../../logger.ts";
import type { PostgresConnection } from "./connection.ts";
import { PRUNE_CHUNK } from "./inspect.ts";
import { inspectStatements } from "./inspect_sql.ts";
import { explainTrouble, isBroken } from "./problems.ts";
import type { PostgresPlace } from "./url.ts";

const EVERY_MS = 60_000;

/**
 * Deletes callbacks that were done or discarded more than `keepMs` ago.
 *
 * @returns a function to call often: it does something once a minute, or at once while there is more, and isn't waited for
 */
export function createPrune(
  { connection, place, schema, keepMs, now, logger }: {
    readonly connection: PostgresConnection;
    readonly place: PostgresPlace;
    readonly schema: string;
    readonly keepMs: number;
    readonly now: () => number | null;
    readonly logger: Logger;
  },
): () => void {
  const { forget } = inspectStatements(schema);
  let nextAt = 0;
  const outage = createOutage({
    began: (error) => logger.warn("Done callbacks can't be deleted, so the inbox grows: {error}", { error }),
    kindOf: String,
  });

  return () => {
    if (Date.now() < nextAt) return;
    nextAt = Date.now() + EVERY_MS;
    connection.transaction({ text: forget, values: [now(), PRUNE_CHUNK, keepMs] }).then(([rows]) => {
      outage.clear();
      if (rows!.length >= PRUNE_CHUNK) nextAt = 0;
    }).catch((thrown) => {
      // A lost connection is logged by those who wait for the inbox.
      if (!isBroken(thrown)) outage.fail(explainTrouble(place.name, thrown).message);
    });
  };
}
