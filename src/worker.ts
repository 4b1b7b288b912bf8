import type { AttemptResult, RunAttempt } from "./attempt.ts";
import { parseStoredCallback } from "./callback/parse_callback.ts";
import { messageOf, SheethookError } from "./errors.ts";
import { createGate } from "./gate.ts";
import type { Inbox, Lease, Outcome, Position, Work } from "./inbox/inbox.ts";
import type { Logger } from "./logger.ts";
import type { OutcomeOf } from "./outcome.ts";
import { sleep } from "./sleep.ts";
import { createWithin } from "./within.ts";

/** Works the lanes of an inbox until it is stopped. */
export interface Worker {
  /** Resolves when it works; waits for a `stop` that isn't done yet. */
  start(): Promise<void>;
  /** Takes nothing new, lets running calls end for `graceMs`, then aborts their signal; gives every lane back. */
  stop(graceMs: number): Promise<void>;
}

/** A lane that is worked here. */
interface Active {
  readonly lease: Lease;
  /** Aborts when the lease is lost. */
  readonly lost: AbortController;
  /** Fires when the lease has run out without being renewed. */
  expiry?: ReturnType<typeof setTimeout>;
  /** It is being given back: that its lease is gone then means nothing. */
  isEnding?: boolean;
  /** Records that the callback that is worked now is left where it is. */
  pause?: (() => Promise<void>) | undefined;
}

/** A lane is given back after 1 s or 50 callbacks, so that a busy sheet starves nobody. */
const LANE_MS = 1000;
const LANE_CALLBACKS = 50;
/** A callback whose attempts so often never ended runs alone: what it kills takes no other along. */
const SUSPICIOUS = 3;
/** So long it waits for others to end, and keeps others waiting. */
const ALONE_WAIT_MS = 10_000;
const ALONE_MS = 30_000;
/** A callback that takes longer is told of: its handler may hang. */
const LONG_MS = 60_000;
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
  readonly leaseMs?: number;
  readonly renewMs?: number;
}): Worker {
  const { inbox, runAttempt, outcomeOf, attempts, concurrency, logger, leaseMs = 20_000, renewMs = 5_000 } = options;
  const active = new Set<Active>();
  const within = createWithin(GIVE_BACK_MS);
  const gate = createGate(ALONE_WAIT_MS, ALONE_MS);
  let stopping = new AbortController();
  let running: Promise<void> | undefined;
  let renewal: ReturnType<typeof setInterval> | undefined;
  let ending: Promise<unknown> = Promise.resolve();
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
        const wanted = concurrency - active.size;
        const before = performance.now();
        const leases = wanted > 0 ? await inbox.lease(wanted, leaseMs) : [];
        for (const lease of leases) startLane(lease, before + leaseMs);
        if (!active.size) endTrouble();
        if (leases.length < wanted) await waitForWork(signal);
        else await laneEnds.promise;
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

  function startLane(lease: Lease, until: number): void {
    const lane: Active = { lease, lost: new AbortController() };
    active.add(lane);
    expireAt(lane, until);
    workLane(lane).then(endTrouble, tellTrouble).finally(() => {
      clearTimeout(lane.expiry);
      active.delete(lane);
      stopWaiting?.();
      laneEnds.resolve();
      laneEnds = Promise.withResolvers();
    });
  }

  async function workLane(lane: Active): Promise<void> {
    const { lease, lost: { signal: lost } } = lane;
    const endAt = performance.now() + LANE_MS;
    const goesOn = () => !stopping.signal.aborted && !lost.aborted;
    try {
      let work = goesOn() ? await inbox.take(lease) : undefined;
      for (let count = 1; work; count++) {
        const run = () => workCallback(lane, work!);
        const outcome = await (work.unfinished < SUSPICIOUS ? gate.shared(run) : gate.alone(run));
        if (lost.aborted) break;
        const takesNext = count < LANE_CALLBACKS && performance.now() < endAt && goesOn();
        work = await finish(lane, work, outcome, takesNext);
        await yieldToOthers();
      }
    } catch (error) {
      if (!isLeaseLost(error)) throw error;
      lose(lane);
    } finally {
      lane.isEnding = true;
      if (!lost.aborted) await inbox.release(lease);
    }
  }

  /** Records the outcome and takes the next callback: together, so that an inbox on a disk needs to sync once for both. */
  async function finish(lane: Active, work: Work, outcome: Outcome, takesNext: boolean): Promise<Work | undefined> {
    const { lease } = lane;
    const finished = inbox.finish(lease, work, outcome);
    const taken = takesNext ? inbox.take(lease) : undefined;
    // Nobody looks at it if the one before it fails.
    taken?.catch(() => {});
    try {
      await finished;
    } catch (error) {
      if (isLeaseLost(error)) throw error;
      // What was worked should not be worked again because the inbox was away for a moment.
      tellTrouble(error);
      await record(lane, () => inbox.finish(lease, work, outcome));
      return takesNext ? await inbox.take(lease) : undefined;
    }
    return await taken;
  }

  /** Tries until it is recorded, or the lease is lost. */
  async function record(lane: Active, save: () => Promise<void>): Promise<void> {
    const { signal } = lane.lost;
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

  async function workCallback(lane: Active, work: Work): Promise<Outcome> {
    const { lease, lost: { signal } } = lane;
    const began = performance.now();
    let current = work.position;
    let saved = current;
    let isTold = false;
    lane.pause = () => inbox.finish(lease, work, { kind: "paused", position: current ?? START });
    const look = async () => {
      if (!isTold && performance.now() - began > LONG_MS) {
        isTold = true;
        tellLong(work);
      }
      if (current && current !== saved) await inbox.savePosition(lease, work, saved = current);
    };
    // What can't be saved now is saved with the outcome.
    const looking = setInterval(() => look().catch(() => {}), 1000);
    signal.addEventListener("abort", () => clearInterval(looking));
    let result: AttemptResult;
    try {
      // The attempts before were killed, or lost their lease.
      if (work.attempt > attempts) throw new Error(`Not one of ${attempts} attempts came to an end`);
      result = await runAttempt(parseStoredCallback(work.callback.body), {
        attempt: work.attempt,
        signal,
        position: work.position,
        steps: work.steps,
        saveStep: (key, json) => saveStep(lane, work, key, json),
        onPosition: (position) => {
          current = position;
          const goesOn = () => !stopping.signal.aborted;
          return performance.now() < sliceEnd ? goesOn() : yieldToOthers().then(goesOn);
        },
      });
    } catch (error) {
      result = { kind: "failed", error, position: work.position ?? START };
    } finally {
      clearInterval(looking);
      lane.pause = undefined;
    }
    return outcomeOf(result, work.callback, work.attempt, attempts);
  }

  async function saveStep(lane: Active, work: Work, key: string, json: string): Promise<void> {
    const save = () => inbox.saveStep(lane.lease, work, key, json);
    try {
      await save();
    } catch (error) {
      if (isLeaseLost(error)) throw error;
      tellTrouble(error);
      await record(lane, save);
    }
  }

  function tellLong({ callback: { webhookId, nonce }, attempt }: Work): void {
    logger.warn(
      "Callback {nonce} of webhook {webhookId} has been worked for over {seconds} s (attempt {attempt}): its lane waits",
      { nonce, webhookId, seconds: LONG_MS / 1000, attempt },
    );
  }

  async function renew(): Promise<void> {
    const lanes = [...active].filter(({ lost }) => !lost.signal.aborted);
    if (!lanes.length) return;
    const before = performance.now();
    try {
      const lost = new Set(await inbox.renew(lanes.map(({ lease }) => lease), leaseMs));
      for (const lane of lanes) {
        if (lane.isEnding) continue;
        if (lost.has(lane.lease)) lose(lane);
        else expireAt(lane, before + leaseMs);
      }
    } catch (error) {
      tellTrouble(error);
    }
  }

  function expireAt(lane: Active, until: number): void {
    clearTimeout(lane.expiry);
    lane.expiry = setTimeout(() => lose(lane), until - performance.now());
  }

  function lose(lane: Active): void {
    if (lane.lost.signal.aborted) return;
    clearTimeout(lane.expiry);
    const { lane: number } = lane.lease;
    logger.warn("The lease of lane {lane} is lost: what still runs of it here can't be recorded", { lane: number });
    lane.lost.abort(new SheethookError("lease_lost", `The lease of lane ${number} is lost`));
  }

  async function giveBack(lane: Active, graceMs: number): Promise<void> {
    const { lane: number } = lane.lease;
    clearTimeout(lane.expiry);
    // The process stops: that is no failure of the callback, and no attempt.
    await within(Promise.resolve(lane.pause?.())).catch(() => {});
    lane.lost.abort(new SheethookError("lease_lost", `Lane ${number} is given back: stopping took over ${graceMs} ms`));
    await within(inbox.release(lane.lease)).catch(() => {});
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

  return {
    async start() {
      await ending;
      if (running) return;
      stopping = new AbortController();
      renewal = setInterval(renew, renewMs);
      running = work(stopping.signal);
    },
    stop(graceMs) {
      const end = async () => {
        const inTime = new AbortController();
        stopping.abort();
        await Promise.race([running, sleep(graceMs, inTime.signal)]);
        inTime.abort();
        clearInterval(renewal);
        await Promise.all([...active].map((lane) => giveBack(lane, graceMs)));
        running = undefined;
      };
      const ended = end();
      ending = ended;
      return ended;
    },
  };
}

const START: Position = { event: 0, handler: 0, fingerprint: "" };

function isLeaseLost(error: unknown): boolean {
  return error instanceof SheethookError && error.code === "lease_lost";
}
