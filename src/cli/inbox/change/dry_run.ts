import { errorKey } from "../../../inbox/error_key.ts";
import type { ActedOn, CallPick, InspectableInbox, StoredCallback, StoredDeadCall } from "../../../inbox/inspect.ts";
import { contentOf } from "../../../callback/content.ts";
import { reconcileText } from "../../../callback/reconcile.ts";
import { printable } from "../../../text.ts";
import { countText } from "../../terminal/count_text.ts";
import { print } from "../../terminal/print.ts";
import { countedCall, positionText } from "../../../dispatch/call_text.ts";
import { deadCallJson, deadCallText } from "../dead_call.ts";
import type { UnchangedLog } from "./unchanged.ts";

/** What a replay would do with a callback. */
interface Plan {
  readonly acted: ActedOn;
  /** The dead calls that would run; without any, it would go on at its position, or start afresh. */
  readonly calls: readonly StoredDeadCall[];
}

/** `inbox replay --dry-run` */
export async function planReplays(
  inbox: InspectableInbox,
  ids: readonly number[],
  pick: CallPick | undefined,
  json: boolean | undefined,
  log: UnchangedLog,
): Promise<void> {
  let changed = 0;
  let calls = 0;
  for (const id of ids) {
    const row = await inbox.show(id);
    const plan = planOf(id, row, pick);
    await log(plan.acted);
    if (json) print(planJson(plan, row));
    if (!row || plan.acted.outcome !== "changed") continue;
    if (!json) print(planText(plan, row));
    changed++;
    calls += plan.acted.calls;
  }
  const of = calls ? `: ${countText(calls, "dead call")}` : "";
  if (!json) print(`${countText(changed, "callback")} would be replayed${of}`);
}

function planOf(id: number, row: StoredCallback | undefined, pick: CallPick | undefined): Plan {
  const { state } = row ?? {};
  const as = (outcome: ActedOn["outcome"], calls: readonly StoredDeadCall[] = []) => ({
    acted: { id, outcome, state, calls: calls.length },
    calls,
  });
  if (!row) return as("unknown");
  const dead = state === "dead" ? row.deadCalls.filter((call) => call.state === "dead") : [];
  const picked = dead.filter((call) => isPicked(call, pick));
  if (state === "pending" || (pick || dead.length ? !picked.length : false)) return as("unchanged");
  return as("changed", picked);
}

function isPicked({ number, error }: StoredDeadCall, { calls, error: key }: CallPick = {}): boolean {
  return (!calls || calls.includes(number)) && (key === undefined || errorKey(error) === key);
}

function planText({ calls }: Plan, row: StoredCallback): string {
  const { events, status, reconcile } = contentOf(row.body);
  const what = calls.length
    ? countText(calls.length, "dead call")
    : isResumed(row)
    ? `goes on at ${positionText(row.position!, events)}`
    : `starts afresh: ${
      reconcile ? reconcileText(reconcile) : events ? countText(events.length, "event") : status ?? "no events"
    }`;
  const lines = calls.map((call) => `  dead call ${call.number}: ${printable(deadCallText(call, events))}`);
  return [`callback ${row.id}: ${printable(what)}`, ...lines].join("\n");
}

function planJson({ acted, calls }: Plan, row: StoredCallback | undefined): string {
  const isAtPosition = row && acted.outcome === "changed" && !calls.length && isResumed(row);
  return JSON.stringify({
    ...acted,
    dryRun: true,
    deadCalls: calls.map(deadCallJson),
    position: isAtPosition ? countedCall(row.position!) : undefined,
  });
}

function isResumed({ state, position }: StoredCallback): boolean {
  return state === "dead" && position !== undefined;
}
