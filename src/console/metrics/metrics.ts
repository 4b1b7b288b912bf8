import { Counter, Histogram, Registry } from "prom-client";
import { PROBE_HEADER } from "../../callback/probe.ts";
import type { Counts } from "../../counts.ts";
import { kindOf } from "../../dispatch/calls.ts";
import type { Observer } from "../../dispatch/observer.ts";
import type { SilentSheet } from "../../mirror/triggers/canary.ts";
import type { Receiver } from "../../receiver.ts";
import { isThenable } from "../../thenable.ts";
import { addEventCounter } from "./event_counter.ts";
import { addReconcileMetrics } from "./reconcile_metrics.ts";

/** The part of a receiver that is watched. */
export interface WatchedReceiver extends Pick<Receiver, "fetch" | "counts"> {
  readonly silentSheets?: Receiver["silentSheets"] | undefined;
}

/** Counters and histograms for Prometheus. */
export interface Metrics {
  readonly registry: Registry;
  /** For `createReceiver`: counts events and measures handlers. */
  readonly observer: Observer;
  /** Wraps the receiver's `fetch`, to count and measure its answers. */
  watch(receiver: WatchedReceiver): Receiver["fetch"];
  /** Those that the receiver has noticed. */
  silentSheets(): readonly SilentSheet[];
  /** Counts an answer other than 200, given before `fetch` is called. */
  onRefused(status: number): void;
}

// Smartsheet waits about 5 s for an answer.
const ANSWER_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Reported from 0 on: `rate` and `increase` miss the first count of a new series. */
const REFUSALS = [400, 401, 403, 404, 405, 408, 413, 500, 503];
const HANDLER_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Makes the metrics of this process; `addInboxGauges` adds those of the inbox. */
export function createMetrics(noteRefusal: (status: number) => void = () => {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  let counts: Readonly<Counts> | undefined;
  let silentSheets: () => readonly SilentSheet[] = () => [];
  const refused = new Map(REFUSALS.map((status) => [status, 0]));
  /** Requests with the header of `sheethook doctor`: anyone can send it, but Smartsheet never does. */
  const refusedProbes = new Map<number, number>();

  new Counter({
    name: "sheethook_callbacks_total",
    help:
      "Callbacks by what became of them: accepted, duplicate, stale (older than --max-age), refused, or probe_refused (says it is doctor's).",
    labelNames: ["outcome", "status"],
    registers,
    collect() {
      this.reset();
      if (!counts) return;
      this.inc({ outcome: "accepted", status: 200 }, counts.accepted);
      this.inc({ outcome: "duplicate", status: 200 }, counts.duplicates);
      this.inc({ outcome: "stale", status: 200 }, counts.stale);
      for (const [status, count] of refused) this.inc({ outcome: "refused", status }, count);
      for (const [status, count] of refusedProbes) this.inc({ outcome: "probe_refused", status }, count);
    },
  });
  const addCount = (name: string, help: string, key: keyof Counts) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(counts?.[key] ?? 0);
      },
    });
  addCount("sheethook_challenges_total", "Verification requests that were answered.", "challenges");
  addCount("sheethook_failed_attempts_total", "Attempts at calls of handlers that ended in an error.", "failures");
  addCount("sheethook_calls_died_total", "Calls of handlers that used up their attempts.", "deadCalls");
  addCount("sheethook_calls_skipped_total", "Calls that a handler ended by Skip.", "skipped");
  addCount(
    "sheethook_lost_leases_total",
    "Leases of sheets that this process lost while it processed them.",
    "lostLeases",
  );
  addCount(
    "sheethook_unhandled_errors_total",
    "Rejections that the handlers' module left unhandled.",
    "unhandledErrors",
  );

  const answers = new Histogram({
    name: "sheethook_answer_seconds",
    help: "How long Smartsheet waited for an answer.",
    labelNames: ["status"],
    buckets: ANSWER_BUCKETS,
    registers,
  });
  const handlers = new Histogram({
    name: "sheethook_handler_seconds",
    help:
      "How long handlers ran, by what they handle (event, change, gap, callback, status; read: the rows) and how they ended (done, failed).",
    labelNames: ["kind", "result"],
    buckets: HANDLER_BUCKETS,
    registers,
  });

  function onRefused(status: number): void {
    refused.set(status, (refused.get(status) ?? 0) + 1);
    noteRefusal(status);
  }

  return {
    registry,
    onRefused,
    silentSheets: () => silentSheets(),
    observer: {
      onEvent: addEventCounter(registry),
      onReconcile: addReconcileMetrics(registry, () => silentSheets().length),
      onCall(call, run) {
        const before = performance.now();
        const end = (result: "done" | "failed") => {
          const kind = kindOf(call);
          handlers.observe({ kind, result }, (performance.now() - before) / 1000);
        };
        let returned: unknown;
        try {
          returned = run();
        } catch (error) {
          end("failed");
          throw error;
        }
        if (!isThenable(returned)) return end("done");
        return Promise.resolve(returned).then(() => end("done"), (error) => {
          end("failed");
          throw error;
        });
      },
    },
    watch(receiver) {
      counts = receiver.counts;
      silentSheets = receiver.silentSheets ?? silentSheets;
      return async (request) => {
        const before = performance.now();
        const response = await receiver.fetch(request);
        const { status } = response;
        answers.observe({ status }, (performance.now() - before) / 1000);
        if (status !== 200) {
          if (request.headers.has(PROBE_HEADER)) refusedProbes.set(status, (refusedProbes.get(status) ?? 0) + 1);
          else onRefused(status);
        }
        return response;
      };
    },
  };
}
