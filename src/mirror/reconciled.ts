import type { ReconcileReason } from "../callback/reconcile.ts";

/** What is known of a sheet since all of it was read last: what the next comparison starts from. */
export interface Reconciled {
  /** Smartsheet's version of the sheet that was read; undefined if it changed meanwhile, or rows were left to callbacks that waited. */
  readonly version?: number | undefined;
  /** How many rows it had then. */
  readonly rowCount?: number | undefined;
  /**
   * When it was read, by Smartsheet's clock, ISO 8601: rows that changed later have a later `modifiedAt`, or the same. Where
   * Smartsheet doesn't tell the time, the latest `modifiedAt` of its rows, which isn't later.
   */
  readonly since?: string | undefined;
  /** When it was read, in milliseconds since 1970, by our clock. */
  readonly at: number;
  /** What the last comparison found; undefined if the sheet was only read for the first time. */
  readonly found?: {
    readonly reason: ReconcileReason;
    readonly created: number;
    readonly updated: number;
    readonly deleted: number;
  } | undefined;
}

/** As the text that the mirror keeps: see `MirroredSheet.reconciled`. */
export function reconciledToJson(reconciled: Reconciled): string {
  return JSON.stringify(reconciled);
}

/** What `reconciledToJson` made a text of; undefined for a sheet that was never read as a whole. */
export function reconciledOf({ reconciled }: { readonly reconciled: string | null }): Reconciled | undefined {
  return reconciled === null ? undefined : JSON.parse(reconciled);
}

/** The later of two times in ISO 8601, of which Smartsheet writes some with milliseconds. */
export function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(b) > Date.parse(a) ? b : a;
}
