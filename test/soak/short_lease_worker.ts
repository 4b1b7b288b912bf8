// Works the inbox of a file with the soak's handlers and short leases: `short_lease_worker.ts FILE`.
import process from "node:process";
import { createRunAttempt } from "../../src/dispatch/attempt.ts";
import { createChangeAgent } from "../../src/change_agent/change_agent.ts";
import type { Callback } from "../../src/callback/callback.ts";
import { createCounts } from "../../src/counts.ts";
import { createHandlers } from "../../src/dispatch/handlers.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { createOutcomeOf } from "../../src/dispatch/outcome.ts";
import type { Receiver } from "../../src/receiver.ts";
import { createWorker } from "../../src/worker.ts";
import { createLog } from "../support/callbacks.ts";
import register from "./handlers.ts";
import { LEASE_MS } from "./run_stops.ts";

const handlers = createHandlers();
const counts = createCounts();
const logger = createLog();
/** When each callback was last allowed to begin something. */
const allowedAt = new WeakMap<Callback, number>();
const on = (patterns: string, handler: Parameters<typeof handlers.on>[1]) => handlers.on(patterns, handler);
register(
  { on } as unknown as Pick<Receiver, "on">,
  ({ callback }) => performance.now() - (allowedAt.get(callback) ?? 0) > LEASE_MS / 4,
);
const changeAgent = createChangeAgent("ours", undefined, globalThis.fetch);
const run = createRunAttempt({ handlers, changeAgent, deliverOwnChanges: false, logger, counts });
const worker = createWorker({
  inbox: sqliteInbox(process.argv[2]!),
  attempts: 50,
  concurrency: 8,
  logger,
  counts,
  outcomeOf: createOutcomeOf({ random: Math.random, logger, counts }),
  runAttempt: (callback, state) => {
    // At the very moment of the check: what comes between it and the handler is what `isLate` tells.
    const allow = () => void allowedAt.set(callback, performance.now());
    return run(callback, {
      ...state,
      confirm: () => (allow(), state.confirm?.()),
      onPosition: (position, attempt) => (allow(), state.onPosition?.(position, attempt) ?? true),
    });
  },
  leaseMs: LEASE_MS,
  renewMs: LEASE_MS / 4,
});
await worker.start();
console.log("works");
