/** The value of a cell. */
export type CellValue = string | number | boolean | null;

/** One cell of a row. */
export interface Cell {
  /** The column that the cell is in. */
  readonly columnId: number;
  /** The value; absent for an empty cell. */
  readonly value?: CellValue;
  /** The value as Smartsheet shows it. */
  readonly displayValue?: string;
  /** The formula, with its `=`. */
  readonly formula?: string;
  /** With `include: ["objectValue"]`: contacts, lists and dates as objects. Lists need their `level`. */
  readonly objectValue?: unknown;
  /** With `include: ["columnType"]`. */
  readonly columnType?: string;
  /** Where a click on the cell leads. */
  readonly hyperlink?: Hyperlink;
}

/** A link: to a `url`, or to a sheet, a report or a dashboard (`sightId`) by its id. */
export interface Hyperlink {
  /** The address; of a sheet, a report or a dashboard its permanent one. */
  readonly url?: string;
  /** A sheet. */
  readonly sheetId?: number;
  /** A report. */
  readonly reportId?: number;
  /** A dashboard. */
  readonly sightId?: number;
}

/** The writer of a row, with `include: ["writerInfo"]`. */
export interface Writer {
  /** E-mail address. */
  readonly email?: string;
  /** Full name. */
  readonly name?: string;
}

/** A row, with the requested cells. */
export interface Row {
  /** The row's id. */
  readonly id: number;
  /** Its place in the sheet, from 1. */
  readonly rowNumber?: number;
  /** The row that it is indented under. */
  readonly parentId?: number;
  /** Smartsheet's version of the row. */
  readonly version?: number;
  /** In the order of the columns. */
  readonly cells: readonly Cell[];
  /** When it was added, ISO 8601. */
  readonly createdAt?: string;
  /** Who added it. */
  readonly createdBy?: Writer;
  /** When it was last changed, ISO 8601. */
  readonly modifiedAt?: string;
  /** Who last changed it. */
  readonly modifiedBy?: Writer;
}

/** A column. */
export interface Column {
  /** The column's id. */
  readonly id: number;
  /** Its place in the sheet, from 0. */
  readonly index: number;
  /** Its heading. */
  readonly title: string;
  /** `TEXT_NUMBER`, `DATE`, `CONTACT_LIST`, ... */
  readonly type: string;
  /** True for the primary column. */
  readonly primary?: boolean;
  /** The choices of a dropdown column. */
  readonly options?: readonly string[];
  /** True if a dropdown takes nothing but its choices, a contact column nothing but contacts, ... */
  readonly validation?: boolean;
  /** `RYG`, `STAR`, ...: how the values of a dropdown or checkbox column are drawn. */
  readonly symbol?: string;
  /** `AUTO_NUMBER`, `CREATED_BY`, ...: a column that Smartsheet fills in and nobody else can write to. */
  readonly systemColumnType?: string;
}

/** A sheet, with the requested rows and columns. */
export interface Sheet {
  /** The sheet's id. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
  /** Grows with every change. */
  readonly version: number;
  /** All rows, also those that weren't asked for. */
  readonly totalRowCount?: number;
  /** When Smartsheet answered, by its own clock, ISO 8601, if the answer says so (its `Date` header). */
  readonly answeredAt?: string | undefined;
  /** Its columns, in order. */
  readonly columns: readonly Column[];
  /** Its rows, from the top. */
  readonly rows: readonly Row[];
  /** When it was last changed, ISO 8601. */
  readonly modifiedAt?: string;
}

/** What the answer says of a sheet besides its rows. */
export type ScannedSheet = Omit<Sheet, "rows">;

/** Takes some rows of a sheet. The next ones come when it has ended. */
export type OnRows = (rows: readonly Row[], sheet: ScannedSheet) => void | Promise<void>;

/** A cell to write. */
export interface NewCell {
  /** The column to write to. */
  readonly columnId: number;
  /** What to write; null empties the cell. */
  readonly value?: CellValue;
  /** Instead of a value: a formula, with its `=`. */
  readonly formula?: string;
  /** Instead of a value: a list of contacts, of choices, or of predecessors. */
  readonly objectValue?: unknown;
  /** The name of the contact whose e-mail address is the value. @default as Smartsheet knows the contact */
  readonly displayValue?: string;
  /** A link; without a value, Smartsheet shows its address. */
  readonly hyperlink?: Hyperlink;
  /** False lets Smartsheet parse the value as if a person had typed it. @default true */
  readonly strict?: boolean;
}

/** A row to add. Without a position it is added at the bottom. */
export interface NewRow {
  /** The cells of the row. */
  readonly cells: readonly NewCell[];
  /** At the top of the sheet, or of `parentId`. */
  readonly toTop?: boolean;
  /** At the bottom of the sheet, or of `parentId`. */
  readonly toBottom?: boolean;
  /** Indented under this row. */
  readonly parentId?: number;
  /** Below this row. */
  readonly siblingId?: number;
  /** With `siblingId`: above it. */
  readonly above?: boolean;
}

/** Changes of a row. */
export interface RowChanges extends Partial<NewRow> {
  /** The row to change. */
  readonly id: number;
}

/** A past or present value of a cell. */
export interface CellVersion extends Cell {
  /** When it was written, ISO 8601. */
  readonly modifiedAt: string;
  /** Who wrote it. */
  readonly modifiedBy?: { readonly name?: string; readonly email?: string };
}
