import type { Exclusive } from "../async/exclusive.ts";
import { delay } from "../async/delay.ts";
import { deadline } from "../async/deadline.ts";
import type { EventCallback } from "../callback/callback.ts";
import { parseStoredCallback } from "../callback/parse_callback.ts";
import { logNameOf } from "../callback/log_name.ts";
import type { Counts } from "../counts.ts";
import { type AttemptResult, type RunAttempt, START } from "../dispatch/attempt.ts";
import type { Ended, OutcomeOf } from "../dispatch/outcome.ts";
import { isLeaseLost } from "../errors.ts";
import type { EndedCall, Inbox, Lease, Position, Work } from "../inbox/inbox.ts";
import type { Logger } from "../logger.ts";
import type { ChangeSource } from "../mirror/derive/change_source.ts";
import type { Lane } from "./lane.ts";
import type { InboxOutage } from "./outage.ts";
import type { TimeSlice } from "./time_slice.ts";

/** Processes the callbacks of one leased lane, one after another. */
export interface LaneRun {
  readonly lane: Lane;
  /** The attempt that runs, or waits for an exclusive run to end. */
  readonly running: Running | undefined;
  /** True once the release has begun; from then on, a missing lease means nothing. */
  readonly isEnding: boolean;
  /** Ends when the lane's turn is over, or its lease is lost. Rejects if the inbox fails. */
  run(): Promise<void>;
  /** Saves how far the attempt has come. If that fails, it is saved with the outcome. */
  saveProgress(): void;
  lose(): void;
  logLost(): void;
  /** Releases the lane while its call still runs, because the process stops: no failure of the callback, and no attempt. */
  breakOff(graceMs: number): Promise<void>;
}

export interface Running {
  readonly work: Work;
  beganAt: number;
  /** Of the call that runs, or is next; undefined before the first. */
  position: Position | undefined;
  /** The number of the attempt at this call. */
  attempt: number;
  saved: Position | undefined;
  /** What became of calls since progress was last saved. */
  ended: EndedCall[];
  /** Ends when the save that is under way does. */
  saving?: Promise<void> | undefined;
  /** Logged as running for long. */
  isLong?: boolean;
}

/** A lane is released after 1 s or 50 callbacks, so that a busy sheet starves no other. */
const LANE_MS = 1000;
const LANE_CALLBACKS = 50;
/** A callback with so many unfinished attempts in a row runs alone, so that it takes no other down with it. */
const SUSPICIOUS = 3;
/** Time limit for releasing a lane on shutdown; if the inbox is unreachable, the lease expires by itself. */
const RELEASE_MS = 3000;
/** The wait before saving is tried again. */
const SAVE_AGAIN_MS = 500;
/** So many dead calls are saved at once: their errors take memory. */
const MAX_ENDED = 100;

export interface LaneRunOptions {
  readonly inbox: Inbox;
  readonly runAttempt: RunAttempt;
  readonly outcomeOf: OutcomeOf;
  readonly attempts: number;
  readonly logger: Logger;
  readonly counts: Counts;
  readonly outage: InboxOutage;
  readonly exclusive: Exclusive;
  readonly slice: TimeSlice;
  /** Where the changed rows of a callback come from. */
  readonly changeSource?: ChangeSourceOf | undefined;
}

/** Makes the source of changes of a callback that is taken. */
export type ChangeSourceOf = (
  callback: EventCallback,
  taken: { readonly lease: Lease; readonly work: Work },
) => ChangeSource;

/** @param stopping aborts when nothing new may begin */
export function createLaneRun(lane: Lane, stopping: AbortSignal, options: LaneRunOptions): LaneRun {
  const { inbox, runAttempt, outcomeOf, attempts, logger, counts, outage, exclusive, slice, changeSource } = options;
  const { lease, signal } = lane;
  let running: Running | undefined;
  let isEnding = false;

  async function run(): Promise<void> {
    const endAt = performance.now() + LANE_MS;
    const goesOn = () => !stopping.aborted && !signal.aborted;
    try {
      let work = goesOn() ? await inbox.take(lease) : undefined;
      for (let count = 1; work; count++) {
        const { position } = work;
        // Before the wait for an exclusive run: an attempt that hasn't begun when the process stops doesn't count.
        const own: Running = running = {
          work,
          beganAt: performance.now(),
          position,
          attempt: work.attempt,
          saved: position,
          ended: [],
        };
        const mode = work.unfinished < SUSPICIOUS ? "shared" : "exclusive";
        const ended = await exclusive[mode](() => processCallback(own));
        running = undefined;
        if (signal.aborted) break;
        work = await finish(own.work, ended, count < LANE_CALLBACKS && performance.now() < endAt && goesOn());
        await slice.yield();
      }
    } catch (error) {
      if (!isLeaseLost(error)) throw error;
      lose();
    } finally {
      isEnding = true;
      running = undefined;
      if (!signal.aborted) await inbox.release(lease);
    }
  }

  async function processCallback(own: Running): Promise<Ended> {
    const { position, attempt, unfinished, callback, steps, deadCalls } = own.work;
    own.beganAt = performance.now();
    const goesOn = (monotonic?: number) => {
      const confirmed = lane.confirm(monotonic);
      return confirmed ? confirmed.then(() => !stopping.aborted) : !stopping.aborted;
    };
    let result: AttemptResult;
    try {
      result = await runAttempt(parseStoredCallback(callback.body), {
        attempt,
        attempts,
        unfinished,
        signal,
        confirm: lane.confirm,
        position,
        steps,
        deadCalls,
        stored: callback,
        changeSource: changeSource && ((callback) => changeSource(callback, { lease, work: own.work })),
        saveStep: (key, json) => saveOrLose(() => inbox.saveStep(lease, own.work, key, json)),
        onPosition(position, attempt) {
          // Once an attempt has never ended, a kill counts against the call that it happened in.
          const savesFirst = own.ended.length >= MAX_ENDED || (unfinished > 0 && own.position !== undefined);
          own.position = position;
          own.attempt = attempt;
          if (savesFirst) return saveNow(own).then(() => goesOn());
          const monotonic = performance.now();
          return slice.isOver(monotonic) ? slice.yield().then(() => goesOn()) : goesOn(monotonic);
        },
        onEnded: (call) => void own.ended.push(call),
      });
    } catch (error) {
      result = { kind: "failed", error, position: position ?? START, attempt };
    }
    if (own.saving) await own.saving;
    return outcomeOf(result, callback, attempts, own.ended);
  }

  /** Saves how far the attempt has come, before it goes on. Rejects if the lease is lost. */
  async function saveNow(own: Running): Promise<void> {
    await own.saving;
    const { work, position, attempt, ended } = own;
    await saveOrLose(() => inbox.saveProgress(lease, work, { position: position!, attempt, ended }));
    own.ended = own.ended.slice(ended.length);
    own.saved = position;
  }

  /** Records the outcome and takes the next callback. */
  async function finish(work: Work, ended: Ended, next: boolean): Promise<Work | undefined> {
    let isReported = false;
    const taken = await save(() => inbox.finish(lease, work, ended.outcome, { next }), () => {
      isReported = true;
      ended.report();
    });
    if (!isReported) ended.report();
    return taken;
  }

  async function saveOrLose(once: () => Promise<void>): Promise<void> {
    try {
      await save(once);
    } catch (error) {
      // Whether or not the handler catches it.
      if (isLeaseLost(error)) lose();
      throw error;
    }
  }

  /**
   * Retries until it is saved or the lease is lost: what has run shouldn't run again because the inbox was away.
   *
   * @param onFailure called the first time that it fails
   */
  async function save<Result>(once: () => Promise<Result>, onFailure = () => {}): Promise<Result> {
    for (let isFirst = true;; isFirst = false) {
      try {
        return await once();
      } catch (error) {
        if (isLeaseLost(error)) throw error;
        if (isFirst) {
          outage.fail(error);
          onFailure();
        }
      }
      signal.throwIfAborted();
      await delay(SAVE_AGAIN_MS, signal);
    }
  }

  function lose(): void {
    if (signal.aborted) return;
    lane.lose(`The lease of lane ${lease.lane} is lost`);
    logLost();
  }

  function logLost(): void {
    counts.lostLeases++;
    const named = running && logNameOf(running.work.callback);
    logger.warn(
      "The lease of lane {lane} is lost: nothing new of it begins here, and what still runs can't be recorded" +
        (named ? `; ${named.text} is run again when the lane is leased next` : ""),
      { lane: lease.lane, ...named?.properties },
    );
  }

  return {
    lane,
    get running() {
      return running;
    },
    get isEnding() {
      return isEnding;
    },
    run,
    lose,
    logLost,

    saveProgress() {
      const own = running;
      if (!own?.position || own.saving || (own.position === own.saved && !own.ended.length)) return;
      const { work, position, attempt, ended } = own;
      own.saved = position;
      own.ended = [];
      own.saving = inbox.saveProgress(lease, work, { position, attempt, ended })
        .catch(() => void own.ended.unshift(...ended))
        .finally(() => own.saving = undefined);
    },

    async breakOff(graceMs) {
      lane.close();
      if (running?.saving) await deadline(running.saving, RELEASE_MS).catch(() => {});
      // It may have ended meanwhile.
      if (running) {
        const { position = START, attempt, ended } = running;
        const outcome = { kind: "paused", position, attempt, ended } as const;
        await deadline(inbox.finish(lease, running.work, outcome), RELEASE_MS).catch(() => {});
      }
      lane.lose(`Lane ${lease.lane} is released: stopping took over ${graceMs} ms`);
      await deadline(inbox.release(lease), RELEASE_MS).catch(() => {});
    },
  };
}
