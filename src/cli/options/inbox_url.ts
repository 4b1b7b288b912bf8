import type { Option } from "commander";
import { usageError } from "../terminal/usage_error.ts";
import { setting, text } from "./setting.ts";

/** The inbox that a URL names. */
export type InboxUrl =
  | { readonly kind: "memory" }
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string };

/** The forms of `--inbox`, for messages. */
const INBOX_URLS = "sqlite:FILE, postgres://USER:PASSWORD@HOST/DATABASE or memory:";

const DEFAULT_INBOX = "sqlite:sheethook.db";

/** `--inbox`, of each command that uses the inbox or the secrets that are stored in it. */
export function inboxSetting(description = "the inbox that serve uses"): Option {
  return setting("--inbox <url>", description, "SHEETHOOK_INBOX", text, DEFAULT_INBOX);
}

/**
 * Reads the URL of an inbox.
 *
 * @param name the option or argument, for messages
 * @throws {SheethookError} `option_invalid` for a URL that names no inbox; the message doesn't show it, because it may hold a password
 */
export function parseInboxUrl(url: string, name = "--inbox"): InboxUrl {
  const [, kind, path] = /^(\w+):(.*)$/.exec(url) ?? [];
  if (kind === "memory" && !path) return { kind };
  if (kind === "sqlite" && path) return { kind, path };
  if (kind === "postgres" || kind === "postgresql") return { kind: "postgres", url };
  throw usageError(`${name} is an unknown inbox URL, but should be ${INBOX_URLS}`);
}
