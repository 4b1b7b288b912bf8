import { createOutage } from "../../async/outage.ts";
import type { Logger } from "../../logger.ts";
import { PRUNE_CHUNK } from "../limits.ts";
import type { PostgresConnection } from "./connection.ts";
import { explainProblem, isBroken } from "./problems.ts";
import { inspectStatements } from "./statements/inspect.ts";
import type { StatementContext } from "./statements/sql.ts";

const EVERY_MS = 60_000;

/**
 * Deletes callbacks that were done or discarded more than `keepMs` ago.
 *
 * @param name of the Postgres, for messages
 * @returns a function to call often: it deletes once a minute, or at once while there is more, in the background
 */
export function createPrune(
  connection: PostgresConnection,
  context: StatementContext,
  { name, keepMs, logger }: { readonly name: string; readonly keepMs: number; readonly logger: Logger },
): () => void {
  const { forget } = inspectStatements(context);
  let nextAt = 0;
  const outage = createOutage({
    began: (error) => logger.warn("Done callbacks can't be deleted, so the inbox grows: {error}", { error }),
    kindOf: String,
  });

  return () => {
    if (Date.now() < nextAt) return;
    nextAt = Date.now() + EVERY_MS;
    connection.transaction(forget(keepMs)).then(([rows]) => {
      outage.clear();
      if (rows.length >= PRUNE_CHUNK) nextAt = 0;
    }).catch((thrown) => {
      // A lost connection is logged by those who wait for the inbox.
      if (!isBroken(thrown)) outage.fail(explainProblem(name, thrown).message);
    });
  };
}
