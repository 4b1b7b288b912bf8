import type { Command } from "commander";
import { printable } from "../../text.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";
import { withInbox } from "../options/with_inbox.ts";
import { type Layout, stdoutLayout } from "../terminal/paint.ts";
import { note, print } from "../terminal/print.ts";
import { type Column, cutText, tableText } from "../terminal/table.ts";
import { isoTime } from "../terminal/time_text.ts";
import { type NamedSheet, readSheets } from "./find_sheet.ts";

/** `sheethook mirror list` */
export function addList(mirror: Command): void {
  mirror.command("list")
    .description("List the mirrored sheets, by id.")
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each sheet", "SHEETHOOK_JSON"))
    .addHelpText("after", "\nExamples:\n  sheethook mirror list\n  sheethook mirror list --json")
    .action(async ({ inbox: url, json }: { inbox: string; json?: boolean }) => {
      const sheets = await withInbox(url, ({ mirror }) => readSheets(mirror));
      if (json) { for (const sheet of sheets) print(JSON.stringify(sheetJson(sheet))); }
      else if (sheets.length) print(listText(sheets, stdoutLayout()));
      else note("no sheet is mirrored");
    });
}

const COLUMNS: readonly Column[] = [
  { name: "id" },
  { name: "name" },
  { name: "rows" },
  { name: "columns", narrow: "optional" },
  { name: "version", narrow: "optional" },
  { name: "last read" },
];
/** On a terminal. */
const LONGEST_NAME = 30;

/** `mirror list` for a person. */
export function listText(sheets: readonly NamedSheet[], layout: Layout): string {
  // One that couldn't be read yet has no name.
  const nameOf = ({ name }: NamedSheet) =>
    (layout.width ? cutText(printable(name), LONGEST_NAME) : printable(name)) || "-";
  const rows = sheets.map((sheet) => [
    String(sheet.id),
    nameOf(sheet),
    String(sheet.rowCount),
    String(sheet.columns.length),
    String(sheet.version),
    readText(sheet),
  ]);
  return tableText(COLUMNS, rows, layout);
}

/** When it was read last. */
export function readText({ isWhole, readAt }: NamedSheet): string {
  return isWhole ? isoTime(readAt).replace(/\.\d+/, "") : "not to its end yet";
}

/** A sheet without its columns, for a program. */
export function sheetJson({ id, name, rowCount, columns, version, readAt, isWhole }: NamedSheet) {
  return { id, name, rows: rowCount, columns: columns.length, version, readAt: isoTime(readAt), isWhole };
}
