import process from "node:process";
import { inCliWords } from "./cli_words.ts";

/** What messages to targets are signed with: one secret, or several with blanks between them while one is rotated. */
const FORWARD_SECRET = "SHEETHOOK_FORWARD_SECRET";

/** The secrets of `SHEETHOOK_FORWARD_SECRET`, unchecked; undefined if there is none. */
export function forwardSecrets(): readonly string[] | undefined {
  const secrets = process.env[FORWARD_SECRET]?.split(/\s+/).filter(Boolean) ?? [];
  return secrets.length ? secrets : undefined;
}

/** An error about forwarding in the words of the command line. */
export function inForwardWords(error: unknown): unknown {
  return inCliWords(error, {
    url: "--forward",
    secret: FORWARD_SECRET,
    timeoutMs: "--forward-timeout",
    ratePerSecond: "--forward-rate",
    as: "--forward-as",
    format: "--forward-format",
  });
}
