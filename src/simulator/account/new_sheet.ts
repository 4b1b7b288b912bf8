import { invalidAttribute, unparsable } from "../api_error.ts";
import type { Account } from "./account.ts";
import { writeCells } from "./cells.ts";
import type { AutoNumberFormat } from "./column.ts";
import type { Container } from "./containers.ts";
import type { EditedValue } from "./edit.ts";
import { createRow, rowContext } from "./rows/row_context.ts";
import type { CellValue, Row, Sheet } from "./sheet.ts";
import { parseCells } from "./values/parse_cells.ts";

/** A column of a new sheet, as in the API. The first one is the primary column. */
export interface NewColumn {
  /** Its heading; two columns may have the same. */
  readonly title: string;
  /** `TEXT_NUMBER`, `DATE`, `CONTACT_LIST`, ... @default "TEXT_NUMBER", or what `systemColumnType` needs */
  readonly type?: string;
  /** The choices of `PICKLIST` and `MULTI_PICKLIST`. */
  readonly options?: readonly string[];
  /** `FLAG` or `STAR` for `CHECKBOX`; `RYG`, `HARVEY_BALLS`, ... for `PICKLIST`, instead of options. */
  readonly symbol?: string;
  /** Refuses values of other types, and other options. @default false */
  readonly validation?: boolean;
  /** `AUTO_NUMBER`, `CREATED_BY`, `CREATED_DATE`, `MODIFIED_BY` or `MODIFIED_DATE`. */
  readonly systemColumnType?: string;
  /** How automatic numbers look. */
  readonly autoNumberFormat?: AutoNumberFormat;
}

/** A new sheet, and the ids in it. */
export interface NewSheet {
  /** The sheet's id. */
  readonly sheetId: number;
  /** Column ids by title; of two columns with one title, the last one's. */
  readonly columnIds: Readonly<Record<string, number>>;
  /** Row ids, from the top. */
  readonly rowIds: readonly number[];
}

/** The ids in a new sheet. */
export function newSheetView({ id, columns, rows }: Sheet): NewSheet {
  return {
    sheetId: id,
    columnIds: Object.fromEntries(columns.map(({ title, id }) => [title, id])),
    rowIds: rows.map(({ id }) => id),
  };
}

/** The workspace or folder that a sheet or a folder is made in. */
export type SheetParent = { readonly workspaceId: number } | { readonly folderId: number };

/** @throws {ApiError} 1006 */
export function parentOf(parent: SheetParent, { containers }: Account): Container {
  return "workspaceId" in parent
    ? containers.get("workspace", parent.workspaceId)
    : containers.get("folder", parent.folderId);
}

/** The values of a row, in the order of the columns; null leaves a cell empty. */
export type NewRow = readonly (CellValue | null | EditedValue)[];

/**
 * Makes a sheet with rows, at once and without events. Values are read as in an edit.
 *
 * @throws {ApiError} for a blank name, no column, a column or a row that can't be; then there is no sheet
 */
export function createSheet(
  name: unknown,
  columns: readonly (string | NewColumn)[],
  rows: Iterable<NewRow>,
  account: Account,
  parent?: SheetParent,
): Sheet {
  if (!Array.isArray(columns)) throw invalidAttribute("columns", columns);
  const given = columns.map((column, index) => ({
    ...(typeof column === "string" ? { title: column } : column),
    primary: index === 0,
  }));
  const sheet = account.sheets.create({ name, columns: given }, parent && parentOf(parent, account).id);
  try {
    fill(sheet, rows, account);
  } catch (error) {
    account.sheets.delete(sheet);
    throw error;
  }
  return sheet;
}

function fill(sheet: Sheet, rows: Iterable<NewRow>, account: Account): void {
  const { columns } = sheet;
  const actor = { userId: account.users.owner.id };
  // No fault hides the first rows.
  const context = { ...rowContext(sheet, actor, account, { isEdit: true }), strikes: () => false };
  const { at, assumptions } = context;
  const added: Row[] = [];
  for (const values of rows) {
    const index = added.length;
    if (!Array.isArray(values)) throw invalidAttribute("rows", values);
    if (values.length > columns.length) throw unparsable(`row ${index} has more values than there are columns`);
    const row = createRow({}, context);
    const cells = values.flatMap((value, column) => {
      if (value === null || value === undefined) return [];
      const cell = typeof value === "object" ? value : { value };
      return [{ ...cell, columnId: columns[column]!.id }];
    });
    writeCells(row, parseCells(cells, context, { index }), true, actor, at, assumptions);
    added.push(row);
  }
  sheet.rows = added;
}
