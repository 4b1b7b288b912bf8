import type { ActedOn, CallPick, InspectableInbox } from "../../inspect.ts";
import { PRUNE_CHUNK } from "../../limits.ts";
import { stateIn } from "../../callback_condition.ts";
import type { Commit } from "../commit.ts";
import { COUNT_CALLS, SKIP_CALLS } from "../dead_calls.ts";
import { ADD_PENDING } from "../statements.ts";
import { type Found, isRunning } from "./found.ts";
import type { Queries } from "./queries.ts";
import {
  DISCARD,
  DROP_CALLS,
  END_DEAD,
  END_DONE,
  FOUND,
  GO_ON,
  HEAD,
  NEXT_PLACE,
  RELEASE_HOLD,
  REPLAY_CALLS,
  SKIP_PICKED,
  START_AFRESH,
} from "./statements.ts";

/** What people do with callbacks. */
export function createActions(
  { queries, commit, now }: { readonly queries: Queries; readonly commit: Commit; readonly now: () => number },
): Pick<InspectableInbox, "replay" | "discard" | "skip" | "prune"> {
  const { run, get } = queries;

  /** @param act changes the callback. @returns the outcome, or how many calls it has changed */
  function actOn(
    ids: readonly number[],
    act: (found: Found) => ActedOn["outcome"] | number,
  ): Promise<readonly ActedOn[]> {
    return commit(() =>
      ids.map((id): ActedOn => {
        const found = get<Found>(`select ${FOUND} from callbacks left join lanes using (lane) where id = ?`, id);
        if (!found) return { id, outcome: "unknown", state: undefined, calls: 0 };
        const acted = act(found);
        return typeof acted === "number"
          ? { id, outcome: "changed", state: found.state, calls: acted }
          : { id, outcome: acted, state: found.state, calls: 0 };
      })
    );
  }

  function replayOne({ id, state, lane, dead_count: deadCount }: Found, pick?: CallPick): ActedOn["outcome"] | number {
    if (state === "pending") return "unchanged";
    let calls = 0;
    if (state === "dead" && deadCount) {
      calls = changeCalls(REPLAY_CALLS, id, pick);
      if (!calls) return "unchanged";
    } else if (pick) return "unchanged";
    const { place } = get<{ place: number }>(NEXT_PLACE)!;
    if (state !== "dead") run(DROP_CALLS, id);
    run(state === "dead" ? GO_ON : START_AFRESH, place, id);
    run(ADD_PENDING, lane, now());
    return calls || "changed";
  }

  function skipOne(found: Found, pick?: CallPick): ActedOn["outcome"] | number {
    const { id, state, owed_count: owedBefore } = found;
    if (state !== "pending" && state !== "dead") return "unchanged";
    if (isRunning(found, now())) return "running";
    const calls = changeCalls(SKIP_PICKED, id, pick);
    if (!calls) return "unchanged";
    const { dead, owed } = get<{ dead: number; owed: number }>(
      "select dead_count as dead, owed_count as owed from callbacks where id = ?",
      id,
    )!;
    // A callback that has owed calls has come to its end before.
    if (state === "pending" && owedBefore && !owed) leaveLane(found, dead ? "dead" : "done");
    else if (state === "pending" || dead) return calls;
    run(dead ? END_DEAD : END_DONE, now(), id);
    if (!dead) run("delete from steps where callback = ?", id);
    return calls;
  }

  /** @returns how many of its calls have another state now */
  function changeCalls(text: string, id: number, { calls, error }: CallPick = {}): number {
    const changed = run(text, { id, calls: calls ? JSON.stringify(calls) : null, key: error ?? null });
    if (changed) run(COUNT_CALLS, id);
    return changed;
  }

  function discardOne(found: Found): ActedOn["outcome"] {
    const { id, state } = found;
    if (state !== "pending" && state !== "dead") return "unchanged";
    if (isRunning(found, now())) return "running";
    if (state === "pending") leaveLane(found, "done");
    run(DISCARD, now(), id);
    run("delete from steps where callback = ?", id);
    if (run(SKIP_CALLS, id)) run(COUNT_CALLS, id);
    return "changed";
  }

  /** Of a pending callback that ends now, and is counted as `total`. */
  function leaveLane({ id, lane }: Found, total: "done" | "dead"): void {
    // Read before it leaves the lane: it may hold up the lane.
    const head = get<{ id: number }>(HEAD, lane)!;
    if (head.id === id) run(RELEASE_HOLD, { now: now(), lane });
    run("update lanes set pending = pending - 1 where lane = ?", lane);
    run("update counters set value = value + 1 where name = ?", total);
  }

  return {
    replay: (ids, pick) => actOn(ids, (found) => replayOne(found, pick)),

    skip: (ids, pick) => actOn(ids, (found) => skipOne(found, pick)),

    discard: (ids) => actOn(ids, discardOne),

    prune: (states, endedBefore) =>
      commit(() => {
        const text = `delete from callbacks where id in (
          select id from callbacks where ${stateIn(states)} and ended_at < ? limit ?)`;
        return run(text, endedBefore, PRUNE_CHUNK);
      }),
  };
}
