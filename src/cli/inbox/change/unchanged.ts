import process from "node:process";
import type { ActedOn, CallPick, InspectableInbox } from "../../../inbox/inspect.ts";
import { note } from "../../terminal/print.ts";
import type { Change } from "./change.ts";

/**
 * Says why a callback was left as it was, or what of it; the exit code is 1 then. What a filter found may have changed its state
 * meanwhile: that is no failure.
 */
export type UnchangedLog = (acted: ActedOn) => Promise<void>;

export function createUnchangedLog(
  change: Change,
  inbox: InspectableInbox,
  pick: CallPick | undefined,
  isByIds: boolean,
): UnchangedLog {
  const { name, states, hasPick } = change;

  async function reasonOf({ id, outcome, state }: ActedOn): Promise<string> {
    if (outcome === "unknown") return "there is no such callback: it may have been pruned";
    if (outcome === "running") return "an attempt is running: try again when it has ended";
    if (name === "replay" && state === "pending") {
      return pick
        ? "it is pending: its dead calls can be replayed when it has ended"
        : "it is pending, so it runs anyway";
    }
    if (!states.includes(state!)) return `it is ${state}, but should be ${states.join(" or ")}`;
    const row = await inbox.show(id);
    const calls = row?.deadCalls.filter(({ state }) => state === "dead" || (state === "owed" && name === "skip"));
    if (calls?.length) {
      return `none of its dead calls (${calls.length}) is picked: see \`sheethook inbox show ${id}\``;
    }
    if (state !== "dead") return `it is ${state} and has no dead call`;
    return `it has no dead call: ${name === "skip" ? "discard it instead" : "replay it without --call and --error"}`;
  }

  return async (acted) => {
    const { id, outcome, state, calls } = acted;
    if (outcome === "changed") {
      const wanted = pick?.calls?.length ?? 0;
      if (calls >= wanted || pick?.error !== undefined) return;
      process.exitCode = 1;
      return note(
        `sheethook: Callback ${id} has only ${calls} of the ${wanted} dead calls that --call names: see \`sheethook inbox show ${id}\``,
      );
    }
    if (!isByIds && outcome !== "running" && !(hasPick && state === "dead")) return;
    process.exitCode = 1;
    note(`sheethook: Callback ${id} wasn't touched by ${name}: ${await reasonOf(acted)}`);
  };
}
