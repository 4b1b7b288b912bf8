// Works the inbox of a file with leases of 2 s. A row's handler says that it begins, waits, and charges in a step.
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { createRunAttempt } from "../../../src/dispatch/attempt.ts";
import { createChangeAgent } from "../../../src/change_agent/change_agent.ts";
import { createCounts } from "../../../src/counts.ts";
import { createHandlers } from "../../../src/dispatch/handlers.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { createOutcomeOf } from "../../../src/dispatch/outcome.ts";
import { createWorker } from "../../../src/worker.ts";
import { createLog } from "../callbacks.ts";

const [file, name] = process.argv.slice(2) as [string, string];
const handlers = createHandlers();
const counts = createCounts();
const log = createLog();
const say = (text: string) => console.log(`${name} ${text}`);
const changeAgent = createChangeAgent("ours", "http://127.0.0.1:1", async () => {
  say("writes");
  return new Response();
});
handlers.on("row.*", async (event, { attempt, fetch, signal, step }) => {
  say(`begins ${event.id} at attempt ${attempt}`);
  const until = performance.now() + 300;
  // What SIGSTOP and SIGCONT do to timers: they are all late, and the shortest fires first.
  while (performance.now() < until) await wait(10);
  const codeOf = (error: unknown) => (error as { code?: string }).code;
  await step("charge", () => say(`charges ${event.id}`)).catch((error) => say(`doesn't charge: ${codeOf(error)}`));
  await fetch("http://127.0.0.1:1/", { method: "POST" }).catch((error) => say(`doesn't write: ${codeOf(error)}`));
  say(`ends ${event.id}, ${signal.aborted ? "aborted" : "in time"}`);
});
const worker = createWorker({
  inbox: sqliteInbox(file, { random: () => 0 }),
  attempts: 5,
  concurrency: 4,
  logger: log,
  counts,
  outcomeOf: createOutcomeOf({ random: () => 0, logger: log, counts }),
  runAttempt: createRunAttempt({ handlers, changeAgent, deliverOwnChanges: false, logger: log, counts }),
  leaseMs: 2000,
  renewMs: 500,
});
await worker.start();
say("works");
setInterval(() => {
  const { failures, deadLetters, lostLeases } = counts;
  if (lostLeases) say(`counts ${JSON.stringify({ failures, deadLetters, lostLeases })}`);
}, 100);
