import { createExclusive } from "./async/exclusive.ts";
import { delay } from "./async/delay.ts";
import { logNameOf } from "./callback/log_name.ts";
import type { Counts } from "./counts.ts";
import type { RunAttempt } from "./dispatch/attempt.ts";
import type { OutcomeOf } from "./dispatch/outcome.ts";
import type { Inbox, Lease, Work } from "./inbox/inbox.ts";
import type { Logger } from "./logger.ts";
import { capital } from "./text.ts";
import { createLane, type Lane, type Moment } from "./worker/lane.ts";
import { type ChangeSourceOf, createLaneRun, type LaneRun } from "./worker/lane_run.ts";
import { createInboxOutage } from "./worker/outage.ts";
import { createTimeSlice } from "./worker/time_slice.ts";

/** Processes the lanes of an inbox until it is stopped. */
export interface Worker {
  /** Resolves when it runs, or was stopped again; waits for a `stop` that hasn't ended yet. */
  start(): Promise<void>;
  /**
   * Takes nothing new, gives running calls `graceMs` to end, then aborts their signal; releases every lane. A second call
   * meanwhile waits for the same end.
   */
  stop(graceMs: number): Promise<void>;
}

/** How long an exclusive run waits for others, and how long it may block them. */
const EXCLUSIVE_WAIT_MS = 10_000;
const EXCLUSIVE_BLOCK_MS = 30_000;
/** How often the progress of running attempts is saved. */
const TICK_MS = 1000;

/** Leases due lanes, up to `concurrency` at a time, and processes their callbacks oldest first. */
export function createWorker(options: {
  readonly inbox: Inbox;
  readonly runAttempt: RunAttempt;
  readonly outcomeOf: OutcomeOf;
  readonly attempts: number;
  readonly concurrency: number;
  readonly logger: Logger;
  readonly counts: Counts;
  readonly changeSource?: ChangeSourceOf | undefined;
  readonly leaseMs?: number;
  readonly renewMs?: number;
  /** A callback that takes longer is logged: its handler may hang. */
  readonly longMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}): Worker {
  const { inbox, concurrency, logger, leaseMs = 20_000, renewMs = 5_000, longMs = 60_000 } = options;
  const now = options.now ?? Date.now;
  const moment = (): Moment => ({ monotonic: performance.now(), wall: now() });
  const active = new Set<LaneRun>();
  const outage = createInboxOutage(logger);
  const exclusive = createExclusive(EXCLUSIVE_WAIT_MS, EXCLUSIVE_BLOCK_MS);
  const slice = createTimeSlice();
  const shared = { ...options, outage, exclusive, slice };
  let stopping = new AbortController();
  let running: Promise<void> | undefined;
  /** Of the lanes that are active; none while there are none, so that an idle process isn't woken. */
  let timers: ReturnType<typeof setInterval>[] = [];
  /** How often `start` or `stop` was called: the last call counts. */
  let calls = 0;
  /** The `stop` that runs. */
  let ending: Promise<void> | undefined;
  let laneEnds = Promise.withResolvers<void>();
  /** Ends the wait for work, while there is one. */
  let stopWaiting: (() => void) | undefined;

  async function work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await outage.wait(signal);
        // Read first: a lane may end while others are leased.
        const laneEnded = laneEnds.promise;
        const wanted = concurrency - active.size;
        const before = moment();
        const leases = wanted > 0 ? await inbox.lease(wanted, leaseMs) : [];
        for (const lease of leases) startLane(lease, before, signal);
        if (!active.size) outage.clear();
        if (leases.length < wanted) await waitForWork(signal);
        else await laneEnded;
      } catch (error) {
        outage.fail(error);
      }
    }
    while (active.size) await laneEnds.promise;
  }

  /** Ends when a lane may be due, when one ends here, or when `signal` aborts. */
  async function waitForWork(signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    stopWaiting = () => enough.abort();
    signal.addEventListener("abort", stopWaiting);
    try {
      if (!signal.aborted) await inbox.wait(enough.signal);
    } finally {
      signal.removeEventListener("abort", stopWaiting);
      stopWaiting = undefined;
    }
  }

  function startLane(lease: Lease, at: Moment, stopping: AbortSignal): void {
    const lane = createLane(lease, { leaseMs, at, now, renew: renewAlone, onLost: () => own.logLost() });
    const own = createLaneRun(lane, stopping, shared);
    active.add(own);
    if (!timers.length) timers = [setInterval(renew, renewMs), setInterval(tick, TICK_MS)];
    own.run().then(outage.clear, outage.fail).finally(() => {
      lane.close();
      active.delete(own);
      endLane();
    });
  }

  function endLane(): void {
    if (!active.size) stopTimers();
    stopWaiting?.();
    laneEnds.resolve();
    laneEnds = Promise.withResolvers();
  }

  function stopTimers(): void {
    for (const timer of timers) clearInterval(timer);
    timers = [];
  }

  /** Saves progress, and logs callbacks that run for long. */
  function tick(): void {
    for (const { lane, running, saveProgress } of active) {
      if (!running || lane.signal.aborted) continue;
      if (!running.isLong && performance.now() - running.beganAt > longMs) {
        running.isLong = true;
        logLong(running.work);
      }
      saveProgress();
    }
  }

  function logLong({ callback, attempt }: Work): void {
    const { text, properties } = logNameOf(callback);
    const held = [...active].filter(({ running }) => running?.isLong).length;
    const isFull = held >= concurrency;
    logger[isFull ? "error" : "warn"](
      `${capital(text)} has been running for over {seconds} s (attempt {attempt}): its sheet waits; ` +
        "such callbacks hold {held} of {concurrency} places" +
        (isFull ? ", so no other sheet is processed until one of them ends" : ""),
      { ...properties, seconds: longMs / 1000, attempt, held, concurrency },
    );
  }

  async function renew(): Promise<void> {
    const runs = [...active].filter(({ lane }) => !lane.signal.aborted);
    if (!runs.length) return;
    const before = moment();
    try {
      const lost = await inbox.renew(runs.map(({ lane }) => lane.lease), leaseMs);
      const tokens = new Set(lost.map(({ token }) => token));
      for (const run of runs) {
        if (run.isEnding) continue;
        if (tokens.has(run.lane.lease.token)) run.lose();
        else run.lane.extend(before);
      }
    } catch (error) {
      outage.fail(error);
    }
  }

  async function renewAlone(lane: Lane): Promise<boolean> {
    const before = moment();
    try {
      if ((await inbox.renew([lane.lease], leaseMs)).length) return false;
    } catch (error) {
      outage.fail(error);
      return false;
    }
    lane.extend(before);
    return true;
  }

  async function end(graceMs: number): Promise<void> {
    const inTime = new AbortController();
    stopping.abort();
    await Promise.race([running, delay(graceMs, inTime.signal)]);
    inTime.abort();
    stopTimers();
    const left = [...active];
    await Promise.all(left.map((run) => run.breakOff(graceMs)));
    // A handler that hangs takes no slot after the next start().
    for (const run of left) active.delete(run);
    endLane();
    running = undefined;
  }

  return {
    async start() {
      const own = ++calls;
      await ending;
      if (own !== calls || running) return;
      stopping = new AbortController();
      running = work(stopping.signal);
    },
    stop(graceMs) {
      calls++;
      return ending ??= end(graceMs).finally(() => ending = undefined);
    },
  };
}
