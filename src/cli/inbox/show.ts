import type { Command } from "commander";
import process from "node:process";
import type { StoredCallback } from "../../inbox/inspect.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";
import { createPaint } from "../terminal/paint.ts";
import { print } from "../terminal/print.ts";
import { isoTime } from "../terminal/time_text.ts";
import { contentOf, countPatterns } from "../../callback/content.ts";
import { traceIdOf } from "../../callback/trace_id.ts";
import { readFound, type StoredFound } from "../../mirror/reconcile/read_found.ts";
import { callbackText } from "./callback_text.ts";
import { changesJson, MOST_CHANGES } from "./changes_text.ts";
import { countedCall } from "../../dispatch/call_text.ts";
import { deadCallJson } from "./dead_call.ts";
import { callbackId } from "./filter.ts";
import { envelopeOf } from "./stored_callback.ts";
import { withInbox } from "../options/with_inbox.ts";

interface ShowOptions {
  readonly inbox: string;
  readonly json?: boolean;
  readonly body?: boolean;
}

/** `sheethook inbox show` */
export function addShow(inbox: Command): void {
  inbox.command("show")
    .description("Show everything about one callback; its events as counts by pattern, or whole with --body.")
    .argument("<id>", "its number, as `inbox list` shows it", callbackId)
    .addOption(flag("--body", "show its events, too", "SHEETHOOK_INBOX_BODY"))
    .addOption(inboxSetting())
    .addOption(flag("--json", "print one JSON object; with --body, the body as it was received", "SHEETHOOK_JSON"))
    .addHelpText("after", "\nExamples:\n  sheethook inbox show 17\n  sheethook inbox show 17 --body --json")
    .action(async (id: number, { inbox: url, json, body = false }: ShowOptions) => {
      const { row, found } = await withInbox(url, async (inbox) => {
        const row = await inbox.show(id);
        return { row, found: row && await readFound(inbox.mirror, id, MOST_CHANGES) };
      });
      if (!row) throw new Error(`There is no callback ${id} in the inbox: it may have been pruned`);
      print(json ? callbackJson(row, found, body) : callbackText(row, body, createPaint(process.stdout), found));
    });
}

/** For a program: unknown fields are left out. */
function callbackJson(row: StoredCallback, found: StoredFound | undefined, withBody: boolean): string {
  const content = contentOf(row.body);
  const { nonce, timestamp, digest, unfinished, steps, position } = row;
  return JSON.stringify({
    ...envelopeOf(row, content),
    ...{ nonce, timestamp, digest, unfinished, steps },
    traceId: traceIdOf(row),
    position: position && { ...position, ...countedCall(position) },
    deadCalls: row.deadCalls.map(deadCallJson),
    failedAt: isoTime(row.failedAt),
    attemptedAt: isoTime(row.attemptedAt),
    failures: row.failures.map(({ call, beganAt, endedAt, ...failure }) => ({
      ...failure,
      call: call && countedCall(call),
      beganAt: isoTime(beganAt),
      endedAt: isoTime(endedAt),
    })),
    retryAt: isoTime(row.retryAt),
    endedAt: isoTime(row.endedAt),
    patterns: content.reconcile ? undefined : content.events && Object.fromEntries(countPatterns(content.events)),
    ...(found && changesJson(found)),
    ...(withBody && { body: row.body }),
  });
}
