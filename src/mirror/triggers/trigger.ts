import type { ReconcileRequest } from "../../callback/reconcile.ts";

/** Asks for comparisons of sheets when their time has come. */
export interface Trigger {
  /**
   * Does what is due. Rejects if the inbox fails, and then does it the next time.
   *
   * @param sheets ids of the mirrored sheets that a handler of changes asks for
   * @returns when something is due next, in milliseconds since 1970
   */
  tick(sheets: readonly number[], signal: AbortSignal): Promise<number>;
}

/** Stores the wish for a comparison. Two of the same sheet, reason and key are one, also of two processes. */
export type AskForReconcile = (
  request: ReconcileRequest & { readonly key: string },
) => Promise<"stored" | "duplicate">;

/** Where in each period a sheet's turn is, from 0 to before `everyMs`: sheets are spread over time, equally in each process. */
export function phaseOf(sheetId: number, everyMs: number): number {
  // Fibonacci hashing: neighbouring ids land far apart.
  const part = (sheetId % 2 ** 32) * 0.6180339887498949 % 1;
  return Math.floor(part * everyMs);
}
