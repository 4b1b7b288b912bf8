import type { Command } from "commander";
import process from "node:process";
import { inboxSetting } from "../options/inbox_url.ts";
import { note, print } from "../terminal/print.ts";
import { withInbox } from "./file.ts";
import { addFilter, callbackId, FILTER_HELP, filterOf, type FilterOptions } from "./filter.ts";
import { callbackJson, callbackText, listedCells, listText, rowJson } from "./callback_report.ts";
import { overviewJson, overviewText } from "./report.ts";
import { createPaint, stdoutLayout } from "../terminal/paint.ts";
import { flag, setting, wholeNumber } from "../options/setting.ts";

interface LookOptions {
  readonly inbox: string;
  readonly json?: boolean;
}

/** `sheethook inbox stats` */
export function addStats(inbox: Command): void {
  inbox.command("stats")
    .description("Tell how many callbacks are pending, done, discarded and dead, and which sheets are held up.")
    .addOption(inboxSetting())
    .addOption(flag("--json", "print one JSON object", "SHEETHOOK_JSON"))
    .addHelpText("after", "\nExamples:\n  sheethook inbox stats\n  sheethook inbox stats --json")
    .action(async ({ inbox: url, json }: LookOptions) => {
      const overview = await withInbox(url, (inbox) => inbox.overview());
      print(json ? overviewJson(overview) : overviewText(overview, Date.now()));
    });
}

/** `sheethook inbox list` */
export function addList(inbox: Command): void {
  addFilter(inbox.command("list").description("List callbacks, newest first."), true)
    .addOption(setting("--limit <n>", "at most so many", "SHEETHOOK_INBOX_LIMIT", wholeNumber(1, 1e6), 50))
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each callback", "SHEETHOOK_JSON"))
    .addHelpText("after", LIST_HELP)
    .action(async ({ inbox: url, limit, json, ...options }: LookOptions & FilterOptions & { limit: number }) => {
      await withInbox(url, async (inbox) => {
        const rows: string[][] = [];
        for (const id of await inbox.find(filterOf(options) ?? {}, limit)) {
          const row = await inbox.show(id);
          // It may have been pruned meanwhile.
          if (!row) continue;
          if (json) print(rowJson(row));
          else rows.push(listedCells(row));
        }
        if (rows.length) print(listText(rows, stdoutLayout()));
        else if (!json) note("no callback matches");
      });
    });
}

/** `sheethook inbox show` */
export function addShow(inbox: Command): void {
  inbox.command("show")
    .description("Show everything about one callback: its events as counts by pattern, unless --body is given.")
    .argument("<id>", "its number, as `inbox list` shows it", callbackId)
    .addOption(flag("--body", "show its events, too", "SHEETHOOK_INBOX_BODY"))
    .addOption(inboxSetting())
    .addOption(flag("--json", "print one JSON object; with --body, the body is the text that came", "SHEETHOOK_JSON"))
    .addHelpText("after", "\nExamples:\n  sheethook inbox show 17\n  sheethook inbox show 17 --body --json")
    .action(async (id: number, { inbox: url, json, body = false }: LookOptions & { body?: boolean }) => {
      const row = await withInbox(url, (inbox) => inbox.show(id));
      if (!row) throw new Error(`There is no callback ${id} in the inbox: it may have been pruned`);
      print(json ? callbackJson(row, body) : callbackText(row, body, createPaint(process.stdout)));
    });
}

const LIST_HELP = `${FILTER_HELP}

Examples:
  sheethook inbox list --state dead
  sheethook inbox list --sheet 4509506114742148 --since 2h
  sheethook inbox list --state pending,dead --limit 1000 --json`;
