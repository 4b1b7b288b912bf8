import type { Column } from "./column.ts";

/** What a cell holds. */
export type CellValue = string | number | boolean;

/** A value, as the type of its column keeps it. */
export interface CellContent {
  /** Undefined in an empty cell. */
  readonly value: CellValue | undefined;
  /** If it isn't the value's text: the name of a contact, "$5,000". */
  readonly displayValue?: string | undefined;
  /** If it isn't the value: contacts, lists, dates, durations, predecessors. */
  readonly objectValue?: ObjectValue | undefined;
  readonly hyperlink?: Hyperlink | undefined;
}

/** Of a cell without a value. */
export const EMPTY: CellContent = { value: undefined };

/** An object of Smartsheet's, by its `objectType`. */
export type ObjectValue = { readonly objectType: string } & Readonly<Record<string, unknown>>;

/** A link to a page, or to a sheet, report or dashboard. */
export interface Hyperlink {
  /** The page; in answers also that of a sheet. */
  readonly url?: string;
  /** The sheet. */
  readonly sheetId?: number;
  /** The report. */
  readonly reportId?: number;
  /** The dashboard. */
  readonly sightId?: number;
}

/** A value in the history of a cell. */
export interface CellVersion extends CellContent {
  readonly formula: string | undefined;
  readonly modifiedAt: number;
  readonly userId: number;
  /** The version before. */
  readonly before: CellVersion | undefined;
}

export interface Row {
  readonly id: number;
  readonly createdAt: number;
  /** When reads begin to show it, in milliseconds since 1970. */
  readonly visibleFrom: number;
  readonly createdBy: number;
  modifiedAt: number;
  modifiedBy: number;
  parentId: number | undefined;
  expanded: boolean;
  locked: boolean;
  /** What `AUTO_NUMBER` columns show. */
  readonly autoNumber: number;
  /** The newest version of each cell, by its column. */
  readonly cells: Map<number, CellVersion>;
}

export interface Comment {
  readonly id: number;
  text: string;
  readonly userId: number;
  readonly createdAt: number;
  modifiedAt: number;
}

export interface Discussion {
  readonly id: number;
  /** Undefined for a discussion of the sheet. */
  readonly rowId: number | undefined;
  readonly title: string;
  comments: Comment[];
}

export interface Attachment {
  readonly id: number;
  readonly parentType: "SHEET" | "ROW" | "COMMENT";
  readonly parentId: number;
  readonly name: string;
  readonly attachmentType: string;
  readonly url: string | undefined;
  readonly userId: number;
  readonly createdAt: number;
}

export interface Sheet {
  readonly id: number;
  readonly createdAt: number;
  name: string;
  /** The workspace or folder that it is in. */
  parentId: number | undefined;
  modifiedAt: number;
  /** Times of changes, oldest first, because lists of sheets lag behind. */
  listedTimes: number[];
  version: number;
  columns: Column[];
  /** Replaced by each change of rows or their order, never changed in place: see row_index.ts. */
  rows: Row[];
  /** The number of rows that have ever been added. */
  rowsAdded: number;
  /** What users other than its owner may do; unnamed users may do everything. */
  readonly access: Map<number, Access>;
  discussions: Discussion[];
  attachments: Attachment[];
}

/** What a user may do with a sheet: nothing, read, read and change, everything. */
export type Access = "NONE" | "VIEWER" | "EDITOR" | "OWNER";

export const ACCESS_LEVELS: readonly Access[] = ["NONE", "VIEWER", "EDITOR", "OWNER"];

/** An answer to `GET /sheets/{id}`. */
export interface SheetRead {
  /** The sheet. */
  readonly sheetId: number;
  /** The page, from 1. */
  readonly page: number;
  /** How many pages of this size the sheet has; 1 if all rows were asked for at once, or none. */
  readonly pages: number;
  /** The most rows of a page. */
  readonly pageSize: number;
}

/** True if the sheet is too large for webhooks. */
export function isOverGridLimits({ rows, columns }: Sheet): boolean {
  return rows.length > 20_000 || columns.length > 400 || rows.length * columns.length > 500_000;
}
