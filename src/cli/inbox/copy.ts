import type { Command } from "commander";
import process from "node:process";
import type { MovingSource, MovingTarget } from "../../inbox/transfer.ts";
import { inChunks } from "./in_chunks.ts";
import { print } from "../terminal/print.ts";
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
    const { moved, duplicates } = await move(source, destination, where, yes);
    const text = `${moved} moved to ${where}${duplicates ? `, ${duplicates} of them were there already` : ""}`;
    print(json ? JSON.stringify({ moved, duplicates }) : text);
  } finally {
    source.close();
    await destination.close();
  }
}

async function move(source: MovingSource, target: MovingTarget, where: string, yes: boolean | undefined) {
  const count = source.count();
  const counts = { moved: 0, duplicates: 0 };
  if (!count) return counts;
  await confirm(`Move ${count} callbacks to ${where}? From then on they are processed there, and no longer here.`, yes);
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

const HELP = `
The callbacks keep their order, attempts, failures, dead calls, steps and positions, and run before those accepted
there. The file keeps them as discarded. serve must not use the file meanwhile; it may run on Postgres already. Repeat
a copy that was interrupted.

Examples:
  sheethook inbox copy sqlite:sheethook.db postgres://sheethook@db.example.com/sheethook
  SHEETHOOK_INBOX=postgres://... sheethook inbox copy sqlite:sheethook.db --yes`;
