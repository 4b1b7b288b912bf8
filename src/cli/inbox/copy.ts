import type { Command } from "commander";
import process from "node:process";
import { copyMirror } from "../../inbox/copy_mirror.ts";
import type { MirroredSheet } from "../../inbox/mirror.ts";
import type { MovingSource, MovingTarget } from "../../inbox/transfer.ts";
import { inChunks } from "./in_chunks.ts";
import { messageOf } from "../../errors.ts";
import { note, print } from "../terminal/print.ts";
import { usageError } from "../terminal/usage_error.ts";
import { confirm, yesFlag } from "../terminal/confirm.ts";
import { requireInboxFile } from "../options/with_inbox.ts";
import { parseInboxUrl } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";

interface CopyOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

const CHUNK = 200;

/** `sheethook inbox copy` */
export function addCopy(inbox: Command): void {
  inbox.command("copy")
    .description("Move what is pending or dead from one inbox to another: from a file to Postgres.")
    .argument("<from>", "sqlite:FILE")
    .argument("[to]", "postgres://...; without it SHEETHOOK_INBOX, which hides a password from other users")
    .addOption(yesFlag())
    .addOption(flag("--json", "print one JSON object", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(runCopy);
}

async function runCopy(from: string, to: string | undefined, { yes, json }: CopyOptions): Promise<void> {
  const sourceUrl = parseInboxUrl(from, "<from>");
  if (sourceUrl.kind !== "sqlite") throw usageError(`<from> is ${sourceUrl.kind}:, but should be sqlite:FILE`);
  const target = to ?? process.env.SHEETHOOK_INBOX?.trim();
  if (!target) {
    throw usageError(
      "inbox copy needs the inbox to copy to: give postgres://... as a second argument, or in SHEETHOOK_INBOX",
    );
  }
  const name = to === undefined ? "SHEETHOOK_INBOX" : "[to]";
  const targetUrl = parseInboxUrl(target, name);
  if (targetUrl.kind !== "postgres") throw usageError(`${name} is ${targetUrl.kind}:, but should be postgres://...`);
  // Imported here, because the driver reads the environment.
  const { parsePostgresUrl } = await import("../../inbox/postgres/url.ts");
  const where = `Postgres at ${parsePostgresUrl(targetUrl.url).name}`;
  await requireInboxFile(sourceUrl.path);
  const { openSqliteSource } = await import("../../inbox/sqlite/source.ts");
  const { openPostgresTarget } = await import("../../inbox/postgres/target.ts");
  const source = await openSqliteSource(sourceUrl.path);
  const destination = openPostgresTarget(targetUrl.url);
  try {
    const copied = await copyAll(source, destination, where, yes);
    print(json ? JSON.stringify(copied) : textOf(copied, where));
  } finally {
    source.close();
    await destination.close();
  }
}

async function copyAll(source: MovingSource, target: MovingTarget, where: string, yes: boolean | undefined) {
  const count = source.count();
  const sheets = (await source.mirror.sheets()).filter(({ isWhole }) => isWhole);
  if (!count && !sheets.length) return { moved: 0, duplicates: 0, sheets: 0 };
  const mirror = sheets.length
    ? `, and copy ${sheets.length} mirrored ${sheets.length === 1 ? "sheet" : "sheets"}`
    : "";
  const question = `Move ${count} callbacks to ${where}${mirror}?`;
  await confirm(`${question} From then on the callbacks are processed there, and no longer here.`, yes);
  // Before the callbacks: what they changed is found by comparing with it.
  const copied = await copySheets(source, target, sheets);
  return { ...await move(source, target, where, count), sheets: copied };
}

async function copySheets(source: MovingSource, target: MovingTarget, sheets: readonly MirroredSheet[]) {
  const total = sheets.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const pages = copyMirror(source.mirror, target.mirror, sheets);
  let copied = 0;
  let rows = 0;
  await inChunks(async () => {
    const { value, done } = await pages.next();
    rows += value?.rows ?? 0;
    copied += value?.isSheetCopied ? 1 : 0;
    return { text: `${rows} of ${total} rows copied`, isLast: done === true };
  });
  await copyViews(source, target, sheets);
  return copied;
}

/** Those that can't be made there are no reason to keep the callbacks here. */
async function copyViews(source: MovingSource, target: MovingTarget, sheets: readonly MirroredSheet[]) {
  const views = await source.mirror.views?.list() ?? [];
  for (const { name, sheetId } of views.filter(({ sheetId }) => sheets.some(({ id }) => id === sheetId))) {
    try {
      await target.mirror.views?.create(sheetId, name);
    } catch (error) {
      note(`view ${name} isn't copied: ${messageOf(error)}`);
    }
  }
}

async function move(source: MovingSource, target: MovingTarget, where: string, count: number) {
  const counts = { moved: 0, duplicates: 0 };
  await inChunks(async () => {
    const callbacks = source.next(CHUNK);
    if (callbacks.length) {
      counts.duplicates += callbacks.length - await target.adopt(callbacks);
      // Only once they are stored there: an interruption in between repeats this chunk.
      source.moved(callbacks, where);
      counts.moved += callbacks.length;
    }
    return { text: `${counts.moved} of ${count} moved`, isLast: !callbacks.length };
  });
  return counts;
}

function textOf({ moved, duplicates, sheets }: Awaited<ReturnType<typeof copyAll>>, where: string): string {
  const there = duplicates ? `, ${duplicates} of them were there already` : "";
  const copied = sheets ? `; ${sheets} mirrored ${sheets === 1 ? "sheet" : "sheets"} copied` : "";
  return `${moved} moved to ${where}${there}${copied}`;
}

const HELP = `
The callbacks keep their order, attempts, failures, dead calls, changes, steps
and positions, and run before those accepted there. The file keeps them as
discarded. Mirrored sheets are copied with their views, unless they were read
later there. serve must not use the file meanwhile; it may run on Postgres
already. Repeat a copy that was interrupted.

Examples:
  sheethook inbox copy sqlite:sheethook.db postgres://sheethook@db/sheethook
  SHEETHOOK_INBOX=postgres://... sheethook inbox copy sqlite:sheethook.db --yes`;
