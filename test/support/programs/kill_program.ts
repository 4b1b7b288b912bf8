// Works the inbox of a file with leases of 300 ms: `kill_program.ts FILE`. The handler of row 2 kills the process.
import process from "node:process";
import { createRunAttempt } from "../../../src/dispatch/attempt.ts";
import { createChangeAgent } from "../../../src/change_agent/change_agent.ts";
import { createCounts } from "../../../src/counts.ts";
import { createHandlers } from "../../../src/dispatch/handlers.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { createOutcomeOf } from "../../../src/dispatch/outcome.ts";
import { createWorker } from "../../../src/worker.ts";
import { createLog } from "../callbacks.ts";

const handlers = createHandlers();
const counts = createCounts();
const logger = createLog();
const changeAgent = createChangeAgent("ours", undefined, globalThis.fetch);
handlers.on("row.*", (event, { attempt }) => {
  console.log(`row ${event.id} at attempt ${attempt}`);
  if (event.id === 2) process.kill(process.pid, "SIGKILL");
});
handlers.onCallback((_callback, { failed }) => console.log(`all but ${failed.map(({ id }) => id)}`));
const worker = createWorker({
  inbox: sqliteInbox(process.argv[2]!, { random: () => 0 }),
  attempts: 2,
  concurrency: 4,
  logger,
  counts,
  outcomeOf: createOutcomeOf({ random: () => 0, logger, counts }),
  runAttempt: createRunAttempt({ handlers, changeAgent, deliverOwnChanges: false, logger, counts }),
  leaseMs: 300,
  renewMs: 100,
});
await worker.start();
console.log("works");
