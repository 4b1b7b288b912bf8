import { ApiError } from "../../api_error.ts";
import { indexOf } from "../rows/row_index.ts";
import type { CellContent, ObjectValue, Sheet } from "../sheet.ts";
import { type Duration, durationObject, durationOf, durationText, readDuration } from "./duration.ts";
import type { GivenValue } from "./given_value.ts";

const TYPES = ["FS", "FF", "SS", "SF"];
const TEXT = /^(\d+)\s*(FS|FF|SS|SF)?\s*([+-].+)?$/i;

interface Predecessor {
  readonly rowId: number;
  readonly type: string;
  readonly lag: Duration | undefined;
}

/** A `PREDECESSOR_LIST`; leniently also `2FS +3d 4h, 14SS`, by row numbers. @throws {ApiError} 1034 for an unknown row */
export function parsePredecessors({ value, object, isStrict, sheet }: GivenValue): CellContent | undefined {
  const list = object ? readList(object, sheet) : isStrict ? undefined : fromText(String(value), sheet);
  if (!list?.length) return undefined;
  // Row numbers change: reads compute the text.
  return {
    value: list.map(({ rowId }) => rowId).join(", "),
    objectValue: { objectType: "PREDECESSOR_LIST", predecessors: list },
  };
}

function readList({ objectType, predecessors }: ObjectValue, sheet: Sheet): Predecessor[] | undefined {
  if (objectType !== "PREDECESSOR_LIST" || !Array.isArray(predecessors)) return undefined;
  const list = predecessors.map((item) => {
    const { rowId, type = "FS", lag } = Object(item) as Record<string, unknown>;
    if (!indexOf(sheet).places.has(Number(rowId))) throw new ApiError(404, 1034, "Invalid Row ID.");
    return {
      rowId: Number(rowId),
      type: String(type),
      lag: lag === undefined ? undefined : readDuration(lag),
      given: lag,
    };
  });
  if (list.some(({ type, lag, given }) => !TYPES.includes(type) || (given && !lag))) return undefined;
  return list.map(({ rowId, type, lag }) => ({ rowId, type, lag }));
}

function fromText(text: string, { rows }: Sheet): Predecessor[] | undefined {
  const list = text.split(",").map((part) => {
    const [, rowNumber, type = "FS", lag] = TEXT.exec(part.trim()) ?? [];
    const rowId = rows[Number(rowNumber) - 1]?.id;
    const duration = lag === undefined ? undefined : durationOf(lag);
    return rowId === undefined || (lag && !duration) ? undefined : { rowId, type: type.toUpperCase(), lag: duration };
  });
  return list.every((item) => item !== undefined) ? list : undefined;
}

/** A list as reads show it: by the present row numbers. Rows that are gone are `#REF`. */
export function predecessorView(
  { predecessors }: ObjectValue,
  sheet: Sheet,
): { value: string; objectValue: ObjectValue } {
  const { places } = indexOf(sheet);
  const list = (predecessors as Predecessor[]).map(({ rowId, type, lag }) => {
    const rowNumber = places.get(rowId)?.rowNumber;
    const lagText = lag ? ` ${lag.negative ? "-" : "+"}${durationText(lag)}` : "";
    // A plain predecessor shows its row number alone.
    const text = type === "FS" && !lag ? `${rowNumber}` : `${rowNumber}${type}${lagText}`;
    const place = rowNumber === undefined ? { invalid: true } : { rowNumber };
    const object = { rowId, ...place, type, ...(lag ? { lag: durationObject(lag) } : {}) };
    return { text: rowNumber === undefined ? "#REF" : text, object };
  });
  return {
    value: list.map(({ text }) => text).join(", "),
    objectValue: { objectType: "PREDECESSOR_LIST", predecessors: list.map(({ object }) => object) },
  };
}
