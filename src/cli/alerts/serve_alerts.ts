import { delay } from "../../async/delay.ts";
import type { Observer } from "../../dispatch/observer.ts";
import { isReadableOnTheWay } from "../../forward/target.ts";
import type { Logger } from "../../logger.ts";
import type { News } from "./alert.ts";
import { createAlertQueue } from "./queue.ts";
import { type AlertTarget, hostName } from "./target.ts";
import { type AlertSources, type AlertWatch, createAlertWatch } from "./watch.ts";

/** The alerts of `serve`. */
export interface ServeAlerts extends Pick<AlertWatch, "onStatus"> {
  /** The same observer, which also hears of reconciles for alerts. */
  observe(observer: Observer | undefined): Observer;
  /** Looks for what should be told, until `stop`. */
  start(): void;
  /** Ends when all is posted, or after a second: a target that is down holds up no stop. */
  stop(): Promise<void>;
}

const STOP_MS = 1_000;

/** Alerts for these targets, which the log names. `sources` isn't used before `start`. */
export function createServeAlerts(
  targets: readonly AlertTarget[],
  sources: AlertSources,
  logger: Logger,
): ServeAlerts {
  const queues = targets.map((target) => createAlertQueue(target, { logger }));
  const host = hostName();
  const ended = new AbortController();
  let running: Promise<void> | undefined;

  for (const { name: target, format, url } of targets) {
    logger.info("alerts go to {target}, as {format}", { target, format });
    if (!isReadableOnTheWay(url)) continue;
    logger.warn("{target} is plain http on another machine: alerts can be read on the way", { target });
  }

  function tell(news: News): void {
    const alert = { ...news, at: new Date().toISOString(), host };
    for (const queue of queues) queue.add(alert);
  }

  const { onStatus, onReconcile, run } = createAlertWatch({ ...sources, tell, logger });
  return {
    onStatus,
    observe: (observer) => ({
      onEvent: (event, result) => observer?.onEvent(event, result),
      onCall: (call, run) => observer ? observer.onCall(call, run) : run(),
      onReconcile(ended) {
        observer?.onReconcile?.(ended);
        onReconcile(ended);
      },
    }),
    start() {
      running = run(ended.signal);
    },
    async stop() {
      ended.abort();
      await Promise.all([
        ...queues.map((queue) => queue.stop(STOP_MS)),
        Promise.race([running, delay(STOP_MS)]),
      ]);
    },
  };
}
