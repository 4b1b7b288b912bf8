import type pg from "pg";
import { optionError } from "../../errors.ts";
import { consoleLogger, createQuietLogger, type Logger } from "../../logger.ts";
import type { Inbox } from "../inbox.ts";
import { requireKeepMs } from "../limits.ts";
import type { InspectableInbox } from "../inspect.ts";
import { createAccept } from "./accept.ts";
import { createPostgresAlerts } from "./alerts.ts";
import { createPostgresConnection } from "./connection.ts";
import { createPostgresInspect } from "./inspect.ts";
import { createLanes } from "./lanes.ts";
import { createListener } from "./listener.ts";
import { createPostgresMirror } from "./mirror.ts";
import { createStatementNames } from "./names.ts";
import { createPrune } from "./prune.ts";
import { migrate } from "./schema.ts";
import { explained } from "./problems.ts";
import { parsePostgresUrl } from "./url.ts";

/** Options of `postgresInbox`. */
export interface PostgresInboxOptions {
  /** The schema that holds everything. @default "sheethook", or what the URL says: `?schema=...` */
  readonly schema?: string | undefined;
  /** How long processed callbacks are kept, in milliseconds, to recognise duplicates; at least 2 days. @default 7 days */
  readonly keepMs?: number | undefined;
  /** Logs what an operator should change. @default warnings and errors on the console */
  readonly logger?: Logger | undefined;
  /** Milliseconds since 1970, for tests. @default the database's clock */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1, for the spread of waits. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** Postgres counts as away if it takes longer for `put`: Smartsheet is answered within 4 s. */
const TIMEOUT_MS = 3000;
/** Workers may wait for a slow disk; less than a lease lasts. */
const WORK_TIMEOUT_MS = 8000;
/** 500 rows may be large. */
const MIRROR_TIMEOUT_MS = 20_000;
/** Queries of people may take long. */
const INSPECT_TIMEOUT_MS = 60_000;
/**
 * For statements about few rows of large tables: Postgres can't tell how many rows JSON holds, and would read a whole table
 * instead of finding a hundred rows by an index; and it keeps the plan when a table that was empty has grown.
 */
const FEW_ROWS = { enable_seqscan: "off", enable_hashjoin: "off", enable_mergejoin: "off", jit: "off" };

/** Options, and what the commands need besides. */
export interface PostgresSettings extends PostgresInboxOptions {
  /** Whether to make the schema if it doesn't exist. @default true */
  readonly create?: boolean | undefined;
}

/** What `postgresInbox` returns. */
export function createPostgresInbox(url: string, options: PostgresSettings = {}): Inbox & InspectableInbox {
  const { create = true, random = Math.random } = options;
  const logger = createQuietLogger(options.logger ?? consoleLogger);
  const address = parsePostgresUrl(url);
  const schema = options.schema ?? address.schema ?? "sheethook";
  const keepMs = requireKeepMs(options.keepMs);
  // Postgres cuts longer names, and reserves the prefix.
  if (!/^(?!pg_)[^\0]+$/.test(schema) || new TextEncoder().encode(schema).length > 63) {
    throw optionError("schema", schema, "a name of 1 to 63 bytes, without pg_");
  }
  const context = {
    schema,
    owner: crypto.randomUUID(),
    now: () => options.now ? Math.round(options.now()) : null,
  };
  let migrated: Promise<void> | undefined;
  let isPlainLogged = false;

  function warnOfPlainConnection(client: pg.Client): void {
    if (!address.shouldBeEncrypted || isPlainLogged || "encrypted" in client.connection.stream) return;
    isPlainLogged = true;
    logger.warn(
      "The connection to Postgres at {place} isn't encrypted: the URL should end in ?sslmode=verify-full, or in " +
        "?sslmode=disable if the network may be trusted",
      { place: address.name },
    );
  }

  /** Migrates once; connections that are made meanwhile wait for it. */
  function prepare(client: pg.Client): Promise<void> {
    warnOfPlainConnection(client);
    return migrated ??= migrate(client, schema, create).catch((error) => {
      migrated = undefined;
      throw error;
    });
  }

  const names = createStatementNames(() =>
    logger.warn(
      "Postgres at {place} is behind a pooler that mixes up prepared statements: they aren't used any more, which takes " +
        "more of its CPU. PgBouncer should be 1.21 or newer and have max_prepared_statements = 200, or pool_mode = session",
      { place: address.name },
    )
  );
  const shared = { address, prepare, names };
  const forPut = createPostgresConnection({ ...shared, timeoutMs: TIMEOUT_MS, plannerSettings: FEW_ROWS });
  const forLanes = createPostgresConnection({ ...shared, timeoutMs: WORK_TIMEOUT_MS, plannerSettings: FEW_ROWS });
  const forMirror = createPostgresConnection({
    ...shared,
    timeoutMs: MIRROR_TIMEOUT_MS,
    plannerSettings: FEW_ROWS,
  });
  const forPeople = createPostgresConnection({ ...shared, timeoutMs: INSPECT_TIMEOUT_MS });
  const listener = createListener({ ...shared, timeoutMs: WORK_TIMEOUT_MS }, context);
  const accept = createAccept(forPut, context);
  const lanes = createLanes(forLanes, context, random);
  const prune = createPrune(forPeople, context, { name: address.name, keepMs, logger });

  const functions = explained<Omit<Inbox & InspectableInbox, "mirror" | "alerts">>(address.name, {
    ...createPostgresInspect(forPeople, context, listener.wake),
    ...lanes,

    async put(callback) {
      const outcome = await accept.put(callback);
      if (outcome === "stored") listener.wake();
      return outcome;
    },

    lease(limit, leaseMs) {
      prune();
      return lanes.lease(limit, leaseMs);
    },

    async release(lease) {
      await lanes.release(lease);
      listener.wake();
    },

    wait: listener.wait,

    check: accept.check,

    async close() {
      await Promise.all(
        [forPut, forLanes, forMirror, forPeople, listener.connection].map((connection) => connection.close()),
      );
    },
  });
  return {
    ...functions,
    mirror: explained(address.name, createPostgresMirror(forMirror, context)),
    alerts: explained(address.name, createPostgresAlerts(forPeople, context)),
  };
}
