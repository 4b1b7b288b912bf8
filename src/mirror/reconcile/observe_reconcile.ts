import type { ReconcileReason } from "../../callback/reconcile.ts";
import { isLeaseLost } from "../../errors.ts";
import type { Mirror } from "../../inbox/mirror.ts";
import type { ChangeSource } from "../derive/change_source.ts";
import { reconciledOf } from "../reconciled.ts";

/**
 * How the comparison of a sheet with its mirror ended. `incomplete`: the sheet changed meanwhile, and the next comparison finds
 * the rest; `failed`: it couldn't be read, and is tried again unless that was its last attempt.
 */
export type ReconcileResult = "unchanged" | "repaired" | "incomplete" | "failed";

/** A comparison of a sheet with its mirror that ended. */
export interface EndedReconcile {
  /** The sheet. */
  readonly sheetId: number;
  /** Why it was compared. */
  readonly reason: ReconcileReason;
  /** How it ended. */
  readonly result: ReconcileResult;
  /** Rows that no callback had told of, by what happened to them. */
  readonly found: { readonly created: number; readonly updated: number; readonly deleted: number };
}

/** The same source, which reports how each comparison ends. */
export function observeReconcile(
  source: ChangeSource,
  { mirror, sheetId, reason, onEnded }: {
    readonly mirror: Pick<Mirror, "sheet">;
    readonly sheetId: number;
    readonly reason: ReconcileReason;
    readonly onEnded: (ended: EndedReconcile) => void;
  },
): ChangeSource {
  return {
    part: (number) => source.part(number),
    async derive(signal) {
      let found = { created: 0, updated: 0, deleted: 0 };
      try {
        await source.derive(signal);
      } catch (error) {
        if (!signal.aborted && !isLeaseLost(error)) onEnded({ sheetId, reason, result: "failed", found });
        throw error;
      }
      const sheet = await mirror.sheet(sheetId);
      const reconciled = sheet && reconciledOf(sheet);
      if (!reconciled) return;
      if (reconciled.found) {
        const { created, updated, deleted } = reconciled.found;
        found = { created, updated, deleted };
      }
      const isRepaired = found.created + found.updated + found.deleted > 0;
      const result = reconciled.version === undefined ? "incomplete" : isRepaired ? "repaired" : "unchanged";
      onEnded({ sheetId, reason, result, found });
    },
  };
}
