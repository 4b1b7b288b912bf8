import type { Command } from "commander";
import { printable } from "../../text.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";
import { withInbox } from "../options/with_inbox.ts";
import { type Layout, stdoutLayout } from "../terminal/paint.ts";
import { print } from "../terminal/print.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { findSheet, type NamedSheet, sheetArgument } from "./find_sheet.ts";
import { readText, sheetJson } from "./list.ts";

/** `sheethook mirror show` */
export function addShow(mirror: Command): void {
  mirror.command("show")
    .description("Show a mirrored sheet and its columns.")
    .addArgument(sheetArgument())
    .addOption(inboxSetting())
    .addOption(flag("--json", "print one JSON object", "SHEETHOOK_JSON"))
    .addHelpText(
      "after",
      "\nExamples:\n  sheethook mirror show Orders\n  sheethook mirror show 4509506114742148 --json",
    )
    .action(async (name: string, { inbox: url, json }: { inbox: string; json?: boolean }) => {
      const sheet = await withInbox(url, ({ mirror }) => findSheet(mirror, name));
      const { columns } = sheet;
      print(json ? JSON.stringify({ ...sheetJson(sheet), columns }) : sheetText(sheet, stdoutLayout()));
    });
}

const COLUMNS: readonly Column[] = [{ name: "column" }, { name: "type" }, { name: "title" }];

/** `mirror show` for a person. */
function sheetText(sheet: NamedSheet, layout: Layout): string {
  const { id, name, rowCount, version, columns } = sheet;
  const facts = [
    ["sheet", String(id)],
    ["name", printable(name)],
    ["rows", String(rowCount)],
    ["version", String(version)],
    ["last read", readText(sheet)],
  ] as const;
  const rows = columns.map(({ id, type, title }) => [String(id), printable(type), printable(title)]);
  return [...facts.map(([name, value]) => `${name.padEnd(10)} ${value}`), "", tableText(COLUMNS, rows, layout)]
    .join("\n");
}
