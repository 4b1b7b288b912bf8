import type { Account } from "./account.ts";
import { missing, notFound, unparsable } from "../api_error.ts";
import { attach } from "./attachment.ts";
import { startDiscussion } from "./discussion.ts";
import { deleteRows } from "./rows/delete_rows.ts";
import {
  checkEdit,
  type Edit,
  type EditedCell,
  type EditedRow,
  type EditResult,
  POSITION_NAMES,
  VALUE_NAMES,
} from "./edit.ts";
import type { Actor, Change } from "../event.ts";
import { rowById } from "./rows/row_index.ts";
import { rowContext } from "./rows/row_context.ts";
import { addRows, parseRows, updateRows } from "./rows/rows.ts";
import type { Row, Sheet } from "./sheet.ts";

/** Makes an edit as a person does: its events carry no change agent. @throws {ApiError} for an edit that isn't possible */
export function makeEdit(asked: Edit, account: Account): EditResult {
  const edit = checkEdit(asked);
  const { sheets, users, webhooks, planId, settings } = account;
  const actor: Actor = { userId: users.ofEmail(edit.user ?? "person@example.com").id };
  const result = (sheetId: number, rowIds: number[], events: number) => ({
    sheetId,
    userId: actor.userId,
    rowIds,
    events,
  });

  if (edit.events) {
    const id = edit.sheetId === planId ? planId : editedSheet(edit, account).id;
    webhooks.publish(id, edit.events, actor);
    return result(id, [], edit.events.length);
  }
  const sheet = editedSheet(edit, account);
  if (edit.rowId !== undefined && !rowById(sheet, edit.rowId)) {
    throw notFound({ rowId: edit.rowId });
  }

  const commit = (changes: readonly Change[], isSilent: boolean = edit.silent ?? false) =>
    sheets.commit(sheet, changes, actor, isSilent);

  if (edit.comment !== undefined) {
    startDiscussion(sheet, edit.rowId, edit.comment, actor, account);
    return result(sheet.id, [], 2);
  }
  if (edit.attachment !== undefined) {
    const parent = edit.rowId === undefined
      ? { parentType: "SHEET", parentId: sheet.id } as const
      : { parentType: "ROW", parentId: edit.rowId } as const;
    attach(sheet, { name: edit.attachment, attachmentType: "LINK", url: edit.attachment, ...parent }, actor, account);
    return result(sheet.id, [], 1);
  }
  const deleted = edit.delete ? [edit.rowId!] : edit.deleteRowIds;
  if (deleted) {
    const { rows, changes } = deleteRows(deleted, false, sheet);
    return result(sheet.id, rows.map(({ id }) => id), commit(changes));
  }

  const rows = rowsOf(edit, sheet, settings.now()).map(({ id, cells, ...position }) => ({
    ...(id === undefined ? {} : { id }),
    ...position,
    cells: cellsOf(cells, sheet, edit.silent ? rowById(sheet, Number(id)) : undefined),
  }));
  const context = rowContext(sheet, actor, account, { isEdit: true });
  const changed = rows.filter(({ id }) => id !== undefined);
  const added = rows.filter(({ id }) => id === undefined);
  // All or nothing: rows to add are checked before other rows are changed.
  if (added.length) parseRows(added, context, false);
  const parts = [
    ...(changed.length ? [updateRows(changed, context)] : []),
    ...(added.length ? [addRows(added, context)] : []),
  ];
  const changes = parts.flatMap((part) => part.changes);
  const rowIds = parts.flatMap((part) => part.rows.map(({ id }) => id));
  // When only results of formulas change, not even the sheet has an event.
  return result(sheet.id, rowIds, commit(changes, edit.silent ?? (rowIds.length > 0 && !changes.length)));
}

function editedSheet({ sheetId }: Edit, { sheets }: Account): Sheet {
  if (sheetId !== undefined) return sheets.get(Number(sheetId));
  const [first, second] = sheets.list();
  if (first && !second) return first;
  throw missing(first ? "sheetId (there are several sheets)" : "sheetId (there is no sheet yet: POST /2.0/sheets)");
}

function rowsOf(edit: Edit, { columns }: Sheet, at: number): readonly EditedRow[] {
  const { rows, rowId, cells, columnId, column } = edit;
  if (rows) return rows;
  const position = given(edit, POSITION_NAMES);
  const row = { ...position, ...(rowId === undefined ? {} : { id: rowId }) };
  if (cells) return [{ ...row, cells }];
  const value = given(edit, VALUE_NAMES);
  const isEmpty = !Object.keys(value).length;
  if (columnId !== undefined || column !== undefined) {
    const where = columnId === undefined ? { column: column! } : { columnId };
    return [{ ...row, cells: [{ ...where, ...(isEmpty ? { value: null } : value) }] }];
  }
  if (isEmpty && rowId !== undefined && Object.keys(position).length) return [row];
  const primary = { columnId: columns.find(({ primary }) => primary)!.id };
  return [{ ...row, cells: [{ ...primary, ...(isEmpty ? { value: new Date(at).toISOString() } : value) }] }];
}

/** Those of the attributes that an edit has. */
function given<Name extends keyof Edit>(edit: Edit, names: readonly Name[]): Pick<Edit, Name> {
  const entries = names.filter((name) => edit[name] !== undefined).map((name) => [name, edit[name]]);
  return Object.fromEntries(entries) as Pick<Edit, Name>;
}

/** @param row the row that a silent edit changes: its formulas stay */
function cellsOf(cells: readonly EditedCell[] = [], sheet: Sheet, row: Row | undefined): Record<string, unknown>[] {
  return cells.map((cell) => {
    const { columnId: id, column, ...value } = cell;
    const found = id === undefined && column !== undefined
      ? sheet.columns.find(({ title }) => title === column)
      : undefined;
    if (id === undefined && column !== undefined && !found) throw unparsable(`there is no column "${column}"`);
    const columnId = found?.id ?? id;
    const formula = row?.cells.get(Number(columnId))?.formula;
    return { ...(formula === undefined ? {} : { formula }), ...value, columnId };
  });
}
