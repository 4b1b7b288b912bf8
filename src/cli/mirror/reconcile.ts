import type { Command } from "commander";
import { createHash, randomUUID } from "node:crypto";
import process from "node:process";
import { delay } from "../../async/delay.ts";
import { NO_WEBHOOK, reconcileCallback } from "../../callback/reconcile.ts";
import type { Inbox } from "../../inbox/inbox.ts";
import type { InspectableInbox, StoredCallback } from "../../inbox/inspect.ts";
import { readFound, type StoredFound } from "../../mirror/reconcile/read_found.ts";
import { parseId } from "../../smartsheet/ids.ts";
import { durationSetting } from "../options/duration.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";
import { withInbox } from "../options/with_inbox.ts";
import { createProgress } from "../terminal/progress.ts";
import { note, print } from "../terminal/print.ts";
import { findSheet, sheetArgument, sheetText } from "./find_sheet.ts";
import { endedText, foundJson, waitingText } from "./reconcile_text.ts";

interface ReconcileOptions {
  readonly inbox: string;
  readonly wait: number;
  readonly json?: boolean;
}

type OpenInbox = Inbox & InspectableInbox;

const POLL_MS = 100;
/** Callbacks of our own that are looked at for the one that was just stored. */
const NEWEST = 50;

/** `sheethook mirror reconcile` */
export function addReconcile(mirror: Command): void {
  mirror.command("reconcile")
    .description("Let serve compare a sheet with its mirror, to find what no callback told.")
    .addArgument(sheetArgument())
    .addOption(durationSetting("--wait", "wait this long for its end", "SHEETHOOK_MIRROR_WAIT", "0s", "1d", "60s"))
    .addOption(inboxSetting())
    .addOption(flag("--json", "print one JSON object", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action((name: string, options: ReconcileOptions) =>
      withInbox(options.inbox, (inbox) => reconcile(inbox, name, options))
    );
}

async function reconcile(inbox: OpenInbox, name: string, { wait, json }: ReconcileOptions): Promise<void> {
  const sheet = await sheetToCompare(inbox, name);
  const callback = await store(inbox, sheet.id);
  const row = await waitForEnd(inbox, callback, wait);
  const found = await readFound(inbox.mirror, callback, 0);
  if (json) print(JSON.stringify({ ...sheet, ...foundJson(row, found) }));
  else {
    const text = sheet.name === undefined ? String(sheet.id) : sheetText({ id: sheet.id, name: sheet.name });
    print(`sheet ${text} ${endedText(row, found)}`);
  }
  if (hasFailed(row, found)) process.exitCode = 1;
}

/** It wasn't compared, and won't be; or a handler of what was found is dead. */
function hasFailed({ state }: StoredCallback, found: StoredFound | undefined): boolean {
  return state === "dead" || state === "discarded" || (state === "done" && !found?.isComplete);
}

/** A mirrored sheet, or the id of any other. */
async function sheetToCompare({ mirror }: OpenInbox, text: string): Promise<{ id: number; name?: string }> {
  const given = parseId(text.trim());
  if (given !== undefined && !await mirror.sheet(given)) {
    note(`sheet ${given} isn't mirrored yet: serve reads all of it, if an onChange handler asks for it`);
    return { id: given };
  }
  const { id, name } = await findSheet(mirror, text);
  return { id, name };
}

/** @returns its number */
async function store(inbox: OpenInbox, sheetId: number): Promise<number> {
  const callback = await reconcileCallback({ sheetId }, {
    key: `manual-${randomUUID()}`,
    now: Date.now(),
    digestOf: (text) => createHash("sha256").update(text).digest("hex"),
  });
  await inbox.put(callback);
  for (
    const id of await inbox.find({ scopeObjectId: sheetId, webhookId: NO_WEBHOOK, since: callback.acceptedAt }, NEWEST)
  ) {
    if ((await inbox.show(id))?.nonce === callback.nonce) return id;
  }
  throw new Error("The comparison was stored, but isn't there any more: was the inbox emptied meanwhile?");
}

async function waitForEnd(inbox: OpenInbox, id: number, waitMs: number): Promise<StoredCallback> {
  const progress = createProgress();
  const endAt = performance.now() + waitMs;
  for (;;) {
    const row = await inbox.show(id);
    if (!row) throw new Error(`Callback ${id} isn't in the inbox any more: it may have been pruned`);
    if (row.state !== "pending" || performance.now() >= endAt) return row;
    progress(waitingText(row));
    await delay(POLL_MS);
  }
}

const HELP = `
The running serve does the work, behind the callbacks of the sheet that wait,
and its onChange handlers get what it finds. If none has done it within --wait,
it stays stored, and is done when serve works; the exit code is 0 then. It is 1
if the comparison failed, or a handler is dead, or no onChange handler asks for
the sheet.

Examples:
  sheethook mirror reconcile Orders
  sheethook mirror reconcile 4509506114742148 --wait 5m --json`;
