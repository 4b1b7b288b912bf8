import { textOf, type Value } from "../../mirror/values/value.ts";

/** One record by RFC 4180, with its CRLF. */
export function csvRecord(values: readonly Value[]): string {
  const fields = values.map((value) => typeof value === "number" ? String(value) : quoted(harmless(cellText(value))));
  // An empty line would be no record for many readers.
  return `${fields.length === 1 && !fields[0] ? '""' : fields.join(",")}\r\n`;
}

/** What is in a cell, as text: contacts by name, lists with commas. */
export function cellText(value: Value): string {
  return typeof value === "boolean" ? String(value) : textOf(value) ?? "";
}

/** Text that a spreadsheet would take for a formula gets a `'` in front: somebody else may have written it. */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
