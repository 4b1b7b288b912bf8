import type { AttemptResult, RunAttempt } from "./dispatch/attempt.ts";
import { parseStoredCallback } from "./callback/parse_callback.ts";
import type { Counts } from "./counts.ts";
import { isLeaseLost, messageOf } from "./errors.ts";
import { createGate } from "./async/exclusive.ts";
import type { Inbox, Lease, Position, Work } from "./inbox/inbox.ts";
import { createLane, type Lane, type Moment } from "./lane.ts";
import type { Logger } from "./logger.ts";
import type { Ended, OutcomeOf } from "./dispatch/outcome.ts";
import { sleep } from "./async/delay.ts";
import { createWithin } from "./async/deadline.ts";

/** Works the lanes of an inbox until it is stopped. */
export interface Worker {
  /** Resolves when it works, or when it was stopped again; waits for a `stop` that isn't done yet. */
  start(): Promise<void>;
  /**
   * Takes nothing new, lets running calls end for `graceMs`, then aborts their signal; gives every lane back. A second call
   * meanwhile waits for the same end.
   */
  stop(graceMs: number): Promise<void>;
}

/** A lane that is worked here, and what runs of it. */
interface Active {
  readonly lane: Lane;
  /** Aborts when nothing new of it is to begin. */
  readonly stopping: AbortSignal;
  running?: Running | undefined;
  /** It is being given back: that its lease is gone then means nothing. */
  isEnding?: boolean;
}

/** The attempt that runs. */
interface Running {
  readonly work: Work;
  readonly beganAt: number;
  /** Of the call that runs, or is next; undefined before the first. */
  position: Position | undefined;
  saved: Position | undefined;
  isToldLong?: boolean;
}

/** A lane is given back after 1 s or 50 callbacks, so that a busy sheet starves nobody. */
const LANE_MS = 1000;
const LANE_CALLBACKS = 50;
/** A callback whose attempts so often never ended runs alone: what it kills takes no other along. */
const SUSPICIOUS = 3;
/** So long it waits for others to end, and keeps others waiting. */
const ALONE_WAIT_MS = 10_000;
const ALONE_MS = 30_000;
/** How often the place of what runs is saved. */
const TICK_MS = 1000;
/** So long may work go on before requests and timers get their turn. */
const SLICE_MS = 10;
const LAST_TROUBLE_MS = 10_000;
/** So long a lane that is given back when the process stops may take: an inbox that is away has its lease run out. */
const GIVE_BACK_MS = 3000;
/** How long what couldn't be recorded waits until it is tried again. */
const RECORD_AGAIN_MS = 500;

/** Takes due lanes, up to `concurrency` side by side, and works their callbacks oldest first. */
export function createWorker(options: {
  readonly inbox: Inbox;
  readonly runAttempt: RunAttempt;
  readonly outcomeOf: OutcomeOf;
  readonly attempts: number;
  readonly concurrency: number;
  readonly logger: Logger;
  readonly counts: Counts;
  readonly leaseMs?: number;
  readonly renewMs?: number;
  /** A callback that takes longer is logged: its handler may hang. */
  readonly longMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}): Worker {
  const { inbox, runAttempt, outcomeOf, attempts, concurrency, logger, counts } = options;
  const { leaseMs = 20_000, renewMs = 5_000, longMs = 60_000 } = options;
  const now = options.now ?? Date.now;
  const moment = (): Moment => ({ monotonic: performance.now(), wall: now() });
  const active = new Set<Active>();
  const within = createWithin(GIVE_BACK_MS);
  const gate = createGate(ALONE_WAIT_MS, ALONE_MS);
  let stopping = new AbortController();
  let running: Promise<void> | undefined;
  let timers: ReturnType<typeof setInterval>[] = [];
  /** How often it was started or stopped: what was asked last holds. */
  let asked = 0;
  /** While it is being stopped. */
  let ending: Promise<void> | undefined;
  let laneEnds = Promise.withResolvers<void>();
  /** Ends the wait for work, while there is one. */
  let stopWaiting: (() => void) | undefined;
  // How often in a row the inbox failed, and whether it has since the last wait for it.
  let troubles = 0;
  let isTroubled = false;
  let sliceEnd = 0;
  let yielding: Promise<void> | undefined;

  async function work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await waitOutTrouble(signal);
        // Asked for first: a lane may end while others are leased.
        const laneEnded = laneEnds.promise;
        const wanted = concurrency - active.size;
        const before = moment();
        const leases = wanted > 0 ? await inbox.lease(wanted, leaseMs) : [];
        for (const lease of leases) startLane(lease, before, signal);
        if (!active.size) endTrouble();
        if (leases.length < wanted) await waitForWork(signal);
        else await laneEnded;
      } catch (error) {
        tellTrouble(error);
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
    const lane = createLane(lease, { leaseMs, at, now, renew: renewAlone, onLost: () => tellLost(own) });
    const own: Active = { lane, stopping };
    active.add(own);
    workLane(own).then(endTrouble, tellTrouble).finally(() => {
      lane.close();
      active.delete(own);
      tellLaneEnded();
    });
  }

  function tellLaneEnded(): void {
    stopWaiting?.();
    laneEnds.resolve();
    laneEnds = Promise.withResolvers();
  }

  async function workLane(own: Active): Promise<void> {
    const { lane: { lease, signal }, stopping } = own;
    const endAt = performance.now() + LANE_MS;
    const goesOn = () => !stopping.aborted && !signal.aborted;
    try {
      let work = goesOn() ? await inbox.take(lease) : undefined;
      for (let count = 1; work; count++) {
        const run = () => workCallback(own, work!);
        const ended = await (work.unfinished < SUSPICIOUS ? gate.shared(run) : gate.alone(run));
        if (signal.aborted) break;
        const takesNext = count < LANE_CALLBACKS && performance.now() < endAt && goesOn();
        work = await finish(own, work, ended, takesNext);
        await yieldToOthers();
      }
    } catch (error) {
      if (!isLeaseLost(error)) throw error;
      lose(own);
    } finally {
      own.isEnding = true;
      own.running = undefined;
      if (!signal.aborted) await inbox.release(lease);
    }
  }

  /** Records the outcome and takes the next callback. */
  async function finish({ lane }: Active, work: Work, ended: Ended, next: boolean): Promise<Work | undefined> {
    const save = () => inbox.finish(lane.lease, work, ended.outcome, { next });
    try {
      const taken = await save();
      ended.report();
      return taken;
    } catch (error) {
      if (isLeaseLost(error)) throw error;
      // What was worked should not be worked again because the inbox was away for a moment.
      tellTrouble(error);
      ended.report();
      return await record(lane, save);
    }
  }

  /** Tries until it is recorded, or the lease is lost. */
  async function record<Result>({ signal }: Lane, save: () => Promise<Result>): Promise<Result> {
    while (true) {
      signal.throwIfAborted();
      await sleep(RECORD_AGAIN_MS, signal);
      try {
        return await save();
      } catch (error) {
        if (isLeaseLost(error)) throw error;
      }
    }
  }

  async function workCallback(own: Active, work: Work): Promise<Ended> {
    const { lane, stopping } = own;
    const { position } = work;
    const running: Running = own.running = { work, beganAt: performance.now(), position, saved: position };
    const goesOn = (monotonic?: number) => {
      const asked = lane.confirm(monotonic);
      return asked ? asked.then(() => !stopping.aborted) : !stopping.aborted;
    };
    let result: AttemptResult;
    try {
      // The attempts before were killed, or lost their lease.
      if (work.attempt > attempts) throw new Error(`Not one of ${attempts} attempts came to an end`);
      result = await runAttempt(parseStoredCallback(work.callback.body), {
        attempt: work.attempt,
        signal: lane.signal,
        confirm: lane.confirm,
        position,
        steps: work.steps,
        saveStep: (key, json) => saveStep(own, work, key, json),
        onPosition(position) {
          running.position = position;
          const monotonic = performance.now();
          return monotonic < sliceEnd ? goesOn(monotonic) : yieldToOthers().then(() => goesOn());
        },
      });
    } catch (error) {
      result = { kind: "failed", error, position: position ?? START };
    }
    own.running = undefined;
    return outcomeOf(result, work.callback, work.attempt, attempts);
  }

  async function saveStep(own: Active, work: Work, key: string, json: string): Promise<void> {
    const { lane } = own;
    const save = () => inbox.saveStep(lane.lease, work, key, json);
    try {
      await save().catch(async (error) => {
        if (isLeaseLost(error)) throw error;
        tellTrouble(error);
        await record(lane, save);
      });
    } catch (error) {
      // Whatever the handler makes of it.
      if (isLeaseLost(error)) lose(own);
      throw error;
    }
  }

  /** Saves places, and tells of what runs for long. What can't be saved now is saved with the outcome. */
  function tick(): void {
    for (const { lane, running } of active) {
      if (!running || lane.signal.aborted) continue;
      const { work, position, saved, beganAt, isToldLong } = running;
      if (!isToldLong && performance.now() - beganAt > longMs) {
        running.isToldLong = true;
        tellLong(work);
      }
      if (!position || position === saved) continue;
      running.saved = position;
      inbox.savePosition(lane.lease, work, position).catch(() => {});
    }
  }

  function tellLong({ callback: { webhookId, nonce }, attempt }: Work): void {
    const held = [...active].filter(({ running }) => running?.isToldLong).length;
    const isFull = held >= concurrency;
    logger[isFull ? "error" : "warn"](
      "Callback {nonce} of webhook {webhookId} has been running for over {seconds} s (attempt {attempt}): its sheet waits; " +
        "such callbacks hold {held} of {concurrency} places" +
        (isFull ? ", so that no other sheet is processed until one of them ends" : ""),
      { nonce, webhookId, seconds: longMs / 1000, attempt, held, concurrency },
    );
  }

  async function renew(): Promise<void> {
    const all = [...active].filter(({ lane }) => !lane.signal.aborted);
    if (!all.length) return;
    const before = moment();
    try {
      const lost = new Set((await inbox.renew(all.map(({ lane }) => lane.lease), leaseMs)).map(({ token }) => token));
      for (const own of all) {
        if (own.isEnding) continue;
        if (lost.has(own.lane.lease.token)) lose(own);
        else own.lane.extend(before);
      }
    } catch (error) {
      tellTrouble(error);
    }
  }

  async function renewAlone(lane: Lane): Promise<boolean> {
    const before = moment();
    try {
      if ((await inbox.renew([lane.lease], leaseMs)).length) return false;
    } catch (error) {
      tellTrouble(error);
      return false;
    }
    lane.extend(before);
    return true;
  }

  function lose(own: Active): void {
    const { lane } = own;
    if (lane.signal.aborted) return;
    lane.lose(`The lease of lane ${lane.lease.lane} is lost`);
    tellLost(own);
  }

  function tellLost({ lane, running }: Active): void {
    counts.lostLeases++;
    const { webhookId, nonce } = running?.work.callback ?? {};
    logger.warn(
      "The lease of lane {lane} is lost: nothing new of it begins here, and what still runs can't be recorded" +
        (running ? "; callback {nonce} of webhook {webhookId} is run again by whoever has the lane next" : ""),
      { lane: lane.lease.lane, ...(running && { webhookId, nonce }) },
    );
  }

  async function giveBack({ lane, running }: Active, graceMs: number): Promise<void> {
    const { lease } = lane;
    lane.close();
    // The process stops: that is no failure of the callback, and no attempt.
    if (running) {
      const position = running.position ?? START;
      await within(inbox.finish(lease, running.work, { kind: "paused", position })).catch(() => {});
    }
    lane.lose(`Lane ${lease.lane} is given back: stopping took over ${graceMs} ms`);
    await within(inbox.release(lease)).catch(() => {});
  }

  function tellTrouble(error: unknown): void {
    if (!isTroubled && !troubles) {
      logger.error("Inbox fails, trying again: {error}", { error: messageOf(error) });
    }
    isTroubled = true;
  }

  function endTrouble(): void {
    if (isTroubled || !troubles) return;
    troubles = 0;
    logger.info("Inbox works again");
  }

  async function waitOutTrouble(signal: AbortSignal): Promise<void> {
    if (!isTroubled) return;
    isTroubled = false;
    await sleep(Math.min(1000 * 2 ** troubles++, LAST_TROUBLE_MS), signal);
  }

  async function yieldToOthers(): Promise<void> {
    if (performance.now() < sliceEnd) return;
    yielding ??= sleep(0).then(() => {
      yielding = undefined;
      sliceEnd = performance.now() + SLICE_MS;
    });
    await yielding;
  }

  async function end(graceMs: number): Promise<void> {
    const inTime = new AbortController();
    stopping.abort();
    await Promise.race([running, sleep(graceMs, inTime.signal)]);
    inTime.abort();
    for (const timer of timers) clearInterval(timer);
    const left = [...active];
    await Promise.all(left.map((own) => giveBack(own, graceMs)));
    // What hangs keeps no place from what runs after the next start().
    for (const own of left) active.delete(own);
    tellLaneEnded();
    running = undefined;
  }

  return {
    async start() {
      const own = ++asked;
      await ending;
      if (own !== asked || running) return;
      stopping = new AbortController();
      timers = [setInterval(renew, renewMs), setInterval(tick, TICK_MS)];
      running = work(stopping.signal);
    },
    stop(graceMs) {
      asked++;
      return ending ??= end(graceMs).finally(() => ending = undefined);
    },
  };
}

const START: Position = { event: 0, handler: 0, fingerprint: "" };
