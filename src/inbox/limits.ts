import { requireNumber } from "../errors.ts";

/** How many callbacks one call deletes: a long transaction would keep others waiting. */
export const PRUNE_CHUNK = 500;
/** How many held lanes an overview names. */
export const LONGEST_HELD = 10;
/** How many errors are told apart. */
export const MOST_ERRORS = 1000;
/** How many failures of a callback are kept. */
export const MAX_FAILURES = 100;
const DAY_MS = 86_400_000;

/** How long processed callbacks are kept: at least 2 days, because Smartsheet's last retry may come a day later. */
export function requireKeepMs(keepMs: number = 7 * DAY_MS, min: number = 2 * DAY_MS): number {
  return requireNumber("keepMs", keepMs, min);
}
