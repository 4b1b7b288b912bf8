import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { createRunAttempt } from "../../src/dispatch/attempt.ts";
import { createChangeAgent } from "../../src/change_agent/change_agent.ts";
import { createCounts } from "../../src/counts.ts";
import { createHandlers } from "../../src/dispatch/handlers.ts";
import type { Inbox } from "../../src/inbox/inbox.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { createOutcomeOf } from "../../src/dispatch/outcome.ts";
import { createWorker } from "../../src/worker.ts";
import { acceptedCallback, callbackBody, createLog, rowEvent } from "../support/callbacks.ts";
import { startChild } from "../support/runtime.ts";
import { until } from "../support/until.ts";
import { totalsOf } from "../support/totals_of.ts";

/** A callback of rows 1 and 2. */
const twoRows = () => acceptedCallback({}, callbackBody({ events: [rowEvent(1), rowEvent(2)] }));

test("a process that stood still begins no call, no step and no write when another has the lane", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-lease-"));
  const file = join(folder, "inbox.db");
  const inbox = sqliteInbox(file);
  const start = (name: string) =>
    startChild(new URL("../support/programs/lease_program.ts", import.meta.url), [file, name], {
      permissions: ["-A"],
      ready: /(works)/,
    });
  await inbox.put(twoRows());
  const one = await start("A");
  try {
    await one.waitFor(/A begins 1 at attempt 1/);
    process.kill(one.pid, "SIGSTOP");
    const other = await start("B");
    try {
      await other.waitFor(/B ends 2, in time/);
      process.kill(one.pid, "SIGCONT");
      await one.waitFor(/A counts .*/);
      await one.waitFor(/A ends 1, aborted/);
      const calls = (output: string) =>
        output.split("\n").filter((line) => /^[AB] /.test(line) && !/works|counts/.test(line));
      assert.deepEqual(calls(one.output), [
        "A begins 1 at attempt 1",
        "A doesn't charge: lease_lost",
        "A doesn't write: lease_lost",
        "A ends 1, aborted",
      ]);
      assert.deepEqual(calls(other.output), [
        "B begins 1 at attempt 2",
        "B charges 1",
        "B writes",
        "B ends 1, in time",
        "B begins 2 at attempt 1",
        "B charges 2",
        "B writes",
        "B ends 2, in time",
      ]);
      assert.match(one.output, /A counts \{"failures":0,"deadLetters":0,"lostLeases":1\}/);
    } finally {
      await other.kill();
    }
  } finally {
    await one.kill();
    await inbox.close();
    await rm(folder, { recursive: true });
  }
});

/** A worker with leases of half a second that aren't renewed. */
function setUp(inbox: Inbox, options: { attempts?: number; leaseMs?: number; now?: () => number } = {}) {
  const { attempts = 5, leaseMs = 500, now } = options;
  const counts = createCounts();
  const handlers = createHandlers();
  const log = createLog();
  const written: string[] = [];
  const changeAgent = createChangeAgent("ours", undefined, async (input) => {
    written.push(String(input));
    return new Response();
  });
  const worker = createWorker({
    inbox,
    attempts,
    concurrency: 1,
    logger: log,
    counts,
    outcomeOf: createOutcomeOf({ random: () => 0.5, logger: log, counts }),
    runAttempt: createRunAttempt({ handlers, changeAgent, deliverOwnChanges: false, logger: log, counts }),
    leaseMs,
    renewMs: 60_000,
    ...(now && { now }),
  });
  return { counts, handlers, log, worker, written };
}

function block(ms: number): void {
  for (const endAt = performance.now() + ms; performance.now() < endAt;);
}

const codeOf = (error: unknown) => (error as { code?: string }).code;

test("a call whose loop was blocked for longer than its lease begins no step and no write, and that is no failure", async () => {
  const inbox = memoryInbox();
  const { counts, handlers, log, worker, written } = setUp(inbox, { attempts: 1 });
  const told: unknown[] = [];
  handlers.on("row.*", async (_event, { attempt, fetch, signal, step }) => {
    if (attempt > 1) return;
    block(800);
    await step("charge", () => told.push("charged")).catch((error) => told.push(codeOf(error)));
    await fetch("https://example.com/", { method: "post" }).catch((error) => told.push(codeOf(error)));
    await fetch("https://example.com/read");
    told.push(signal.aborted, codeOf(signal.reason));
    throw new Error("a handler's own, which nobody can record any more");
  });
  await inbox.put(acceptedCallback({}, callbackBody({ events: [rowEvent(1)] })));
  await worker.start();
  await until("the lease is lost", () => told.length === 4);
  await until("the attempts are used up", async () => (await totalsOf(inbox)).dead === 1);
  await worker.stop(1000);
  assert.deepEqual(told, ["lease_lost", "lease_lost", true, "lease_lost"]);
  assert.deepEqual(written, ["https://example.com/read"]);
  assert.equal(counts.lostLeases, 1);
  const lines = log.lines.filter((line) => /attempt|lease/i.test(line));
  assert.equal(lines.length, 2, lines.join("\n"));
  assert.match(lines[0]!, /^warn The lease of lane \d+ is lost: .*; callback \S+ of webhook \d+ is run again/);
  // Of the second attempt, which is one too many.
  assert.match(
    lines[1]!,
    /^error A call of callback .* is dead after 1 attempt .* Attempt 1, the last one, never ended/,
  );
});

test("no call begins when the loop was blocked for longer than the lease, also between two calls", async () => {
  const inbox = memoryInbox();
  const { handlers, worker } = setUp(inbox);
  const calls: string[] = [];
  handlers.on("row.*", (event, { attempt }) => {
    calls.push(`${event.id} at ${attempt}`);
    if (event.id === 1 && attempt === 1) block(800);
  });
  await inbox.put(twoRows());
  await worker.start();
  await until("it is done", async () => (await totalsOf(inbox)).done === 1);
  await worker.stop(1000);
  assert.deepEqual(calls, ["1 at 1", "1 at 2", "2 at 1"]);
});

// A suspended machine stops the monotonic clock, and a clock that is set looks the same: the inbox is asked who has the lane.
for (const isTaken of [true, false]) {
  test(`a wall clock that jumps ahead ${isTaken ? "stops what another has taken" : "alone stops nothing"}`, async () => {
    const memory = memoryInbox();
    let ahead = 0;
    let asked = 0;
    const inbox: Inbox = {
      ...memory,
      renew: (leases, leaseMs) => (asked++, isTaken ? Promise.resolve(leases) : memory.renew(leases, leaseMs)),
    };
    const { counts, handlers, worker, written } = setUp(inbox, { leaseMs: 60_000, now: () => Date.now() + ahead });
    const told: unknown[] = [];
    handlers.on("row.*", async (event, { attempt, fetch, step }) => {
      if (attempt > 1) return;
      if (event.id === 1) ahead += 3_600_000;
      await step("charge", () => told.push("charged")).catch((error) => told.push(codeOf(error)));
      await fetch("https://example.com/", { method: "PUT" }).catch((error) => told.push(codeOf(error)));
    });
    await inbox.put(twoRows());
    await worker.start();
    await until("both are tried", () => told.length >= 2 && (isTaken || written.length === 2));
    await worker.stop(1000);
    assert.deepEqual(told, isTaken ? ["lease_lost", "lease_lost"] : ["charged", "charged"]);
    assert.deepEqual([counts.lostLeases, counts.failures, written.length], isTaken ? [1, 0, 0] : [0, 0, 2]);
    // The inbox isn't asked again for what it has just said.
    assert.equal(asked, 1);
  });
}
