import type { Command } from "commander";
import type { ActedOn, InspectableInbox } from "../../inbox/inspect.ts";
import { yesFlag } from "../terminal/confirm.ts";
import { countText } from "../terminal/count_text.ts";
import type { Change, Followed } from "./change/change.ts";
import { addChange, CHANGE_HELP } from "./change/change_callbacks.ts";

const SKIP: Change = {
  name: "skip",
  past: "skipped",
  states: ["dead", "pending"],
  hasPick: true,
  apply: (inbox, ids, pick) => inbox.skip(ids, pick),
  question(callbacks, pick) {
    const { calls = [] } = pick ?? {};
    const which = calls.length
      ? `${calls.length === 1 ? "dead call" : "dead calls"} ${calls.join(", ")}`
      : "dead calls";
    const error = pick?.error === undefined ? "" : ` with the error ${JSON.stringify(pick.error)}`;
    return `Skip the ${which}${error} of ${callbacks}? They will never be run.`;
  },
  follow,
};

/** `sheethook inbox skip` */
export function addSkip(inbox: Command): void {
  addChange(inbox, SKIP, "Give dead calls up for good; a callback without any other one is done.")
    .addOption(yesFlag())
    .addHelpText("after", HELP);
}

async function follow(inbox: InspectableInbox, { id, calls }: ActedOn): Promise<Followed> {
  const row = await inbox.show(id);
  const skipped = `callback ${id}: ${countText(calls, "call")} skipped`;
  // It may have been pruned meanwhile.
  if (!row) return { text: skipped, json: {} };
  const left = row.deadCalls.filter(({ state }) => state !== "skipped").length;
  const leftText = left ? `${countText(left, "dead call")} ${left === 1 ? "is" : "are"} left` : "no dead call is left";
  const state = row.state === "dead" ? "a dead letter" : row.state;
  return {
    text: `${skipped}, ${leftText}: it is ${state}`,
    json: { stateAfter: row.state, deadCallsLeft: left },
  };
}

const HELP = `${CHANGE_HELP}

All dead calls of a callback are skipped, or those that --call and --error pick,
also ones that were replayed and haven't run yet. A callback whose attempt is
running is left alone. Exit code 1 if one of the ids has no such call; the
others' are skipped. A dead callback without dead calls can be discarded
instead.

Examples:
  sheethook inbox skip 17
  sheethook inbox skip 17 --call 2
  sheethook inbox skip --error "Error: There is no such order" --since 12h --yes`;
