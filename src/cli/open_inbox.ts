import { SheethookError } from "../errors.ts";
import type { Inbox } from "../inbox/inbox.ts";
import type { InspectableInbox } from "../inbox/inspect.ts";
import { parseInboxUrl } from "./inbox_url.ts";

/** What `serve` uses unless it is told otherwise. */
export const DEFAULT_INBOX = "sqlite:sheethook.db";

/** An inbox, and whether what it has taken outlives the process. */
export interface OpenedInbox {
  readonly inbox: Inbox & InspectableInbox;
  readonly durable: boolean;
}

/**
 * Opens the inbox that a URL names.
 *
 * @throws {SheethookError} `option_invalid` for a URL or a role that can't be served
 * @throws {Error} for an inbox that can't be used
 */
export async function openInbox(url: string, role: string, keepMs: number): Promise<OpenedInbox> {
  const parsed = parseInboxUrl(url);
  if (parsed.kind === "memory") {
    if (role !== "all") {
      throw new SheethookError(
        "option_invalid",
        `--role is ${role}, but should be all: no other process can see the inbox memory:`,
      );
    }
    const { memoryInbox } = await import("../inbox/memory.ts");
    return { inbox: memoryInbox({ keepMs }), durable: false };
  }
  // Not before it is asked for: there are runtimes without node:sqlite.
  const { sqliteInbox } = await import("../inbox/sqlite.ts");
  return { inbox: openOrFail(() => sqliteInbox(parsed.path, { keepMs })), durable: true };
}

/** A file that can't be used is no wrong usage, but a failure. */
function openOrFail<Opened>(open: () => Opened): Opened {
  try {
    return open();
  } catch (cause) {
    throw new Error((cause as Error).message, { cause });
  }
}
