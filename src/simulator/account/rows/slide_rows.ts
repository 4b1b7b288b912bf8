import type { Account } from "../account.ts";
import type { Edit } from "../edit.ts";
import { makeEdit } from "../make_edit.ts";
import type { Sheet, SheetRead } from "../sheet.ts";

/** Makes an edit between two pages, so that rows slide from one to the other: who reads on misses some, or sees them twice. */
export function slideRows(sheet: Sheet, { page, pageSize }: SheetRead, account: Account): void {
  const { pick } = account.settings;
  const ids = sheet.rows.map(({ id }) => id);
  const isRead = ids.slice(0, page * pageSize);
  const isUnread = ids.slice(page * pageSize);
  const edit = pick<() => Edit>([
    () => ({ toTop: true }),
    () => ({ rowId: pick(isUnread), toTop: true }),
    () => ({ rowId: pick(isRead), toBottom: true }),
    () => ({ rowId: pick(isRead), delete: true }),
  ]);
  makeEdit({ ...edit(), sheetId: sheet.id }, account);
}
