import { type Stats, statSync } from "node:fs";
import { propertyOf } from "../../errors.ts";
import type { Inbox } from "../../inbox/inbox.ts";
import type { InspectableInbox } from "../../inbox/inspect.ts";
import { parseInboxUrl } from "./inbox_url.ts";
import { usageError } from "../terminal/usage_error.ts";

/**
 * Runs `use` with the inbox that a URL names, which must exist.
 *
 * @throws {SheethookError} `option_invalid` for an unknown URL, or an inbox in memory
 * @throws {Error} if the inbox doesn't exist or can't be used
 */
export async function withInbox<Result>(
  url: string,
  use: (inbox: Inbox & InspectableInbox) => Promise<Result>,
): Promise<Result> {
  const inbox = await openExisting(url);
  try {
    return await use(inbox);
  } finally {
    await inbox.close();
  }
}

async function openExisting(url: string): Promise<Inbox & InspectableInbox> {
  const parsed = parseInboxUrl(url);
  if (parsed.kind === "memory") {
    throw usageError(
      "--inbox is memory:, which only its own process can see: it should be a file or Postgres",
    );
  }
  if (parsed.kind === "postgres") {
    const { createPostgresInbox } = await import("../../inbox/postgres/inbox.ts");
    return createPostgresInbox(parsed.url, { create: false });
  }
  await requireInboxFile(parsed.path);
  const { createSqliteInbox } = await import("../../inbox/sqlite/inbox.ts");
  // `serve` checks its pages on start; here that would take longer than the command.
  return createSqliteInbox(parsed.path, { checkPages: false });
}

/** @throws {Error} unless there is a file that holds an inbox: opening it would create one */
export async function requireInboxFile(path: string): Promise<void> {
  const problem = await problemOf(path);
  if (problem) throw new Error(`Inbox ${JSON.stringify(path)} ${problem}: --inbox should be the file that serve uses`);
}

async function problemOf(path: string): Promise<string | undefined> {
  const stats = statsOf(path);
  if (typeof stats === "string") return `can't be read (${stats})`;
  if (!stats) return "isn't there";
  if (!stats.isFile()) return "is no file";
  if (!stats.size) return "is an empty file";
  const { holdsInbox } = await import("../../inbox/sqlite/holds_inbox.ts");
  return holdsInbox(path) ? undefined : "is a database, but no inbox";
}

/** Or the code of the error. */
function statsOf(path: string): Stats | string | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const code = propertyOf(error, "code");
    if (typeof code !== "string") throw error;
    return code;
  }
}
