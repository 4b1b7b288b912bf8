import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "../../../errors.ts";
import type { MirrorView, MirrorViews } from "../../mirror.ts";
import { viewColumns } from "../../view/columns.ts";
import { keywordError, requireViewName, sheetError, takenError } from "../../view/name.ts";
import type { Commit } from "../commit.ts";
import { isAboutFile } from "../problems.ts";
import type { Read } from "../read.ts";
import { identifier, viewText } from "./view_text.ts";

/** The views of a SQLite inbox. */
export interface SqliteViews {
  readonly views: MirrorViews;
  /** Makes the views of a sheet anew whose columns aren't those of `info`. In the transaction that writes it. */
  renew(sheetId: number, info: string): void;
}

export function createSqliteViews(database: DatabaseSync, commit: Commit, read: Read): SqliteViews {
  const sql = prepareStatements(database);
  const ofSheet = (sheetId: number) => sql.ofSheet.all(sheetId) as unknown as ViewRow[];
  const sheetOf = (name: string) => (sql.view.get(name) as { sheet: number } | undefined)?.sheet;

  function make(name: string, sheetId: number, columns: MirrorView["columns"]): void {
    database.exec(`drop view if exists ${identifier(name)}`);
    database.exec(viewText(name, sheetId, columns));
    sql.store.run(name, sheetId, JSON.stringify(columns));
  }

  function requireFree(name: string, sheetId: number): void {
    const owner = sheetOf(name);
    if (owner === sheetId) return;
    if (owner !== undefined) throw takenError(name, `a view of sheet ${owner}`);
    const found = sql.named.get(name) as { type: string } | undefined;
    if (found) throw takenError(name, `a ${found.type}`);
    try {
      database.prepare(`select 1 from ${name}`);
    } catch (error) {
      if (/syntax/.test(messageOf(error))) throw keywordError(name);
      return;
    }
    throw takenError(name, "a function");
  }

  return {
    views: {
      list: () => read(() => (sql.all.all() as unknown as ViewRow[]).map(viewOf)),

      async create(sheetId, given) {
        const name = requireViewName(given);
        return await commit(() => {
          const sheet = sql.info.get(sheetId) as { info: string } | undefined;
          if (!sheet) throw sheetError(sheetId);
          requireFree(name, sheetId);
          const columns = viewColumns(sheet.info);
          make(name, sheetId, columns);
          return { name, from: name, sheetId, columns, problem: null };
        });
      },

      async drop(sheetId, given) {
        const name = requireViewName(given);
        return await commit(() => {
          if (sheetOf(name) !== sheetId) return false;
          database.exec(`drop view if exists ${identifier(name)}`);
          sql.forget.run(name);
          return true;
        });
      },
    },

    renew(sheetId, info) {
      const views = ofSheet(sheetId);
      if (!views.length) return;
      const columns = viewColumns(info);
      const text = JSON.stringify(columns);
      for (const view of views.filter(({ columns }) => columns !== text)) {
        database.exec("savepoint view");
        try {
          make(view.name, sheetId, columns);
        } catch (error) {
          if (isAboutFile(error)) throw error;
          // Such as a table of that name, that somebody else has made. Rows are written all the same.
          database.exec("rollback to view");
          sql.fail.run(messageOf(error), view.name);
        }
        database.exec("release view");
      }
    },
  };
}

interface ViewRow {
  readonly name: string;
  readonly sheet: number;
  readonly columns: string;
  readonly problem: string | null;
}

function viewOf({ name, sheet, columns, problem }: ViewRow): MirrorView {
  return { name, from: name, sheetId: sheet, columns: JSON.parse(columns), problem };
}

function prepareStatements(database: DatabaseSync) {
  const prepare = (text: string) => database.prepare(text);
  return {
    all: prepare("select name, sheet, columns, problem from mirror_views order by name"),
    ofSheet: prepare("select name, sheet, columns, problem from mirror_views where sheet = ? order by name"),
    view: prepare("select sheet from mirror_views where name = ?"),
    named: prepare("select type from sqlite_schema where name = ? collate nocase"),
    info: prepare("select info from mirror_sheets where id = ?"),
    store: prepare(`
      insert into mirror_views (name, sheet, columns) values (?, ?, ?)
      on conflict do update set columns = excluded.columns, problem = null`),
    fail: prepare("update mirror_views set problem = ? where name = ?"),
    forget: prepare("delete from mirror_views where name = ?"),
  };
}
