import { type Command, Option } from "commander";
import { inChunks } from "./in_chunks.ts";
import { confirm, yesFlag } from "../terminal/confirm.ts";
import { print } from "../terminal/print.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { withInbox } from "../options/with_inbox.ts";
import { durationSetting } from "../options/duration.ts";
import { flag, NO_VARIABLE } from "../options/setting.ts";

interface PruneOptions {
  readonly inbox: string;
  readonly olderThan: number;
  readonly dead?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `sheethook inbox prune` */
export function addPrune(inbox: Command): void {
  inbox.command("prune")
    .description("Delete done and discarded callbacks that ended long ago. serve does that itself: see its --keep.")
    .addOption(
      durationSetting("--older-than", "ended at least this long ago", NO_VARIABLE, "2d", "3650d", "7d"),
    )
    .addOption(new Option("--dead", "delete dead callbacks, too"))
    .addOption(yesFlag())
    .addOption(inboxSetting())
    .addOption(flag("--json", "print one JSON object", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(runPrune);
}

async function runPrune({ inbox: url, olderThan, dead, yes, json }: PruneOptions): Promise<void> {
  const endedBefore = Date.now() - olderThan;
  await withInbox(url, async (inbox) => {
    if (dead) await confirm("Delete dead callbacks, too? They can't be replayed afterwards.", yes);
    const states = ["done", "discarded", ...(dead ? ["dead"] as const : [])] as const;
    let pruned = 0;
    await inChunks(async () => {
      const count = await inbox.prune(states, endedBefore);
      pruned += count;
      return { text: `${pruned} pruned`, isLast: count === 0 };
    });
    print(json ? JSON.stringify({ pruned }) : `${pruned} pruned`);
  });
}

const HELP = `
Only options choose what is deleted, never the environment.
Two days is the minimum: Smartsheet may repeat a callback a day later, and a
pruned one would not be recognised as a duplicate. The file doesn't shrink; its
free pages are used again.

Examples:
  sheethook inbox prune
  sheethook inbox prune --older-than 30d --dead --yes`;
