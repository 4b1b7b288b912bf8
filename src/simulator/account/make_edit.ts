import type { Account } from "./account.ts";
import { missing, notFound, unparsable } from "../api_error.ts";
import { attach } from "./attachment.ts";
import { startDiscussion } from "./discussion.ts";
import { checkEdit, type Edit, type EditedCell, type EditResult } from "./edit.ts";
import type { Actor, Change } from "../event.ts";
import { addRows, deleteRows, parseRows, updateRows } from "./rows.ts";
import type { Sheet } from "./sheet.ts";

/** Makes an edit as a person does: its events carry no change agent. @throws {ApiError} for an edit that isn't possible */
export function makeEdit(given: Edit, account: Account): EditResult {
  const edit = checkEdit(given);
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
  if (edit.rowId !== undefined && !sheet.rows.some(({ id }) => id === edit.rowId)) {
    throw notFound({ rowId: edit.rowId });
  }

  const commit = (changes: readonly Change[]) => sheets.commit(sheet, changes, actor, edit.silent);

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

  const rows = rowsOf(edit, sheet, settings.now()).map(({ id, cells }) => ({
    ...(id === undefined ? {} : { id }),
    cells: cellsOf(cells, sheet),
  }));
  const context = {
    sheet,
    actor,
    at: settings.now(),
    random: settings.random,
    assumptions: settings.assumptions,
    strikes: settings.strikes,
  };
  const changed = rows.filter(({ id }) => id !== undefined);
  const added = rows.filter(({ id }) => id === undefined);
  // All or nothing: rows to add are checked before other rows are changed.
  if (added.length) parseRows(added, sheet, false);
  const parts = [
    ...(changed.length ? [updateRows(changed, context)] : []),
    ...(added.length ? [addRows(added, context)] : []),
  ];
  const changes = parts.flatMap((part) => part.changes);
  return result(sheet.id, parts.flatMap((part) => part.rows.map(({ id }) => id)), commit(changes));
}

function editedSheet({ sheetId }: Edit, { sheets }: Account): Sheet {
  if (sheetId !== undefined) return sheets.get(Number(sheetId));
  const [first, second] = sheets.list();
  if (first && !second) return first;
  throw missing(first ? "sheetId (there are several sheets)" : "sheetId (there is no sheet yet: POST /2.0/sheets)");
}

function rowsOf(edit: Edit, { columns }: Sheet, at: number): NonNullable<Edit["rows"]> {
  const { rows, rowId, cells, columnId, column, value = null } = edit;
  if (rows) return rows;
  const row = rowId === undefined ? {} : { id: rowId };
  if (cells) return [{ ...row, cells }];
  if (columnId !== undefined) return [{ ...row, cells: [{ columnId, value }] }];
  if (column !== undefined) return [{ ...row, cells: [{ column, value }] }];
  const { id } = columns.find(({ primary }) => primary)!;
  return [{ ...row, cells: [{ columnId: id, value: edit.value ?? new Date(at).toISOString() }] }];
}

function cellsOf(cells: readonly EditedCell[] = [], sheet: Sheet): { columnId: number | undefined; value: unknown }[] {
  return cells.map(({ columnId, column, value }) => {
    if (columnId !== undefined || column === undefined) return { columnId, value };
    const found = sheet.columns.find(({ title }) => title === column);
    if (!found) throw unparsable(`there is no column "${column}"`);
    return { columnId: found.id, value };
  });
}
