/**
 * `sheethook/inbox/sqlite`: an inbox in a SQLite file, for one machine.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { sqliteInbox } from "sheethook/inbox/sqlite";
 *
 * const inbox = sqliteInbox(`${Deno.makeTempDirSync()}/sheethook.db`); // where your program keeps its data
 * const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0", inbox });
 * receiver.on("row.created", (event) => console.log(event.id));
 *
 * await receiver.start();
 * await receiver.stop();
 * await inbox.close();
 * ```
 *
 * @module
 */
import type { AcceptedCallback } from "../callback/callback.ts";
import { SheethookError } from "../errors.ts";
import { consoleLogger, createQuietLogger, type Logger } from "../logger.ts";
import { sleep } from "../async/delay.ts";
import { createCommit } from "./sqlite/commit.ts";
import { type Inbox, type Lease, type Outcome, requireKeepMs, type Work } from "./inbox.ts";
import { type InspectableInbox, PRUNE_CHUNK } from "./inspect.ts";
import { NEVER_ENDED, retryDelayMs } from "./attempts.ts";
import { createSqliteInspect } from "./sqlite/inspect.ts";
import { callbackOf, type CallbackRow } from "./callback_row.ts";
import { createClockWatch, STEP_MS } from "./sqlite/clock.ts";
import { nonceKey } from "./sqlite/nonce_key.ts";
import { openSqlite } from "./sqlite/open.ts";
import { createRead } from "./sqlite/read.ts";
import { prepareStatements } from "./sqlite/statements.ts";
export type { AcceptedCallback } from "../callback/callback.ts";
export type { Logger } from "../logger.ts";
export type * from "./inbox.ts";
export type * from "./inspect.ts";

/** Options of {@linkcode sqliteInbox}. */
export interface SqliteInboxOptions {
  /** How long done callbacks are kept, to recognise what comes again; at least 2 days. @default 7 days */
  readonly keepMs?: number | undefined;
  /** Told of a file that other users of this machine can read, and of one that is brought up to date. @default warnings and errors on the console */
  readonly logger?: Logger | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** Milliseconds from anywhere, of a clock that nobody sets. @default `performance.now`, or `now` if that is given */
  readonly elapsed?: (() => number) | undefined;
  /** Whether to look for corrupt pages when it is opened, which takes about 1 s for 1 GB. @default true */
  readonly checkPages?: boolean | undefined;
  /** From 0 to 1, for the spread of waits. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** How often other processes on the file are looked for, by `wait`. */
const LOOK_MS = 100;
const PRUNE_MS = 60_000;

/**
 * An inbox in a SQLite file: what was put is on disk. For one machine, on a disk of its own, no network file system; any
 * number of processes on it may share the file.
 *
 * @param path of the file, which is made if it isn't there, with mode 0600; two more stand beside it, `-wal` and `-shm`
 * @throws {SheethookError} `inbox_unusable` for a file that can't be opened, is no inbox, is corrupt, or of a newer version
 */
export function sqliteInbox(path: string, options: SqliteInboxOptions = {}): Inbox & InspectableInbox {
  const { now = Date.now, random = Math.random } = options;
  const elapsed = options.elapsed ?? options.now ?? (() => performance.now());
  const keepMs = requireKeepMs(options.keepMs);
  const logger = createQuietLogger(options.logger ?? consoleLogger);
  const database = openSqlite(path, { checkPages: options.checkPages ?? true, time: now(), logger });
  const commit = createCommit(database, path);
  const read = createRead(path);
  const sql = prepareStatements(database);
  const clock = createClockWatch(now, elapsed);
  const waiting = new Set<() => void>();
  /** Leases that may still hold their lanes, because the file couldn't be written: the next `lease` releases them. */
  const unreleased = new Set<Lease>();
  /** Tells the leases of this process apart from those of others, and from each other. */
  const owner = crypto.randomUUID();
  let lastLease = 0;
  let pruneAt = -Infinity;
  let trustLeasesAt = -Infinity;
  let followedSetBack = readSetBack();

  function prune(time: number): void {
    // A clock that has just been set forward may be wrong: what is forgotten for that would be worked twice.
    if (elapsed() < Math.max(pruneAt, trustLeasesAt)) return;
    const { changes } = sql.prune.run(time - keepMs, PRUNE_CHUNK);
    pruneAt = Number(changes) === PRUNE_CHUNK ? elapsed() : elapsed() + PRUNE_MS;
  }

  /**
   * After the clock was set forward, leases look expired: their holders get the time to renew them. After it was set back,
   * lanes would be due too late: they are moved with it, once, by the process that notices first.
   *
   * @returns by how much the clock was set back since the file was made, as far as it was followed
   */
  function followClock(time: number, leaseMs: number): number {
    const step = clock.step();
    if (step > 0) trustLeasesAt = elapsed() + leaseMs;
    const setBack = readSetBack();
    const left = step + (setBack - followedSetBack);
    if (left > -STEP_MS) return setBack;
    sql.moveBack.run({ step: left, time, leased: time + leaseMs });
    sql.setSetBack.run(setBack - left);
    return setBack - left;
  }

  function readSetBack(): number {
    return (sql.setBack.get() as { value: number }).value;
  }

  function release({ lane, token }: Lease, time: number): void {
    sql.release.run(time, lane, token);
  }

  function wake(): void {
    for (const wakeUp of waiting) wakeUp();
  }

  /** @throws {SheethookError} `lease_lost` */
  function requireHeld({ lane, token }: Lease): LaneRow {
    const row = sql.lane.get(lane) as LaneRow | undefined;
    if (row?.lease === token) return row;
    throw new SheethookError("lease_lost", `The lease of lane ${lane} has run out, and another has it`);
  }

  function requireTaken(lease: Lease, { id }: Work): void {
    if (requireHeld(lease).taken !== id) {
      throw new SheethookError("lease_lost", `Callback ${id} isn't the one that lane ${lease.lane} is at`);
    }
  }

  function insert(callback: AcceptedCallback) {
    const { webhookId, nonce, timestamp, scopeObjectId, body, digest, acceptedAt } = callback;
    const { value } = sql.place.get() as { value: number };
    const id = value + 1;
    const key = nonceKey(callback);
    const { changes } = sql.insert.run(
      id,
      id,
      webhookId,
      nonce,
      key,
      timestamp,
      scopeObjectId,
      body,
      digest,
      acceptedAt,
    );
    if (!changes) return "duplicate";
    sql.setPlace.run(id);
    sql.owe.run(scopeObjectId, now());
    return "stored";
  }

  /** @throws {SheethookError} `lease_lost` */
  function take(lease: Lease): Work | undefined {
    if (requireHeld(lease).retry_at > now()) return undefined;
    const row = sql.next.get(lease.lane) as CallbackRow | undefined;
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
      position: row.position === null ? undefined : JSON.parse(row.position),
      steps: new Map(steps.map(({ key, json }) => [key, json])),
    };
  }

  /** @throws {SheethookError} `lease_lost` */
  function finish(lease: Lease, work: Work, outcome: Outcome): void {
    requireTaken(lease, work);
    const time = now();
    const position = "position" in outcome ? JSON.stringify(outcome.position) : null;
    switch (outcome.kind) {
      case "paused":
        sql.pause.run(position, work.id);
        sql.retry.run(0, lease.lane);
        return;
      case "failed":
        sql.failure.run(time, outcome.error, work.id);
        sql.fail.run(position, outcome.error, time, work.id);
        sql.retry.run(time + outcome.retryAfterMs, lease.lane);
        return;
      case "dropped":
        sql.drop.run(work.id);
        sql.paid.run(lease.lane);
        return;
      case "done":
        sql.end.run("done", null, time, null, work.id);
        break;
      case "discarded":
        sql.end.run("discarded", outcome.reason, time, null, work.id);
        break;
      case "dead":
        sql.failure.run(time, outcome.error, work.id);
        sql.end.run("dead", outcome.error, time, position, work.id);
    }
    // Its steps are of no more use, but to a dead letter's replay.
    if (outcome.kind !== "dead") sql.dropSteps.run(work.id);
    sql.count.run(outcome.kind === "dead" ? "dead" : "done");
    sql.paid.run(lease.lane);
  }

  return {
    ...createSqliteInspect({ database, commit, read, now }),

    async put(callback) {
      const outcome = await commit(() => insert(callback));
      if (outcome === "stored") wake();
      return outcome;
    },

    async lease(limit, leaseMs) {
      const held = [...unreleased];
      const { leases, setBack } = await commit(() => {
        const time = now();
        const setBack = followClock(time, leaseMs);
        for (const lease of held) release(lease, time);
        prune(time);
        const due = (elapsed() < trustLeasesAt ? sql.dueUnleased : sql.due).all(time, limit) as unknown as LaneRow[];
        const leases = due.map(({ lane, taken }) => {
          // Whoever had it was killed, or was cut off.
          if (taken !== null) {
            sql.unfinished.run(taken);
            sql.failure.run(time, NEVER_ENDED, taken);
          }
          const token = `${owner} ${++lastLease}`;
          sql.lease.run(token, time + leaseMs, time + leaseMs, lane);
          return { lane, token };
        });
        return { leases, setBack };
      });
      clock.follow();
      followedSetBack = setBack;
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

    savePosition: (lease, work, position) =>
      commit(() => {
        requireTaken(lease, work);
        sql.position.run(JSON.stringify(position), work.id);
      }),

    saveStep: (lease, work, key, json) =>
      commit(() => {
        requireTaken(lease, work);
        sql.step.run(work.id, key, json);
      }),

    async wait(signal) {
      const enough = new AbortController();
      const end = () => enough.abort();
      waiting.add(end);
      signal.addEventListener("abort", end);
      try {
        const version = await read(dataVersion);
        while (!signal.aborted && !enough.signal.aborted) {
          const { due_at: dueAt } = await read(() => sql.nextDue.get() as { due_at: number | null });
          // What is due while leases are trusted may be nobody's to have yet.
          const isSteady = dueAt === null || elapsed() < trustLeasesAt;
          const ms = isSteady ? LOOK_MS : Math.min(LOOK_MS, Math.max(dueAt - now(), 0));
          await sleep(ms, enough.signal);
          if (ms < LOOK_MS || await read(dataVersion) !== version || clock.step() !== 0) break;
        }
      } finally {
        waiting.delete(end);
        signal.removeEventListener("abort", end);
      }
    },

    check: () => commit(() => void sql.touch.run()),

    async close() {
      try {
        // What was put before is on disk then.
        await commit(() => {});
      } finally {
        database.close();
      }
    },
  };

  /** Changes when another process has written. */
  function dataVersion(): number {
    return (sql.dataVersion.get() as { data_version: number }).data_version;
  }
}

interface LaneRow {
  readonly lane: number;
  readonly lease: string | null;
  readonly lease_until: number;
  readonly retry_at: number;
  readonly taken: number | null;
}
