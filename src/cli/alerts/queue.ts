import { delay } from "../../async/delay.ts";
import { createOutage } from "../../async/outage.ts";
import type { Fetch } from "../../change_agent/change_agent.ts";
import type { Logger } from "../../logger.ts";
import type { Alert } from "./alert.ts";
import { alertBody } from "./body.ts";
import { postAlert } from "./post.ts";
import type { AlertTarget } from "./target.ts";

/** Posts alerts to one target, one after another, beside everything else. */
export interface AlertQueue {
  /** Takes an alert. It is lost if 100 wait already. */
  add(alert: Alert): void;
  /** Ends when all are posted, or `graceMs` have passed. */
  stop(graceMs: number): Promise<void>;
}

const MAX_WAITING = 100;
const TIMEOUT_MS = 10_000;
/** The waits between the tries of an alert. */
const WAITS_MS = [1_000, 5_000, 20_000, 60_000];
const MAX_WAIT_MS = 60_000;

/** @param wait resolves after so many milliseconds, or when the signal aborts */
export function createAlertQueue(
  target: AlertTarget,
  { logger, fetch = (input, init) => globalThis.fetch(input, init), timeoutMs = TIMEOUT_MS, wait = delay }: {
    readonly logger: Logger;
    readonly fetch?: Fetch | undefined;
    readonly timeoutMs?: number | undefined;
    readonly wait?: typeof delay | undefined;
  },
): AlertQueue {
  const waiting: Alert[] = [];
  const ended = new AbortController();
  const { signal } = ended;
  let working: Promise<void> | undefined;
  let lost = 0;
  const properties = { target: target.name };
  const outage = createOutage({
    began: (reason) => logger.warn("alerts don't reach {target}, which {reason}", { ...properties, reason }),
    ended() {
      logger.info("alerts reach {target} again; lost: {lost}", { ...properties, lost });
      lost = 0;
    },
  });

  async function send(alert: Alert): Promise<void> {
    const body = alertBody(alert, target.format);
    for (let tries = 0;; tries++) {
      const posted = await postAlert(target, body, { timeoutMs, signal, fetch });
      if (posted.ok) return outage.clear();
      if (signal.aborted) break;
      outage.fail(posted.text);
      const waitMs = WAITS_MS[tries];
      if (!posted.mayPass || waitMs === undefined) break;
      await wait(Math.min(Math.max(waitMs, posted.retryAfterMs ?? 0), MAX_WAIT_MS), signal);
      if (signal.aborted) break;
    }
    lost++;
  }

  async function work(): Promise<void> {
    while (waiting.length && !signal.aborted) {
      await send(waiting[0]!);
      waiting.shift();
    }
    working = undefined;
  }

  return {
    add(alert) {
      if (waiting.length < MAX_WAITING) waiting.push(alert);
      else lost++;
      working ??= work();
    },
    async stop(graceMs) {
      const done = new AbortController();
      const late = delay(graceMs, done.signal);
      await Promise.race([working, late]);
      done.abort();
      ended.abort();
      await working;
    },
  };
}
