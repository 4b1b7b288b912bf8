import type { ReconcileReason } from "../callback/reconcile.ts";
import type { SheetInfo } from "./row.ts";

/** What a comparison of a whole sheet with its mirror found: what no callback had told. */
export interface Gap {
  /** The sheet, as it is now. */
  readonly sheet: SheetInfo;
  /** Why it was compared. */
  readonly reason: ReconcileReason;
  /** Since when callbacks may be missing, ISO 8601: as the watch knows it, or else when the mirror was last known to be right. */
  readonly since: string | undefined;
  /** When the comparison ended, ISO 8601. */
  readonly until: string;
  /** Rows that are new. */
  readonly created: number;
  /** Rows whose values changed. */
  readonly updated: number;
  /** Rows that aren't there any more. */
  readonly deleted: number;
  /** False if the sheet changed while it was read, three times: nothing was called deleted, and the next comparison finds the rest. */
  readonly isComplete: boolean;
  /** What can't be known of the time between, in words. */
  readonly unknown: readonly string[];
}

/** What no comparison brings back. */
export const UNKNOWN: readonly string[] = [
  "values between the last known and the present one",
  "rows that were created and deleted in between",
  "who deleted a row, and when",
  "the change agents of these changes",
  "the order of these changes",
];
