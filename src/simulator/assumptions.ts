import { optionError, requireNumber } from "../errors.ts";

/**
 * What nobody outside of Smartsheet knows. Each default is the reading that is harder on a receiver; README.md of this
 * room tells the two exceptions, and why.
 */
export interface Assumptions {
  /** Whether a retry keeps the nonce of its callback. */
  readonly retryNonce: "new" | "same";
  /** Whether a retry keeps the timestamp of its callback. */
  readonly retryTimestamp: "same" | "new";
  /** Events that happen while a callback waits for its retry: sent with the retry, or in a callback behind it. */
  readonly laterEvents: "merge" | "wait";
  /** The first of 7 waits, each twice as long as the one before. */
  readonly retryBaseMs: number;
  /** What becomes of the answers that the documented table leaves out. */
  readonly status300To308: "disable" | "retry";
  /** What becomes of a webhook whose receiver can't be connected to. */
  readonly noConnection: "retry" | "disable";
  /** What becomes of a webhook that fails one of the challenges that come every 100 callbacks. */
  readonly failedChallenge: "disable" | "retry";
  /** What a new `callbackUrl` does to an enabled webhook. */
  readonly changedUrl: "challenge" | "trust";
  /** Leading zeros of the signature. */
  readonly signatureZeros: "dropped" | "kept";
  /** How a callback's `timestamp` ends. */
  readonly timestampFormat: "+00:00" | "+0000" | "Z";
  /** The events of the cells that a new row brings. */
  readonly newRowCells: "updated" | "created" | "none";
  /** The event of a cell that loses its value. */
  readonly clearedCell: "deleted" | "updated";
  /** Webhooks that would collapse into one, but for their `events`. */
  readonly differentEvents: "collapse" | "apart";
  /** Whether a webhook that failed a challenge can be enabled again, or has to be made anew. */
  readonly failedVerification: "enable" | "stays";
  /** What `rowIds` answers if one of its rows isn't there: 404 and 1006 for all of them, or the others. */
  readonly missingRowIds: "refused" | "left-out";
  /** Whether a deleted row moves the sheet's version. */
  readonly deletedRowVersion: "stays" | "grows";
  /** How long the fault `late-row` hides a row that was just created. */
  readonly lateRowMs: number;
  /** How long `GET /sheets` takes to show a change: 5 to 65 s were seen. */
  readonly sheetListLagMs: number;
  /** The window of the 80,000 that reads of sheets share, 400 each; only with `requestsPerMinute`. */
  readonly readWindowMs: number;
  /** What `x-ratelimit-reset` tells: the time of the reset, in seconds or milliseconds since 1970, or the seconds until then. */
  readonly readResetFormat: "epoch-seconds" | "epoch-ms" | "seconds-left";
}

/** What each may be; the first is the default. */
export const READINGS: Readonly<Record<keyof Assumptions, readonly (string | number)[]>> = {
  retryNonce: ["new", "same"],
  retryTimestamp: ["same", "new"],
  laterEvents: ["merge", "wait"],
  retryBaseMs: [1000],
  status300To308: ["disable", "retry"],
  noConnection: ["retry", "disable"],
  failedChallenge: ["disable", "retry"],
  changedUrl: ["challenge", "trust"],
  signatureZeros: ["dropped", "kept"],
  timestampFormat: ["+00:00", "+0000", "Z"],
  newRowCells: ["updated", "created", "none"],
  clearedCell: ["deleted", "updated"],
  differentEvents: ["collapse", "apart"],
  failedVerification: ["enable", "stays"],
  missingRowIds: ["refused", "left-out"],
  deletedRowVersion: ["stays", "grows"],
  lateRowMs: [2000],
  sheetListLagMs: [65_000],
  readWindowMs: [60_000],
  readResetFormat: ["epoch-seconds", "epoch-ms", "seconds-left"],
};

/** All of them, with their defaults. @throws {SheethookError} `option_invalid` for a name or a reading that isn't known */
export function parseAssumptions(given: Readonly<Partial<Record<string, unknown>>>): Assumptions {
  const names = Object.keys(READINGS);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw optionError("assumptions", name, `one of ${names.join(", ")}`);
  }
  return Object.fromEntries(
    Object.entries(READINGS).map(([name, readings]) => {
      const value = given[name] ?? readings[0];
      if (typeof readings[0] === "number") return [name, requireNumber(`assumptions: ${name}`, value, 1, 3_600_000)];
      if (!readings.includes(value as string)) throw optionError(`assumptions: ${name}`, value, readings.join(" or "));
      return [name, value];
    }),
  ) as unknown as Assumptions;
}
