/** The types of columns; `DATETIME` only in system columns. */
export const COLUMN_TYPES = [
  "TEXT_NUMBER",
  "CHECKBOX",
  "DATE",
  "ABSTRACT_DATETIME",
  "DATETIME",
  "CONTACT_LIST",
  "MULTI_CONTACT_LIST",
  "PICKLIST",
  "MULTI_PICKLIST",
  "DURATION",
  "PREDECESSOR",
] as const;

export type ColumnType = typeof COLUMN_TYPES[number];

/** The type of each kind of system column. */
export const SYSTEM_COLUMN_TYPES = {
  AUTO_NUMBER: "TEXT_NUMBER",
  CREATED_BY: "CONTACT_LIST",
  CREATED_DATE: "DATETIME",
  MODIFIED_BY: "CONTACT_LIST",
  MODIFIED_DATE: "DATETIME",
} as const satisfies Record<string, ColumnType>;

export type SystemColumnType = keyof typeof SYSTEM_COLUMN_TYPES;

/** How automatic numbers look. */
export interface AutoNumberFormat {
  /** In front of the number. */
  readonly prefix?: string;
  /** Behind the number. */
  readonly suffix?: string;
  /** Zeros, as many as the number has digits at least. */
  readonly fill?: string;
  /** The first number. @default 1 */
  readonly startingNumber?: number;
}

/** A column of a sheet. */
export interface Column {
  readonly id: number;
  title: string;
  type: ColumnType;
  readonly primary: boolean;
  width: number;
  options: readonly string[] | undefined;
  /** Choices of contacts. */
  contactOptions: readonly unknown[] | undefined;
  /** Refuses values of other types and, in a list of choices, other values. */
  validation: boolean;
  symbol: string | undefined;
  /** Filled in by Smartsheet. */
  readonly systemColumnType: SystemColumnType | undefined;
  readonly autoNumberFormat: AutoNumberFormat | undefined;
}
