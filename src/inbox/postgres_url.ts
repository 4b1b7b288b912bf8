import pg from "pg";
import { messageOf, optionError, SheethookError } from "../errors.ts";

/** Where a Postgres is, and the ways to talk to it, in the order in which they are tried. */
export interface PostgresPlace {
  /** Host, port and database, for messages: nothing of who we are. */
  readonly name: string;
  /** What `?schema=` says. */
  readonly schema: string | undefined;
  readonly ways: readonly pg.ClientConfig[];
}

const MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full", "no-verify"];

/**
 * Reads a connection string: `postgres://user:password@host:port/database?sslmode=...`, with libpq's meaning of
 * `sslmode`, `sslrootcert`, `sslcert`, `sslkey` and `application_name`. What it leaves out is taken from the usual `PG...`
 * variables.
 *
 * @throws {SheethookError} `option_invalid` for what is none; the URL isn't shown: it may hold a password
 */
export function parsePostgresUrl(url: string): PostgresPlace {
  const parsed = parse(url);
  const mode = parsed.searchParams.get("sslmode");
  if (mode !== null && !MODES.includes(mode)) throw optionError("sslmode", mode, `one of ${MODES.join(", ")}`);
  if (mode !== null && mode !== "no-verify") parsed.searchParams.set("uselibpqcompat", "true");
  if (mode !== "prefer" && mode !== "allow") return placeOf([parsed]);
  // The driver doesn't go on without TLS by itself.
  parsed.searchParams.set("sslmode", "prefer");
  const plain = new URL(parsed);
  plain.searchParams.set("sslmode", "disable");
  return placeOf([parsed, plain]);
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

/** A `/`, `?` or `#` in the password ends the host: the rest would be told as the database. */
function isCutShort({ pathname, search, hash }: URL): boolean {
  return hash !== "" || pathname.includes("@") || /^\?[^=]*@/.test(search);
}

function placeOf(urls: readonly URL[]): PostgresPlace {
  try {
    const ways = urls.map(({ href }) => ({ connectionString: href }));
    // The driver reads the URL and the files that it names; nothing is connected yet.
    const [{ host, port }] = ways.map((way) => new pg.Client(way)) as [pg.Client];
    const [{ pathname, searchParams }] = urls as [URL];
    return {
      // Without a database it is the user's name, which isn't told.
      name: `${host}:${port}${pathname.length > 1 ? decodeURI(pathname) : ""}`,
      schema: searchParams.get("schema") ?? undefined,
      ways,
    };
  } catch (error) {
    throw new SheethookError("option_invalid", `The URL of the Postgres inbox can't be used: ${messageOf(error)}`);
  }
}
