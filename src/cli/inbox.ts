import type { Command } from "commander";
import { addCopy } from "./inbox/copy.ts";
import { addDiscard } from "./inbox/discard.ts";
import { addList } from "./inbox/list.ts";
import { addPrune } from "./inbox/prune.ts";
import { addReplay } from "./inbox/replay.ts";
import { addShow } from "./inbox/show.ts";
import { addSkip } from "./inbox/skip.ts";
import { addStats } from "./inbox/stats.ts";

/** `sheethook inbox stats | list | show | replay | skip | discard | prune | copy` */
export function addInbox(program: Command): void {
  const inbox = program.command("inbox")
    .description("View, replay, skip, discard, prune and move accepted callbacks; serve may run at the same time.")
    .addHelpText("after", HELP);
  for (const add of [addStats, addList, addShow, addReplay, addSkip, addDiscard, addPrune, addCopy]) add(inbox);
}

const HELP = `
A callback is pending, done, discarded (by a handler or a person), or dead:
calls of handlers used up their attempts. These are its dead calls, which can be
replayed or skipped.

Examples:
  sheethook inbox stats              counts, and which sheets are blocked
  sheethook inbox list --state dead  dead callbacks, and why they failed
  sheethook inbox list --by error    their errors
  sheethook inbox show 17 --body     everything about callback 17
  sheethook inbox replay --state dead --sheet 4509506114742148
  sheethook inbox skip 17 --call 2   gives one dead call up
  sheethook inbox discard 17 --yes
  sheethook inbox prune --older-than 30d
  sheethook inbox copy sqlite:sheethook.db postgres://db.example.com/sheethook`;
