import { type Command, Option } from "commander";
import type { Mirror, MirrorView, MirrorViews } from "../../inbox/mirror.ts";
import { printable } from "../../text.ts";
import { inCliWords } from "../options/cli_words.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag, text } from "../options/setting.ts";
import { withInbox } from "../options/with_inbox.ts";
import { countText } from "../terminal/count_text.ts";
import { note, print } from "../terminal/print.ts";
import { findSheet, sheetArgument, sheetText } from "./find_sheet.ts";

interface ViewOptions {
  readonly inbox: string;
  readonly drop?: boolean;
  readonly json?: boolean;
}

/** `sheethook mirror view` */
export function addView(mirror: Command): void {
  mirror.command("view")
    .description("Make a view of a mirrored sheet in the inbox's database, one column per title, for any client.")
    .addArgument(sheetArgument())
    .argument("<name>", "the view's name in SQL", text)
    .addOption(new Option("--drop", "drop the view instead"))
    .addOption(inboxSetting())
    .addOption(flag("--json", "print one JSON object", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(async (idOrName: string, name: string, { inbox: url, drop, json }: ViewOptions) => {
      await withInbox(url, async ({ mirror }) => {
        const sheet = await findSheet(mirror, idOrName);
        const views = viewsOf(mirror);
        if (drop) {
          const dropped = await views.drop(sheet.id, name);
          if (!dropped) note(`sheet ${sheetText(sheet)} has no view ${JSON.stringify(printable(name))}`);
          if (json) print(JSON.stringify({ name: name.toLowerCase(), sheetId: sheet.id, dropped }));
          else if (dropped) print(`view ${name.toLowerCase()} dropped`);
          return;
        }
        if (!sheet.isWhole) note(`sheet ${sheetText(sheet)} isn't read to its end yet: rows are missing`);
        const view = await views.create(sheet.id, name).catch((error) => {
          throw inCliWords(error, { name: "<name>" });
        });
        if (json) return print(JSON.stringify(view));
        const columns = countText(view.columns.length, "column");
        print(`view ${view.name} of sheet ${sheetText(sheet)}: ${columns}\n  select * from ${view.from}`);
        for (const line of renamedLines(view)) note(line);
      });
    });
}

/** The views of an inbox that has a database, as each that a command can open. */
export function viewsOf({ views }: Mirror): MirrorViews {
  if (!views) throw new Error("The inbox has no database that views could be in");
  return views;
}

/** The columns that don't have their title as their name. */
function renamedLines({ columns }: MirrorView): string[] {
  return columns.filter(({ name, title }) => name !== title).map(({ name, title, columnId }) => {
    return `column ${columnId} ${JSON.stringify(printable(title))} is named ${JSON.stringify(printable(name))}`;
  });
}

const HELP = `
The view is kept up with the sheet: its rows at once, new, renamed and removed
columns when the sheet is read next. A view that is there is made anew. --json
prints the columns with their names and kinds.

Besides the titles there are row_id, row_number, parent_id and modified_at.

Examples:
  sheethook mirror view Orders orders
  sqlite3 sheethook.db 'select "Item", "Status" from orders order by row_number'
  sheethook mirror view Orders orders --drop`;
