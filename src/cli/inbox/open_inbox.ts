import { SheethookError } from "../../errors.ts";
import type { Inbox } from "../../inbox/inbox.ts";
import type { InspectableInbox } from "../../inbox/inspect.ts";
import type { Logger } from "../../logger.ts";
import { usageError } from "../terminal/usage_error.ts";
import { parseInboxUrl } from "../options/inbox_url.ts";

/** What a process of `serve` does: receive callbacks, work on them, or both. */
export type Role = "all" | "receive" | "work";

/** An inbox, with what `serve` logs about it. */
export interface OpenedInbox {
  readonly inbox: Inbox & InspectableInbox;
  /** Its name in the log; a URL may hold a password. */
  readonly name: string;
  /** Whether accepted callbacks outlive the process. */
  readonly durable: boolean;
  /** Why it can't be used now, if that may pass by itself. */
  readonly problem?: string | undefined;
}

/**
 * Opens the inbox that a URL names.
 *
 * @throws {SheethookError} `option_invalid` for an unknown URL, or a role that its inbox can't have
 * @throws {SheethookError} `inbox_unusable`
 */
export async function openInbox(url: string, role: Role, keepMs: number, logger: Logger): Promise<OpenedInbox> {
  const parsed = parseInboxUrl(url);
  if (parsed.kind === "memory") {
    if (role !== "all") {
      throw usageError(`--role is ${role}, but should be all: no other process can see the inbox memory:`);
    }
    const { memoryInbox } = await import("../../inbox/memory.ts");
    return { inbox: memoryInbox({ keepMs }), name: url, durable: false };
  }
  if (parsed.kind === "postgres") return await openPostgres(parsed.url, keepMs, logger);
  // Imported here, because some runtimes have no node:sqlite.
  const { sqliteInbox } = await import("../../inbox/sqlite.ts");
  return { inbox: sqliteInbox(parsed.path, { keepMs, logger }), name: url, durable: true };
}

/** An unreachable Postgres is no error: callbacks are refused with 503 until it is back. */
async function openPostgres(url: string, keepMs: number, logger: Logger): Promise<OpenedInbox> {
  const { postgresInbox } = await import("../../inbox/postgres.ts");
  const { parsePostgresUrl } = await import("../../inbox/postgres/url.ts");
  const inbox = postgresInbox(url, { keepMs, logger });
  const name = `Postgres at ${parsePostgresUrl(url).name}`;
  try {
    await inbox.check();
    return { inbox, name, durable: true };
  } catch (cause) {
    if (cause instanceof SheethookError && cause.code === "inbox_away") {
      return { inbox, name, durable: true, problem: cause.message };
    }
    await inbox.close();
    throw cause;
  }
}
