import type { Logger } from "../../logger.ts";
import type { Change } from "../../mirror/change.ts";
import { textOf, type Value } from "../../mirror/values/value.ts";
import type { Receiver } from "../../receiver.ts";

const MOST_COLUMNS = 10;
const MOST_CHARACTERS = 100;

/** Registers the handler of `serve` without a module but with a token: it logs each changed row, by column titles. */
export function logChanges(receiver: Receiver, logger: Logger): void {
  receiver.onChange((change) => {
    const { kind, sheet, row, by, columns } = change;
    logger.info("row {rowNumber} of {sheet} was {kind} by {by}: {columns}", {
      rowNumber: row.rowNumber ?? row.id,
      sheet: sheet.name || sheet.id,
      kind,
      by: by?.email ?? by?.userId ?? "unknown",
      columns: columnsText(change),
      rowId: row.id,
      sheetId: sheet.id,
      columnIds: columns.map(({ columnId }) => columnId),
    });
  });
}

function columnsText({ kind, columns }: Change): string {
  if (!columns.length) return "nothing in it is known";
  const texts = columns.slice(0, MOST_COLUMNS).map(({ title, from, to }) => {
    if (kind === "created") return `${title} ${valueText(to)}`;
    return kind === "deleted" ? `${title} ${valueText(from)}` : `${title} ${valueText(from)} -> ${valueText(to)}`;
  });
  const more = columns.length - texts.length;
  return texts.join("; ") + (more > 0 ? `; and ${more} more columns` : "");
}

function valueText(value: Value | undefined): string {
  if (value === undefined) return "?";
  if (value === null) return "empty";
  const text = JSON.stringify(typeof value === "object" ? textOf(value) ?? value : value);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text;
}
