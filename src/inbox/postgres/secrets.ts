import { SheethookError } from "../../errors.ts";
import { createPostgresConnection, type Row, type Statement } from "./connection.ts";
import { createStatementNames } from "./names.ts";
import { identifier, migrate } from "./schema.ts";
import { explainTrouble } from "./problems.ts";
import { parsePostgresUrl } from "./url.ts";
import { createSeal } from "./seal.ts";

/** Webhooks' secrets in the Postgres inbox, encrypted, for all machines that use it. */
export interface PostgresSecrets {
  /**
   * What was written last by any machine; undefined if nothing was. Costs one small query while nothing changes.
   *
   * @throws {SheethookError} `inbox_away`, `inbox_unusable`; `option_invalid` if it was encrypted with another key
   */
  read(): Promise<string | undefined>;
  /**
   * Replaces what is stored by what `change` makes of it. If another machine writes at the same time, `change` is called
   * again with what that machine wrote: it should do nothing else.
   *
   * @throws {SheethookError} as `read`, and then nothing was changed
   */
  write(change: (text: string | undefined) => string): Promise<void>;
  /** Closes the connection. */
  close(): Promise<void>;
}

interface Stored {
  readonly version: string;
  readonly text: string;
}

const TIMEOUT_MS = 3000;

/**
 * The place for secrets in the inbox that a URL names. The text is the caller's; JSON, for example. It is encrypted here
 * (AES-256-GCM), so that the database and its backups don't tell it. Who may write to the database can still put an older
 * state back.
 *
 * @param key random, 32 characters or more, the same on every machine: `openssl rand -base64 32`
 * @throws {SheethookError} `option_invalid` for a URL that can't be read, or a key that is too short
 */
export function postgresSecrets(url: string, key: string): PostgresSecrets {
  const place = parsePostgresUrl(url);
  const { schema = "sheethook" } = place;
  const seal = createSeal(key);
  const table = `${identifier(schema)}.secrets`;
  const connection = createPostgresConnection({
    place,
    timeoutMs: TIMEOUT_MS,
    names: createStatementNames(),
    prepare: (client) => migrate(client, schema, true),
  });
  let known: Stored | undefined;

  async function run(statement: Statement): Promise<Row[]> {
    try {
      const [rows] = await connection.statement(statement);
      return rows!;
    } catch (error) {
      throw explainTrouble(place.name, error);
    }
  }

  async function load(): Promise<Stored | undefined> {
    const rows = await run({
      text: `select version, case when version is distinct from $1::text then sealed end as sealed from ${table}`,
      values: [known?.version ?? null],
    });
    const [row] = rows as unknown as [{ version: string; sealed: string | null }?];
    if (!row) return known = undefined;
    if (row.sealed === null) return known;
    const text = await seal.open(row.sealed);
    if (text !== undefined) return known = { version: row.version, text };
    throw new SheethookError(
      "option_invalid",
      `key isn't the one that the secrets in Postgres at ${place.name} were encrypted with`,
      { option: "key" },
    );
  }

  /** False if another one has written since `before`. */
  async function replace(before: Stored | undefined, text: string): Promise<boolean> {
    const version = crypto.randomUUID();
    const rows = await run({
      text: `insert into ${table} as stored (id, version, sealed) values (1, $1::text, $2::text)
        on conflict (id) do update set version = excluded.version, sealed = excluded.sealed where stored.version = $3::text
        returning version`,
      values: [version, await seal.close(text), before?.version ?? null],
    });
    // The answer to the first try may have been lost, and this be that to the second.
    return rows.length > 0 || (await load())?.version === version;
  }

  return {
    read: async () => (await load())?.text,

    async write(change) {
      let before = await load();
      while (!await replace(before, change(before?.text))) before = await load();
    },

    close: () => connection.close(),
  };
}
