import type { Command } from "commander";
import { addChange, type Change, CHANGE_HELP } from "./change_callbacks.ts";

const REPLAY: Change = {
  name: "replay",
  past: "replayed",
  states: ["dead", "done", "discarded"],
  apply: (inbox, ids) => inbox.replay(ids),
};

/** `sheethook inbox replay` */
export function addReplay(inbox: Command): void {
  addChange(inbox, REPLAY, "Run callbacks once more, each at the end of its sheet's queue.").addHelpText("after", HELP);
}

const HELP = `${CHANGE_HELP}

A dead callback resumes at the call that failed, with its steps and a fresh count of attempts; a done or discarded one
starts from the beginning. Handlers see the same idempotencyKey as before. Exit code 1 if one of the ids can't be
replayed; the others are.

Examples:
  sheethook inbox replay 17 18
  sheethook inbox replay --state dead --since 12h
  sheethook inbox replay --state done --sheet 4509506114742148 --since 2026-01-31`;
