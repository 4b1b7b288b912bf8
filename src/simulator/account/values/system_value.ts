import { apiTimestamp } from "../../timestamp.ts";
import type { Column } from "../column.ts";
import type { CellContent, Row } from "../sheet.ts";
import { type Users, writerView } from "../users.ts";
import { contactOf } from "./contact.ts";

/** What Smartsheet fills in; undefined for a column that people fill in. */
export function systemValue(
  { systemColumnType, autoNumberFormat }: Column,
  row: Row,
  users: Users,
): CellContent | undefined {
  switch (systemColumnType) {
    case undefined:
      return undefined;
    case "AUTO_NUMBER": {
      const { prefix = "", suffix = "", fill = "", startingNumber = 1 } = autoNumberFormat ?? {};
      const number = String(row.autoNumber + startingNumber);
      return { value: `${prefix}${number.padStart(fill.length, "0")}${suffix}` };
    }
    case "CREATED_BY":
      return contactOfUser(row.createdBy, users);
    case "MODIFIED_BY":
      return contactOfUser(row.modifiedBy, users);
    case "CREATED_DATE":
      return datetime(row.createdAt);
    case "MODIFIED_DATE":
      return datetime(row.modifiedAt);
  }
}

function contactOfUser(userId: number, users: Users): CellContent | undefined {
  const { email, name } = writerView(users.get(userId));
  return contactOf(email, name);
}

function datetime(ms: number): CellContent {
  const value = apiTimestamp(ms);
  return { value, objectValue: { objectType: "DATETIME", value } };
}
