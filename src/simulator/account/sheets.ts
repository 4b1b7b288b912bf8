import { invalidAttribute, missing, notFound } from "../api_error.ts";
import type { Actor, Change } from "../event.ts";
import type { SimulatorSettings } from "../options.ts";
import { parseColumns } from "./columns.ts";
import type { Access, Sheet } from "./sheet.ts";

/** The sheets of the account. Every user may read and change each of them, unless `setAccess` says otherwise. */
export interface Sheets {
  /** @throws {ApiError} 1012, 1031 */
  create(body: Readonly<Record<string, unknown>>, parentId?: number): Sheet;
  /** @throws {ApiError} 1006 */
  get(id: number): Sheet;
  has(id: number): boolean;
  list(): Sheet[];
  delete(sheet: Sheet): void;
  /** Changes what a user may do with a sheet. */
  setAccess(sheet: Sheet, userId: number, access: Access): void;
  /** Ends an edit: a new version, and its events unless it is silent. @returns the number of events */
  commit(sheet: Sheet, changes: readonly Change[], actor: Actor, isSilent?: boolean): number;
  /** Ends a change of comments, discussions or attachments: a new version, but no event of the sheet. */
  commitBeside(sheet: Sheet, changes: readonly Change[], actor: Actor): void;
  /** Calls these functions from now on. */
  listen(listener: SheetListener): void;
}

/** Called after each change of a sheet. */
export interface SheetListener {
  changed(sheet: Sheet, changes: readonly Change[], actor: Actor): void;
  deleted(sheet: Sheet): void;
  accessChanged(sheet: Sheet, userId: number): void;
}

/** What a user may do with a sheet. */
export function accessOf({ access }: Sheet, userId: number): Access {
  return access.get(userId) ?? "OWNER";
}

export function createSheets({ random, now, assumptions }: SimulatorSettings): Sheets {
  const sheets = new Map<number, Sheet>();
  const listeners: SheetListener[] = [];

  function modify(sheet: Sheet, changes: readonly Change[], actor: Actor, movesVersion = true): void {
    const at = now();
    if (movesVersion) sheet.version++;
    sheet.modifiedAt = at;
    // Of the times that a list shows already, only the last one counts.
    const shown = sheet.listedTimes.findLastIndex((time) => time <= at - assumptions.sheetListLagMs);
    sheet.listedTimes = [...sheet.listedTimes.slice(Math.max(shown, 0)), at];
    for (const { changed } of listeners) changed(sheet, changes, actor);
  }

  return {
    create({ name, columns: given }, parentId) {
      if (typeof name !== "string" || !name.trim()) throw missing("sheet.name");
      const columns = parseColumns(given, random);
      if (columns.filter(({ primary }) => primary).length !== 1) {
        throw invalidAttribute("columns", "exactly one of them should be primary");
      }
      const at = now();
      const sheet: Sheet = {
        id: random.id(),
        name,
        parentId,
        columns,
        rows: [],
        rowsAdded: 0,
        access: new Map(),
        discussions: [],
        attachments: [],
        version: 1,
        createdAt: at,
        modifiedAt: at,
        listedTimes: [at],
      };
      sheets.set(sheet.id, sheet);
      return sheet;
    },
    get(id) {
      const sheet = sheets.get(id);
      if (!sheet) throw notFound();
      return sheet;
    },
    has: (id) => sheets.has(id),
    list: () => [...sheets.values()],
    delete(sheet) {
      sheets.delete(sheet.id);
      for (const { deleted } of listeners) deleted(sheet);
    },
    setAccess(sheet, userId, access) {
      sheet.access.set(userId, access);
      for (const { accessChanged } of listeners) accessChanged(sheet, userId);
    },
    commit(sheet, changes, actor, isSilent = false) {
      const isDeletion = changes.length > 0 && changes.every((change) => patternOf(change) === "row.deleted");
      const updated = { objectType: "sheet", eventType: "updated", id: sheet.id };
      const events = isSilent ? [] : [updated, ...changes];
      modify(sheet, events, actor, !isDeletion || assumptions.deletedRowVersion === "grows");
      return events.length;
    },
    commitBeside: modify,
    listen: (listener) => void listeners.push(listener),
  };
}

function patternOf({ objectType, eventType }: Change): string {
  return `${objectType}.${eventType}`;
}
