import type { Command } from "commander";
import type { StoredCallback } from "../../inbox/inspect.ts";
import { printable } from "../../text.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag, oneOf, setting, wholeNumber } from "../options/setting.ts";
import { type Layout, stdoutLayout } from "../terminal/paint.ts";
import { note, print } from "../terminal/print.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { contentOf, sheetIdOf } from "../../callback/content.ts";
import { reconcileText } from "../../callback/reconcile.ts";
import { addFilter, FILTER_HELP, filterOf, type FilterOptions, requireDead } from "./filter.ts";
import { listErrors } from "./list_errors.ts";
import { envelopeOf, messageLine, stateOf, styleOf } from "./stored_callback.ts";
import { withInbox } from "../options/with_inbox.ts";

interface ListOptions extends FilterOptions {
  readonly inbox: string;
  readonly by?: "error";
  readonly limit: number;
  readonly json?: boolean;
}

const COLUMNS: readonly Column[] = [
  { name: "id" },
  { name: "state", style: styleOf },
  { name: "accepted" },
  { name: "sheet" },
  { name: "webhook", narrow: "optional" },
  { name: "attempts" },
  { name: "events" },
  { name: "error", narrow: "below" },
];

/** `sheethook inbox list` */
export function addList(inbox: Command): void {
  addFilter(inbox.command("list").description("List callbacks, newest first; or the errors of dead ones."), true)
    .addOption(setting("--by <what>", "error: list the errors of dead letters", "SHEETHOOK_INBOX_BY", oneOf("error")))
    .addOption(setting("--limit <n>", "most lines to list", "SHEETHOOK_INBOX_LIMIT", wholeNumber(1, 1e6), 50))
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each callback or error", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(async ({ inbox: url, by, limit, json, ...options }: ListOptions, command: Command) => {
      const isFromEnv = command.getOptionValueSource("state") === "env";
      const about = by ? "--by error" : options.error === undefined ? undefined : "--error";
      if (about) requireDead(options, about, isFromEnv ? "SHEETHOOK_INBOX_STATE" : "--state");
      await withInbox(url, async (inbox) => {
        if (by) return await listErrors(inbox, filterOf(options) ?? {}, limit, json);
        const rows: string[][] = [];
        for (const id of await inbox.find(filterOf(options) ?? {}, limit)) {
          const row = await inbox.show(id);
          // The callback may have been pruned meanwhile.
          if (!row) continue;
          if (json) print(rowJson(row));
          else rows.push(listedCells(row));
        }
        if (rows.length) print(listText(rows, stdoutLayout()));
        else if (!json) note("no callback matches");
      });
    });
}

/** The cells of one callback: ids and counts, no values of a sheet. They don't keep the body in memory. */
function listedCells(row: StoredCallback): string[] {
  const { events, status, relayedTo, reconcile } = contentOf(row.body);
  const content = reconcile ? reconcileText(reconcile) : events ? String(events.length) : printable(status ?? "?");
  return [
    String(row.id),
    stateOf(row),
    new Date(row.acceptedAt).toISOString().replace(/\.\d+/, ""),
    String(sheetIdOf(row)),
    reconcile ? "–" : String(row.webhookId),
    String(row.attempts),
    content + (relayedTo ? ` to ${printable(relayedTo)}` : ""),
    messageLine(row.error ?? ""),
  ];
}

/** `inbox list` for a person. */
export function listText(rows: readonly string[][], layout: Layout): string {
  return tableText(COLUMNS, rows, layout);
}

/** One line of `inbox list` for a program. */
function rowJson(row: StoredCallback): string {
  return JSON.stringify({ ...envelopeOf(row), error: row.error && messageLine(row.error) });
}

const HELP = `${FILTER_HELP}

With --by error: the errors of dead letters, those with the most dead calls
first. Equal errors differ in times and ids alone, for which there is … in the
text. --error takes such a text, or the first line of one of the errors.

Examples:
  sheethook inbox list --state dead
  sheethook inbox list --by error --since 12h
  sheethook inbox list --error "Error: The ERP answered 500"
  sheethook inbox list --sheet 4509506114742148 --since 2h
  sheethook inbox list --state pending,dead --limit 1000 --json`;
