/** What a cell holds. */
export type CellValue = string | number | boolean;

/** A value in the history of a cell. */
export interface CellVersion {
  readonly value: CellValue | undefined;
  readonly formula: string | undefined;
  readonly objectValue: unknown;
  readonly modifiedAt: number;
  readonly userId: number;
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
  /** All versions of each cell by its column, oldest first. */
  readonly cells: Map<number, CellVersion[]>;
}

export interface Column {
  readonly id: number;
  title: string;
  type: string;
  readonly primary: boolean;
  width: number;
  options: readonly string[] | undefined;
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
  modifiedAt: number;
  /** Times of changes, oldest first, because lists of sheets lag behind. */
  listedTimes: number[];
  version: number;
  columns: Column[];
  rows: Row[];
  discussions: Discussion[];
  attachments: Attachment[];
}

/** True if the sheet is too large for webhooks. */
export function isOverGridLimits({ rows, columns }: Sheet): boolean {
  return rows.length > 20_000 || columns.length > 400 || rows.length * columns.length > 500_000;
}
