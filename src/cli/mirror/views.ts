import type { Command } from "commander";
import type { MirrorView } from "../../inbox/mirror.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";
import { withInbox } from "../options/with_inbox.ts";
import { stdoutLayout } from "../terminal/paint.ts";
import { note, print } from "../terminal/print.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { viewsOf } from "./view.ts";

/** `sheethook mirror views` */
export function addViews(mirror: Command): void {
  mirror.command("views")
    .description("List the views of mirrored sheets, by name.")
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each view", "SHEETHOOK_JSON"))
    .addHelpText("after", "\nExamples:\n  sheethook mirror views\n  sheethook mirror views --json")
    .action(async ({ inbox: url, json }: { inbox: string; json?: boolean }) => {
      const views = await withInbox(url, ({ mirror }) => viewsOf(mirror).list());
      if (json) { for (const view of views) print(JSON.stringify(view)); }
      else if (views.length) print(tableText(COLUMNS, views.map(cellsOf), stdoutLayout()));
      else note("there is no view");
      for (const { name, problem } of views) if (problem !== null) note(`view ${name} isn't kept up: ${problem}`);
    });
}

const COLUMNS: readonly Column[] = [{ name: "view" }, { name: "sheet" }, { name: "columns", narrow: "optional" }];

function cellsOf({ from, sheetId, columns }: MirrorView): string[] {
  return [from, String(sheetId), String(columns.length)];
}
