import type { Command } from "commander";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";
import { withInbox } from "../options/with_inbox.ts";
import { confirm, yesFlag } from "../terminal/confirm.ts";
import { countText } from "../terminal/count_text.ts";
import { print } from "../terminal/print.ts";
import { findSheet, sheetArgument, sheetText } from "./find_sheet.ts";
import { viewsOf } from "./view.ts";

interface DropOptions {
  readonly inbox: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `sheethook mirror drop` */
export function addDrop(mirror: Command): void {
  mirror.command("drop")
    .description("Forget a mirrored sheet, its rows and its views.")
    .addArgument(sheetArgument())
    .addOption(yesFlag())
    .addOption(inboxSetting())
    .addOption(flag("--json", "print one JSON object", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(async (name: string, { inbox: url, yes, json }: DropOptions) => {
      await withInbox(url, async ({ mirror }) => {
        const sheet = await findSheet(mirror, name);
        const text = sheetText(sheet);
        const rows = countText(sheet.rowCount, "row");
        const views = (await viewsOf(mirror).list()).filter(({ sheetId }) => sheetId === sheet.id);
        const all = [rows, ...views.map(({ name }) => `view ${name}`)].join(", ");
        await confirm(`Forget sheet ${text} and its ${all}? The next changes come without what was before.`, yes);
        for (const view of views) await viewsOf(mirror).drop(sheet.id, view.name);
        const dropped = await mirror.drop(sheet.id);
        const { id, name: title, rowCount } = sheet;
        if (json) {
          print(JSON.stringify({ id, name: title, rows: rowCount, dropped, views: views.map(({ name }) => name) }));
        } else print(dropped ? `sheet ${text} dropped: ${all}` : `sheet ${text} was gone already`);
      });
    });
}

const HELP = `
If an onChange handler still asks for the sheet, its next callback reads all of
it again. The changes of that callback come without what was before. Changes
that are stored with callbacks stay until these are pruned.

Examples:
  sheethook mirror drop Orders
  sheethook mirror drop 4509506114742148 --yes`;
