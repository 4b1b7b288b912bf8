// A sheet with a column of each type, and a stand-in for what Smartsheet answers when a cell was written.
import type { Cell, Column, NewCell, Row } from "../../src/api/sheet.ts";
import type { SheetInfo } from "../../src/mirror/row.ts";
import { type StoredRow, storeRows } from "../../src/mirror/stored_row.ts";

export const TYPES = [
  "TEXT_NUMBER",
  "CHECKBOX",
  "DATE",
  "ABSTRACT_DATETIME",
  "DURATION",
  "PREDECESSOR",
  "CONTACT_LIST",
  "MULTI_CONTACT_LIST",
  "PICKLIST",
  "MULTI_PICKLIST",
];

export function column(id: number, title: string, type = "TEXT_NUMBER", more: Partial<Column> = {}): Column {
  return { id, index: id - 1, title, type, ...more };
}

export const SHEET: SheetInfo = {
  id: 77,
  name: "Orders",
  columns: [
    column(1, "Item", "TEXT_NUMBER", { primary: true }),
    column(2, "Status", "PICKLIST", { options: ["Open", "Approved"] }),
    column(3, "Owner", "CONTACT_LIST"),
    column(4, "Tags", "MULTI_PICKLIST"),
    column(5, "Team", "MULTI_CONTACT_LIST"),
  ],
};

export function storeRow(row: Row, columns = SHEET.columns): StoredRow {
  return storeRows([row], columns)[0]!;
}

/** A row of the sheet: cells by column id, values as `value` and lists as `objectValue`. */
export function row(id: number, cells: Record<number, unknown> = {}, columns = SHEET.columns): StoredRow {
  const answered = Object.entries(cells).map(([columnId, value]): Cell => ({
    columnId: Number(columnId),
    ...(typeof value === "object" && value ? value : { value: value as string }),
  }));
  return storeRow({ id, rowNumber: id, cells: answered }, columns);
}

export const choices = (...values: string[]) => ({
  value: values.join(", "),
  objectValue: { objectType: "MULTI_PICKLIST", values },
});

/** What a read with `include=objectValue,columnType` and `level=2` answers after a write; `rowNumberOf` is for predecessors. */
export function answerTo(written: NewCell, { type }: Column, rowNumberOf = (rowId: number) => rowId): Cell {
  const { columnId, value, objectValue, displayValue, hyperlink } = written;
  const cell = { columnId, columnType: type };
  if (objectValue === undefined && value === null) {
    return hyperlink ? { ...cell, value: hyperlink.url!, hyperlink } : cell;
  }
  // deno-lint-ignore no-explicit-any
  const { values, predecessors } = Object(objectValue) as any;
  switch (type) {
    case "MULTI_CONTACT_LIST": {
      const text = values.map(({ name, email }: Record<string, string>) => name ?? email).join(", ");
      return { ...cell, value: text, displayValue: text, objectValue };
    }
    case "MULTI_PICKLIST":
      return { ...cell, value: values.join(", "), displayValue: values.join(", "), objectValue };
    case "CONTACT_LIST": {
      const shown = displayValue ?? String(value);
      const contact = { objectType: "CONTACT", email: value, ...(displayValue && { name: displayValue }) };
      return { ...cell, value: value!, displayValue: shown, objectValue: contact };
    }
    case "PREDECESSOR": {
      const text = predecessors.map(({ rowId, type, lag }: Record<string, unknown>) => {
        const { days, hours, negative } = Object(lag);
        const amount = [days && `${days}d`, hours && `${hours}h`].filter(Boolean).join(" ");
        return `${rowNumberOf(Number(rowId))}${type}${lag ? ` ${negative ? "-" : "+"}${amount}` : ""}`;
      }).join(", ");
      return { ...cell, value: text, displayValue: text, objectValue };
    }
    case "DURATION": {
      const text = typeof value === "number" ? `${value}d` : String(value);
      return { ...cell, value: text, displayValue: text, objectValue: { objectType: "DURATION", days: 1 } };
    }
    case "DATE":
    case "ABSTRACT_DATETIME":
      return { ...cell, value: value!, objectValue: { objectType: type, value } };
    default:
      return {
        ...cell,
        value: value!,
        ...(typeof value !== "boolean" && { displayValue: String(value) }),
        objectValue: value,
        ...(hyperlink && { hyperlink }),
      };
  }
}
