import { invalidAttribute, missing, notFound } from "../http/api_error.ts";
import type { Actor, Change } from "./event.ts";
import type { SimulatorSettings } from "../options.ts";
import { type Column, isOverGridLimits, type Sheet } from "./sheet.ts";
import type { Webhooks } from "./webhooks.ts";

/** The sheets of the account. Every user may see and change each of them. */
export interface Sheets {
  /** @throws {ApiError} 1012, 1031 */
  create(body: Readonly<Record<string, unknown>>): Sheet;
  /** @throws {ApiError} 1006 */
  get(id: number): Sheet;
  has(id: number): boolean;
  isOverGridLimits(id: number): boolean;
  list(): Sheet[];
  delete(sheet: Sheet): void;
  /** Makes columns of what a request tells of them. @throws {ApiError} 1012, 1031 */
  parseColumns(columns: unknown): Column[];
  /** One edit is done: a new version, and its events unless it is silent. @returns how many events that makes */
  commit(sheet: Sheet, changes: readonly Change[], actor: Actor, isSilent?: boolean): number;
  /** A comment, a discussion or an attachment: a new version, but no event of the sheet. */
  commitBeside(sheet: Sheet, changes: readonly Change[], actor: Actor): number;
}

/** `webhooks` is asked for when it is needed: it needs the sheets, too. */
export function createSheets(settings: SimulatorSettings, webhooks: () => Webhooks): Sheets {
  const { random, now, assumptions } = settings;
  const sheets = new Map<number, Sheet>();

  function modify(sheet: Sheet, movesVersion: boolean): void {
    const at = now();
    if (movesVersion) sheet.version++;
    sheet.modifiedAt = at;
    // Of the times that a list shows already, only the last one counts.
    const shown = sheet.listedTimes.findLastIndex((time) => time <= at - assumptions.sheetListLagMs);
    sheet.listedTimes = [...sheet.listedTimes.slice(Math.max(shown, 0)), at];
  }

  function parseColumns(columns: unknown): Column[] {
    if (!Array.isArray(columns) || !columns.length) throw missing("columns");
    return columns.map((column) => {
      const { title, type = "TEXT_NUMBER", primary, width = 150, options } = Object(column) as Record<string, unknown>;
      if (typeof title !== "string" || !title) throw missing("column.title");
      if (typeof type !== "string") throw invalidAttribute("column.type", type);
      if (typeof width !== "number" || !(width > 0)) throw invalidAttribute("column.width", width);
      return {
        id: random.id(),
        title,
        type,
        primary: primary === true,
        width,
        options: Array.isArray(options) ? options : undefined,
      };
    });
  }

  return {
    create({ name, columns: given }) {
      if (typeof name !== "string" || !name.trim()) throw missing("sheet.name");
      const columns = parseColumns(given);
      if (columns.filter(({ primary }) => primary).length !== 1) {
        throw invalidAttribute("columns", "exactly one of them should be primary");
      }
      const at = now();
      const sheet: Sheet = {
        id: random.id(),
        name,
        columns,
        rows: [],
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
    isOverGridLimits(id) {
      const sheet = sheets.get(id);
      return sheet !== undefined && isOverGridLimits(sheet);
    },
    list: () => [...sheets.values()],
    delete(sheet) {
      sheets.delete(sheet.id);
      webhooks().setScopeStatus(sheet.id, "ENABLED", "DISABLED_SCOPE_INACCESSIBLE");
    },
    parseColumns,
    commit(sheet, changes, actor, isSilent = false) {
      const isDeletion = changes.length > 0 && changes.every((change) => patternOf(change) === "row.deleted");
      modify(sheet, !isDeletion || assumptions.deletedRowVersion === "grows");
      const updated = { objectType: "sheet", eventType: "updated", id: sheet.id };
      const count = webhooks().publish(sheet.id, isSilent ? [] : [updated, ...changes], actor);
      if (isOverGridLimits(sheet)) {
        webhooks().setScopeStatus(sheet.id, "ENABLED", "DISABLED_EXCEEDED_GRID_LIMITS");
      }
      return count;
    },
    commitBeside(sheet, changes, actor) {
      modify(sheet, true);
      return webhooks().publish(sheet.id, changes, actor);
    },
  };
}

function patternOf({ objectType, eventType }: Change): string {
  return `${objectType}.${eventType}`;
}
