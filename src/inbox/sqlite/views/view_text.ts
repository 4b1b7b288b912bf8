import type { ViewColumn } from "../../mirror.ts";

/**
 * The statement that makes a view. For each row, its cells become one object by column id, once: to look for each of 25 columns
 * in the list took three times as long. A condition for `row_id` finds the row by its key.
 */
export function viewText(name: string, sheetId: number, columns: readonly ViewColumn[]): string {
  const own = [
    "r.id as row_id",
    "json_extract(r.json, '$.rowNumber') as row_number",
    "json_extract(r.json, '$.parentId') as parent_id",
    "json_extract(r.json, '$.modifiedAt') as modified_at",
  ];
  const titles = columns.map((column) => `${valueOf(column)} as ${identifier(column.name)}`);
  return `
    create view ${identifier(name)} as
    select ${[...own, ...titles].join(",\n      ")}
    from mirror_rows as r join json_each('[{' || coalesce((${CELLS}), '') || '}]') as c
    where r.sheet = ${sheetId}`;
}

/** Of `[4711,"Open"]` and others, `"4711":["Open"]` and others. */
const CELLS = `
      select group_concat('"' || substr(value, 2, instr(value, ',') - 2) || '":[' || substr(value, instr(value, ',') + 1))
      from json_each(r.json, '$.cells')`;

/** Text and numbers are what they are, whatever the column; true is 1. */
function valueOf({ columnId, kind }: ViewColumn): string {
  const value = `json_extract(c.value, '$."${columnId}"[0]')`;
  if (kind === "list") return `nullif(json_quote(${value}), 'null')`;
  if (kind === "contact") return `coalesce(json_extract(c.value, '$."${columnId}"[0].email'), ${value})`;
  return value;
}

/** A name as it stands in a statement. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
