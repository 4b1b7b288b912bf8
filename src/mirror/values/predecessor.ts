import { isObject } from "../../json.ts";
import { durationText, parseDuration } from "./duration.ts";

/** A row that must begin or end first. */
export interface Predecessor {
  /** The other row's id. */
  readonly rowId: number;
  /** Finish-to-start, and so on. @default "FS" */
  readonly type?: "FS" | "FF" | "SS" | "SF";
  /** `3d 4h`, `-1d`, `e2d` (elapsed). @default none */
  readonly lag?: string;
}

/** The id of a row by its number in the sheet; undefined for a number that no row has. */
export type RowIdOf = (rowNumber: number) => number | undefined;

const TYPES: readonly unknown[] = ["FS", "FF", "SS", "SF"];

/** The predecessors in an `objectValue`; undefined if it holds none, or one that has no row any more. */
export function readPredecessors(objectValue: unknown): Predecessor[] | undefined {
  if (!isObject(objectValue) || !Array.isArray(objectValue.predecessors)) return undefined;
  const read = objectValue.predecessors.map((each: unknown) => {
    const { rowId, type, lag, invalid } = Object(each) as Record<string, unknown>;
    if (typeof rowId !== "number" || invalid === true) return undefined;
    const text = durationText(lag);
    return { rowId, type: TYPES.includes(type) ? type : "FS", ...(text && { lag: text }) } as Predecessor;
  });
  return read.includes(undefined) ? undefined : read as Predecessor[];
}

/** Text such as `12FS +3d 4h, 14SS` as predecessors; undefined for other text, and for a row that isn't there. */
export function parsePredecessors(text: string, rowIdOf: RowIdOf): Predecessor[] | undefined {
  const parsed = text.split(",").map((part) => {
    const [, number, type = "FS", lag] = /^(\d+)\s*(FS|FF|SS|SF)?\s*([+-].+)?$/i.exec(part.trim()) ?? [];
    const rowId = number && rowIdOf(Number(number));
    if (!rowId || (lag && !parseDuration(lag))) return undefined;
    return { rowId, type: type.toUpperCase(), ...(lag && { lag }) } as Predecessor;
  });
  return parsed.includes(undefined) ? undefined : parsed as Predecessor[];
}

/** True for a list of predecessors that can be written. */
export function arePredecessors(value: unknown): value is readonly Predecessor[] {
  return Array.isArray(value) && value.every((each) => {
    const { rowId, type, lag } = Object(each) as Record<string, unknown>;
    return Number.isSafeInteger(rowId) && (type === undefined || TYPES.includes(type)) &&
      (lag === undefined || (typeof lag === "string" && parseDuration(lag) !== undefined));
  });
}

/** The `objectValue` that writes them. */
export function predecessorList(predecessors: readonly Predecessor[]): Record<string, unknown> {
  return {
    objectType: "PREDECESSOR_LIST",
    predecessors: predecessors.map(({ rowId, type = "FS", lag }) => ({
      rowId,
      type,
      ...(lag !== undefined && { lag: parseDuration(lag) }),
    })),
  };
}
