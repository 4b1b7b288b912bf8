/**
 * `sheethook/inbox/postgres`: an inbox in Postgres, for any number of machines.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { postgresInbox } from "sheethook/inbox/postgres";
 *
 * const inbox = postgresInbox("postgres://sheethook@localhost/orders"); // connects when it is first used
 * const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0", inbox });
 * receiver.on("row.created", (event) => console.log(event.id));
 * await inbox.close();
 * ```
 *
 * @module
 */
import type { Inbox } from "./inbox.ts";
import type { InspectableInbox } from "./inspect.ts";
import { requireKnownOptions } from "../errors.ts";
import { createPostgresInbox, type PostgresInboxOptions } from "./postgres/inbox.ts";

export type { AcceptedCallback } from "../callback/callback.ts";
export type { Logger } from "../logger.ts";
export type * from "./inbox.ts";
export type * from "./inspect.ts";
export type * from "./mirror.ts";
export { type PostgresSecrets, postgresSecrets } from "./postgres/secrets.ts";
export type { PostgresInboxOptions } from "./postgres/inbox.ts";

/**
 * An inbox in Postgres 13 or newer, for any number of processes on any number of machines: stored callbacks are committed
 * there. It connects when it is first used; the first process makes the schema. While Postgres is away every call rejects
 * within 4 s; it reconnects by itself.
 *
 * A process has up to five connections: one for `put`, one for lanes, one that listens, one for people, and one for the mirror
 * if it has handlers for changes.
 *
 * @param url `postgres://user:password@host:port/database?sslmode=...`, as libpq reads it
 * @throws {SheethookError} `option_invalid` for a URL that can't be read, or an unknown option
 */
export function postgresInbox(url: string, options: PostgresInboxOptions = {}): Inbox & InspectableInbox {
  requireKnownOptions("postgresInbox", options, OPTIONS);
  return createPostgresInbox(url, options);
}

const OPTIONS: Readonly<Record<keyof PostgresInboxOptions, true>> = {
  schema: true,
  keepMs: true,
  logger: true,
  now: true,
  random: true,
};
