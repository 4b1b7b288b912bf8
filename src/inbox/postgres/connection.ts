import pg from "pg";
import { SheethookError } from "../../errors.ts";
import type { StatementNames } from "./names.ts";
import { isBroken, isConflict } from "./problems.ts";
import { ON_DISK, type Statement } from "./statements/sql.ts";
import type { PostgresAddress } from "./url.ts";

/** Connects when it is first used, and again after the connection has broken. */
export interface PostgresConnection {
  /**
   * Runs statements in one transaction and in one round trip: all that they need is sent at once, so that no lock is held
   * while the network is waited for. Tried again after a conflict with another transaction, and once if the connection had
   * broken, which an idle process only finds out then.
   *
   * @returns the rows of each statement
   */
  transaction<Rows extends readonly unknown[]>(
    ...statements: { readonly [Index in keyof Rows]: Statement<Rows[Index]> }
  ): Promise<{ -readonly [Index in keyof Rows]: Rows[Index][] }>;
  /** One statement that is a transaction by itself: nothing ends it on the server when nobody waits for it any more. */
  statement<Row>(statement: Statement<Row>): Promise<Row[]>;
  /** Makes the connection, if it isn't there. */
  open(): Promise<pg.Client>;
  close(): Promise<void>;
}

const CONFLICTS = 5;
/** How long `close` waits for what still runs. */
const CLOSE_MS = 3000;

export interface PostgresConnectionOptions {
  readonly address: PostgresAddress;
  /** A connection that isn't made, or a transaction that isn't answered, by then counts as broken. */
  readonly timeoutMs: number;
  /** Called with a fresh connection before its first use. */
  readonly prepare: (client: pg.Client) => Promise<void>;
  /** Shared by the connections of a process: one pooler lends to all of them. */
  readonly names: StatementNames;
  readonly plannerSettings?: Readonly<Record<string, string>> | undefined;
}

export function createPostgresConnection(
  { address, timeoutMs, prepare, names, plannerSettings = {} }: PostgresConnectionOptions,
): PostgresConnection {
  let current: Promise<pg.Client> | undefined;
  let closed = false;
  /** Also those that are connecting. */
  const clients = new Set<pg.Client>();
  const local = Object.entries({
    // Also on the server: a statement whose client has gone holds its locks no longer than that.
    statement_timeout: timeoutMs,
    idle_in_transaction_session_timeout: timeoutMs,
    ...plannerSettings,
  }).map(([name, value]) => `set_config('${name}', '${value}', true)`);
  const begin = `begin isolation level read committed; select ${ON_DISK}, ${local.join(", ")}`;

  const settings: pg.ClientConfig = {
    pipeline: true,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    fallback_application_name: "sheethook",
    types: { getTypeParser },
  };

  function open(): Promise<pg.Client> {
    if (closed) return Promise.reject(new SheethookError("inbox_away", "Inbox is closed"));
    const made = current ??= connect().then((client) => {
      const drop = () => {
        if (current === made) current = undefined;
      };
      client.on("error", drop).on("end", drop);
      return client;
    });
    made.catch(() => {
      if (current === made) current = undefined;
    });
    return made;
  }

  async function connect(): Promise<pg.Client> {
    for (const [index, way] of address.ways.entries()) {
      const client = new pg.Client({ ...settings, ...way });
      clients.add(client);
      client.on("error", () => {}).on("end", () => clients.delete(client));
      try {
        await client.connect();
        await prepare(client);
        return client;
      } catch (error) {
        destroy(client);
        if (index === address.ways.length - 1 || !/not support SSL/.test(String(error))) throw error;
      }
    }
    throw new Error("No way to connect");
  }

  async function once(first: string | undefined, statements: readonly Statement[]): Promise<unknown[][]> {
    const opened = open();
    const client = await opened;
    const results = await Promise.allSettled([
      ...(first ? [client.query(first)] : []),
      ...statements.map(({ text, values, isOneOff }) =>
        client.query({ name: isOneOff ? undefined : names.nameOf(text), text, values: [...values] })
      ),
      ...(first ? [client.query("commit")] : []),
    ]);
    // Later ones only say that the transaction is aborted.
    const failed = results.find((result) => result.status === "rejected");
    if (!failed) {
      const rows = results.map((result) => (result as PromiseFulfilledResult<{ rows: unknown[] }>).value.rows);
      return first ? rows.slice(1, -1) : rows;
    }
    if (isBroken(failed.reason)) {
      if (current === opened) current = undefined;
      destroy(client);
    }
    throw failed.reason;
  }

  async function run(first: string | undefined, statements: readonly Statement[]): Promise<unknown[][]> {
    let wasOpen = current !== undefined;
    let isNamed = true;
    for (let conflicts = 0;;) {
      const startedAt = performance.now();
      try {
        return await once(first, statements);
      } catch (error) {
        if (isNamed && names.giveUp(error)) {
          isNamed = false;
          continue;
        }
        if (isConflict(error) && ++conflicts <= CONFLICTS) continue;
        const isStale = wasOpen && isBroken(error) && performance.now() - startedAt < timeoutMs / 2;
        if (!isStale || closed) throw error;
        wasOpen = false;
      }
    }
  }

  return {
    open,

    async statement<Row>(statement: Statement<Row>) {
      const [rows] = await run(undefined, [statement]);
      return rows as Row[];
    },

    async transaction<Rows extends readonly unknown[]>(
      ...statements: { readonly [Index in keyof Rows]: Statement<Rows[Index]> }
    ) {
      return await run(begin, statements) as { -readonly [Index in keyof Rows]: Rows[Index][] };
    },

    async close() {
      closed = true;
      const late = setTimeout(() => clients.forEach(destroy), CLOSE_MS);
      const client = await current?.catch(() => {});
      await client?.end();
      clearTimeout(late);
    },
  };
}

/** Ids and milliseconds are far from where numbers have gaps. */
const getTypeParser =
  ((oid: number, format: "text") =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

function destroy(client: pg.Client): void {
  client.connection.stream.destroy();
}
