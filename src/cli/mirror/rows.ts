import type { Command } from "commander";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag, setting, wholeNumber } from "../options/setting.ts";
import { withInbox } from "../options/with_inbox.ts";
import { note } from "../terminal/print.ts";
import { usageError } from "../terminal/usage_error.ts";
import { findSheet, sheetArgument, sheetText } from "./find_sheet.ts";
import { printCsv, printJson, printTable } from "./print_rows.ts";

interface RowsOptions {
  readonly inbox: string;
  readonly limit?: number;
  readonly csv?: boolean;
  readonly json?: boolean;
}

const LIMIT_TEXT = "most rows to print (default: 50 in a table, else all)";
const TABLE_LIMIT = 50;

/** `sheethook mirror rows` */
export function addRows(mirror: Command): void {
  mirror.command("rows")
    .description("Print the rows of a mirrored sheet, by row id: as a table, as CSV, or as JSON.")
    .addArgument(sheetArgument())
    .addOption(flag("--csv", "print CSV (RFC 4180), with the titles first", "SHEETHOOK_MIRROR_CSV"))
    .addOption(flag("--json", "print JSON, one line for each row", "SHEETHOOK_JSON"))
    .addOption(setting("--limit <n>", LIMIT_TEXT, "SHEETHOOK_MIRROR_LIMIT", wholeNumber(1, 1e6)))
    .addOption(inboxSetting())
    .addHelpText("after", HELP)
    .action(async (name: string, options: RowsOptions, command: Command) => {
      const format = formatOf(options, command);
      await withInbox(options.inbox, async ({ mirror }) => {
        const sheet = await findSheet(mirror, name);
        if (!sheet.isWhole) note(`sheet ${sheetText(sheet)} isn't read to its end yet: rows are missing`);
        if (format === "csv") await printCsv(mirror, sheet, options.limit);
        else if (format === "json") await printJson(mirror, sheet, options.limit);
        else await printTable(mirror, sheet, options.limit ?? TABLE_LIMIT);
      });
    });
}

/** What is given wins over the environment. */
function formatOf({ csv, json }: RowsOptions, command: Command): "csv" | "json" | "table" {
  if (!csv || !json) return csv ? "csv" : json ? "json" : "table";
  const isGiven = (name: string) => command.getOptionValueSource(name) === "cli";
  if (isGiven("csv") !== isGiven("json")) return isGiven("csv") ? "csv" : "json";
  throw usageError("mirror rows is told --csv and --json, but should be told one of them");
}

const HELP = `
The rows are those that the mirror has; serve may write it meanwhile. With
--json, cells has the values by title, and by column id where two columns have
one title. In CSV, contacts and lists are text, and text that a spreadsheet
would take for a formula (it begins with = + - @ or a tab) gets a ' in front.

Examples:
  sheethook mirror rows Orders
  sheethook mirror rows Orders --csv > orders.csv
  sheethook mirror rows 4509506114742148 --json | jq .cells.Status`;
