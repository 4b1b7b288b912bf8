import type { Mirror } from "../../inbox/mirror.ts";
import type { Change } from "../change.ts";
import { changesFromJson } from "../derive/stored_changes.ts";
import type { Gap } from "../gap.ts";
import type { SheetInfo } from "../row.ts";

/** The changes that are stored with a callback, which may be in several parts. */
export interface StoredFound {
  /** The sheet, as it was then. */
  readonly sheet: SheetInfo;
  /** The first of them. */
  readonly changes: readonly Change[];
  /** How many there are. */
  readonly count: number;
  /** Whether all of them are derived. */
  readonly isComplete: boolean;
  /** What a reconcile found; undefined for a callback of Smartsheet's, and for a sheet that was read for the first time. */
  readonly gap: Gap | undefined;
}

/** The first `most` changes of a callback; undefined if none were derived yet. */
export async function readFound(
  mirror: Pick<Mirror, "changesOf">,
  callback: number,
  most: number,
): Promise<StoredFound | undefined> {
  let found: StoredFound | undefined;
  for (let number = 0;; number++) {
    const part = await mirror.changesOf(callback, number);
    if (!part) return found;
    const { changes: before = [], count: counted = 0 } = found ?? {};
    const { sheet, changes, count, gap } = changesFromJson(part.json, [], most - before.length);
    found = {
      sheet: found?.sheet ?? sheet,
      changes: [...before, ...changes],
      count: counted + count,
      isComplete: part.isComplete,
      gap,
    };
    if (part.isLast) return found;
  }
}
