import pg from "pg";
import { messageOf, optionError, SheethookError } from "../../errors.ts";

/** Where a Postgres is, and the ways to connect, in the order in which they are tried. */
export interface PostgresAddress {
  /** Host, port and database, for messages: without user and password. */
  readonly name: string;
  /** What `?schema=` says. */
  readonly schema: string | undefined;
  readonly ways: readonly pg.ClientConfig[];
  /** Whether a connection without TLS is worth a warning: it leaves the machine, and no `sslmode` was given. */
  readonly shouldBeEncrypted: boolean;
}

const MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full", "no-verify"];

const LOOPBACK = /^(localhost|.+\.localhost|127\.[\d.]+|\[?::1\]?)$/i;

/**
 * Reads a connection string: `postgres://user:password@host:port/database?sslmode=...`, with libpq's meaning of
 * `sslmode` (`prefer`, if it isn't given: TLS if the server has it), `sslrootcert`, `sslcert`, `sslkey` and
 * `application_name`. Missing parts are taken from the usual `PG...` variables.
 *
 * @throws {SheethookError} `option_invalid` for what is none; the URL isn't shown: it may hold a password
 */
export function parsePostgresUrl(url: string): PostgresAddress {
  const parsed = parse(url);
  const given = parsed.searchParams.get("sslmode");
  if (given !== null && !MODES.includes(given)) throw optionError("sslmode", given, `one of ${MODES.join(", ")}`);
  const { host, port, ssl } = clientOf(parsed);
  // By PGSSLMODE.
  const isAskedElsewhere = Boolean(ssl);
  const isSocket = host.startsWith("/");
  const mode = given ?? (isAskedElsewhere || isSocket ? null : "prefer");
  if (mode !== null && mode !== "no-verify") parsed.searchParams.set("uselibpqcompat", "true");
  const urls = [parsed];
  if (mode === "prefer" || mode === "allow") {
    // The driver doesn't go on without TLS by itself.
    const plain = new URL(parsed);
    plain.searchParams.set("sslmode", "disable");
    parsed.searchParams.set("sslmode", "prefer");
    urls.push(plain);
  }
  // The files that the URL names are read.
  clientOf(parsed);
  const { pathname, searchParams } = parsed;
  return {
    // Without one, the database has the user's name, which isn't shown.
    name: `${host}:${port}${pathname.length > 1 ? decodeURI(pathname) : ""}`,
    schema: searchParams.get("schema") ?? undefined,
    ways: urls.map(({ href }) => ({ connectionString: href })),
    shouldBeEncrypted: given === null && !isSocket && !LOOPBACK.test(host),
  };
}

function parse(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && /^postgres(ql)?:$/.test(parsed.protocol) && !isCutShort(parsed)) return parsed;
  // Not shown, also not as a cause.
  throw new SheethookError(
    "option_invalid",
    "The URL of the Postgres inbox can't be read, but should be postgres://USER:PASSWORD@HOST:PORT/DATABASE, with " +
      "special characters in the password percent-encoded",
  );
}

/** A `/`, `?` or `#` in the password ends the host: the rest would be shown as the database. */
function isCutShort({ pathname, search, hash }: URL): boolean {
  return hash !== "" || pathname.includes("@") || /^\?[^=]*@/.test(search);
}

/** The driver reads the URL, the environment, and the files that they name; nothing is connected yet. */
function clientOf({ href }: URL): pg.Client & { readonly ssl: unknown } {
  try {
    return new pg.Client({ connectionString: href }) as pg.Client & { readonly ssl: unknown };
  } catch (error) {
    throw new SheethookError("option_invalid", `The URL of the Postgres inbox can't be used: ${messageOf(error)}`);
  }
}
