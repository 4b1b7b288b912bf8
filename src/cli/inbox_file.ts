import type { Option } from "commander";
import { statSync } from "node:fs";
import type { Inbox } from "../inbox/inbox.ts";
import type { InspectableInbox } from "../inbox/inspect.ts";
import { invalidInbox, parseInboxUrl } from "./inbox_url.ts";
import { DEFAULT_INBOX } from "./open_inbox.ts";
import { setting, text } from "./setting.ts";

/** `--inbox`, as `serve` has it. */
export function inboxSetting(): Option {
  return setting("--inbox <url>", "the inbox that serve uses", "SHEETHOOK_INBOX", text, DEFAULT_INBOX);
}

/**
 * Runs `use` with the inbox that a URL names, which must be there already.
 *
 * @throws {SheethookError} `option_invalid` for a URL that names no inbox on disk
 * @throws {Error} for a file that isn't there, or can't be used
 */
export async function withInbox<Result>(
  url: string,
  use: (inbox: Inbox & InspectableInbox) => Promise<Result>,
): Promise<Result> {
  const path = pathOf(url);
  requireFile(path);
  await requireInbox(path);
  const { sqliteInbox } = await import("../inbox/sqlite.ts");
  // `serve` looks at its pages: here it would take longer than what is asked.
  const inbox = sqliteInbox(path, { checkPages: false });
  try {
    return await use(inbox);
  } finally {
    await inbox.close();
  }
}

function pathOf(url: string): string {
  const parsed = parseInboxUrl(url);
  if (parsed.kind === "sqlite") return parsed.path;
  throw invalidInbox("memory:, which only the serve that has it can see: it should be sqlite:FILE");
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
