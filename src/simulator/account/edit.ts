import { invalidAttribute, missing, unparsable } from "../api_error.ts";
import type { Change } from "../event.ts";
import type { CellValue, Hyperlink } from "./sheet.ts";

/** What an edit writes into a cell. */
export interface EditedValue {
  /** The new value, or the result of `formula`; null clears the cell. Text that the column's type doesn't know stays text. */
  readonly value?: CellValue | null;
  /** What a plain value can't say, as in the API: several contacts or choices, predecessors. */
  readonly objectValue?: Readonly<Record<string, unknown>>;
  /** The name of a contact, whose e-mail address is `value`. */
  readonly displayValue?: string;
  /** A link of the cell. */
  readonly hyperlink?: Hyperlink;
  /** With its `=`. The simulator doesn't calculate: `value` is the result. */
  readonly formula?: string;
}

/** A cell of an edit, its column by id or title. */
export interface EditedCell extends EditedValue {
  /** The column, by its id. */
  readonly columnId?: number;
  /** The column, by its title. */
  readonly column?: string;
}

/** Where an edit puts a row, as in the API; its children go with it. A new row is at the bottom without one. */
export interface EditedPosition {
  /** On top of the sheet. */
  readonly toTop?: true;
  /** At the bottom of the sheet; with `parentId`, as its last child. */
  readonly toBottom?: true;
  /** As the first child of this row. */
  readonly parentId?: number;
  /** Below this row and its children. */
  readonly siblingId?: number;
  /** Above the sibling instead. */
  readonly above?: true;
}

/** A row of an edit: changed with an id, added without. Without cells, a new one is blank, and another one only moves. */
export interface EditedRow extends EditedPosition {
  /** The row. */
  readonly id?: number;
  /** Its cells. */
  readonly cells?: readonly EditedCell[];
}

/**
 * An edit that a person makes in the grid, of one of these kinds. An edit with no kind writes the time into the primary
 * column, of the given row or of a new one. A position alone moves the given row.
 */
export interface Edit extends EditedValue, EditedPosition {
  /** The sheet to edit. @default the only sheet */
  readonly sheetId?: number;
  /** The user's e-mail address. @default "person@example.com" */
  readonly user?: string;
  /** Changes rows with an id, adds rows without. */
  readonly rows?: readonly EditedRow[];
  /** Changes one row; without `rowId`, adds one. */
  readonly rowId?: number;
  /** That row's cells; a new row without any is blank. */
  readonly cells?: readonly EditedCell[];
  /** One cell of that row. */
  readonly columnId?: number;
  /** The cell's column, by its title. */
  readonly column?: string;
  /** Deletes that row, with its children. */
  readonly delete?: true;
  /** Deletes rows. */
  readonly deleteRowIds?: readonly number[];
  /** Fires no event, as when the result of a formula changes: only reads show it. A formula stays; `value` is its result. */
  readonly silent?: true;
  /** Comments on that row, or on the sheet. */
  readonly comment?: string;
  /** Attaches a link of this name to that row, or to the sheet. */
  readonly attachment?: string;
  /** Sends these events, documented or not; on the plan instead of a sheet if `sheetId` is the plan's id. */
  readonly events?: readonly Change[];
}

/** The result of an edit. */
export interface EditResult {
  /** The sheet that was edited. */
  readonly sheetId: number;
  /** Who edited it. */
  readonly userId: number;
  /** The changed, added or deleted rows. */
  readonly rowIds: number[];
  /** The number of events. */
  readonly events: number;
}

/** The attributes of a value. */
export const VALUE_NAMES = ["value", "objectValue", "displayValue", "hyperlink", "formula"] as const;

/** The attributes of a position. */
export const POSITION_NAMES = ["toTop", "toBottom", "parentId", "siblingId", "above"] as const;

const EDIT_NAMES: readonly (keyof Edit)[] = [
  "sheetId",
  "user",
  "rowId",
  "cells",
  "columnId",
  "column",
  ...VALUE_NAMES,
  ...POSITION_NAMES,
  "rows",
  "delete",
  "deleteRowIds",
  "silent",
  "comment",
  "attachment",
  "events",
];

/**
 * Checks an edit, which may be hand-written JSON. Ids may be strings, as in the API.
 *
 * @throws {ApiError} 1031 for a value, 1008 for an unknown attribute, 1012 if the row to delete is missing
 */
export function checkEdit(edit: Edit): Edit {
  refuseUnknown("edit", edit, EDIT_NAMES);
  const { sheetId, rowId, columnId, user, column, comment, attachment, rows, cells, deleteRowIds, events } = edit;
  for (const [name, text] of Object.entries({ user, column, comment, attachment })) {
    if (text !== undefined && (typeof text !== "string" || !text)) throw invalidAttribute(name, text);
  }
  for (const [name, list] of Object.entries({ rows, cells, deleteRowIds, events })) {
    if (list !== undefined && !Array.isArray(list)) throw invalidAttribute(name, list);
  }
  for (const row of rows ?? [{ cells }]) {
    if (row?.cells !== undefined && !Array.isArray(row.cells)) throw invalidAttribute("rows", rows);
    refuseUnknown("row", row, ["id", "cells", ...POSITION_NAMES]);
    for (const cell of row?.cells ?? []) {
      if (typeof cell !== "object" || !cell) throw invalidAttribute("cells", cell);
      refuseUnknown("cell", cell, ["columnId", "column", ...VALUE_NAMES]);
    }
  }
  for (const event of events ?? []) {
    const { objectType, eventType } = Object(event);
    if (typeof objectType !== "string" || typeof eventType !== "string") throw invalidAttribute("events", event);
  }
  for (const name of ["delete", "silent"] as const) {
    if (edit[name] !== undefined && edit[name] !== true) throw invalidAttribute(name, edit[name]);
  }
  if (edit.silent && (comment ?? attachment ?? events) !== undefined) {
    throw invalidAttribute("silent, which goes with rows and cells alone", true);
  }
  if (edit.delete && rowId === undefined) throw missing("rowId (of the row to delete)");
  const ids = Object.entries({ sheetId, rowId, columnId }).filter(([, id]) => id !== undefined);
  return { ...edit, ...Object.fromEntries(ids.map(([name, id]) => [name, Number(id)])) };
}

function refuseUnknown(what: string, given: object, names: readonly string[]): void {
  const unknown = Object.keys(given ?? {}).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw unparsable(`Unknown attribute "${unknown}" of the ${what}: it has ${names.join(", ")}`);
  }
}
