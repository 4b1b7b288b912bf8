import type { Option } from "commander";
import { statSync } from "node:fs";
import { SheethookError } from "../../errors.ts";
import type { Inbox } from "../../inbox/inbox.ts";
import type { InspectableInbox } from "../../inbox/inspect.ts";
import { parseInboxUrl } from "../options/inbox_url.ts";
import { DEFAULT_INBOX } from "./open.ts";
import { setting, text } from "../options/setting.ts";

/** `--inbox`, as `serve` has it. */
export function inboxSetting(): Option {
  return setting("--inbox <url>", "the inbox that serve uses", "SHEETHOOK_INBOX", text, DEFAULT_INBOX);
}

/**
 * Runs `use` with the inbox that a URL names, which must be there already.
 *
 * @throws {SheethookError} `option_invalid` for a URL that names no inbox that others can see
 * @throws {Error} for one that isn't there, or can't be used
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
    throw new SheethookError(
      "option_invalid",
      "--inbox is memory:, which only the serve that has it can see: it should be that of another serve",
    );
  }
  if (parsed.kind === "postgres") {
    const { postgresInbox } = await import("../../inbox/postgres.ts");
    return postgresInbox(parsed.url, { create: false });
  }
  await requireInboxFile(parsed.path);
  const { sqliteInbox } = await import("../../inbox/sqlite.ts");
  // `serve` looks at its pages: here it would take longer than what is asked.
  return sqliteInbox(parsed.path, { checkPages: false });
}

/** @throws {Error} for a path where no inbox is */
export async function requireInboxFile(path: string): Promise<void> {
  requireFile(path);
  await requireInbox(path);
}

/** Opening would make the file, and then tell of an inbox that is empty. */
function requireFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  const name = JSON.stringify(path);
  if (!stats) throw new Error(`Inbox ${name} isn't there: --inbox should be the file that serve uses`);
  if (!stats.isFile()) throw new Error(`Inbox ${name} is no file: --inbox should be the file that serve uses`);
  if (!stats.size) throw new Error(`Inbox ${name} is an empty file: --inbox should be the file that serve uses`);
}

/** Opening would make an inbox of any other database, too. */
async function requireInbox(path: string): Promise<void> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path);
  try {
    database.exec("pragma busy_timeout = 2000");
    if (database.prepare("select 1 from sqlite_schema where name = 'callbacks'").get()) return;
  } catch {
    // Opening it says what is wrong.
    return;
  } finally {
    database.close();
  }
  throw new Error(
    `Inbox ${JSON.stringify(path)} is a database, but no inbox: --inbox should be the file that serve uses`,
  );
}
