import type { Command } from "commander";
import { addCopy } from "./inbox/copy.ts";
import { addDiscard } from "./inbox/discard.ts";
import { addList } from "./inbox/list.ts";
import { addPrune } from "./inbox/prune.ts";
import { addReplay } from "./inbox/replay.ts";
import { addShow } from "./inbox/show.ts";
import { addStats } from "./inbox/stats.ts";

/** `sheethook inbox stats | list | show | replay | discard | prune | copy` */
export function addInbox(program: Command): void {
  const inbox = program.command("inbox")
    .description("View, replay, discard, prune and move accepted callbacks; serve may run at the same time.")
    .addHelpText("after", HELP);
  for (const add of [addStats, addList, addShow, addReplay, addDiscard, addPrune, addCopy]) add(inbox);
}

const HELP = `
A callback is pending, done, discarded (by a handler or a person), or dead (it used up its attempts).

Examples:
  sheethook inbox stats                            counts, and which sheets are blocked
  sheethook inbox list --state dead                dead callbacks, and why they failed
  sheethook inbox show 17 --body                   everything about callback 17
  sheethook inbox replay --state dead --sheet 4509506114742148
  sheethook inbox discard 17 --yes
  sheethook inbox prune --older-than 30d
  sheethook inbox copy sqlite:sheethook.db postgres://db.example.com/sheethook`;
