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
    .description("Look at the callbacks that were accepted, and act on them; serve may be running meanwhile.")
    .addHelpText("after", HELP);
  for (const add of [addStats, addList, addShow, addReplay, addDiscard, addPrune, addCopy]) add(inbox);
}

const HELP = `
A callback is pending (still owed), done, discarded (by a handler or by hand), or dead (it used up its attempts).

Examples:
  sheethook inbox stats                            what is where, and which sheets are held up
  sheethook inbox list --state dead                what was given up, and why
  sheethook inbox show 17 --body                   everything about callback 17
  sheethook inbox replay --state dead --sheet 4509506114742148
  sheethook inbox discard 17 --yes
  sheethook inbox prune --older-than 30d
  sheethook inbox copy sqlite:sheethook.db postgres://db.example.com/sheethook`;
