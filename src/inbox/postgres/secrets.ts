import { SheethookError } from "../../errors.ts";
import { createPostgresConnection } from "./connection.ts";
import { createStatementNames } from "./names.ts";
import { migrate } from "./schema.ts";
import { secretStatements } from "./statements/secrets.ts";
import type { Statement } from "./statements/sql.ts";
import { explainProblem } from "./problems.ts";
import { parsePostgresUrl } from "./url.ts";
import { createSeal } from "./seal.ts";

/** Webhooks' secrets in the Postgres inbox, encrypted, for all machines that use it. */
export interface PostgresSecrets {
  /**
   * The text that any machine wrote last; undefined if there is none. Costs one small query while nothing changes.
   *
   * @throws {SheethookError} `inbox_away`, `inbox_unusable`; `option_invalid` if it was encrypted with another key
   */
  read(): Promise<string | undefined>;
  /**
   * Replaces the stored text by the result of `change`. If another machine writes at the same time, `change` is called again
   * with the text of that machine: it should have no other effect.
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
 * Stores secrets in the inbox that a URL names. The text is the caller's; JSON, for example. It is encrypted here
 * (AES-256-GCM), so that the database and its backups don't reveal it. A user who may write to the database can still
 * restore an older text.
 *
 * @param key random, 32 characters or more, the same on every machine: `openssl rand -base64 32`
 * @throws {SheethookError} `option_invalid` for a URL that can't be read, or a key that is too short
 */
export function postgresSecrets(url: string, key: string): PostgresSecrets {
  const address = parsePostgresUrl(url);
  const { schema = "sheethook" } = address;
  const seal = createSeal(key);
  const statements = secretStatements({ schema });
  const connection = createPostgresConnection({
    address,
    timeoutMs: TIMEOUT_MS,
    names: createStatementNames(),
    prepare: (client) => migrate(client, schema, true),
  });
  let known: Stored | undefined;

  async function run<Row>(statement: Statement<Row>): Promise<Row[]> {
    try {
      return await connection.statement(statement);
    } catch (error) {
      throw explainProblem(address.name, error);
    }
  }

  async function load(): Promise<Stored | undefined> {
    const [row] = await run(statements.load(known?.version));
    if (!row) return known = undefined;
    if (row.sealed === null) return known;
    const text = await seal.open(row.sealed);
    if (text !== undefined) return known = { version: row.version, text };
    throw new SheethookError(
      "option_invalid",
      `key isn't the one that the secrets in Postgres at ${address.name} were encrypted with`,
      { option: "key" },
    );
  }

  /** False if another one has written since `before`. */
  async function replace(before: Stored | undefined, text: string): Promise<boolean> {
    const version = crypto.randomUUID();
    const rows = await run(statements.replace(version, await seal.close(text), before?.version));
    // Postgres may have answered a first try, and that answer was lost.
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
