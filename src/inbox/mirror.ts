import type { AcceptedCallback } from "../callback/callback.ts";
import type { Lease, Work } from "./inbox.ts";

/**
 * The last known state of sheets, kept with the inbox so that what a callback changed and the state that it led to are stored in
 * one transaction. What a row holds is opaque here: a JSON text.
 */
export interface Mirror {
  /** What is known of a sheet; undefined if nothing is. */
  sheet(sheetId: number): Promise<MirroredSheet | undefined>;

  /** These rows, in any order; those that aren't there are left out. */
  rows(sheetId: number, rowIds: readonly number[]): Promise<readonly MirroredRow[]>;

  /** Rows in order of their ids, from behind `after`. */
  rowsAfter(sheetId: number, after: number, limit: number): Promise<readonly MirroredRow[]>;

  /**
   * Stores a new state. Give at most 500 rows.
   *
   * @returns the new revision; undefined, and nothing is stored, if the sheet's revision isn't `write.revision`
   */
  write(write: MirrorWrite): Promise<number | undefined>;

  /**
   * Stores a part of the changes of a callback that is taken, and the state that they led to, in one transaction. Rejects with
   * `lease_lost`. Changes are kept as long as the callback.
   *
   * @returns as {@linkcode write}; undefined as well if the callback has this part already, which stays
   */
  derive(lease: Lease, work: Pick<Work, "id">, write: MirrorWrite, part: ChangesPart): Promise<number | undefined>;

  /**
   * A part of the changes that were stored with a callback, also with one that has ended; undefined if there is no such part.
   *
   * @param number from 0
   */
  changesOf(callback: number, number: number): Promise<StoredPart | undefined>;

  /** The callbacks that wait in the lane behind the one that is taken, in order. */
  waiting(lease: Lease, limit: number): Promise<readonly WaitingCallback[]>;

  /** Whether a callback of Smartsheet's for the sheet was accepted then or later. @param since milliseconds since 1970 */
  toldSince(sheetId: number, since: number): Promise<boolean>;

  /** All mirrored sheets, by id. */
  sheets(): Promise<readonly MirroredSheet[]>;

  /** Forgets a sheet and its rows; its views stay, and are empty. @returns whether there was one */
  drop(sheetId: number): Promise<boolean>;

  /** Views of the sheets; undefined for an inbox without a database. */
  readonly views?: MirrorViews | undefined;
}

/** Views in the inbox's database: a sheet as a table, for any client. {@linkcode Mirror.write} keeps their columns up. */
export interface MirrorViews {
  /** All views, by name. */
  list(): Promise<readonly MirrorView[]>;

  /**
   * Makes a view of a sheet; one that is there is made anew. Rejects with `option_invalid` for a name that is no SQL identifier
   * or belongs to something else in the database, and for a sheet that isn't mirrored.
   */
  create(sheetId: number, name: string): Promise<MirrorView>;

  /** Drops a view of a sheet. @returns whether there was one */
  drop(sheetId: number, name: string): Promise<boolean>;
}

/** A view of a sheet. */
export interface MirrorView {
  /** Its name, in lower case. */
  readonly name: string;
  /** As it stands behind `from` in a query. */
  readonly from: string;
  /** The sheet's id. */
  readonly sheetId: number;
  /** One for each column of the sheet, in order. */
  readonly columns: readonly ViewColumn[];
  /** Why the database has refused to change it; null if it is as it should be. */
  readonly problem: string | null;
}

/** A column of a view. */
export interface ViewColumn {
  /** Its name in SQL. */
  readonly name: string;
  /** The id of the sheet's column. */
  readonly columnId: number;
  /** The title of the sheet's column. */
  readonly title: string;
  /** What is in it. */
  readonly kind: ViewColumnKind;
}

/** What is in a column of a view. `time` is a date and time without a zone, `instant` one with it. */
export type ViewColumnKind = "text" | "number" | "boolean" | "date" | "time" | "instant" | "contact" | "list";

/** A sheet as the mirror knows it. */
export interface MirroredSheet {
  /** The sheet's id. */
  readonly id: number;
  /** Its name and columns, as JSON. */
  readonly info: string;
  /** Smartsheet's version of it when it was read last. */
  readonly version: number;
  /** When it was read last, in milliseconds since 1970. */
  readonly readAt: number;
  /** False until all of its rows have been read once. */
  readonly isWhole: boolean;
  /** What the last comparison with the whole sheet found, as JSON; null before the first. */
  readonly reconciled: string | null;
  /** Differs after each write. */
  readonly revision: number;
  /** How many rows are stored. */
  readonly rowCount: number;
}

/** A row as the mirror keeps it. */
export interface MirroredRow {
  /** The row's id. */
  readonly id: number;
  /** What is in it, as JSON. */
  readonly json: string;
  /** It was read when this callback was in the inbox: the same and older ones tell nothing new of it. */
  readonly readFor: number;
}

/** A new state of a sheet. */
export interface MirrorWrite {
  /** The sheet itself. */
  readonly sheet: Omit<MirroredSheet, "revision" | "rowCount">;
  /** The revision that it is based on; undefined if the sheet isn't mirrored yet. */
  readonly revision: number | undefined;
  /** Rows that are new, or different. */
  readonly rows: readonly MirroredRow[];
  /** Rows that aren't there any more. */
  readonly deleted: readonly number[];
}

/** Some of the changes of a callback. */
export interface ChangesPart {
  /** From 0, one after another. */
  readonly number: number;
  /** The changes, as JSON. */
  readonly json: string;
  /** Whether no other part follows. */
  readonly isLast: boolean;
}

/** A part as it is kept. */
export interface StoredPart extends ChangesPart {
  /** Whether all parts are stored. */
  readonly isComplete: boolean;
}

/** A callback that waits in its lane. */
export interface WaitingCallback {
  /** The inbox's own number of it. */
  readonly id: number;
  /** The callback. */
  readonly callback: AcceptedCallback;
}
