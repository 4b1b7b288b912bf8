import { SheethookError } from "../errors.ts";
import type { Inbox } from "../inbox/inbox.ts";
import { memoryInbox } from "../inbox/memory.ts";

/** What `serve` uses unless it is told otherwise. */
export const DEFAULT_INBOX = "memory:";

/** An inbox, and whether what it has taken outlives the process. */
export interface OpenedInbox {
  readonly inbox: Inbox;
  readonly durable: boolean;
}

/**
 * Opens the inbox that a URL names.
 *
 * @throws {SheethookError} `option_invalid` for a URL or a role that can't be served
 */
export function openInbox(url: string, role: string, keepMs: number): OpenedInbox {
  const [kind] = url.split(":");
  if (url === "memory:") {
    if (role === "all") return { inbox: memoryInbox({ keepMs }), durable: false };
    throw invalid(`--role is ${role}, but should be all: no other process can see the inbox memory:`);
  }
  if (kind === "sqlite" || kind === "postgres" || kind === "postgresql") {
    throw invalid(`--inbox is ${kind}:, which this version can't use yet: it should be memory:`);
  }
  // Not shown: a URL may hold a password.
  throw invalid("--inbox is no inbox that there is, but should be memory:");
}

function invalid(message: string): SheethookError {
  return new SheethookError("option_invalid", message);
}
