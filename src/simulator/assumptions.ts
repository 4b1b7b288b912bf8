import { optionError, requireNumber } from "../errors.ts";

/**
 * Behaviour of Smartsheet that isn't documented. Each default is the variant that is harder on a receiver; the README.md
 * of this folder names the exceptions, and why.
 */
export interface Assumptions {
  /** Whether a retry keeps the nonce of its callback. */
  readonly retryNonce: "new" | "same";
  /** Whether a retry keeps the timestamp of its callback. */
  readonly retryTimestamp: "same" | "new";
  /** Whether events that happen before a retry are merged into it, or sent in the next callback. */
  readonly laterEvents: "merge" | "wait";
  /** The first of 7 waits, each twice as long as the one before. */
  readonly retryBaseMs: number;
  /** What follows answers that the documented table leaves out. */
  readonly status300To308: "disable" | "retry";
  /** What follows a connection that fails. */
  readonly noConnection: "retry" | "disable";
  /** What follows a failed challenge, one of those that come every 100 callbacks. */
  readonly failedChallenge: "disable" | "retry";
  /** Whether a new `callbackUrl` of an enabled webhook is challenged. */
  readonly changedUrl: "challenge" | "trust";
  /** Leading zeros of the signature. */
  readonly signatureZeros: "dropped" | "kept";
  /** How a callback's `timestamp` ends. */
  readonly timestampFormat: "+00:00" | "+0000" | "Z";
  /** The events of the cells of a new row. */
  readonly newRowCells: "updated" | "created" | "none";
  /** The event of a cell that loses its value. */
  readonly clearedCell: "deleted" | "updated";
  /** Whether a row in which only the result of a formula changes has an event. */
  readonly resultEvents: "none" | "row";
  /** The answer to a user without access to a sheet: 404 with 1006, or 403 with 1004. */
  readonly noAccess: "not-found" | "refused";
  /** Whether webhooks that differ only in their `events` collapse into one. */
  readonly differentEvents: "collapse" | "apart";
  /** Whether a webhook that failed a challenge can be enabled again, or has to be created again. */
  readonly failedVerification: "enable" | "stays";
  /** The answer to `rowIds` if one of them doesn't exist: 404 with 1006, or the other rows. */
  readonly missingRowIds: "refused" | "left-out";
  /** Whether deleting a row changes the sheet's version. */
  readonly deletedRowVersion: "stays" | "grows";
  /** How long the fault `late-row` hides a new row. */
  readonly lateRowMs: number;
  /** How long `GET /sheets` takes to show a change; 5 to 65 s have been observed. */
  readonly sheetListLagMs: number;
  /** The period for which reads of sheets share 80,000 points, at 400 each; only with `requestsPerMinute`. */
  readonly readWindowMs: number;
  /** The unit of `x-ratelimit-reset`: seconds or milliseconds since 1970, or the seconds until the reset. */
  readonly readResetFormat: "epoch-seconds" | "epoch-ms" | "seconds-left";
}

/** The variants of each assumption; the first is the default. */
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
  resultEvents: ["none", "row"],
  noAccess: ["not-found", "refused"],
  differentEvents: ["collapse", "apart"],
  failedVerification: ["enable", "stays"],
  missingRowIds: ["refused", "left-out"],
  deletedRowVersion: ["stays", "grows"],
  lateRowMs: [2000],
  sheetListLagMs: [65_000],
  readWindowMs: [60_000],
  readResetFormat: ["epoch-seconds", "epoch-ms", "seconds-left"],
};

/** Fills in the defaults. @throws {SheethookError} `option_invalid` for an unknown name or variant */
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
