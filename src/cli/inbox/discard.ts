import type { Command } from "commander";
import { yesFlag } from "../terminal/confirm.ts";
import type { Change } from "./change/change.ts";
import { addChange, CHANGE_HELP } from "./change/change_callbacks.ts";

const DISCARD: Change = {
  name: "discard",
  past: "discarded",
  states: ["dead", "pending"],
  hasPick: false,
  apply: (inbox, ids) => inbox.discard(ids),
  question: (callbacks) => `Discard ${callbacks}? They will not be processed unless they are replayed.`,
};

/** `sheethook inbox discard` */
export function addDiscard(inbox: Command): void {
  addChange(inbox, DISCARD, "Drop pending or dead callbacks; those behind them on their sheets run next.")
    .addOption(yesFlag())
    .addHelpText("after", HELP);
}

const HELP = `${CHANGE_HELP}

With a callback, all of its dead calls are given up; \`inbox skip\` gives up
some. A callback whose attempt is running is left alone. Exit code 1 if one of
the ids can't be discarded; the others are.

Examples:
  sheethook inbox discard 17
  sheethook inbox discard --state dead --until 30d --yes
  sheethook inbox discard --state pending --webhook 2674017481058180`;
