import { SheethookError } from "../errors.ts";

/** Which inbox a URL names. */
export type InboxUrl =
  | { readonly kind: "memory" }
  | { readonly kind: "sqlite"; readonly path: string };

/** What `--inbox` may be, in messages. */
export const INBOX_URLS = "sqlite:FILE or memory:";

/**
 * Reads `--inbox`.
 *
 * @throws {SheethookError} `option_invalid` for a URL that names no inbox; it isn't shown: it may hold a password
 */
export function parseInboxUrl(url: string): InboxUrl {
  const [, kind, path] = /^(\w+):(.*)$/.exec(url) ?? [];
  if (kind === "memory" && !path) return { kind };
  if (kind === "sqlite" && path) return { kind, path };
  if (kind === "postgres" || kind === "postgresql") {
    throw invalidInbox(`postgres:, which this version can't use yet: it should be ${INBOX_URLS}`);
  }
  throw invalidInbox(`no inbox that there is, but should be ${INBOX_URLS}`);
}

/** An error about `--inbox`. */
export function invalidInbox(is: string): SheethookError {
  return new SheethookError("option_invalid", `--inbox is ${is}`);
}
