import { SheethookError } from "../../errors.ts";
import { NEVER_ENDED, retryDelayMs } from "../attempts.ts";
import { callbackOf, type CallbackRow } from "../callback_row.ts";
import { errorKey } from "../error_key.ts";
import type { DeadCall, Inbox, Lease, Outcome, Progress, Work } from "../inbox.ts";
import type { ClockWatch } from "./clock.ts";
import type { Commit } from "./commit.ts";
import { createDeadCallWriter, positionOf, workCalls } from "./dead_calls.ts";
import type { SqliteStatements } from "./statements.ts";

/** The half of an inbox that processes lanes. */
export function createLanes(
  { commit, sql, clock, now, random, prune, wake }: {
    readonly commit: Commit;
    readonly sql: SqliteStatements;
    readonly clock: ClockWatch;
    readonly now: () => number;
    readonly random: () => number;
    /** Called often, in a transaction. */
    readonly prune: (time: number) => void;
    /** Called when a lane may have become due. */
    readonly wake: () => void;
  },
): Pick<Inbox, "lease" | "renew" | "release" | "take" | "finish" | "saveProgress" | "saveStep"> {
  /** Leases that may still hold their lanes, because the file couldn't be written: the next `lease` releases them. */
  const unreleased = new Set<Lease>();
  /** Makes the leases of this process different from those of others. */
  const owner = crypto.randomUUID();
  let lastLease = 0;
  const deadCalls = createDeadCallWriter(sql);

  function release({ lane, token }: Lease, time: number): void {
    sql.release.run(time, lane, token);
  }

  /** @throws {SheethookError} `lease_lost` */
  function take(lease: Lease): Work | undefined {
    if (requireHeld(sql, lease).retry_at > now()) return undefined;
    const row = sql.next.get(lease.lane) as NextRow | undefined;
    if (!row) return undefined;
    const attempt = row.attempts + 1;
    sql.attempt.run(attempt, now(), row.id);
    sql.take.run(row.id, retryDelayMs(attempt, random), lease.lane);
    const steps = sql.steps.all(row.id) as { key: string; json: string }[];
    return {
      id: row.id,
      callback: callbackOf(row),
      attempt,
      unfinished: row.unfinished,
      position: positionOf(row.position),
      steps: new Map(steps.map(({ key, json }) => [key, json])),
      deadCalls: row.dead_calls ? workCalls(sql, row.id) : NONE,
    };
  }

  function save({ id }: Work, { position, ended }: Progress, attempt: number): void {
    deadCalls.add(id, ended, now());
    sql.progress.run(JSON.stringify(position), attempt, id);
  }

  /** @throws {SheethookError} `lease_lost` */
  function finish(lease: Lease, work: Work, outcome: Outcome): void {
    requireTaken(sql, lease, work);
    const time = now();
    const { id } = work;
    switch (outcome.kind) {
      case "paused":
        save(work, outcome, (outcome.attempt ?? work.attempt) - 1);
        sql.retry.run(0, lease.lane);
        return;
      case "failed":
        save(work, outcome, outcome.attempt ?? work.attempt);
        deadCalls.fail(id, outcome.error, time);
        sql.fail.run(outcome.error, time, id);
        sql.retry.run(time + outcome.retryAfterMs, lease.lane);
        return;
      case "dropped":
        sql.drop.run(id);
        sql.settle.run(lease.lane);
        return;
      case "done":
        deadCalls.add(id, outcome.ended, time);
        sql.end.run("done", null, time, null, id);
        break;
      case "discarded":
        sql.end.run("discarded", outcome.reason, time, null, id);
        if (sql.skipCalls.run(id).changes) sql.countCalls.run(id);
        break;
      case "dead":
        endDead(id, outcome, time);
    }
    // Only the replay of a dead letter needs its steps.
    if (outcome.kind !== "dead") sql.dropSteps.run(id);
    if (work.deadCalls.length) sql.dropTexts.run(id);
    sql.count.run(outcome.kind === "dead" ? "dead" : "done");
    sql.settle.run(lease.lane);
  }

  function endDead(id: number, outcome: Outcome & { readonly kind: "dead" }, time: number): void {
    const { position, ended } = outcome;
    deadCalls.add(id, ended, time);
    const error = outcome.error ?? (sql.lastError.get(id) as { error: string | null }).error;
    sql.end.run("dead", error, time, position ? JSON.stringify(position) : null, id);
    sql.errorKey.run(error === null ? null : errorKey(error), id);
    if (position && outcome.error !== undefined) deadCalls.fail(id, outcome.error, time);
  }

  return {
    async lease(limit, leaseMs) {
      const held = [...unreleased];
      const { leases, followed } = await commit(() => {
        const time = now();
        const followed = clock.follow(time, leaseMs);
        for (const lease of held) release(lease, time);
        prune(time);
        const due = (clock.trustsLeases() ? sql.dueUnleased : sql.due).all(time, limit) as unknown as LaneRow[];
        const leases = due.map(({ lane, taken }) => {
          // The process that had it was killed, or was cut off.
          if (taken !== null) {
            sql.unfinished.run(taken);
            deadCalls.fail(taken, NEVER_ENDED, time);
          }
          const token = `${owner} ${++lastLease}`;
          sql.lease.run(token, time + leaseMs, time + leaseMs, lane);
          return { lane, token };
        });
        return { leases, followed };
      });
      followed();
      for (const lease of held) unreleased.delete(lease);
      return leases;
    },

    renew: (leases, leaseMs) =>
      commit(() => {
        const time = now();
        return leases.filter(({ lane, token }) => !sql.renew.run(time + leaseMs, time + leaseMs, lane, token).changes);
      }),

    async release(lease) {
      unreleased.add(lease);
      await commit(() => release(lease, now()));
      unreleased.delete(lease);
      wake();
    },

    take: (lease) => commit(() => take(lease)),

    finish: (lease, work, outcome, options) =>
      commit(() => {
        finish(lease, work, outcome);
        return options?.next ? take(lease) : undefined;
      }),

    saveProgress: (lease, work, progress) =>
      commit(() => {
        requireTaken(sql, lease, work);
        const { attempt = work.attempt } = progress;
        save(work, progress, attempt);
        sql.take.run(work.id, retryDelayMs(attempt, random), lease.lane);
      }),

    saveStep: (lease, work, key, json) =>
      commit(() => {
        requireTaken(sql, lease, work);
        sql.step.run(work.id, key, json);
      }),
  };
}

/** @throws {SheethookError} `lease_lost` */
function requireHeld(sql: SqliteStatements, { lane, token }: Lease): LaneRow {
  const row = sql.lane.get(lane) as LaneRow | undefined;
  if (row?.lease === token) return row;
  throw new SheethookError("lease_lost", `The lease of lane ${lane} is no longer held`);
}

/** @throws {SheethookError} `lease_lost` */
export function requireTaken(sql: SqliteStatements, lease: Lease, { id }: Pick<Work, "id">): void {
  if (requireHeld(sql, lease).taken === id) return;
  throw new SheethookError("lease_lost", `Callback ${id} isn't the one that lane ${lease.lane} is at`);
}

const NONE: readonly DeadCall[] = [];

interface NextRow extends CallbackRow {
  readonly dead_calls: number;
}

interface LaneRow {
  readonly lane: number;
  readonly lease: string | null;
  readonly lease_until: number;
  readonly retry_at: number;
  readonly taken: number | null;
}
