import type { AttemptResult, RunAttempt } from "./attempt.ts";
import { parseCallback } from "./callback/parse_callback.ts";
import { messageOf, SheethookError } from "./errors.ts";
import type { Inbox, Lease, Work } from "./inbox/inbox.ts";
import type { Logger } from "./logger.ts";
import type { OutcomeOf } from "./outcome.ts";

/** Works the lanes of an inbox until it is stopped. */
export interface Worker {
  start(): void;
  /** Takes nothing new, lets running calls end for `graceMs`, then aborts their signal; gives every lane back. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Takes due lanes, up to `concurrency` side by side, and works their callbacks oldest first. A lane is given back after
 * 1 s or 50 callbacks, so that a busy sheet starves nobody.
 */
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
  const active = new Map<string, { readonly lease: Lease; readonly lost: AbortController }>();
  const lanes = new Set<Promise<void>>();
  let stopping = new AbortController();
  let running: Promise<void> | undefined;
  let renewal: ReturnType<typeof setInterval> | undefined;

  async function work(): Promise<void> {
    const { signal } = stopping;
    let troubles = 0;
    while (!signal.aborted) {
      try {
        const wanted = concurrency - lanes.size;
        const leases = wanted > 0 ? await inbox.lease(wanted, leaseMs) : [];
        for (const lease of leases) startLane(lease);
        troubles = 0;
        const laneEnds = lanes.size ? [Promise.race(lanes)] : [];
        if (leases.length < wanted) await waitForWork(signal, laneEnds);
        else await Promise.race(laneEnds);
      } catch (error) {
        if (troubles++ === 0) logger.error("Inbox can't be read, trying again: {error}", { error: messageOf(error) });
        await sleep(Math.min(1000 * troubles, 10_000), signal);
      }
    }
    await Promise.all(lanes);
  }

  async function waitForWork(signal: AbortSignal, laneEnds: readonly Promise<void>[]): Promise<void> {
    const done = new AbortController();
    const end = () => done.abort();
    signal.addEventListener("abort", end);
    try {
      await Promise.race([inbox.wait(done.signal), ...laneEnds]);
    } finally {
      signal.removeEventListener("abort", end);
      done.abort();
    }
  }

  function startLane(lease: Lease): void {
    const lost = new AbortController();
    active.set(lease.token, { lease, lost });
    const lane = workLane(lease, lost)
      .catch((error) => logger.error("Lane {lane} ended: {error}", { lane: lease.lane, error: messageOf(error) }))
      .finally(() => {
        active.delete(lease.token);
        lanes.delete(lane);
      });
    lanes.add(lane);
  }

  async function workLane(lease: Lease, lost: AbortController): Promise<void> {
    const endAt = performance.now() + 1000;
    try {
      for (let count = 0; count < 50 && performance.now() < endAt && !stopping.signal.aborted; count++) {
        const work = await inbox.take(lease);
        if (!work) break;
        await workCallback(lease, work, lost.signal);
      }
    } finally {
      await inbox.release(lease);
    }
  }

  async function workCallback(lease: Lease, work: Work, lost: AbortSignal): Promise<void> {
    let current = work.position;
    let saved = current;
    const saving = setInterval(() => {
      if (current && current !== saved) inbox.savePosition(lease, work, saved = current).catch(() => {});
    }, 1000);
    let result: AttemptResult;
    try {
      result = await runAttempt(parseCallback(JSON.parse(work.callback.body)), {
        attempt: work.attempt,
        signal: lost,
        position: work.position,
        steps: work.steps,
        saveStep: (key, json) => inbox.saveStep(lease, work, key, json),
        onPosition: (position) => {
          current = position;
          return !stopping.signal.aborted;
        },
      });
    } catch (error) {
      result = { kind: "failed", error, position: work.position ?? { event: 0, handler: 0, fingerprint: "" } };
    } finally {
      clearInterval(saving);
    }
    if (lost.aborted) return;
    await inbox.finish(lease, work, outcomeOf(result, work.callback, work.attempt, attempts));
  }

  async function renew(): Promise<void> {
    try {
      const lost = await inbox.renew([...active.values()].map(({ lease }) => lease), leaseMs);
      for (const { lane, token } of lost) {
        logger.warn("Lane {lane} is another worker's now: what runs here can't be recorded", { lane });
        active.get(token)?.lost.abort(new SheethookError("lease_lost", `Lease of lane ${lane} is lost`));
      }
    } catch (error) {
      logger.warn("Leases can't be renewed: {error}", { error: messageOf(error) });
    }
  }

  return {
    start() {
      if (running) return;
      stopping = new AbortController();
      renewal = setInterval(() => void renew(), renewMs);
      running = work();
    },
    async stop(graceMs) {
      if (!running) return;
      stopping.abort();
      const timer = setTimeout(() => {
        for (const { lease, lost } of active.values()) {
          lost.abort(
            new SheethookError("lease_lost", `Lane ${lease.lane} is given back: stopping took over ${graceMs} ms`),
          );
          inbox.release(lease).catch(() => {});
        }
      }, graceMs);
      await Promise.race([running, sleep(graceMs + 100)]);
      clearTimeout(timer);
      clearInterval(renewal);
      running = undefined;
    },
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
