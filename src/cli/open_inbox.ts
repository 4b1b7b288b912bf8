import { SheethookError } from "../errors.ts";
import type { Inbox } from "../inbox/inbox.ts";
import { memoryInbox } from "../inbox/memory.ts";

/** What `serve` uses unless it is told otherwise. */
export const DEFAULT_INBOX = "sqlite:sheethook.db";

/** An inbox, and whether what it has taken outlives the process. */
export interface OpenedInbox {
  readonly inbox: Inbox;
  readonly durable: boolean;
}

/**
 * Opens the inbox that a URL names.
 *
 * @throws {SheethookError} `option_invalid` for a URL or a role that can't be served
 * @throws {Error} for an inbox that can't be used
 */
export async function openInbox(url: string, role: string, keepMs: number): Promise<OpenedInbox> {
  const [, kind, path] = /^(\w+):(.*)$/.exec(url) ?? [];
  if (kind === "memory" && !path) {
    if (role === "all") return { inbox: memoryInbox({ keepMs }), durable: false };
    throw invalid(`--role is ${role}, but should be all: no other process can see the inbox memory:`);
  }
  if (kind === "sqlite" && path) {
    // Not before it is asked for: there are runtimes without node:sqlite.
    const { sqliteInbox } = await import("../inbox/sqlite.ts");
    return { inbox: openOrFail(() => sqliteInbox(path, { keepMs })), durable: true };
  }
  if (kind === "postgres" || kind === "postgresql") {
    throw invalid("--inbox is postgres:, which this version can't use yet: it should be sqlite:FILE or memory:");
  }
  // Not shown: a URL may hold a password.
  throw invalid("--inbox is no inbox that there is, but should be sqlite:FILE or memory:");
}

/** A file that can't be used is no wrong usage, but a failure. */
function openOrFail(open: () => Inbox): Inbox {
  try {
    return open();
  } catch (cause) {
    throw new Error((cause as Error).message, { cause });
  }
}

function invalid(message: string): SheethookError {
  return new SheethookError("option_invalid", message);
}
