import { type Command, Option } from "commander";
import type { Change } from "./change/change.ts";
import { addChange, CHANGE_HELP } from "./change/change_callbacks.ts";

const REPLAY: Change = {
  name: "replay",
  past: "replayed",
  states: ["dead", "done", "discarded"],
  hasPick: true,
  apply: (inbox, ids, pick) => inbox.replay(ids, pick),
};

/** `sheethook inbox replay` */
export function addReplay(inbox: Command): void {
  addChange(inbox, REPLAY, "Run dead calls, or whole callbacks, once more, each at the end of its sheet's queue.")
    .addOption(new Option("--dry-run", "only say what would run"))
    .addHelpText("after", HELP);
}

const HELP = `${CHANGE_HELP}

Of a dead callback, the dead calls run: all of them, or those that --call and
--error pick, in order, each with its steps and a fresh count of attempts. One
without dead calls resumes where it failed. A done or discarded one starts from
the beginning. Handlers see the same idempotencyKey as before. Exit code 1 if
one of the ids can't be replayed; the others are.

Examples:
  sheethook inbox replay 17 18
  sheethook inbox replay 17 --call 2,3
  sheethook inbox replay --error "Error: The ERP answered 500" --dry-run
  sheethook inbox replay --state dead --since 12h
  sheethook inbox replay --state done --sheet 4509506114742148 --since 2h`;
